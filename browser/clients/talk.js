// What was said and answered. Some wires number the answers alone: what was said before one then belongs to it.

import { Conversation } from "../conversation.js";
import { element } from "../elements.js";
import { followNewest } from "../layout.js";

export class Talk {
  #conversation;
  #open;
  #said = []; // since the last answer began

  /** `open` shows what is being said; `onSendAgain(text)` gives false when that cannot be. */
  constructor({ scroller, root, open }, onSendAgain) {
    this.#conversation = new Conversation(root, { onSendAgain });
    this.#open = open;
    followNewest(scroller);
  }

  /** A partial replaces the partial before it, a final ends it. */
  heard(text, final) {
    if (final) this.#said.push(text);
    this.#render(final ? "" : text);
  }

  typed(text) {
    this.#said.push(text);
    this.#render("");
  }

  /** `text` is answered in `turn`; without it, all that was said so far. */
  said(turn, text = this.#said.join(" ")) {
    this.#said = [];
    this.#render("");
    if (text !== "") this.#conversation.said(turn, text);
  }

  piece(turn, text, restart = false) {
    this.#conversation.piece(turn, text, restart);
  }

  answered(turn, text) {
    this.#conversation.answered(turn, text);
  }

  failed(turn, message) {
    this.#conversation.failed(turn, "", message);
  }

  /** A remark under an answer. */
  note(turn, text) {
    this.#conversation.note(turn, text);
  }

  /** Marks the answer that is being spoken: the sound of these wires is not told by sentences. */
  speaking(position) {
    this.#conversation.speaking(position && { turn: position.turn, seq: 0 });
  }

  /** Another conversation begins; what was said stays readable. */
  divide() {
    this.#said = [];
    this.#render("");
    this.#conversation.divide("New session");
  }

  #render(partial) {
    const words = element("p", "words", this.#said.join(" "));
    if (partial !== "") words.append(" ", element("em", "", partial));
    const bubble = element("div", "bubble you");
    bubble.append(element("span", "visually-hidden", "You: "), words);
    this.#open.replaceChildren(...(this.#said.length > 0 || partial !== "" ? [bubble] : []));
  }
}
