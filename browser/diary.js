// The day's diary as the `diary` message gives it.

const NUTRIENTS = [
  ["protein_g", "Protein"],
  ["carbs_g", "Carbs"],
  ["fat_g", "Fat"],
];
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const amounts = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

export class Diary {
  /** `panel` is hidden until there is a diary: not every assistant keeps one. */
  constructor({ panel, title, sum, body }) {
    Object.assign(this, { panel, title, sum, body });
  }

  show({ date, meals, totals, goal }) {
    this.panel.hidden = false;
    this.title.textContent = dayName(date);
    this.sum.textContent = `${whole.format(totals.kcal)} kcal`;
    const eaten = meals.filter(({ items }) => items.length > 0);
    if (eaten.length === 0) {
      this.body.replaceChildren(element("p", "diary-empty", "Nothing written down yet."));
      return;
    }
    this.body.replaceChildren(...eaten.map(mealSection), totalsSection(totals, goal ?? null));
  }
}

function mealSection({ meal, items, totals }) {
  const section = element("section", "meal");
  const heading = element("h3", "", meal.charAt(0).toUpperCase() + meal.slice(1));
  heading.append(element("span", "number", `${whole.format(totals.kcal)} kcal`));
  const list = element("ul");
  list.append(...items.map(itemRow));
  section.append(heading, list);
  return section;
}

function itemRow({ id, food, quantity, unit, grams, kcal, known }) {
  const row = element("li", known ? "" : "unknown");
  row.dataset.item = id;
  const name = element("span", "food", food);
  const amount = [amounts.format(quantity), unit].filter(Boolean).join(" ");
  const weight = grams === null || grams === undefined || unit === "g" ? "" : `, ${whole.format(grams)} g`;
  name.append(element("span", "amount", amount + weight));
  row.append(name, element("span", "number", known ? `${whole.format(kcal)} kcal` : "? no figures"));
  if (!known) row.title = "No figures are known for this food; it is not in the totals.";
  return row;
}

function totalsSection(totals, goal) {
  const section = element("section", "totals");
  const energy = element("p", "energy");
  energy.append(element("strong", "", `${whole.format(totals.kcal)} kcal`));
  section.append(energy);
  if (goal?.kcal) {
    energy.append(` of ${whole.format(goal.kcal)}`);
    const bar = element("progress");
    bar.max = goal.kcal;
    bar.value = Math.min(totals.kcal, goal.kcal);
    bar.setAttribute("aria-label", "Energy eaten of the day's goal");
    section.append(bar);
  }
  const list = element("dl");
  for (const [field, label] of NUTRIENTS) {
    const pair = element("div");
    const aim = goal?.[field] ? ` / ${whole.format(goal[field])}` : "";
    pair.append(element("dt", "", label), element("dd", "", `${whole.format(totals[field])}${aim} g`));
    list.append(pair);
  }
  section.append(list);
  return section;
}

/** "Today", or the day's name and date when the diary is another day's. `date` is YYYY-MM-DD. */
function dayName(date) {
  const [year, month, day] = date.split("-").map(Number);
  const local = new Date(year, month - 1, day);
  if (local.toDateString() === new Date().toDateString()) return "Today";
  return local.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" });
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}
