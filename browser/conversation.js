// The turns of the conversation: what the person said and what the assistant answered.

import { element } from "./elements.js";
import { DELIVERY } from "./waiting.js";

const MAX_EXCHANGES = 200; // shown; the oldest leave the page

export class Conversation {
  #exchanges = new Map(); // turn -> Exchange

  /** `onSendAgain(text)` when the person wants an unanswered text sent once more. */
  constructor(root, { onSendAgain }) {
    this.root = root;
    this.onSendAgain = onSendAgain;
  }

  get empty() {
    return this.root.childElementCount === 0;
  }

  /** Whether the person has said something in it. */
  get begun() {
    return [...this.#exchanges.values()].some(({ text }) => text !== "");
  }

  /** The committed turns of `ready`. They are not read out again to somebody who listens to the page. */
  restore(history) {
    this.root.setAttribute("aria-live", "off");
    for (const { turn, text, message } of history) {
      if (text !== "") this.said(turn, text);
      if (message !== "") this.answered(turn, message);
    }
    setTimeout(() => this.root.setAttribute("aria-live", "polite"), 500);
  }

  said(turn, text) {
    // A turn that was given up was not stored, so the next one bears its number; what failed stays where it is.
    if (this.#exchanges.get(turn)?.failed) this.#exchanges.delete(turn);
    this.#at(turn).say(text);
  }

  sentence(turn, seq, text) {
    this.#at(turn).add(seq, text);
  }

  /** The next piece of an answer that comes as it is made; with `restart`, those before it are void. */
  piece(turn, text, restart = false) {
    this.#at(turn).stream(text, restart);
  }

  answered(turn, message) {
    this.#at(turn).answer(message);
  }

  /** A short remark under the answer: why there is no voice, or that it was cut off. */
  note(turn, text) {
    this.#exchanges.get(turn)?.note(text);
  }

  /** `turn` will not be answered; its text stays, with a way to send it again. */
  failed(turn, text, message) {
    const exchange = this.#at(turn);
    if (text !== "") exchange.say(text);
    exchange.fail(message, this.onSendAgain);
  }

  /** Shows under what was said how far the typed texts in it have got. `entries` are the outbox's. */
  deliveries(entries) {
    for (const [turn, exchange] of this.#exchanges) {
      const inIt = entries.filter((entry) => entry.turn === turn);
      exchange.deliver(inIt.length === 0 ? null : inIt.every(({ sent }) => sent) ? "sent" : "waiting");
    }
  }

  /** `turn` has no answer, and what was typed in it is shown elsewhere now. With `text`, only if it says no more. */
  withdraw(turn, text = null) {
    const exchange = this.#exchanges.get(turn);
    if (exchange === undefined || exchange.settled || (text !== null && exchange.text !== text)) return;
    exchange.root.remove();
    this.#exchanges.delete(turn);
  }

  /** Marks the sentence that is being spoken; null for none. */
  speaking(position) {
    this.root.querySelector("[data-speaking]")?.removeAttribute("data-speaking");
    if (position !== null) this.#exchanges.get(position.turn)?.speaking(position.seq);
  }

  /** What was said before stays readable, above a line that says that a new conversation starts. */
  divide(label) {
    this.#exchanges.clear();
    if (this.empty) return;
    const line = element("p", "divider", label);
    this.root.append(line);
  }

  /** Another conversation is shown in its place. */
  clear() {
    this.#exchanges.clear();
    this.root.replaceChildren();
  }

  #at(turn) {
    let exchange = this.#exchanges.get(turn);
    if (exchange === undefined) {
      exchange = new Exchange(turn);
      const later = [...this.#exchanges.keys()].filter((other) => other > turn);
      const next = later.length > 0 ? this.#exchanges.get(Math.min(...later)).root : null;
      this.root.insertBefore(exchange.root, next);
      this.#exchanges.set(turn, exchange);
      this.#trim();
    }
    return exchange;
  }

  #trim() {
    while (this.root.childElementCount > MAX_EXCHANGES) {
      const first = this.root.firstElementChild;
      const turn = Number(first.dataset.turn);
      if (this.#exchanges.get(turn)?.root === first) this.#exchanges.delete(turn);
      first.remove();
    }
  }
}

class Exchange {
  #said = null;
  #answer = null;
  #delivery = null;
  #text = "";
  #whole = false;
  #notes = new Set();

  constructor(turn) {
    this.root = element("div", "exchange");
    this.root.dataset.turn = turn;
  }

  get failed() {
    return this.root.querySelector(".failure") !== null;
  }

  get settled() {
    return this.failed || this.#answer !== null;
  }

  get text() {
    return this.#text;
  }

  say(text) {
    this.#text = text;
    if (this.#said === null) {
      this.#said = bubble("you", "You");
      this.root.prepend(this.#said);
    }
    const words = this.#said.querySelector(".words");
    if (words.textContent !== text) words.textContent = text;
  }

  add(seq, text) {
    const words = this.#answerWords();
    if (this.#whole || words.querySelector(`[data-seq="${seq}"]`) !== null) return;
    const span = element("span", "sentence", text);
    span.dataset.seq = seq;
    if (words.childNodes.length > 0) words.append(" ");
    words.append(span);
  }

  stream(text, restart) {
    const words = this.#answerWords();
    if (this.#whole) return;
    words.setAttribute("aria-busy", "true"); // read out when it is whole, and not word by word
    if (restart || words.childElementCount === 0) {
      const span = element("span", "sentence");
      span.dataset.seq = 0;
      words.replaceChildren(span);
    }
    words.lastElementChild.append(text);
  }

  answer(message) {
    const words = this.#answerWords();
    this.#whole = true;
    words.removeAttribute("aria-busy");
    const plain = (text) => text.replace(/\s+/g, " ").trim();
    if (plain(words.textContent) === plain(message)) return; // keep the sentences, to mark the spoken one
    const span = element("span", "sentence", message);
    span.dataset.seq = 0;
    words.replaceChildren(span);
  }

  note(text) {
    if (this.#answer === null || this.#notes.has(text)) return;
    this.#notes.add(text);
    this.#answer.append(element("p", "note", text));
  }

  /** `state` is a key of DELIVERY or null. An answer says better than a note that the text was sent. */
  deliver(state) {
    if (state === "sent" && this.#answer !== null) state = null;
    if (state === null) {
      this.#delivery?.remove();
      this.#delivery = null;
      return;
    }
    if (this.#said === null) return;
    if (this.#delivery === null) {
      this.#delivery = element("p", "note delivery");
      this.#said.append(this.#delivery);
    }
    if (this.#delivery.textContent !== DELIVERY[state]) this.#delivery.textContent = DELIVERY[state];
  }

  fail(message, onSendAgain) {
    if (this.failed) return;
    const failure = element("div", "failure");
    failure.append(element("p", "", message));
    if (this.#text !== "") {
      const button = element("button", "quiet-button", "Send again");
      button.type = "button";
      button.dataset.testid = "send-again";
      button.addEventListener("click", () => {
        if (!onSendAgain(this.#text)) return;
        button.replaceWith(element("p", "note", "Sent again."));
      });
      failure.append(button);
    }
    this.root.append(failure);
  }

  speaking(seq) {
    this.#answer?.querySelector(`[data-seq="${seq}"]`)?.setAttribute("data-speaking", "");
  }

  #answerWords() {
    if (this.#answer === null) {
      this.#answer = bubble("assistant", "Assistant");
      this.deliver(null);
      if (this.#said === null) this.root.prepend(this.#answer);
      else this.#said.after(this.#answer);
    }
    return this.#answer.querySelector(".words");
  }
}

/** A speech bubble with the speaker's name, which only a screen reader needs. */
function bubble(who, name) {
  const root = element("div", `bubble ${who}`);
  root.append(element("span", "visually-hidden", `${name}: `), element("p", "words"));
  return root;
}
