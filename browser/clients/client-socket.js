// A WebSocket to one of the relay's paths: shows the token, comes back, and knows why it is not let in.

import { retryDelay } from "../backoff.js";
import { token } from "../token.js";

const OPEN_MS = 10_000;
const STEADY_MS = 5_000; // a connection that stood for so long was a good one: the next try may come soon
const MAX_BUFFERED_BYTES = 1024 * 1024; // minutes of speech: the connection is as good as dead
const ROOT = new URL("../", import.meta.url);

/** Close codes with which there is no point in trying again as before. */
const FOR_GOOD = new Set([4400, 4401, 4403, 4409]);
const UNAUTHORIZED = 4401;

/**
 * `phase` is "connecting", "open", "waiting" (for `retryAt`, in ms of Date.now()) or "stopped"; `wasOpen` says that it
 * once was open. `turnedAway`: the relay is there and did not take the connection; a browser does not tell why.
 * `signedOut`: it wants another token, or turned one away whose time is over. `reason` is the relay's last word before it
 * closed. `onOpen`, `onText(text)`, `onBinary(buffer)` and `onPhase` are told what happens, `log` all messages.
 */
export class ClientSocket {
  phase = "stopped";
  retryAt = null;
  wasOpen = false;
  turnedAway = false;
  signedOut = false;
  reason = "";
  #socket = null;
  #failures = 0;
  #openedAt = 0;
  #timer = null;
  #started = false;

  /**
   * `path()` is the address below the relay's, without a slash before it, asked before each connection. `showsToken` is
   * false where the token goes into a message.
   */
  constructor({ path, log, showsToken = true, onOpen = () => {}, onText, onBinary = () => {}, onPhase }) {
    Object.assign(this, { path, log, showsToken, onOpen, onText, onBinary, onPhase });
    token.onChange(() => this.#started && this.open());
    window.addEventListener("online", () => this.phase === "waiting" && this.open());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.phase === "waiting") this.open();
    });
  }

  get isOpen() {
    return this.phase === "open";
  }

  /** Connects now, whatever was going on. */
  open() {
    this.#drop();
    this.#started = true;
    const address = new URL(this.path(), ROOT);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, this.showsToken ? token.subprotocols : []);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(), OPEN_MS);
    this.#enter("connecting");
  }

  /** Closes and stays closed until `open`. `signedOut`: until there is another token. */
  stop(reason = "", signedOut = false) {
    this.#drop();
    this.reason = reason;
    this.signedOut = signedOut;
    this.#enter("stopped");
  }

  /** Closes and tries again after a while. */
  retry(reason = "") {
    this.reason = reason;
    this.#lost();
  }

  /** A text, an object (as JSON), or sound (a Blob or a typed array). False when it was not sent. */
  send(data) {
    if (!this.isOpen || this.#socket.readyState !== WebSocket.OPEN) return false; // it may be closing
    const plain = typeof data === "string" || data instanceof Blob || ArrayBuffer.isView(data);
    this.log.sent(data);
    this.#socket.send(plain ? data : JSON.stringify(data));
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.retry("The connection is too slow.");
    return this.isOpen;
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#openedAt = performance.now();
    this.wasOpen = true;
    this.turnedAway = this.signedOut = false;
    this.reason = "";
    this.#enter("open");
    this.onOpen();
  }

  #receive(data) {
    this.reason = ""; // only what was said last can be why it closed
    this.log.received(data);
    if (typeof data === "string") this.onText(data);
    else this.onBinary(data);
  }

  #closed(code, reason) {
    this.log.note(`closed: ${code}${reason === "" ? "" : `, ${reason}`}`);
    if (FOR_GOOD.has(code)) return this.stop(this.reason, code === UNAUTHORIZED);
    if (this.phase === "connecting") return this.#turnedDown(this.#socket);
    this.#lost();
  }

  // A browser does not say whether nobody is there or somebody said no. Whether anybody is there can be asked.
  async #turnedDown(socket) {
    const there = await fetch(new URL("healthz", ROOT), { cache: "no-store" }).then(({ ok }) => ok, () => false);
    if (socket !== this.#socket) return;
    if (there && token.standing(Date.now()) === "ended") return this.stop("", true);
    this.turnedAway = there;
    this.#lost();
  }

  #lost() {
    if (this.isOpen && performance.now() - this.#openedAt > STEADY_MS) this.#failures = 0;
    this.#drop();
    const delay = retryDelay(this.#failures++);
    this.retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.open(), delay);
    this.#enter("waiting");
  }

  #drop() {
    clearTimeout(this.#timer);
    this.retryAt = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #enter(phase) {
    this.phase = phase;
    this.onPhase();
  }
}

/** A JSON object; null for anything else. */
export function parse(text) {
  try {
    const message = JSON.parse(text);
    return typeof message === "object" && !Array.isArray(message) ? message : null;
  } catch {
    return null;
  }
}
