// The call screen, `/ws/calls`.

import { element } from "../elements.js";
import { tabShelf } from "../shelf.js";
import { state } from "../state.js";
import { token } from "../token.js";
import { CallList } from "./call-list.js";
import { ClientSocket, parse } from "./client-socket.js";
import { describe } from "./client-state.js";
import { Frame } from "./frame.js";

const USER = "voice-relay.calls-user";
const FIGURES_MS = 2_000; // between two askings while the figures are shown and a call goes on

const FIGURES = [
  ["duration", "Duration, s"],
  ["audioChunksReceived", "Pieces of sound"],
  ["bytesReceived", "Bytes of it"],
  ["transcriptLinesReceived", "Lines said"],
  ["bufferSize", "Bytes waiting"],
];

const QUIET = state("idle", "live", "Connected", "Waiting for a call.");
const LIVE = state("live", "live", "A call is going on", "");

const $ = (id) => document.getElementById(id);

let subscribed = null; // the only call to show
const calls = new CallList($("calls"));
const remedies = { retry: () => socket.open(), reopen: () => socket.open() };
const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("stats") });

const socket = new ClientSocket({
  path: () => {
    const user = tabShelf.get(USER) ?? "";
    return user === "" ? "ws/calls" : `ws/calls?${new URLSearchParams({ userId: user })}`;
  },
  log: frame.log,
  onOpen: () => subscribed !== null && socket.send({ type: "subscribe", callSid: subscribed }),
  onText: (text) => {
    const message = parse(text);
    incoming[message?.type]?.(message);
    refresh();
  },
  onPhase: refresh,
});

const incoming = {
  __proto__: null,
  calls: ({ calls: live }) => calls.show(live),
  call_started: (call) => calls.started(call),
  transcript: (line) => calls.line(line),
  call_ended: (call) => calls.ended(call),
  call_summary: (call) => calls.summedUp(call),
  stats: showFigures,
  error(message) {
    socket.reason = message.message;
    frame.tell(message);
  },
};

function showFigures({ calls: each, user }) {
  for (const call of each.filter(({ active }) => active)) calls.started(call);
  const table = element("table");
  const head = element("tr");
  for (const title of ["Call", ...FIGURES.map(([, label]) => label)]) {
    const cell = element("th", "", title);
    cell.scope = "col";
    head.append(cell);
  }
  const header = element("thead");
  header.append(head);
  const body = element("tbody");
  for (const call of each) {
    const row = line(call.active ? shortened(call.callSid) : `${shortened(call.callSid)} (over)`, call);
    row.firstElementChild.title = call.callSid;
    body.append(row);
  }
  const footer = element("tfoot");
  footer.append(line(`In all: ${user.calls}`, user));
  table.append(header, body, footer);
  const scroll = element("div", "table-scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Table of the figures");
  scroll.append(table);
  $("figures-panel").replaceChildren(element("h2", "", "Figures"), scroll);
  $("figures-panel").hidden = false;
}

function shortened(sid) {
  return sid.length <= 14 ? sid : `${sid.slice(0, 8)}…${sid.slice(-4)}`;
}

function line(label, figures) {
  const made = element("tr");
  const name = element("th", "", label);
  name.scope = "row";
  made.append(name, ...FIGURES.map(([field]) => element("td", "", Math.round(figures[field]).toLocaleString("en"))));
  return made;
}

function refresh() {
  frame.show(describe({
    socket, signIn: token.standing(Date.now()), online: navigator.onLine, idle: calls.live ? LIVE : QUIET,
    refusal: "Perhaps it shows calls only to whom they belong to: say whose, below.",
  }), socket.retryAt);
  $("empty").hidden = calls.size > 0;
}

$("stats").addEventListener("click", () => socket.send({ type: "get_stats" }));
setInterval(() => {
  if (!$("figures-panel").hidden && calls.live && socket.isOpen) socket.send({ type: "get_stats" });
}, FIGURES_MS);

$("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  const user = $("user").value.trim();
  subscribed = $("call-sid").value.trim() || null;
  calls.clear();
  $("figures-panel").hidden = true;
  if (user !== (tabShelf.get(USER) ?? "")) {
    tabShelf.set(USER, user);
    socket.open();
  } else socket.send(subscribed === null ? { type: "subscribe" } : { type: "subscribe", callSid: subscribed });
});

$("user").value = tabShelf.get(USER) ?? "";
for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
socket.open();
