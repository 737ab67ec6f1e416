// The id of a session that a page takes up by its id alone, kept over a reload.

import { tabShelf } from "../shelf.js";

export class TabSession {
  #key;

  /** `name` keeps the sessions of different pages apart. */
  constructor(name) {
    this.#key = `voice-relay.${name}`;
  }

  /** The id, or null. */
  get id() {
    return tabShelf.get(this.#key);
  }

  set id(id) {
    tabShelf.set(this.#key, id);
  }

  /** A new id that nobody can guess. */
  renew() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    this.id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return this.id;
  }

  forget() {
    tabShelf.remove(this.#key);
  }
}
