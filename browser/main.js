// Puts the page together: who is told what, and nothing else.

import { assistant } from "./assistant-choice.js";
import { AssistantMenu } from "./assistant-menu.js";
import { described, RELAYS_OWN } from "./assistants.js";
import { bankToken } from "./bank-token.js";
import { openBankTokenForm } from "./bank-token-form.js";
import { Captions } from "./captions.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { openLog } from "./debug.js";
import { openDiary } from "./diary-changes.js";
import { handlers } from "./incoming.js";
import { Introduction } from "./introduction.js";
import { followNewest, tellHeight } from "./layout.js";
import { Meter } from "./meter.js";
import { Microphone } from "./microphone.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { SAMPLE_RATE } from "./pcm.js";
import { Player, unlockByGestures } from "./player.js";
import { Session } from "./session.js";
import { SettingsDialog } from "./settings-dialog.js";
import { describe } from "./state.js";
import { StatusBar } from "./status-bar.js";
import { token } from "./token.js";
import { Uplink } from "./uplink.js";
import { Waiting } from "./waiting.js";
import { openWays } from "./ways.js";

const $ = (id) => document.getElementById(id);

const relay = { status: null, deaf: null, refusal: null, reason: null, signedOut: null };
const session = new Session();
const notices = new Notices($("notices"));
const captions = new Captions($("captions"));
const meter = new Meter($("meter"));

const { actions, diary, leaveDiary, withdrawOffer } = openDiary({
  panel: $("side"),
  dialog: $("goal"),
  shelf: assistant.shelf,
  send: (message) => connection.send(message),
  online: () => connection.ready,
  notices,
});

const conversation = new Conversation($("conversation"), { onSendAgain: send });
const waiting = new Waiting($("waiting"), {
  onAgain: (id) => outbox.again(id),
  onRemove: (id) => outbox.settle([id]),
});

const player = new Player({
  onPlayed: (turn, seq, at_ms) => connection.send({ type: "played", turn, seq, at_ms }),
  onEnded: (turn, seq) => session.heard(turn, seq),
  onUnplayable: (turn) => conversation.note(turn, "A part of this could not be played."),
  onChange: refresh,
});

const microphone = new Microphone({
  onChange: refresh,
  onChunk: (samples) => uplink.push(samples),
  onFinished: () => uplink.flush(),
  onLevel: (peak) => meter.show(peak),
});

