// Which conversation this tab is in, with each assistant its own, kept over a reload; and the name, kept for good.

import { assistant } from "./assistant-choice.js";
import { RELAYS_OWN } from "./assistants.js";
import { bankToken } from "./bank-token.js";
import { browserShelf } from "./shelf.js";
import { token } from "./token.js";

const SESSION = "voice-relay.session";
const NAME = "voice-relay.name";
const BANK = "bank";

export class Session {
  #kept = {};
  #received = null;

  constructor() {
    this.restore();
  }

  /** Takes up the conversation with the assistant that is chosen now, if there is one. */
  restore() {
    this.#kept = parse(assistant.shelf.get(SESSION));
    this.#received = this.#kept.heard ?? null;
  }

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
    if (assistant.name !== RELAYS_OWN) fields.assistant = assistant.name;
    if (assistant.name === BANK) Object.assign(fields, bankToken.fields); // to nobody else
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
    assistant.shelf.remove(SESSION);
  }

  #keep(kept) {
    this.#kept = kept;
    assistant.shelf.set(SESSION, JSON.stringify(kept));
  }
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
