// What goes over the wire, newest first: for seeing how a client talks. Sound is counted, tokens are left out.

import { shorten } from "../debug.js";
import { element, write } from "../elements.js";

const MAX_LINES = 200;
const MAX_CHARS = 400; // of one message
const BINARY_EVENT = /^45\d-/; // of Socket.IO: a part of it follows as binary
const TOKEN = /[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g;

export class WireLog {
  #run = null; // the line that counts pieces of sound which follow each other
  #head = null; // what Socket.IO says before each of them; once is enough

  constructor(list) {
    this.list = list;
  }

  sent(data) {
    this.#add("sent", data);
  }

  received(data) {
    this.#add("received", data);
  }

  /** What happened to the connection. */
  note(text) {
    this.#run = null;
    this.#line("note", text);
  }

  #add(direction, data) {
    const bytes = data.size ?? data.byteLength;
    if (bytes !== undefined) return this.#count(direction, bytes);
    const head = BINARY_EVENT.test(data) ? data : null;
    if (head !== null && this.#run?.direction === direction && this.#run.head === head) return;
    this.#run = null;
    this.#line(direction, describe(data));
    this.#head = head;
  }

  #count(direction, bytes) {
    if (this.#run?.direction !== direction) {
      this.#run = { direction, head: this.#head, pieces: 0, bytes: 0, line: this.#line(direction, "") };
    }
    const run = this.#run;
    run.pieces++;
    run.bytes += bytes;
    const pieces = run.pieces === 1 ? "1 piece of sound" : `${run.pieces} pieces of sound`;
    write(run.line, `${pieces}, ${run.bytes.toLocaleString("en")} bytes`);
  }

  #line(direction, text) {
    const line = element("li");
    line.dataset.direction = direction;
    const time = new Date().toISOString().slice(11, 23);
    const sign = { sent: "→", received: "←", note: "·" }[direction];
    const said = { sent: "sent", received: "received", note: "" }[direction];
    const words = element("span", "wire-words", text);
    const arrow = element("span", "wire-sign", sign);
    arrow.setAttribute("aria-hidden", "true");
    line.append(element("span", "wire-time", time), arrow, element("span", "visually-hidden", said), words);
    this.list.prepend(line);
    while (this.list.childElementCount > MAX_LINES) this.list.lastElementChild.remove();
    return words;
  }
}

/** Text as it is, JSON with its long texts cut. */
function describe(data) {
  const text = (typeof data === "string" ? tidy(data) : JSON.stringify(data, shorten)).replace(TOKEN, "…");
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}… (${text.length} characters)`;
}

/** JSON, also that of Socket.IO, which stands behind some digits; any other text as it is. */
function tidy(text) {
  const [head] = /^[\d-]*/.exec(text);
  try {
    return head + JSON.stringify(JSON.parse(text.slice(head.length)), shorten);
  } catch {
    return text;
  }
}
