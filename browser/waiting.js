// Shows those texts of the outbox that are in no turn yet.

import { button } from "./elements.js";

export const DELIVERY = { sent: "Sent", waiting: "Waiting for the connection" };

export class Waiting {
  constructor(root, { onAgain, onRemove }) {
    this.root = root;
    this.onAgain = onAgain;
    this.onRemove = onRemove;
  }

  show(entries) {
    const shown = entries.filter(({ turn }) => turn === null);
    this.root.replaceChildren(...shown.map((entry) => this.#bubble(entry)));
    this.root.hidden = shown.length === 0;
  }

  #bubble({ id, text, sent, problem }) {
    const root = document.createElement("div");
    root.className = "bubble you pending";
    root.dataset.id = id;
    root.dataset.state = problem !== null ? "refused" : sent ? "sent" : "waiting";
    const words = document.createElement("p");
    words.className = "words";
    words.textContent = text;
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = problem ?? (sent ? DELIVERY.sent : DELIVERY.waiting);
    root.append(words, note);
    if (problem !== null) {
      const buttons = document.createElement("div");
      buttons.className = "pending-buttons";
      buttons.append(button("quiet-button", "Send again", () => this.onAgain(id)), button("quiet-button", "Remove", () => this.onRemove(id)));
      root.append(buttons);
    }
    return root;
  }
}
