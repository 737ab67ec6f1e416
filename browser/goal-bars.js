// The day's figures, each against its goal.

import { round } from "./amounts.js";
import { element, write } from "./elements.js";

export const FIGURES = [
  { field: "kcal", label: "Calories", unit: "kcal" },
  { field: "protein_g", label: "Protein", unit: "g" },
  { field: "carbs_g", label: "Carbs", unit: "g" },
  { field: "fat_g", label: "Fat", unit: "g" },
];

export class GoalBars {
  #figures;

  constructor(root) {
    this.#figures = FIGURES.map((figure) => new Figure(figure));
    root.append(...this.#figures.map((figure) => figure.root));
  }

  show(totals, goal) {
    for (const figure of this.#figures) figure.show(totals[figure.field] ?? 0, goal?.[figure.field] ?? null);
  }
}

class Figure {
  constructor({ field, label, unit }) {
    Object.assign(this, { field, label, unit });
    this.root = element("div", "figure");
    this.root.dataset.figure = field;
    this.eaten = element("strong");
    this.of = element("span", "figure-of");
    this.rest = element("span", "figure-rest");
    const words = element("p", "figure-words");
    words.append(element("span", "figure-label", label), this.eaten, this.of, this.rest);
    this.bar = element("div", "bar-track");
    this.bar.setAttribute("role", "meter");
    this.bar.setAttribute("aria-label", label);
    this.bar.setAttribute("aria-valuemin", "0");
    this.bar.append(element("span", "bar-fill"), element("span", "bar-over"));
    this.root.append(words, this.bar);
  }

  show(eaten, aim) {
    const [shown, unit] = [Math.round(eaten), this.unit];
    this.bar.hidden = this.of.hidden = this.rest.hidden = aim === null;
    write(this.eaten, aim === null ? `${round(shown)} ${unit}` : round(shown));
    if (aim === null) {
      delete this.root.dataset.over;
      return;
    }
    const over = shown - Math.round(aim);
    const rest = over > 0 ? `${round(over)} ${unit} over` : over === 0 ? "goal reached" : `${round(-over)} ${unit} left`;
    this.root.dataset.over = over > 0;
    write(this.of, ` of ${round(aim)} ${unit}`);
    write(this.rest, rest);
    // Over the goal the whole bar stands for what was eaten, and the goal is a line in it.
    const length = Math.max(eaten, aim);
    this.bar.style.setProperty("--fill", `${(Math.min(eaten, aim) / length) * 100}%`);
    this.bar.setAttribute("aria-valuemax", String(Math.round(length)));
    this.bar.setAttribute("aria-valuenow", String(shown));
    this.bar.setAttribute("aria-valuetext", `${round(shown)} of ${round(aim)} ${unit}, ${rest}`);
  }
}
