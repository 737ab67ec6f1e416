// The calls that are going on, and what is being said in them.

import { element, write } from "../elements.js";
import { fillSummary } from "./call-summary.js";

const MAX_LINES = 300; // of a call; the oldest leave the page
const MAX_OVER = 10; // calls that are over and still shown
const SPEAKERS = { caller: "Caller", assistant: "Assistant" };

export class CallList {
  #calls = new Map(); // streamSid -> CallView

  constructor(root) {
    this.root = root;
  }

  get size() {
    return this.#calls.size;
  }

  /** Whether any of them is going on. */
  get live() {
    return [...this.#calls.values()].some(({ over }) => !over);
  }

  /** The calls that are going on, after connecting; what was heard of others meanwhile is over. */
  show(calls) {
    const live = new Set(calls.map(({ streamSid }) => streamSid));
    for (const [sid, view] of this.#calls) if (!live.has(sid)) view.end();
    for (const call of calls) this.started(call);
  }

  started(call) {
    if (!this.#calls.has(call.streamSid)) {
      const view = new CallView(call);
      this.#calls.set(call.streamSid, view);
      // Those that were over before the page knew of them come after those that go on.
      if (call.active) this.root.prepend(view.root);
      else this.root.insertBefore(view.root, this.root.querySelector(":scope > [data-over]"));
      this.#trim();
    }
    this.#calls.get(call.streamSid).figures(call);
  }

  line(line) {
    this.#calls.get(line.streamSid)?.say(line);
  }

  ended(call) {
    this.started(call);
    this.#calls.get(call.streamSid).end();
  }

  summedUp(call) {
    if (call.active) this.started(call);
    else this.ended(call);
    this.#calls.get(call.streamSid).sumUp(call.summary);
  }

  clear() {
    this.#calls.clear();
    this.root.replaceChildren();
  }

  #trim() {
    const over = [...this.#calls].filter(([, view]) => view.over);
    for (const [sid, view] of over.slice(0, Math.max(0, over.length - MAX_OVER))) {
      view.root.remove();
      this.#calls.delete(sid);
    }
  }
}

class CallView {
  over = false;
  #told = "";
  #partial = new Map(); // speaker -> the line that may still change

  constructor({ callSid, streamSid, userId, startedAt }) {
    this.root = element("article", "call");
    this.root.dataset.stream = streamSid;
    this.root.setAttribute("aria-label", `Call ${callSid}`);
    const heading = element("h2", "", userId ?? "Nobody in particular");
    this.light = element("span", "call-light", "going on");
    const since = new Date(startedAt).toLocaleTimeString();
    const about = element("p", "hint", `${callSid}, since ${since}`);
    this.counts = element("p", "hint");
    this.lines = element("ol", "call-lines");
    this.lines.setAttribute("role", "log");
    this.lines.setAttribute("aria-label", "What is being said");
    this.lines.tabIndex = 0;
    this.summary = element("section", "call-summary");
    this.summary.setAttribute("aria-label", "Summary");
    this.summary.setAttribute("aria-live", "polite");
    const head = element("div", "call-head");
    head.append(heading, this.light);
    this.root.append(head, about, this.lines, this.summary, this.counts);
  }

  figures({ duration, audioChunksReceived, transcriptLinesReceived }) {
    const sound = audioChunksReceived === 1 ? "1 piece of sound" : `${audioChunksReceived} pieces of sound`;
    const lines = transcriptLinesReceived === 1 ? "1 line" : `${transcriptLinesReceived} lines`;
    write(this.counts, `${Math.round(duration)} s, ${sound}, ${lines}`);
  }

  /** One that is not final is replaced by the next of the same speaker. */
  say({ speaker, text, isFinal, confidence }) {
    let line = this.#partial.get(speaker);
    if (line === undefined) {
      line = element("li", "call-line");
      line.dataset.speaker = speaker;
      line.append(element("span", "speaker", SPEAKERS[speaker] ?? speaker), " ", element("span", "call-words"));
      this.lines.append(line);
      while (this.lines.childElementCount > MAX_LINES) this.lines.firstElementChild.remove();
    }
    write(line.querySelector(".call-words"), text);
    line.dataset.final = isFinal;
    // Read out when it is whole.
    if (isFinal) line.removeAttribute("aria-busy");
    else line.setAttribute("aria-busy", "true");
    if (isFinal && confidence !== null) {
      line.append(" ", element("span", "confidence", `${Math.round(confidence * 100)} %`));
    }
    if (isFinal) this.#partial.delete(speaker);
    else this.#partial.set(speaker, line);
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  sumUp(summary) {
    // Told again with each subscription; it is read out once.
    const told = JSON.stringify(summary);
    if (told === this.#told) return;
    this.#told = told;
    fillSummary(this.summary, summary);
  }

  end() {
    this.over = true;
    this.root.dataset.over = true;
    write(this.light, "over");
    for (const line of this.#partial.values()) line.remove();
    this.#partial.clear();
  }
}
