// The dialog in which the goal is set. It knows the form, not what becomes of it.

import { FIGURES } from "./goal-bars.js";

export class GoalDialog {
  #opener = null;

  /** `onSave(goal)`: the figures that were filled in; none of them clears the goal. */
  constructor(dialog, { onSave }) {
    this.dialog = dialog;
    this.fields = new Map(FIGURES.map(({ field }) => [field, dialog.querySelector(`[name="${field}"]`)]));
    // Enter in a field presses the first submit button, which is not the one that is meant.
    for (const input of this.fields.values()) {
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        dialog.querySelector("[value=save]").click();
      });
    }
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "save") onSave(this.#filled());
      if (dialog.returnValue === "clear") onSave({});
      this.#opener?.focus();
    });
  }

  /** `goal` fills the form; `opener` gets the focus back. */
  open(goal, opener) {
    this.#opener = opener;
    for (const [field, input] of this.fields) input.value = goal?.[field] ?? "";
    this.dialog.querySelector("[value=clear]").hidden = goal === null;
    this.dialog.returnValue = "cancel";
    this.dialog.showModal();
    this.fields.get("kcal").select();
  }

  #filled() {
    const filled = [...this.fields].filter(([, input]) => input.value !== "");
    return Object.fromEntries(filled.map(([field, input]) => [field, Number(input.value)]));
  }
}
