// The last seven days as bars, with the goal as a line. Each day is a button that shows it.

import { round } from "./amounts.js";
import { longDay, weekday } from "./days.js";
import { arrange, button, element, write } from "./elements.js";

const HEADROOM = 1.08; // above the highest bar or the goal

export class WeekChart {
  #days = [];

  /** `onDay(date)` when the person chooses one. */
  constructor(root, legend, { onDay }) {
    this.root = root;
    this.legend = legend;
    this.onDay = onDay;
    this.bars = element("div", "week-bars");
    this.line = element("div", "week-goal");
    this.line.setAttribute("aria-hidden", "true");
    this.summary = element("p", "week-summary");
    root.append(this.bars, this.summary);
  }

  /** `week` as the diary has it; `shown` is the date of the diary. An older receiver sends none. */
  show(week, goal, shown, today) {
    this.root.closest("section").hidden = week.length === 0;
    if (week.length === 0) return;
    const aim = goal?.kcal ?? null;
    const top = Math.max(...week.map(({ kcal }) => kcal), aim ?? 0, 1) * HEADROOM;
    while (this.#days.length < week.length) this.#days.push(new Day((date) => this.onDay(date)));
    this.#days.length = week.length;
    this.#days.forEach((day, index) => day.show(week[index], { aim, top, shown, today }));
    arrange(this.bars, [this.line, ...this.#days.map(({ root }) => root)]);
    this.line.hidden = this.legend.hidden = aim === null;
    if (aim !== null) {
      this.line.style.setProperty("--share", String(aim / top));
      write(this.legend, `Goal ${round(aim)} kcal`);
    }
    const eaten = week.filter(({ kcal }) => kcal > 0);
    const mean = eaten.reduce((sum, { kcal }) => sum + kcal, 0) / eaten.length;
    const days = eaten.length === 1 ? "one day" : `${eaten.length} days`;
    const average = `On average ${round(mean)} kcal, over ${days}.`;
    write(this.summary, eaten.length === 0 ? "Nothing written down in these days." : average);
  }
}

class Day {
  #date = "";

  constructor(onDay) {
    this.root = button("week-day", "", () => onDay(this.#date));
    this.words = element("span", "visually-hidden");
    this.figure = element("span", "week-figure");
    this.bar = element("span", "week-bar");
    this.name = element("span", "week-name");
    const room = element("span", "week-room");
    room.append(this.bar);
    for (const seen of [room, this.name, this.figure]) seen.setAttribute("aria-hidden", "true");
    this.root.append(this.words, room, this.name, this.figure);
  }

  show({ date, kcal, protein_g, carbs_g, fat_g }, { aim, top, shown, today }) {
    this.#date = date;
    this.root.dataset.date = date;
    this.root.dataset.empty = kcal === 0;
    if (date === shown) this.root.setAttribute("aria-current", "true");
    else this.root.removeAttribute("aria-current");
    this.bar.style.setProperty("--share", String(kcal / top));
    this.bar.style.setProperty("--goal", aim !== null && kcal > aim ? `${(aim / kcal) * 100}%` : "100%");
    write(this.figure, kcal > 0 ? round(kcal) : "–");
    write(this.name, date === today ? "Today" : weekday(date));
    const day = date === today ? `Today, ${longDay(date)}` : longDay(date);
    const grams = `${round(protein_g)} g protein, ${round(carbs_g)} g carbs, ${round(fat_g)} g fat`;
    const energy = `${round(kcal)}${aim === null ? "" : ` of ${round(aim)}`} kcal`;
    write(this.words, kcal > 0 ? `${day}: ${energy}, ${grams}` : `${day}: nothing written down`);
  }
}
