// Which conversation this tab is in, kept over a reload, and what the person set, kept for good.

import { browserShelf, tabShelf } from "./shelf.js";
import { token } from "./token.js";

const SESSION = "voice-relay.session";
const NAME = "voice-relay.name";

export class Session {
  #kept = parse(tabShelf.get(SESSION));
  #received = this.#kept.heard ?? null;

  get id() {
    return this.#kept.session_id ?? null;
  }

  get name() {
    return browserShelf.get(NAME) ?? "";
  }

  set name(name) {
    if (name === "") browserShelf.remove(NAME);
    else browserShelf.set(NAME, name);
  }

  /** Fields of `hello`. */
  hello() {
    const fields = { protocol: "1.0", replies: "sentences" };
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (timezone) fields.timezone = timezone;
    if (this.name !== "") fields.name = this.name;
    if (token.value !== null) fields.token = token.value;
    if (this.id === null) return fields;
    const { session_id, resume_token } = this.#kept;
    return { ...fields, session_id, resume_token, ...(this.#received && { received: this.#received }) };
  }

  /** Takes the ids of `ready`. */
  take({ session_id, resume_token }) {
    if (session_id !== this.id) this.forget();
    this.#keep({ ...this.#kept, session_id, resume_token });
  }

  /** This page holds sentence `seq` of `turn`. A reload would lose what was not yet heard. */
  holds(turn, seq) {
    this.#received = [turn, seq];
  }

  heard(turn, seq) {
    this.#keep({ ...this.#kept, heard: [turn, seq] });
  }

  forget() {
    this.#received = null;
    this.#kept = {};
    tabShelf.remove(SESSION);
  }

  #keep(kept) {
    this.#kept = kept;
    tabShelf.set(SESSION, JSON.stringify(kept));
  }
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
