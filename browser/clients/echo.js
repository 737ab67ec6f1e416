// The echo, `/ws`: what comes back is timed.

import { write } from "../elements.js";
import { CHUNK_SAMPLES } from "../pcm.js";
import { state } from "../state.js";
import { token } from "../token.js";
import { ClientSocket } from "./client-socket.js";
import { describe } from "./client-state.js";
import { Frame } from "./frame.js";

const TIMES = 50;
const ANSWER_MS = 5_000;
const IDLE = state("idle", "live", "Connected", "Send something.");

const $ = (id) => document.getElementById(id);

const sent = []; // {at, done}: the echo keeps the order
let measuring = false;

const remedies = { retry: () => socket.open(), reopen: () => socket.open() };
const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("typed") });

const socket = new ClientSocket({
  path: () => "ws",
  log: frame.log,
  onText: back,
  onBinary: back,
  onPhase: () => {
    if (!socket.isOpen) for (const { done } of sent.splice(0)) done(null);
    refresh();
  },
});

/** Milliseconds there and back, or null when it did not come back. */
function send(data) {
  return new Promise((resolve) => {
    const trip = { at: performance.now(), done: resolve };
    if (!socket.send(data)) return resolve(null);
    sent.push(trip);
    return setTimeout(() => resolve(null), ANSWER_MS);
  });
}

function back() {
  const trip = sent.shift();
  trip?.done(performance.now() - trip.at);
}

async function show(data) {
  const ms = await send(data);
  write($("trip"), ms === null ? "lost" : milliseconds(ms));
}

async function measure() {
  measuring = true;
  refresh();
  const trips = [];
  for (let n = 1; n <= TIMES; n++) {
    const ms = await send(`${n} of ${TIMES}`);
    if (ms !== null) trips.push(ms);
    if (!socket.isOpen) break;
  }
  measuring = false;
  refresh();
  if (trips.length === 0) return write($("trips"), "Nothing came back.");
  trips.sort((a, b) => a - b);
  const at = (share) => milliseconds(trips[Math.min(trips.length - 1, Math.floor(share * trips.length))]);
  write($("trip"), at(0.5));
  const came = `${trips.length} of ${TIMES} came back`;
  write($("trips"), `${came}: ${at(0)} at best, ${at(0.5)} for half, ${at(0.95)} for 95 %.`);
}

function milliseconds(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function refresh() {
  frame.show(describe({
    socket, signIn: token.standing(Date.now()), online: navigator.onLine, idle: IDLE, typing: true,
    status: measuring ? state("measuring", "busy", "Measuring", "") : null,
  }), socket.retryAt);
  for (const id of ["measure", "sound"]) $(id).disabled = measuring || !socket.isOpen;
}

$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("typed").value === "") return;
  show($("typed").value);
  $("typed").value = "";
});
$("measure").addEventListener("click", measure);
$("sound").addEventListener("click", () => show(new Int16Array(10 * CHUNK_SAMPLES)));
for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
socket.open();
