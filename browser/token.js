// The access token of a relay that asks for one. It is kept for this tab alone, and stands in no address and no log.

import { tabShelf } from "./shelf.js";

const KEY = "voice-relay.token";
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const MAX_CHARS = 8192; // the relay reads no longer one
const SUBPROTOCOL = "voice-relay";
const CLOCK_SKEW_MS = 60_000; // this machine's clock may be that much behind the relay's

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

  /** What there is to be shown at `now` (ms of Date.now()): "none", or a token that is "held" or has "ended". */
  standing(now) {
    if (this.value === null) return "none";
    return hasEnded(this.value, now) ? "ended" : "held";
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

/** Whether a token that a relay refuses at `now` (ms since 1970) has ended by its own word. It is not verified. */
export function hasEnded(jwt, now) {
  const end = endOf(jwt);
  return end !== null && now >= end - CLOCK_SKEW_MS;
}

/** `exp` of a token in ms since 1970; null where it has none or cannot be read. */
function endOf(jwt) {
  try {
    const { exp } = JSON.parse(atob(jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return Number.isFinite(exp) ? exp * 1000 : null;
  } catch {
    return null;
  }
}

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
