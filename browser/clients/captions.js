// Live captions over `/ws/transcribe-stream`.

import { element, write } from "../elements.js";
import { Microphone } from "../microphone.js";
import { state } from "../state.js";
import { token } from "../token.js";
import { ClientSocket, parse } from "./client-socket.js";
import { describe } from "./client-state.js";
import { Frame } from "./frame.js";
import { RecordButton } from "./record-button.js";
import { LISTENING } from "./statuses.js";

const START = "START_TRANSCRIPTION";
const STOP = "STOP_TRANSCRIPTION";
const MAX_LINES = 500; // the oldest leave the page

const READY = state("idle", "idle", "Ready", "Start captions, and speak.");
const FINISHING = state("finishing", "busy", "Finishing", "The last words are on their way.");

const $ = (id) => document.getElementById(id);

let finishing = false; // from STOP_TRANSCRIPTION to the relay's word that it is done

let started = false; // START_TRANSCRIPTION was sent for what is being said

const microphone = new Microphone({
  onChange: changed,
  onChunk: (samples) => socket.send(samples),
  onFinished: () => {
    finishing = socket.send(STOP);
  },
  onLevel: (peak) => recordButton.level(peak),
});
const recordButton = new RecordButton(() => microphone, { start: "Start captions", stop: "Stop captions" });

const remedies = {
  retry: () => socket.open(),
  reopen: () => socket.open(),
  dismiss: () => microphone.clearProblem(),
};

const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("record") });

const socket = new ClientSocket({
  path: () => "ws/transcribe-stream",
  log: frame.log,
  onOpen: changed,
  onText: (text) => {
    const message = parse(text);
    incoming[message?.type]?.(message);
    refresh();
  },
  onPhase: () => {
    if (!socket.isOpen) {
      finishing = started = false;
      write($("partial"), ""); // nothing will complete it
    }
    if (socket.phase === "stopped") microphone.stop();
    refresh();
  },
});

const incoming = {
  __proto__: null,

  status({ status }) {
    if (status === "stopped") finishing = false;
  },

  partial_transcript: ({ text }) => write($("partial"), text),

  final_transcript({ text }) {
    write($("partial"), "");
    const lines = $("lines");
    lines.append(element("p", "", text));
    while (lines.childElementCount > MAX_LINES) lines.firstElementChild.remove();
    lines.scrollTop = lines.scrollHeight;
  },

  error(message) {
    socket.reason = message.message;
    frame.tell(message);
  },
};

function changed() {
  if (microphone.phase === "on" && !started) started = socket.send(START); // audio after a stop is left out without it
  else if (microphone.phase === "off") started = false;
  refresh();
}

function refresh() {
  frame.show(describe({
    socket, signIn: token.standing(Date.now()), online: navigator.onLine, microphone,
    status: finishing ? FINISHING : null, idle: READY, listening: LISTENING,
  }), socket.retryAt);
  recordButton.show();
  $("empty").hidden = $("lines").childElementCount > 0 || $("partial").textContent !== "";
}

$("clear").addEventListener("click", () => {
  $("lines").replaceChildren();
  refresh();
});
for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
socket.open();
