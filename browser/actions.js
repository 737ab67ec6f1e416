// Changes by hand, on their way to the receiver. Each has an id and is done once for it, so one that may have got lost
// is sent again with the same id. They go one at a time, in the order in which they were made: the receiver keeps no
// order of its own, and an undo must not overtake what it undoes.

import { newId } from "./outbox.js";

const KEY = "voice-relay.actions";
const MAX_WAITING = 20;
const ANSWER_MS = 40_000; // the relay gives up after 30 s and says so; this is for a relay that says nothing
const RETRY_MS = [1000, 2000, 4000, 8000, 8000]; // while the receiver is away; then the person is asked
const PASSING = new Set(["show", "export"]); // of no use after a reload

const NO_ANSWER = "There was no answer.";

/**
 * Entries are {id, name, args, label, state, tries, tried, problem, retryable}: `state` is "queued", "sent",
 * "away" (queued again, as there was no receiver) or "failed"; `tried` whether it may have arrived; `problem` why it
 * failed. `label` says what it is to the person.
 */
export class Actions {
  entries = [];
  #session = null; // whose items the entries name
  #timer = null;
  #blocked = false; // by a pause before the next try

  /** `send(message)` returns whether it went out. `onDone(entry, message)` gets the `action_done`. */
  constructor(shelf, { send, onDone, onChange }) {
    Object.assign(this, { shelf, send, onDone, onChange });
    ({ session: this.#session, entries: this.entries } = restore(shelf.get(KEY)));
  }

  /** The shelf has those of another conversation now. */
  restore() {
    this.#pause(null);
    ({ session: this.#session, entries: this.entries } = restore(this.shelf.get(KEY)));
    this.onChange();
  }

  /** False, and nothing changed, when too many wait already. */
  perform(name, args, label) {
    // Of several days to look at only the last one matters.
    if (name === "show") this.entries = this.entries.filter((entry) => entry.name !== "show" || entry.state === "sent");
    if (this.entries.length >= MAX_WAITING) return false;
    this.entries.push(entryOf({ id: newId(), name, args, label }));
    this.#pump();
    return true;
  }

  /** The connection is ready for `session`: what waits goes out. */
  connected(session) {
    if (session !== this.#session) this.entries = [];
    this.#session = session;
    this.#requeue();
    this.#pump();
  }

  disconnected() {
    this.#requeue();
    this.#changed();
  }

  /** The conversation is left, and its items with it. Gives what was never sent, and never will be. */
  leave() {
    const lost = this.entries.filter(({ name, tried }) => !tried && !PASSING.has(name));
    this.#session = null;
    this.entries = [];
    this.#pause(null);
    this.#changed();
    return lost;
  }

  /** Takes an `action_done`. */
  done(message) {
    const entry = this.#take(message.id);
    if (entry === undefined) return;
    this.#pump();
    this.onDone(entry, message);
  }

  /** Takes an `error`; false when it is about no action of this page. */
  refuse({ id, code, message, retryable }) {
    const entry = this.entries.find((known) => known.id === id);
    if (entry === undefined) return false;
    if (entry.state !== "sent") return true; // it was given up before
    if (code === "receiver_unavailable" && entry.tries <= RETRY_MS.length) {
      entry.state = "away";
      this.#pause(RETRY_MS[entry.tries - 1]);
      this.#changed();
    } else {
      this.#fail(entry, message, retryable);
    }
    return true;
  }

  /** Tries a failed one again. It bears the id that it had: it may have been done. */
  again(id) {
    const entry = this.entries.find((known) => known.id === id);
    if (entry === undefined) return;
    Object.assign(entry, { state: "queued", problem: null, tries: 0 });
    this.#pump();
  }

  /** Forgets one; what was sent may still be done. Gives it. */
  discard(id) {
    const entry = this.#take(id);
    this.#pump();
    return entry;
  }

  #pump() {
    const next = this.entries.find(({ state }) => state !== "failed");
    if (next !== undefined && next.state !== "sent" && !this.#blocked) {
      const { id, name, args } = next;
      if (this.send({ type: "action", id, name, args })) {
        Object.assign(next, { state: "sent", tried: true, tries: next.tries + 1 });
        this.#timer = setTimeout(() => this.#fail(next, NO_ANSWER, true), ANSWER_MS);
      }
    }
    this.#changed();
  }

  #fail(entry, problem, retryable) {
    this.#pause(null);
    Object.assign(entry, { state: "failed", problem, retryable });
    this.#pump();
  }

  #take(id) {
    const entry = this.entries.find((known) => known.id === id);
    if (entry?.state === "sent" || entry?.state === "away") this.#pause(null);
    this.entries = this.entries.filter((known) => known !== entry);
    return entry;
  }

  #requeue() {
    this.#pause(null);
    for (const entry of this.entries) if (entry.state !== "failed") entry.state = "queued";
  }

  /** Waits so long before anything is sent; null for not at all. */
  #pause(ms) {
    clearTimeout(this.#timer);
    this.#blocked = ms !== null;
    if (ms === null) return;
    this.#timer = setTimeout(() => {
      this.#blocked = false;
      this.#pump();
    }, ms);
  }

  #changed() {
    const kept = this.entries.filter(({ name }) => !PASSING.has(name));
    this.shelf.set(KEY, JSON.stringify({ session: this.#session, entries: kept }));
    this.onChange();
  }
}

function entryOf({ id, name, args, label, tried = false, problem = null, retryable = false }) {
  const state = problem === null ? "queued" : "failed";
  return { id, name, args, label, state, tries: 0, tried, problem, retryable };
}

function restore(text) {
  try {
    const { session, entries } = JSON.parse(text);
    return { session, entries: entries.map(entryOf).slice(0, MAX_WAITING) };
  } catch {
    return { session: null, entries: [] };
  }
}
