// Amounts of food and figures, in words.

/** What is counted, as the receiver names it, and what to call it in a list to choose from. */
export const UNITS = [
  ["", "piece"], ["small", "small"], ["medium", "medium"], ["large", "large"],
  ["slice", "slice"], ["serving", "serving"], ["cup", "cup"], ["bowl", "bowl"], ["plate", "plate"],
  ["glass", "glass"], ["mug", "mug"], ["can", "can"], ["bottle", "bottle"], ["tablespoon", "tablespoon"],
  ["teaspoon", "teaspoon"], ["handful", "handful"], ["scoop", "scoop"], ["bar", "bar"], ["bag", "packet"],
  ["gram", "gram (g)"], ["ounce", "ounce (oz)"], ["milliliter", "milliliter (ml)"],
];

export const MEALS = ["breakfast", "lunch", "dinner", "snack"];

const SHORT = { gram: "g", kilogram: "kg", milliliter: "ml", liter: "l", ounce: "oz", pound: "lb", "fluid ounce": "fl oz" };
const UNCOUNTED = new Set(["small", "medium", "large", "extra large", ...Object.keys(SHORT)]);
const IRREGULAR = { loaf: "loaves", leaf: "leaves", patty: "patties" };

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** A figure without decimals: "1,462". */
export const round = (figure) => whole.format(figure);

/** "2 slices", "1.5 cups", "100 g", "2 large", "2". */
export function amountOf({ quantity, unit }) {
  return [exact.format(quantity), SHORT[unit] ?? (quantity > 1 ? plural(unit) : unit)].filter(Boolean).join(" ");
}

/** "100 g", or nothing where no weight is known or the amount says it already. */
export function weightOf({ grams, unit }) {
  return grams === null || grams === undefined || unit === "g" || unit === "gram" ? "" : `${round(grams)} g`;
}

/** The number in "2", "1.5", "1,5", "1/2" or "1 1/2"; null for anything else, and for what is not above zero. */
export function parseQuantity(text) {
  const parts = /^(?:(\d+)\s+)?(\d+)\s*\/\s*(\d+)$/.exec(text.trim());
  const quantity = parts
    ? Number(parts[1] ?? 0) + Number(parts[2]) / Number(parts[3])
    : /^(\d+([.,]\d*)?|[.,]\d+)$/.test(text.trim()) ? Number(text.trim().replace(",", ".")) : Number.NaN;
  return Number.isFinite(quantity) && quantity > 0 ? quantity : null;
}

export const capitalized = (word) => word.charAt(0).toUpperCase() + word.slice(1);

function plural(unit) {
  if (unit === "" || UNCOUNTED.has(unit)) return unit;
  return IRREGULAR[unit] ?? unit + (/(s|x|ch|sh)$/.test(unit) ? "es" : "s");
}