const address = new URL("./", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const connection = new Connection({
  url: address.href,
  hello: () => session.hello(),
  onMessage: (message) => incoming[message.type]?.(message),
  onPhase: () => {
    if (connection.phase === "waiting" || connection.phase === "stopped") {
      relay.status = null;
      outbox.disconnected();
      actions.disconnected();
      captions.disconnected();
    }
    refresh();
  },
  onTraffic: new URLSearchParams(location.search).has("debug") ? openLog($("debug"), $("debug-log")) : () => {},
});

const uplink = new Uplink(connection, (samples) => {
  const seconds = Math.ceil(samples / SAMPLE_RATE);
  notices.show("audio_not_kept", `The connection was away for too long: ${seconds} s of what you said were not kept.`, "alert");
});

const outbox = new Outbox(assistant.shelf, {
  send: (message) => connection.send(message),
  onChange: () => {
    waiting.show(outbox.entries);
    conversation.deliveries(outbox.entries);
    refresh();
  },
});

const incoming = handlers({
  relay, session, connection, uplink, outbox, actions, captions, conversation, player, notices, diary, bankToken,
  withdrawOffer, latency: $("latency"), newConversation, refresh,
});

const statusBar = new StatusBar(
  { root: $("state"), title: $("state-title"), hint: $("state-hint"), countdown: $("state-countdown"), action: $("state-action") },
  { onAction: act, fallback: $("record") },
);

const introduction = new Introduction(
  { intro: $("intro"), title: $("intro-title"), examples: $("examples"), list: $("examples-list") },
  { onExample: (text) => {
    $("typed").value = text; // to be sent as it is, or changed first
    $("typed").focus();
  } },
);

const assistants = new AssistantMenu(document.querySelector(".bar"), $("latency"), { onChoose: talkTo });

const settings = new SettingsDialog($("settings"), $("open-settings"), {
  name: () => session.name,
  token: () => token.value,
  onSave: (name, pasted) => {
    const [before, renamed] = [token.value, name !== session.name];
    session.name = name;
    if (relay.signedOut !== null || pasted !== (before ?? "")) token.set(pasted);
    else if (renamed) connection.open(); // a name is told in `hello`
  },
  onNewConversation: () => {
    for (const turn of outbox.turns) outbox.settleTurn(turn); // they are answered in the conversation that is left
    newConversation("New conversation");
    connection.open();
  },
});

const remedies = {
  retry: () => connection.open(),
  reopen: () => connection.open(),
  interrupt,
  sign_in: () => settings.askToken(),
  play: () => player.unlock(),
  dismiss: () => microphone.clearProblem(),
};

function act(id) {
  remedies[id]?.();
}

function interrupt() {
  const speaking = player.speaking;
  if (speaking !== null) {
    player.stop(speaking.turn);
    conversation.note(speaking.turn, "Cut off.");
  }
  connection.send({ type: "interrupt" });
}

function toggleRecording() {
  if (microphone.phase === "off") microphone.start();
  else microphone.stop();
}

/** True when the text is on its way or waits for the connection. */
function send(text) {
  microphone.clearProblem();
  if (outbox.add(text)) return true;
  notices.show("outbox_full", "Too many messages wait for the connection already. Please wait until they are sent.", "alert");
  return false;
}

/** Leaves the conversation: the next `hello` begins another one, and what is not settled is sent there. */
function newConversation(label) {
  session.forget();
  player.reset();
  captions.clear();
  for (const turn of outbox.turns) conversation.withdraw(turn, outbox.textOf(turn));
  outbox.leave();
  leaveDiary();
  conversation.divide(label);
}

/** Goes over to another assistant, and to the conversation with it: this one is taken up again when one comes back. */
async function talkTo(name) {
  await microphone.stop(); // what was said is for whom it was said to
  const before = assistant.name;
  if (name === before) return;
  assistant.choose(name);
  Object.assign(relay, { status: null, deaf: null, refusal: null, reason: null, signedOut: null });
  for (const part of [player, diary]) part.reset();
  for (const part of [captions, conversation, notices]) part.clear();
  uplink.turnTo(before, name);
  for (const part of [session, outbox, actions]) part.restore();
  $("latency").hidden = true;
  showAssistant();
  connection.open();
}

function showAssistant() {
  assistants.show(assistant.name);
  $("bank-token-form").hidden = assistant.name !== "bank";
  const own = assistant.name === RELAYS_OWN;
  document.title = own ? "Voice Relay" : `${described(assistant.name).label} · Voice Relay`;
}

/** A relay whose own assistant keeps a diary has the diet coach. */
function introduce() {
  const about = assistant.name === RELAYS_OWN && !$("side").hidden ? "diet" : assistant.name;
  const waits = outbox.entries.length > 0 || !$("captions").hidden;
  introduction.show(described(about), { empty: conversation.empty && !waits, begun: conversation.begun || waits });
}

function refresh() {
  const { phase, wasReady, retryAt } = connection;
  const state = describe({
    connection: { phase, wasReady, online: navigator.onLine },
    refusal: relay.refusal,
    reason: relay.reason,
    signedOut: relay.signedOut,
    signIn: token.standing(Date.now()),
    relay: relay.status,
    deaf: relay.deaf?.message ?? null,
    microphone,
    speaking: player.speaking !== null || relay.status === "speaking",
    locked: player.locked,
  });
  statusBar.show(state, retryAt);
  conversation.speaking(player.speaking);
  diary.render();
  const recording = microphone.phase === "asking" || microphone.phase === "on";
  $("record").dataset.recording = recording;
  $("record-label").textContent = recording ? "Stop recording" : "Start recording";
  introduce();
}

$("record").addEventListener("click", toggleRecording);

$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("typed").value.trim();
  if (text !== "" && send(text)) $("typed").value = "";
  $("typed").focus();
});

unlockByGestures(player);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && player.speaking !== null && !document.querySelector("dialog[open]")) interrupt();
});

// The conversation goes on, for whoever the token says.
token.onChange(() => connection.open());
bankToken.onChange(() => bankToken.refusal === "" && connection.open());
window.addEventListener("online", refresh);
window.addEventListener("offline", refresh);

openBankTokenForm($("bank-token-form"), $("typed"));
showAssistant();
openWays(document.querySelector(".bar"), $("open-settings"));
followNewest($("scroll"));
tellHeight($("dock"));
$("diary").open = window.matchMedia("(min-width: 60rem)").matches;
waiting.show(outbox.entries);
connection.open();
