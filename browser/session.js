// Which conversation this tab is in, kept over a reload, and what the person set, kept for good.

const SESSION = "voice-relay.session";
const NAME = "voice-relay.name";

/** A place to keep text that may be full or forbidden: then things last only as long as the page. */
export class Shelf {
  #memory = new Map();

  constructor(storage) {
    this.storage = storage;
  }

  get(key) {
    try {
      return this.storage().getItem(key) ?? this.#memory.get(key) ?? null;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      return this.#memory.get(key) ?? null;
    }
  }

  set(key, text) {
    this.#memory.set(key, text);
    try {
      this.storage().setItem(key, text);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  remove(key) {
    this.#memory.delete(key);
    try {
      this.storage().removeItem(key);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }
}

export const tabShelf = new Shelf(() => window.sessionStorage);
export const browserShelf = new Shelf(() => window.localStorage);

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
