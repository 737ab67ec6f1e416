// What all the clients' pages have around their own part: the bar, the state, the access token, the message log.

import { button, element } from "../elements.js";
import { Notices } from "../notices.js";
import { StatusBar } from "../status-bar.js";
import { token } from "../token.js";
import { openWays } from "../ways.js";
import { WireLog } from "./wire-log.js";

/** Errors that end the connection. */
const ENDS_CONNECTION = new Set(["unauthorized", "session_refused", "session_moved", "client_too_slow"]);

/**
 * Builds them around `<main>`. `log` is the message log, `notices` are above the state; `show(state, retryAt)` shows a
 * state (`client-state.js`). What is done about it comes to `onAction(id)`, but for the token, which is asked for here.
 */
export class Frame {
  #status;
  #token;

  constructor({ onAction, fallback }) {
    const main = document.querySelector("main");
    main.before(bar());
    this.#token = new TokenPanel();
    const [panel, list] = logPanel();
    this.log = new WireLog(list);
    main.append(this.#token.root, panel);
    const state = document.getElementById("state");
    const notices = element("div", "notices");
    notices.dataset.testid = "notices";
    state.before(notices);
    this.notices = new Notices(notices);
    this.#status = new StatusBar(stateLine(state), {
      onAction: (id) => (id === "sign_in" ? this.#token.ask() : onAction(id)),
      fallback,
    });
  }

  show(state, retryAt) {
    this.#status.show(state, retryAt);
  }

  /** An error of the relay's. One that ends the connection is shown by the state. */
  tell({ code, message }) {
    if (!ENDS_CONNECTION.has(code)) this.notices.show(code, message, "alert");
  }
}

function bar() {
  const header = element("header", "bar");
  const home = element("a", "bar-home");
  home.href = "../";
  const icon = element("img");
  Object.assign(icon, { src: "../favicon.svg", alt: "", width: 32, height: 32 });
  home.append(icon, element("span", "", "Voice Relay"));
  header.append(home);
  openWays(header);
  return header;
}

function stateLine(root) {
  root.className = "state";
  root.dataset.testid = "state";
  const light = element("span", "state-light");
  light.setAttribute("aria-hidden", "true");
  const words = element("div", "state-words");
  const live = element("div");
  live.setAttribute("role", "status");
  const [title, hint] = [element("strong"), element("span", "state-hint")];
  title.dataset.testid = "state-title";
  hint.dataset.testid = "state-hint";
  live.append(title, " ", hint);
  const countdown = element("span", "countdown");
  countdown.hidden = true;
  words.append(live, countdown);
  const action = button("quiet-button", "", () => {});
  action.dataset.testid = "state-action";
  action.hidden = true;
  root.append(light, words, action);
  return { root, title, hint, countdown, action };
}

function logPanel() {
  const panel = element("details", "wire");
  panel.open = true;
  panel.dataset.testid = "wire";
  const list = element("ol", "wire-list");
  list.tabIndex = 0;
  list.setAttribute("aria-label", "Messages sent and received, the newest first");
  panel.append(element("summary", "", "Messages"), list);
  return [panel, list];
}

class TokenPanel {
  #field;
  #problem;

  constructor() {
    this.root = element("details", "token");
    this.root.dataset.testid = "token-panel";
    const form = element("form");
    form.autocomplete = "off";
    const label = element("label", "", "Access token");
    label.htmlFor = "token";
    this.#field = element("input");
    Object.assign(this.#field, { id: "token", type: "password", autocomplete: "off", spellcheck: false });
    this.#field.setAttribute("aria-describedby", "token-hint token-problem");
    const use = element("button", "main-button", "Use");
    const forget = button("quiet-button", "Forget", () => this.#take(""));
    const line = element("div", "field-line");
    line.append(this.#field, use, forget);
    const hint = element("p", "hint", "Only where the relay asks for one. It is kept in this tab, until you close it.");
    hint.id = "token-hint";
    this.#problem = element("p", "field-problem");
    this.#problem.id = "token-problem";
    this.#problem.setAttribute("role", "alert");
    form.append(label, line, this.#problem, hint);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take(this.#field.value);
    });
    this.root.append(element("summary", "", "Access token"), form);
  }

  ask() {
    this.root.open = true;
    this.#field.focus();
    this.#field.select();
  }

  #take(text) {
    const taken = token.set(text);
    this.#problem.textContent = taken ? "" : "That is no token: it has three parts, with dots between them.";
    if (taken) this.#field.value = "";
    if (taken && text !== "") this.root.open = false;
  }
}
