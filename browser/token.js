// The access token of a relay that asks for one. It is kept for this tab alone, and stands in no address and no log.

import { tabShelf } from "./shelf.js";

const KEY = "voice-relay.token";
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const MAX_CHARS = 8192; // the relay reads no longer one
const SUBPROTOCOL = "voice-relay";

class Token {
  #listeners = [];

  /** The token, or null. */
  get value() {
    return tabShelf.get(KEY);
  }

  /** Takes what a person pasted; an empty text forgets the token. False for what can be no token. */
  set(text) {
    const value = text.trim().replace(/^Bearer\s+/i, "");
    if (value !== "" && (!JWT.test(value) || value.length > MAX_CHARS)) return false;
    if (value === "") tabShelf.remove(KEY);
    else tabShelf.set(KEY, value);
    for (const listener of this.#listeners) listener();
    return true;
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** For `new WebSocket`, which can set no header. */
  get subprotocols() {
    return this.value === null ? [] : [SUBPROTOCOL, `bearer.${this.value}`];
  }

  /** For `fetch`. */
  get headers() {
    return this.value === null ? {} : { Authorization: `Bearer ${this.value}` };
  }
}

export const token = new Token();

/** `#token=…` is taken and leaves the address at once, before it gets into the history or a screenshot. */
function takeFromAddress() {
  const fields = new URLSearchParams(location.hash.slice(1));
  const found = fields.get("token");
  if (found === null) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  token.set(found);
}

takeFromAddress();
window.addEventListener("hashchange", takeFromAddress);
