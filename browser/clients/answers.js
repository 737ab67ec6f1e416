// Streamed answers over `/ws/llm-stream`, and the same question posted where the socket fails.

import { Player, unlockByGestures } from "../player.js";
import { state } from "../state.js";
import { token } from "../token.js";
import { ClientSocket, parse } from "./client-socket.js";
import { describe } from "./client-state.js";
import { Frame } from "./frame.js";
import { TabSession } from "./tab-session.js";
import { Talk } from "./talk.js";

const MAX_HISTORY = 100; // messages sent along; the relay keeps the latest 50 questions with their answers
const MAX_WAITING = 16; // the relay takes no more
const ANSWER_MS = 90_000; // of a posted question; the relay gives up before that

const CUT_OFF = "The connection was lost before the whole answer came.";
const READY = state("idle", "idle", "Ready", "Ask something.");
const THINKING = state("thinking", "busy", "Thinking", "");
const POSTING = state("posting", "busy", "Thinking", "Asked over HTTP: the answer comes all at once.");

const $ = (id) => document.getElementById(id);

const session = new TabSession("answers");
const history = []; // {role, content}, as the wire has it
const waiting = []; // numbers of the questions that are asked over the socket, the oldest first
let asked = 0;
let posting = 0;
let sounds = 0;

const talk = new Talk({ scroller: $("scroll"), root: $("conversation"), open: $("open") }, ask);
const player = new Player({
  onPlayed: () => {},
  onEnded: () => {},
  onUnplayable: (turn) => talk.note(turn, "A part of this could not be played."),
  onChange: refresh,
});

const remedies = {
  retry: () => socket.open(),
  reopen: () => socket.open(),
  play: () => player.unlock(),
  interrupt: () => player.stop(player.speaking?.turn ?? Infinity),
};

const frame = new Frame({ onAction: (id) => remedies[id]?.(), fallback: $("typed") });

const socket = new ClientSocket({
  path: () => "ws/llm-stream",
  log: frame.log,
  onText: (text) => {
    const message = parse(text);
    incoming[message?.type]?.(message, waiting[0]);
    refresh();
  },
  onPhase: () => {
    if (!socket.isOpen) for (const turn of waiting.splice(0)) talk.failed(turn, CUT_OFF);
    refresh();
  },
});

const incoming = {
  __proto__: null,

  start({ session_id }) {
    session.id = session_id;
  },

  chunk: ({ text, restart }, turn) => talk.piece(turn, text, restart),

  end({ text }, turn) {
    answered(turn, text, "Over the socket.");
  },

  audio: ({ audio }, turn) => player.enqueue(turn, sounds++, audio),

  audio_end({ error }, turn) {
    if (error) talk.note(turn, `Text only: ${error}`);
    waiting.shift();
  },

  error(message, turn) {
    socket.reason = message.message;
    if (turn === undefined) return frame.tell(message);
    waiting.shift();
    talk.failed(turn, message.message);
  },
};

function question(text) {
  const fields = { text };
  if (session.id !== null) fields.session_id = session.id;
  const voice = $("voice").value.trim();
  if (voice !== "") fields.voice_id = voice;
  if ($("history").checked && history.length > 0) fields.chat_history = history.slice(-MAX_HISTORY);
  return fields;
}

/** False when too many questions wait. */
function ask(text) {
  if (waiting.length >= MAX_WAITING) {
    frame.notices.show("buffer_full", "So many questions wait already; please wait for their answers.", "alert");
    return false;
  }
  const turn = ++asked;
  const fields = question(text);
  talk.said(turn, text);
  history.push({ role: "user", content: text });
  if (!$("post").checked && socket.send(fields)) waiting.push(turn);
  else post(turn, fields);
  refresh();
  return true;
}

async function post(turn, fields) {
  posting++;
  frame.log.note("posted to /ws/llm-stream");
  frame.log.sent(fields);
  try {
    const response = await fetch(new URL("../ws/llm-stream", location.href), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...token.headers },
      body: JSON.stringify(fields),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    frame.log.received(text);
    const answer = parse(text) ?? {};
    if (response.ok) taken(turn, answer);
    else refused(turn, response.status, answer);
  } catch (error) {
    const late = error.name === "TimeoutError";
    talk.failed(turn, late ? "The answer did not come in time." : "The relay cannot be reached.");
  } finally {
    posting--;
    refresh();
  }
}

function taken(turn, { final_response, session_id, audio, error }) {
  session.id = session_id;
  answered(turn, final_response, socket.isOpen ? "Over HTTP." : "Over HTTP, as the socket is not there.");
  if (audio !== null) player.enqueue(turn, sounds++, audio);
  else if (error) talk.note(turn, `Text only: ${error}`);
}

function refused(turn, status, { message = `The relay answered ${status}.` }) {
  if (status === 401) socket.stop(message, true);
  talk.failed(turn, message);
}

function answered(turn, text, way) {
  history.push({ role: "assistant", content: text });
  talk.answered(turn, text);
  talk.note(turn, way);
}

function refresh() {
  const busy = posting > 0 ? POSTING : waiting.length > 0 ? THINKING : null;
  const shown = describe({
    socket, signIn: token.standing(Date.now()), online: navigator.onLine, player, status: busy, idle: READY, typing: true,
    refusal: "Questions are asked over HTTP meanwhile.",
  });
  // Without the socket a question is posted, so that is not the end of it.
  if (["offline", "connecting"].includes(shown.key)) {
    const apart = { ...shown, hint: `${shown.hint} You can ask all the same.`.trim() };
    frame.show(posting > 0 ? POSTING : apart, socket.retryAt);
  } else frame.show(shown, socket.retryAt);
  talk.speaking(player.speaking);
}

$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("typed").value.trim();
  if (text !== "" && ask(text)) $("typed").value = "";
});
$("options").addEventListener("submit", (event) => event.preventDefault());
$("renew").addEventListener("click", () => {
  session.renew();
  talk.divide();
});

unlockByGestures(player);
for (const event of ["online", "offline"]) window.addEventListener(event, refresh);
socket.open();
