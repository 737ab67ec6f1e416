// The diet page's wire, `/ws/diet`: recordings in pieces of a second, or typed messages.

import { write } from "../elements.js";
import { TURN_FAILED } from "../incoming.js";
import { Player, unlockByGestures } from "../player.js";
import { browserShelf } from "../shelf.js";
import { token } from "../token.js";
import { ClientSocket, parse } from "./client-socket.js";
import { describe } from "./client-state.js";
import { showSummary } from "./diet-summary.js";
import { Frame } from "./frame.js";
import { PieceRecorder } from "./piece-recorder.js";
import { RecordButton } from "./record-button.js";
import { LISTENING, READY, stateOf } from "./statuses.js";
import { TabSession } from "./tab-session.js";
import { Talk } from "./talk.js";

const PIECE_MS = 1000;
const EMAIL = "voice-relay.email";
const REMARKS = new Set(["audio_empty", "audio_silent", "queue_full", "reset"]);

const $ = (id) => document.getElementById(id);

const session = new TabSession("diet");
if (session.id === null) session.renew();
let status = null;
let sounds = 0; // so many answers came with sound

const talk = new Talk({ scroller: $("scroll"), root: $("conversation"), open: $("open") }, say);
const player = new Player({
  onPlayed: () => {},
  onEnded: () => {},
  onUnplayable: (turn) => talk.note(turn, "This could not be played."),
  onChange: refresh,
});

const recorder = new PieceRecorder({
  timeslice: PIECE_MS,
  onChange: refresh,
  onPiece: (piece) => socket.send(piece),
  onFinished: () => {},
  onLevel: (peak) => recordButton.level(peak),
});
const recordButton = new RecordButton(() => recorder);

const remedies = {
  retry: () => socket.open(),
  reopen: () => socket.open(),
  play: () => player.unlock(),
  interrupt: () => player.stop(player.speaking?.turn ?? Infinity),
  dismiss: () => recorder.clearProblem(),
};

const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("record") });

const socket = new ClientSocket({
  path: address,
  log: frame.log,
  onOpen: () => recorder.restart(),
  onText: (text) => {
    const message = parse(text);
    incoming[message?.type]?.(message);
    refresh();
  },
  onPhase: () => {
    if (!socket.isOpen) status = null;
    if (socket.phase === "stopped") recorder.stop();
    refresh();
  },
});

const incoming = {
  __proto__: null,

  status(message) {
    if (message.status === "transcript") talk.heard(message.text, message.final);
    else if (REMARKS.has(message.status)) frame.notices.show(message.status, message.message);
    else if (message.status === "idle") socket.stop(message.message);
    else status = message.status;
    if (message.status === "listening" && message.bytes) frame.notices.show("long_piece", message.message);
    if (message.status === "processing") talk.said(message.turn, message.text);
    if (message.summary) showSummary($("summary-panel"), message.summary);
  },

  audio({ received, buffered, queue }) {
    const waiting = queue === 0 ? "nothing waits" : `${queue} pieces wait, ${kilobytes(buffered)}`;
    write($("received"), `The relay has ${kilobytes(received)} of this connection’s sound; ${waiting}.`);
  },

  ai_response({ text, turn, summary }) {
    if (summary) showSummary($("summary-panel"), summary);
    else talk.answered(turn, text);
  },

  tts_response({ text, turn, audio, error }) {
    talk.answered(turn, text);
    if (audio !== null) player.enqueue(turn, sounds++, audio);
    else if (error) talk.note(turn, "Text only: this could not be spoken.");
  },

  error(error) {
    const { code, message, turn = null } = error;
    if (turn !== null && TURN_FAILED.has(code)) return talk.failed(turn, message);
    socket.reason = message;
    return frame.tell(error);
  },
};

function address() {
  const fields = new URLSearchParams({ sessionId: session.id });
  const email = browserShelf.get(EMAIL) ?? "";
  if (email !== "") fields.set("userEmail", email);
  fields.set("timezone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  return `ws/diet?${fields}`;
}

function refresh() {
  frame.show(describe({
    socket, signIn: token.standing(Date.now()), online: navigator.onLine, microphone: recorder, player,
    status: stateOf(status), idle: READY, listening: LISTENING, typing: true,
    refusal: browserShelf.get(EMAIL) ? "The e-mail address may be another one than the token’s." : "",
  }), socket.retryAt);
  recordButton.show();
  talk.speaking(player.speaking);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** False when the connection is away; then the state says so. */
function ask(type, fields = {}) {
  return socket.send({ type, ...fields });
}

function say(text) {
  recorder.clearProblem();
  const sent = ask("user_message", { text });
  if (sent) talk.typed(text);
  return sent;
}

function renew() {
  session.renew();
  player.reset();
  talk.divide();
  $("summary-panel").hidden = true;
  socket.open();
}

$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("typed").value.trim();
  if (text !== "" && say(text)) $("typed").value = "";
});
$("ready").addEventListener("click", () => ask("client_ready_request"));
$("summary").addEventListener("click", () => ask("conversation_summary_request"));
$("completed").addEventListener("click", () => recorder.stop().then(() => ask("conversation_completed")));
$("renew").addEventListener("click", renew);
$("who").addEventListener("submit", (event) => {
  event.preventDefault();
  const before = browserShelf.get(EMAIL) ?? "";
  const email = $("email").value.trim();
  if (email === before) return;
  browserShelf.set(EMAIL, email);
  renew(); // a session is one person's
});

$("email").value = browserShelf.get(EMAIL) ?? "";
unlockByGestures(player);
for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
socket.open();
