// The person's own access token of their bank. It is in the memory of this page alone: in no storage, no address, no
// log. A reload forgets it.

/** What the relay calls the service. */
const SERVICE = "bank";
const MAX_CHARS = 4096; // the relay takes no longer one
const WRITTEN = /^[\x21-\x7e]+$/; // what can stand in an HTTP header, where it ends up

class BankToken {
  #value = null;
  #listeners = [];
  /** Why the relay did not take it, in its words; empty: it did, or there is none. */
  refusal = "";

  get given() {
    return this.#value !== null;
  }

  /** Takes what a person pasted; an empty text forgets the token. False for what can be no token. */
  set(text) {
    const value = text.trim().replace(/^Bearer\s+/i, "");
    if (value !== "" && (!WRITTEN.test(value) || value.length > MAX_CHARS)) return false;
    this.#value = value === "" ? null : value;
    this.refusal = "";
    this.#tell();
    return true;
  }

  /** The relay would not have it, for the reason `sentence`: it is not sent again. */
  refuse(sentence) {
    this.#value = null;
    this.refusal = sentence;
    this.#tell();
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** Fields of `hello`, or of Socket.IO's `auth`. Without a token they say so: the relay forgets the one it had. */
  get fields() {
    return { credentials: this.#value === null ? {} : { [SERVICE]: this.#value } };
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

export const bankToken = new BankToken();
