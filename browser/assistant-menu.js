// The menu in which one chooses whom to talk to.

import { described, namesWith } from "./assistants.js";
import { button, element, write } from "./elements.js";
import { makeMenu, menuLine } from "./menu.js";

export class AssistantMenu {
  #menu;
  #shown = element("span", "menu-label");

  /** Stands in `bar`, before `next`. `onChoose(name)` when another one is chosen than the one that is shown. */
  constructor(bar, next, { onChoose }) {
    this.onChoose = onChoose;
    this.#menu = makeMenu("assistants", "Whom to talk to", [
      element("span", "visually-hidden", "Talking to: "), this.#shown, element("span", "menu-arrow"),
    ]);
    bar.insertBefore(this.#menu.root, next);
  }

  show(chosen) {
    write(this.#shown, described(chosen).short);
    this.#menu.list.replaceChildren(...namesWith(chosen).map((name) => this.#line(name, name === chosen)));
  }

  #line(name, current) {
    const choose = button("menu-choice", "", () => {
      this.#menu.close();
      if (!current) this.onChoose(name);
    });
    if (current) choose.setAttribute("aria-current", "true");
    const { label, note } = described(name);
    return menuLine(choose, label, note);
  }
}
