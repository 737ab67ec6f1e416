// The recorder's wire, `/ws/audio-stream`: two commands, sound, and replies in plain text.

import { element, write } from "../elements.js";
import { Microphone } from "../microphone.js";
import { state } from "../state.js";
import { token } from "../token.js";
import { ClientSocket, parse } from "./client-socket.js";
import { describe } from "./client-state.js";
import { Frame } from "./frame.js";
import { PieceRecorder } from "./piece-recorder.js";
import { RecordButton } from "./record-button.js";

const START = "START_RECORDING";
const STOP = "STOP_RECORDING";
const PIECE_MS = 250;
const MAX_REPLIES = 100;

const READY = state("idle", "idle", "Ready", "Start recording.");
const RECORDING = state("recording", "live", "Recording", "");
const SAVING = state("saving", "busy", "Saving", "");

const $ = (id) => document.getElementById(id);

let saving = false;
let began = null; // performance.now()

const sink = {
  onChange: changed,
  onFinished: () => {
    saving = socket.send(STOP);
  },
  onLevel: (peak) => recordButton.level(peak),
};
const recorders = {
  pieces: new PieceRecorder({ ...sink, timeslice: PIECE_MS, onPiece: (piece) => socket.send(piece) }),
  pcm: new Microphone({ ...sink, onChunk: (samples) => socket.send(samples) }),
};

function recorder() {
  return recorders[document.querySelector("[name=format]:checked").value];
}

const recordButton = new RecordButton(recorder);

const remedies = {
  retry: () => socket.open(),
  reopen: () => socket.open(),
  dismiss: () => recorder().clearProblem(),
};

const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("record") });

const socket = new ClientSocket({
  path: () => "ws/audio-stream",
  log: frame.log,
  onText: (text) => {
    const error = parse(text);
    if (/^(Audio saved|No audio|Error)/.test(text)) saving = false;
    if (/^Error: /.test(text)) socket.reason = text.slice("Error: ".length);
    if (error === null) reply(text);
    refresh();
  },
  onPhase: () => {
    if (!socket.isOpen) {
      saving = false;
      recorder().stop(); // what came before is saved; a file has no hole
    }
    refresh();
  },
});

function changed() {
  if (recorder().phase === "on" && began === null) {
    socket.send(START); // before the first piece: the person has just said yes
    began = performance.now();
  } else if (recorder().phase === "off") began = null;
  refresh();
}

/** One that only counts takes the place of the count before it. */
function reply(text) {
  const last = $("replies").lastElementChild;
  const counts = (line) => /^Received \d+ chunks/.test(line);
  if (last !== null && counts(text) && counts(last.textContent)) return write(last, text);
  $("replies").append(element("li", text.startsWith("Error") ? "bad" : "", text));
  while ($("replies").childElementCount > MAX_REPLIES) $("replies").firstElementChild.remove();
}

function refresh() {
  frame.show(describe({
    socket, signIn: token.standing(Date.now()), online: navigator.onLine, microphone: recorder(),
    status: saving ? SAVING : null, idle: READY, listening: RECORDING,
  }), socket.retryAt);
  recordButton.show();
  $("format").disabled = recorder().phase !== "off";
  $("record").disabled = !socket.isOpen && recorder().phase === "off";
}

setInterval(() => {
  if (began === null) return;
  const seconds = Math.floor((performance.now() - began) / 1000);
  write($("elapsed"), `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}, 200);

for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
socket.open();
