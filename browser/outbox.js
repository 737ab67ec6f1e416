// What was typed and is not yet part of a turn. It outlives a lost connection and a reload of the tab, and each
// text reaches the conversation once: the relay takes an id once, and `turn` or the history say that it has.

const KEY = "voice-relay.outbox";
export const MAX_WAITING = 20;

/** Entries are {id, text, sent, problem}; `problem` is why the relay would not take it, or null. */
export class Outbox {
  entries = [];

  /** `send(message)` returns whether it went out. `onChange` is called after each change of `entries`. */
  constructor(shelf, { send, onChange }) {
    this.shelf = shelf;
    this.send = send;
    this.onChange = onChange;
    this.entries = restore(shelf.get(KEY));
  }

  /** False, and nothing changed, when too many wait already. */
  add(text) {
    if (this.entries.length >= MAX_WAITING) return false;
    const entry = { id: newId(), text, sent: false, problem: null };
    this.entries.push(entry);
    this.#transmit(entry);
    this.#changed();
    return true;
  }

  /** A connection is ready and knows `ids`: whatever else waits goes out, in the order it was typed. */
  reconcile(ids) {
    this.entries = this.entries.filter((entry) => !ids.has(entry.id));
    for (const entry of this.entries) if (entry.problem === null) this.#transmit(entry);
    this.#changed();
  }

  /** These have become part of a turn. */
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
    entry.problem = problem;
    this.#changed();
    return true;
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
    return kept.map(({ id, text, problem }) => ({ id, text, problem, sent: false })).slice(0, MAX_WAITING);
  } catch {
    return [];
  }
}
