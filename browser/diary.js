// The day's diary as the `diary` message gives it, with everything that can be changed in it by hand.

import { actionNote, noteKey } from "./action-note.js";
import { round } from "./amounts.js";
import { longDay, shortDay, todayOf } from "./days.js";
import { describe } from "./diary-item.js";
import { DiaryMeals } from "./diary-meals.js";
import { write } from "./elements.js";
import { GoalBars } from "./goal-bars.js";
import { WeekChart } from "./week-chart.js";

const PARTS = ["title", "sum", "before", "after", "today", "elsewhere", "day", "undo", "notes", "goal", "empty", "body"];

export class Diary {
  #diary = null;
  #noted = "";
  #next = null;

  /**
   * `panel` is hidden until there is a diary: not every assistant keeps one. `actions` are those under way;
   * `online()` is whether there is a connection; `perform(name, args, label)` starts a change, false when refused;
   * `setGoal(goal, opener)` opens the dialog, filled with `goal`.
   */
  constructor(panel, { actions, online, perform, setGoal }) {
    Object.assign(this, { panel, actions, online, perform, setGoal });
    const part = (name) => panel.querySelector(`[data-part="${name}"]`);
    this.parts = Object.fromEntries(PARTS.map((name) => [name, part(name)]));
    this.bars = new GoalBars(part("figures"));
    this.meals = new DiaryMeals(part("meals"), {
      on: {
        edit: (item, args) => perform("edit", { item: item.id, ...args }, `Saving “${args.food ?? item.food}”`),
        remove: (item) => perform("delete", { item: item.id }, `Deleting “${item.food}”`),
        again: ({ id }) => this.actions.again(id),
        discard: ({ id }) => this.actions.discard(id),
        render: () => this.render(),
      },
      about: (id) => this.actions.entries.filter(({ args }) => args.item === id),
      online,
      fallback: this.parts.undo,
    });
    this.week = new WeekChart(part("week"), part("legend"), { onDay: (date) => this.#visit(date) });
    this.parts.undo.addEventListener("click", () => this.undo());
    this.parts.goal.addEventListener("click", () => setGoal(this.#diary.goal, this.parts.goal));
    this.parts.today.addEventListener("click", () => this.#visit(this.#today));
    this.parts.before.addEventListener("click", () => this.#visit(this.#neighbour(-1)));
    this.parts.after.addEventListener("click", () => this.#visit(this.#neighbour(1)));
    for (const format of ["csv", "json"]) {
      part(format).addEventListener("click", () => perform("export", { format }, `Exporting as ${format.toUpperCase()}`));
    }
  }

  /** Takes a `diary`. What is being changed by hand stays open. */
  show({ date, meals, totals, goal = null, week = [] }) {
    const before = this.#diary;
    this.#diary = { date, meals, totals, goal, week };
    this.panel.hidden = false;
    this.render();
    this.#next?.();
    this.#next = null;
    if (before?.date !== date) {
      if (!this.meals.root.contains(document.activeElement)) this.parts.body.scrollTop = 0;
      return;
    }
    const known = new Map(itemsOf(before).map((item) => [item.id, describe(item)]));
    for (const item of itemsOf(this.#diary)) if (known.get(item.id) !== describe(item)) this.meals.highlight(item.id);
  }

  /** The conversation is left: the next diary is another one. */
  reset() {
    this.#diary = this.#next = null;
    this.meals.clear();
    this.panel.hidden = true;
  }

  undo() {
    if (this.#diary !== null) this.perform("undo", {}, "Undo");
  }

  /** Calls `done` once, when the next `diary` has come. */
  afterNext(done) {
    this.#next = done;
  }

  /** What is in the diary, to tell whether something has changed. */
  get contents() {
    const { meals, goal, week } = this.#diary ?? {};
    return JSON.stringify([meals, goal, week]);
  }

  /** Shows the diary, and how far each change has got. */
  render() {
    if (this.#diary === null) return;
    const { date, totals, goal, week } = this.#diary;
    const parts = this.parts;
    write(parts.title, shortDay(date, this.#today));
    parts.title.title = longDay(date);
    const failed = this.actions.entries.some(({ state }) => state === "failed");
    const energy = goal?.kcal ? `${round(totals.kcal)} of ${round(goal.kcal)} kcal` : `${round(totals.kcal)} kcal`;
    write(parts.sum, failed ? "A change was not saved" : energy); // shown while the diary is closed
    parts.sum.dataset.failed = failed;
    this.bars.show(totals, goal);
    write(parts.goal, goal === null ? "Set a goal" : "Change the goal");
    this.#renderWay(week);
    this.meals.show(date, this.#diary.meals);
    this.#renderNotes();
    this.week.show(week, goal, date, this.#today);
  }

  get #today() {
    return todayOf(this.#diary.week);
  }

  #renderWay(week) {
    const { before, after, today, elsewhere: notice, day, empty } = this.parts;
    before.hidden = after.hidden = week.length === 0;
    // Not `disabled`: that would take the focus away from whoever pages through the days.
    before.setAttribute("aria-disabled", String(this.#neighbour(-1) === null));
    after.setAttribute("aria-disabled", String(this.#neighbour(1) === null));
    const elsewhere = this.#diary.date !== this.#today;
    if (!elsewhere && document.activeElement === today) after.focus();
    notice.hidden = !elsewhere;
    write(day, longDay(this.#diary.date));
    empty.hidden = itemsOf(this.#diary).length > 0;
    write(empty, elsewhere ? "Nothing was written down on this day." : "Nothing written down yet. Say or type what you ate.");
  }

  /** What is about no item that is shown. */
  #renderNotes() {
    const here = new Set(itemsOf(this.#diary).map(({ id }) => id));
    const entries = this.actions.entries.filter(({ args }) => !here.has(args.item));
    const key = noteKey(entries, this.online());
    if (key === this.#noted) return;
    this.#noted = key;
    this.parts.notes.replaceChildren(...entries.map((entry) => actionNote(entry, this.online(), {
      onAgain: ({ id }) => this.actions.again(id),
      onDiscard: ({ id }) => this.actions.discard(id),
      onChange: entry.name === "goal" ? () => this.setGoal(this.actions.discard(entry.id).args, this.parts.goal) : null,
    })));
  }

  #visit(date) {
    if (date !== null && date !== this.#diary.date) this.perform("show", { date }, `Opening ${longDay(date)}`);
  }

  /** The day of the week before (-1) or after (1) the one that is shown, or null. */
  #neighbour(step) {
    const { date, week } = this.#diary;
    const days = week.map((day) => day.date);
    return (step < 0 ? days.filter((day) => day < date).at(-1) : days.find((day) => day > date)) ?? null;
  }
}

function itemsOf({ meals }) {
  return meals.flatMap(({ meal, items }) => items.map((item) => ({ ...item, meal })));
}
