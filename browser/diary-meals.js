// The meals of the day that is shown, with their items. Rows stay the same while their items change: somebody may be
// typing in one, or have the focus there.

import { capitalized, MEALS, round } from "./amounts.js";
import { longDay } from "./days.js";
import { DiaryItem } from "./diary-item.js";
import { arrange, element, write } from "./elements.js";

export class DiaryMeals {
  #rows = new Map(); // item id -> DiaryItem
  #sections = new Map(); // meal -> {root, total, list}

  /**
   * `on` is what each `DiaryItem` needs; `about(id)` gives the actions about an item; `fallback` takes the focus when
   * the last item goes away with it.
   */
  constructor(root, { on, about, online, fallback }) {
    Object.assign(this, { root, on, about, online, fallback });
  }

  /** `meals` of the diary of `date`. */
  show(date, meals) {
    const active = document.activeElement;
    const place = [...this.#rows.values()].findIndex(({ root }) => root.contains(active));
    const shown = new Map();
    for (const { meal, items } of meals) {
      for (const item of items) {
        const row = this.#rows.get(item.id) ?? new DiaryItem(this.on);
        row.show({ ...item, meal }, date, this.about(item.id), this.online());
        shown.set(item.id, row);
      }
    }
    // Somebody still types in these, and no update takes that away.
    for (const [id, row] of this.#rows) {
      if (shown.has(id) || !row.editing) continue;
      shown.set(id, row);
      row.miss(row.date === date ? "It was taken out meanwhile." : `It is in the diary of ${longDay(row.date)}.`);
    }
    this.#rows = shown;
    arrange(this.root, MEALS.map((meal) => this.#section(meal, meals)).filter((section) => section !== null));
    if (place < 0 || document.activeElement === active) return;
    const next = active.isConnected ? active : [...shown.values()].slice(0, place + 1).at(-1)?.open;
    (next ?? this.fallback).focus({ preventScroll: true });
  }

  highlight(id) {
    this.#rows.get(id)?.highlight();
  }

  clear() {
    this.#rows.clear();
    this.root.replaceChildren();
  }

  #section(meal, meals) {
    const rows = [...this.#rows.values()].filter(({ item }) => item.meal === meal);
    if (rows.length === 0) return null;
    if (!this.#sections.has(meal)) {
      const root = element("section", "meal");
      const heading = element("h3");
      const [total, list] = [element("span", "number"), element("ul")];
      heading.append(element("span", "", capitalized(meal)), total);
      root.append(heading, list);
      this.#sections.set(meal, { root, total, list });
    }
    const { root, total, list } = this.#sections.get(meal);
    write(total, `${round(meals.find((known) => known.meal === meal)?.totals.kcal ?? 0)} kcal`);
    arrange(list, rows.map((row) => row.root));
    return root;
  }
}
