// One item of the diary: what it is, what happens to it, and the form to change it.

import { actionNote, noteKey } from "./action-note.js";
import { amountOf, round, weightOf } from "./amounts.js";
import { button, element, write } from "./elements.js";
import { ItemEditor } from "./item-editor.js";

const HIGHLIGHT_MS = 2500;

export class DiaryItem {
  item = null;
  date = ""; // of the day that it is in
  #draft = null; // the item as it will be when what waits is done
  #editor = null;
  #noted = "";
  #missed = false;
  #timer = null;

  /** `on`: `edit(item, args)` and `remove(item)`, false when refused; `again(entry)`, `discard(entry)`, `render()`. */
  constructor(on) {
    this.on = on;
    this.root = element("li");
    this.open = button("item-open", "", () => this.edit(this.item.known ? "quantity" : "food"));
    this.food = element("span", "item-food");
    this.amount = element("span", "amount");
    this.figure = element("span", "number");
    const words = element("span", "item-words");
    words.append(this.food, this.amount);
    this.open.append(element("span", "visually-hidden", "Change "), words, this.figure);
    this.remove = button("icon-button item-delete", "×", () => on.remove(this.item));
    this.ask = button("quiet-button item-ask", "What is it like?", () => this.edit("food"));
    this.row = element("div", "item-row");
    this.row.append(this.open, this.remove);
    this.notes = element("div", "item-notes");
    this.root.append(this.row, this.ask, this.notes);
  }

  get editing() {
    return this.#editor !== null;
  }

  /** `entries` are the actions about this item. */
  show(item, date, entries, online) {
    const fresh = this.item !== null && describe(this.item) !== describe(item);
    this.item = item;
    this.date = date;
    this.root.dataset.item = item.id;
    const under = entries.filter(({ state }) => state !== "failed");
    const drafts = under.filter(({ name }) => name === "edit").map(({ args }) => args);
    this.#draft = Object.assign({}, item, ...drafts);
    this.#editor?.update(this.#draft);
    if (fresh) this.#editor?.tell(`It was changed meanwhile: ${describe(item)}.`);
    else if (this.#missed) this.#editor?.tell("");
    this.#missed = false;
    this.#write(drafts.length > 0);
    this.root.classList.toggle("leaving", under.some(({ name }) => name === "delete"));
    this.root.setAttribute("aria-busy", String(under.length > 0));
    this.#note(entries, online);
  }

  /** The day that is shown has it no more, while the person still changes it. */
  miss(text) {
    this.#missed = true;
    this.#editor?.tell(text);
  }

  highlight() {
    clearTimeout(this.#timer);
    this.root.classList.add("changed");
    this.#timer = setTimeout(() => this.root.classList.remove("changed"), HIGHLIGHT_MS);
  }

  /** `args` are put in the form when they were refused before. */
  edit(focus, args = {}) {
    if (this.#editor === null) {
      this.#editor = new ItemEditor(this.#draft, {
        onSave: (changed) => this.on.edit(this.item, changed) && this.#close(),
        onCancel: () => this.#close(),
        onDelete: () => this.on.remove(this.item) && this.#close(),
      });
      this.root.insertBefore(this.#editor.root, this.notes);
      this.#write(false);
    }
    this.#editor.fill(args);
    this.#editor.focus(focus);
  }

  #close() {
    this.#editor.root.remove();
    this.#editor = null;
    this.row.hidden = false;
    this.open.focus();
    this.on.render();
  }

  #write(pending) {
    const item = this.#draft;
    this.root.classList.toggle("unknown", !item.known);
    write(this.food, item.food);
    write(this.amount, [amountOf(item), pending ? "" : weightOf(item)].filter(Boolean).join(" · "));
    write(this.figure, pending ? "…" : item.known ? `${round(item.kcal)} kcal` : "no figures yet");
    this.remove.setAttribute("aria-label", `Delete ${item.food}`);
    this.remove.title = "Delete";
    this.row.hidden = this.editing;
    this.ask.hidden = item.known || this.editing || pending;
    this.ask.setAttribute("aria-label", `What is ${item.food} like?`);
  }

  #note(entries, online) {
    const key = noteKey(entries, online);
    if (key === this.#noted) return;
    this.#noted = key;
    this.notes.replaceChildren(...entries.map((entry) => actionNote(entry, online, {
      onAgain: this.on.again,
      onDiscard: this.on.discard,
      onChange: entry.name === "edit" ? () => this.#changeAgain(entry) : null,
    })));
  }

  #changeAgain(entry) {
    this.edit(Object.keys(entry.args).find((name) => name === "food" || name === "quantity") ?? "quantity", entry.args);
    this.on.discard(entry);
  }
}

/** What a person would call a change when it differs. */
export function describe(item) {
  const energy = item.known ? `${round(item.kcal)} kcal` : "";
  return [`${amountOf(item)} ${item.food}`, weightOf(item), energy, item.meal].filter(Boolean).join(", ");
}
