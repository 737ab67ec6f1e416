// The summary of a day as a table.

import { element } from "../elements.js";

const COLUMNS = [
  ["calories", "kcal"],
  ["protein", "Protein, g"],
  ["carbs", "Carbs, g"],
  ["fat", "Fat, g"],
];

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `{date, entries: [{mealType, items, totals}], totals}`, as the diet page's wire has it. */
export function showSummary(root, { date, entries, totals }) {
  root.hidden = false;
  const meals = entries.filter(({ items }) => items.length > 0);
  const title = element("h2", "", date === null ? "Summary" : `Summary of ${date}`);
  if (meals.length === 0) {
    root.replaceChildren(title, element("p", "hint", "Nothing has been written down yet."));
    return;
  }
  const table = element("table");
  const head = row("th", ["Food", "Amount", ...COLUMNS.map(([, label]) => label)], "col");
  const header = element("thead");
  header.append(head);
  table.append(header, ...meals.map(meal));
  const footer = element("tfoot");
  footer.append(sums("In all", totals));
  table.append(footer);
  const scroll = element("div", "table-scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Table of the summary");
  scroll.append(table);
  root.replaceChildren(title, scroll);
}

function meal({ mealType, items, totals }) {
  const body = element("tbody");
  const name = sums(mealType[0].toUpperCase() + mealType.slice(1), totals);
  body.append(name);
  for (const item of items) {
    const amount = [item.quantity, item.unit].filter((part) => part !== null && part !== "").join(" ");
    const line = row("td", [item.name, amount, ...COLUMNS.map(([field]) => number.format(item[field]))]);
    body.append(line);
  }
  return body;
}

function sums(label, totals) {
  const line = row("td", ["", ...COLUMNS.map(([field]) => number.format(totals[field]))]);
  const name = element("th", "", label);
  name.scope = "row";
  line.prepend(name);
  line.className = "sums";
  return line;
}

function row(tag, texts, scope = null) {
  const line = element("tr");
  for (const text of texts) {
    const cell = element(tag, "", text);
    if (scope !== null) cell.scope = scope;
    line.append(cell);
  }
  return line;
}
