// What stands on the page before the person has said anything: what this is for, and what they might say.

import { button, write } from "./elements.js";

export class Introduction {
  #shown = null;

  /** `onExample(text)` when the person takes one. */
  constructor({ intro, title, examples, list }, { onExample }) {
    Object.assign(this, { intro, title, examples, list, onExample });
  }

  /** `empty`: there is nothing on the page yet, not even a greeting; `begun`: the person has said something. */
  show({ title, examples }, { empty, begun }) {
    this.intro.hidden = !empty;
    write(this.title, title);
    this.examples.hidden = begun || examples.length === 0;
    if (this.#shown === examples) return;
    this.#shown = examples;
    this.list.replaceChildren(...examples.map((text) => {
      const line = document.createElement("li");
      line.append(button("example", text, () => this.onExample(text)));
      return line;
    }));
  }
}
