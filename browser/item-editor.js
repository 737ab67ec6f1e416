// The form in which one item of the diary is changed, in its place.

import { capitalized, MEALS, parseQuantity, UNITS } from "./amounts.js";
import { button, element, write } from "./elements.js";

const LIKE = "Name a food that is like it, such as “lentil soup”: its figures are used.";
let made = 0;

export class ItemEditor {
  #fields = {};
  #before = {}; // what each field showed before the person changed it

  /** `onSave(args)` with what was changed, `onCancel()`, `onDelete()`. */
  constructor(item, { onSave, onCancel, onDelete }) {
    this.onSave = onSave;
    this.onCancel = onCancel;
    this.prefix = `item-editor-${made++}`;
    this.root = element("form", "item-editor");
    this.root.noValidate = true;
    this.root.setAttribute("aria-label", `Change ${item.food}`);
    const food = this.#field("food", "Food", element("input"));
    food.querySelector("input").maxLength = 80;
    food.append(this.#note("hint", item.known ? "" : LIKE));
    const quantity = this.#field("quantity", "Amount", element("input"));
    quantity.querySelector("input").inputMode = "decimal";
    const unit = this.#field("unit", "Unit", choices(UNITS));
    const meal = this.#field("meal", "Meal", choices(MEALS.map((name) => [name, capitalized(name)])));
    this.problem = element("p", "editor-problem");
    this.problem.id = `${this.prefix}-problem`;
    this.problem.setAttribute("role", "alert");
    this.status = element("p", "note");
    this.status.setAttribute("role", "status");
    const buttons = element("div", "editor-buttons");
    const save = element("button", "main-button", "Save");
    save.type = "submit";
    const [remove, cancel] = [button("quiet-button", "Delete", onDelete), button("quiet-button", "Cancel", onCancel)];
    buttons.append(remove, cancel, save);
    this.root.append(food, quantity, unit, meal, this.problem, this.status, buttons);
    this.root.addEventListener("submit", (event) => this.#submit(event));
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // it would stop the talking, too
      onCancel();
    });
    this.update(item);
  }

  /** `item` has changed elsewhere: fields that the person has not touched follow it. */
  update(item) {
    const values = { food: item.food, quantity: String(Math.round(item.quantity * 1000) / 1000), unit: item.unit, meal: item.meal };
    for (const [name, field] of Object.entries(this.#fields)) {
      const untouched = this.#before[name] === undefined || field.value === this.#before[name];
      if (name === "unit") offer(field, values.unit);
      if (untouched && field.value !== values[name]) field.value = values[name];
      this.#before[name] = values[name];
    }
  }

  /** Values that were refused, or not sent yet, are put in again. */
  fill(args) {
    for (const [name, field] of Object.entries(this.#fields)) {
      if (args[name] === undefined) continue;
      if (name === "unit") offer(field, args.unit);
      field.value = String(args[name]);
    }
  }

  /** Says what has become of the item meanwhile. */
  tell(text) {
    write(this.status, text);
  }

  focus(name) {
    this.root.scrollIntoView({ block: "nearest" }); // all of it, if there is room
    this.#fields[name].focus();
    this.#fields[name].select();
  }

  #submit(event) {
    event.preventDefault();
    const { food, quantity, unit, meal } = this.#fields;
    const name = food.value.trim();
    const number = parseQuantity(quantity.value);
    this.#mark(food, name === "");
    this.#mark(quantity, number === null);
    if (name === "") return this.#refuse(food, "Say which food it was.");
    if (number === null) return this.#refuse(quantity, "The amount is a number above zero, such as 2, 1.5 or 1/2.");
    const args = {};
    if (name !== this.#before.food) args.food = name;
    if (number !== Number(this.#before.quantity)) args.quantity = number;
    if (unit.value !== this.#before.unit) args.unit = unit.value;
    if (meal.value !== this.#before.meal) args.meal = meal.value;
    if (Object.keys(args).length === 0) this.onCancel();
    else this.onSave(args);
  }

  #refuse(field, text) {
    write(this.problem, text);
    field.focus();
  }

  #mark(field, wrong) {
    field.setAttribute("aria-invalid", String(wrong));
    if (wrong) field.setAttribute("aria-describedby", this.problem.id);
    else field.removeAttribute("aria-describedby");
    if (!wrong) write(this.problem, "");
  }

  #field(name, label, control) {
    control.id = `${this.prefix}-${name}`;
    control.name = name;
    control.autocomplete = "off";
    const words = element("label", "", label);
    words.htmlFor = control.id;
    const root = element("div", `field field-${name}`);
    root.append(words, control);
    this.#fields[name] = control;
    return root;
  }

  #note(className, text) {
    const note = element("p", className, text);
    note.hidden = text === "";
    note.id = `${this.prefix}-hint`;
    if (text !== "") this.#fields.food.setAttribute("aria-describedby", note.id);
    return note;
  }
}

function choices(pairs) {
  const select = element("select");
  select.append(...pairs.map(([value, label]) => new Option(label, value)));
  return select;
}

/** The unit that an item has can be chosen, whatever it is. */
function offer(select, unit) {
  if (![...select.options].some(({ value }) => value === unit)) select.append(new Option(unit, unit));
}
