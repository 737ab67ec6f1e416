// The WebSocket to the relay: says hello, keeps alive, notices silence, comes back.

import { retryDelay } from "./backoff.js";

const READY_MS = 10_000; // from opening the socket to the first message
const PING_MS = 10_000;
const PONG_MS = 10_000; // after a ping, so a dead connection is noticed within 20 s

/**
 * `phase` is "connecting", "ready", "waiting" (for `retryAt`, in ms of Date.now()) or "stopped". `hello()` gives
 * the fields of the first message. `onTraffic(direction, message)` sees everything but audio.
 */
export class Connection {
  phase = "stopped";
  retryAt = null;
  wasReady = false;
  #socket = null;
  #failures = 0;
  #timer = null;
  #pinger = null;
  #heardAt = 0;
  #pingedAt = 0;

  constructor({ url, hello, onMessage, onPhase, onTraffic }) {
    this.url = url;
    this.hello = hello;
    this.onMessage = onMessage;
    this.onPhase = onPhase;
    this.onTraffic = onTraffic;
    window.addEventListener("online", () => this.#wake());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#wake());
  }

  get ready() {
    return this.phase === "ready";
  }

  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Connects now, whatever was going on. */
  open() {
    this.#drop();
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#transmit({ type: "hello", ...this.hello() });
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#lost();
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(), READY_MS);
    this.#enter("connecting");
  }

  /** Closes and stays closed until `open`. */
  stop() {
    this.#drop();
    this.#enter("stopped");
  }

  /** False when it could not be sent: nothing is kept here for later. */
  send(message) {
    return this.ready && this.#transmit(message);
  }

  sendAudio(samples) {
    if (this.ready && this.#takesMore) this.#socket.send(samples);
  }

  // A socket that is closing drops what it is given, and says so only on the console.
  get #takesMore() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  #transmit(message) {
    if (!this.#takesMore) return false;
    this.onTraffic("sent", message);
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #receive(data) {
    this.#heardAt = performance.now();
    const message = parse(data);
    if (message === null) {
      console.warn("The relay sent something that is no message; it was left out.");
      return;
    }
    this.onTraffic("received", message);
    const socket = this.#socket;
    if (this.#pinger === null) this.#answered();
    if (message.type === "ready" && this.phase === "connecting") this.#welcome();
    if (socket === this.#socket) this.onMessage(message);
  }

  // A relay is there. `ready` may take as long as its receiver is away, so from here on only silence counts.
  #answered() {
    clearTimeout(this.#timer);
    this.#pingedAt = 0;
    this.#pinger = setInterval(() => this.#ping(), PING_MS);
  }

  #welcome() {
    this.#failures = 0;
    this.wasReady = true;
    this.#enter("ready");
  }

  // A sleeping tab fires timers late, so silence counts only from a ping that nothing answered.
  #ping() {
    const now = performance.now();
    if (this.#pingedAt > this.#heardAt && now - this.#pingedAt >= PONG_MS * 0.9) return this.#lost();
    this.#pingedAt = now;
    this.#transmit({ type: "ping" });
  }

  #lost() {
    this.#drop();
    const delay = retryDelay(this.#failures++);
    this.retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.open(), delay);
    this.#enter("waiting");
  }

  #wake() {
    if (this.phase === "waiting") this.open();
    else if (this.phase === "ready") this.#ping();
  }

  #drop() {
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    this.#pinger = null;
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

/** A message is a JSON object with a text `type`; null for anything else. */
function parse(data) {
  try {
    const message = JSON.parse(data);
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}
