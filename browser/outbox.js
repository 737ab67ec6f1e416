// What was typed and is not known to be stored. It outlives a lost connection, a reload of the tab and the death of
// the relay: a text is sent again until its turn is answered or the history has its id. `turn` alone does not settle
// it, since that comes before the turn is stored. Sending again is harmless: the relay takes an id once.

const KEY = "voice-relay.outbox";
export const MAX_WAITING = 20;

/**
 * Entries are {id, text, sent, problem, turn}: `problem` is why the relay would not take it, or null; `turn` the number
 * of the turn in whose bubble it is shown, or null while it is in none.
 */
export class Outbox {
  entries = [];

  /** `send(message)` returns whether it went out. `onChange` is called after each change of `entries`. */
  constructor(shelf, { send, onChange }) {
    this.shelf = shelf;
    this.send = send;
    this.onChange = onChange;
    this.entries = restore(shelf.get(KEY));
  }

  /** The shelf has those of another conversation now. */
  restore() {
    this.entries = restore(this.shelf.get(KEY));
    this.onChange();
  }

  /** False, and nothing changed, when too many wait already. */
  add(text) {
    if (this.entries.length >= MAX_WAITING) return false;
    const entry = { id: newId(), text, sent: false, problem: null, turn: null };
    this.entries.push(entry);
    this.#transmit(entry);
    this.#changed();
    return true;
  }

  /**
   * A connection is ready; `ids` are stored, and turns up to `lastTurn`. Whatever else waits goes out, in the order it
   * was typed. What is stored as a turn without the text that was shown in it does not show that text any more.
   */
  reconcile(ids, lastTurn) {
    this.entries = this.entries.filter((entry) => !ids.has(entry.id));
    for (const entry of this.entries) {
      if (entry.turn !== null && entry.turn <= lastTurn) entry.turn = null;
      if (entry.problem === null) this.#transmit(entry);
    }
    this.#changed();
  }

  /** The texts `ids`, and no others, are in `turn` now. Gives the turns that they have left. */
  take(turn, ids) {
    const left = new Set();
    for (const entry of this.entries) {
      if (ids.includes(entry.id)) {
        if (entry.turn !== null && entry.turn !== turn) left.add(entry.turn);
        Object.assign(entry, { turn, sent: true, problem: null });
      } else if (entry.turn === turn) {
        entry.turn = null;
      }
    }
    this.#changed();
    return left;
  }

  /** The texts in `turn`, joined as the relay joins them. */
  textOf(turn) {
    return this.#in(turn).map(({ text }) => text).join(" ");
  }

  /** `turn` is stored, or given up: its texts need not be sent any more. */
  settleTurn(turn) {
    this.settle(this.#in(turn).map(({ id }) => id));
  }

  /** These need not be sent any more. */
  settle(ids) {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => !ids.includes(entry.id));
    if (this.entries.length !== before) this.#changed();
  }

  /** The connection is gone: what it carried may not have arrived. */
  disconnected() {
    for (const entry of this.entries) entry.sent = false;
    this.#changed();
  }

  fail(id, problem) {
    const entry = this.find(id);
    if (entry === undefined) return false;
    Object.assign(entry, { problem, turn: null });
    this.#changed();
    return true;
  }

  /** The conversation is left: no text is in any of its turns. */
  leave() {
    for (const entry of this.entries) entry.turn = null;
    this.#changed();
  }

  /** Sends a refused text again, as a new one. */
  again(id) {
    const entry = this.find(id);
    if (entry === undefined) return;
    Object.assign(entry, { id: newId(), problem: null });
    this.#transmit(entry);
    this.#changed();
  }

  find(id) {
    return this.entries.find((entry) => entry.id === id);
  }

  /** Turns whose bubbles show texts from here. */
  get turns() {
    return new Set(this.entries.map(({ turn }) => turn).filter((turn) => turn !== null));
  }

  #in(turn) {
    return this.entries.filter((entry) => entry.turn === turn);
  }

  #transmit(entry) {
    entry.sent = this.send({ type: "text", text: entry.text, id: entry.id });
  }

  #changed() {
    this.shelf.set(KEY, JSON.stringify(this.entries.map(({ id, text, problem }) => ({ id, text, problem }))));
    this.onChange();
  }
}

/** 128 random bits. `randomUUID` exists on secure pages only. */
export function newId() {
  if (crypto.randomUUID !== undefined) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function restore(text) {
  try {
    const kept = JSON.parse(text) ?? [];
    return kept.map(({ id, text, problem }) => ({ id, text, problem, sent: false, turn: null })).slice(0, MAX_WAITING);
  } catch {
    return [];
  }
}
