// Where a page keeps text over a reload.

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

/** A shelf on which several keep the same things apart: what is kept is that of `name`. An empty name has no part of its own. */
export class Compartments {
  name = "";

  constructor(shelf) {
    this.shelf = shelf;
  }

  get(key) {
    return this.shelf.get(this.#at(key));
  }

  set(key, text) {
    this.shelf.set(this.#at(key), text);
  }

  remove(key) {
    this.shelf.remove(this.#at(key));
  }

  #at(key) {
    return this.name === "" ? key : `${key}.${this.name}`;
  }
}

export const tabShelf = new Shelf(() => window.sessionStorage);
export const browserShelf = new Shelf(() => window.localStorage);
