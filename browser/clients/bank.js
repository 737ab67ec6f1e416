// The bank page's wire: Socket.IO at `/socket.io/`.

import { bankToken } from "../bank-token.js";
import { openBankTokenForm } from "../bank-token-form.js";
import { TURN_FAILED } from "../incoming.js";
import { Player, unlockByGestures } from "../player.js";
import { token } from "../token.js";
import { describe } from "./client-state.js";
import { Frame } from "./frame.js";
import { PieceRecorder } from "./piece-recorder.js";
import { RecordButton } from "./record-button.js";
import { SocketIo } from "./socketio.js";
import { LISTENING, READY, stateOf } from "./statuses.js";
import { TabSession } from "./tab-session.js";
import { Talk } from "./talk.js";

const PIECE_MS = 100;
const GREETING = 0; // its turn: nothing was said before it
const SENT_AWAY = new Set(["unauthorized", "session_refused", "session_moved"]);

const $ = (id) => document.getElementById(id);

const session = new TabSession("bank");
let status = null;
let received = null; // the turn of the last whole answer
let turn = null; // whose sound comes
let piece = 0; // of it
let before = new Map(); // turn -> ms of its sound that have been played to their end

const talk = new Talk({ scroller: $("scroll"), root: $("conversation"), open: $("open") }, ask);
const player = new Player({
  onPlayed: (heard, seq, ms) => tellPlayed(heard, ms),
  onEnded: () => {},
  onUnplayable: (unplayable) => talk.note(unplayable, "A part of this could not be played."),
  onChange: refresh,
});

const recorder = new PieceRecorder({
  timeslice: PIECE_MS,
  onChange: refresh,
  onPiece: (data) => io.emitBinary("audioData", data),
  onFinished: () => io.emit("stopAudio"),
  onLevel: (peak) => recordButton.level(peak),
});
const recordButton = new RecordButton(() => recorder);

const remedies = {
  retry: () => io.open(),
  reopen: () => io.open(),
  play: () => player.unlock(),
  interrupt: () => {
    player.stop(player.speaking?.turn ?? Infinity);
    io.emit("interrupt");
  },
  dismiss: () => recorder.clearProblem(),
};

const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("record") });

const io = new SocketIo({
  auth: hello,
  log: frame.log,
  onConnect: () => {
    turn = null; // an answer that is told again is told from its start
    recorder.restart();
  },
  onEvent: (name, value) => {
    incoming[name]?.(value);
    refresh();
  },
  onPhase: () => {
    if (!io.connected) status = null;
    if (io.socket.phase === "stopped") recorder.stop();
    refresh();
  },
});

const incoming = {
  __proto__: null,

  ready({ sessionId }) {
    session.id = sessionId;
  },

  status({ state }) {
    status = state;
  },

  transcript: ({ text, final }) => talk.heard(text, final),

  textChunk({ text, turn: of, restart }) {
    begin(of);
    talk.piece(of, text, restart);
  },

  textResponse({ text, turn: of }) {
    begin(of);
    received = of;
    talk.answered(of, text);
  },

  audioResponse: (buffer) => player.enqueue(turn, piece++, buffer),

  audioEnd({ turn: of, error }) {
    if (error) talk.note(of, "Text only: this could not be spoken.");
  },

  stopAudio({ turn: of }) {
    if (player.speaking?.turn === of) talk.note(of, "Cut off.");
    player.stop(of);
  },

  error({ code, message, reason, turn: of = null }) {
    if (code === "insecure_connection") bankToken.refuse(reason);
    else if (SENT_AWAY.has(code)) io.socket.stop(reason, code === "unauthorized");
    else if (of !== null && TURN_FAILED.has(code)) failed(of, reason);
    else frame.tell({ code, message: `${message} ${reason}` });
  },
};

/** What CONNECT says. */
function hello() {
  const fields = { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...bankToken.fields };
  if (token.value !== null) fields.token = token.value;
  if (session.id !== null) fields.sessionId = session.id;
  if (received !== null) fields.received = received;
  return fields;
}

/** Something of this turn's answer comes; its sound follows. */
function begin(of) {
  if (of === turn) return;
  [turn, piece] = [of, 0];
  if (of !== GREETING) talk.said(of);
}

function failed(of, reason) {
  begin(of);
  talk.failed(of, reason);
}

// How far an answer was heard, from its start: with that the person's voice may interrupt it.
function tellPlayed(heard, ms) {
  const last = before.get(heard) ?? { ended: 0, at: 0 };
  if (ms < last.at) last.ended += last.at; // the next piece has begun
  last.at = ms;
  before = new Map([[heard, last]]);
  io.emit("audioPlayed", { turn: heard, atMs: Math.round(last.ended + ms) });
}

/** False when the connection is away; then the state says so. */
function ask(text) {
  recorder.clearProblem();
  const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const taken = ({ ok, message }) => !ok && frame.notices.show("not_taken", message, "alert");
  const sent = io.emit("bankingQuery", { text, id }, taken);
  if (sent) talk.typed(text);
  return sent;
}

function refresh() {
  frame.show(describe({
    socket: io.standing, signIn: token.standing(Date.now()), online: navigator.onLine, microphone: recorder, player,
    status: stateOf(status), idle: READY, listening: LISTENING, typing: true,
  }), io.socket.retryAt);
  recordButton.show();
  talk.speaking(player.speaking);
}

$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("typed").value.trim();
  if (text !== "" && ask(text)) $("typed").value = "";
});

$("renew").addEventListener("click", () => {
  session.forget();
  received = null;
  player.reset();
  talk.divide();
  io.open();
});

openBankTokenForm($("bank-token-form"), $("typed"));
bankToken.onChange(() => bankToken.refusal === "" && io.open());
unlockByGestures(player);
for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
io.open();
