// The one state that the page shows, from everything that is going on. A pure function: no DOM, no clock.

const MICROPHONE = {
  denied: [
    "Microphone blocked",
    "Allow the microphone for this page beside the address bar, then start again. Typing works meanwhile.",
  ],
  no_device: ["No microphone found", "Plug one in or switch one on, then start again. Typing works meanwhile."],
  in_use: ["Microphone is busy", "Close the other app or tab that uses it, then start again."],
  insecure: ["Microphone needs a secure page", "Open this page at an https:// address or at localhost. Typing works."],
  lost: ["Microphone disconnected", "What you said so far is safe. Connect it, then start again."],
  failed: ["Microphone did not start", "Start again; if that does not help, reload the page."],
};

const ACTIONS = {
  retry: "Try now",
  reopen: "Try again",
  interrupt: "Stop talking",
  play: "Play answer",
  dismiss: "Got it",
};

/**
 * Facts: `connection` {phase, wasReady, online}, `refusal` (why there is no point in retrying, or null), `reason`
 * (the relay's last word before it hung up, or null), `relay` (its last status), `deaf` (why it cannot hear and will
 * not soon, or null), `microphone` {phase, problem, muted}, `speaking` and `locked` (the player's). Gives {key, tone,
 * title, hint, action: {id, label} | null}.
 */
export function describe(facts) {
  return disconnected(facts) ?? asking(facts) ?? busy(facts) ?? stuck(facts) ?? quiet(facts);
}

function disconnected({ connection, refusal, reason, relay, microphone }) {
  const kept = microphone.phase === "on" ? " Keep talking: up to a minute is kept." : "";
  switch (connection.phase) {
    case "ready":
      return null;
    case "stopped":
      return state("refused", "bad", "Not connected", refusal ?? "", "reopen");
    case "connecting":
      if (relay === "waiting_for_receiver") return absent(kept);
      return connection.wasReady
        ? state("reconnecting", "busy", "Reconnecting", kept.trim())
        : state("connecting", "busy", "Connecting", kept.trim());
    default:
      if (!connection.online) {
        return state("offline", "warn", "You are offline", `What you type is sent when you are back.${kept}`, "retry");
      }
      return state("offline", "warn", "Connection lost", (reason ?? "Your words are safe.") + kept, "retry");
  }
}

function absent(kept = "") {
  const hint = `The assistant is not there right now. Nothing is lost.${kept}`;
  return state("waiting_for_receiver", "warn", "One moment", hint);
}

function asking({ microphone }) {
  if (microphone.phase !== "asking") return null;
  return state("asking", "busy", "Microphone", "Please allow this page to use the microphone.");
}

function busy({ relay, deaf, speaking, locked, microphone }) {
  if (locked) return state("sound_blocked", "warn", "Answer ready", "The browser plays it when you say so.", "play");
  if (speaking) return state("speaking", "speak", "Speaking", "", "interrupt");
  switch (relay) {
    case "thinking":
      return state("thinking", "busy", "Thinking", "");
    case "waiting_for_receiver":
      return absent();
    case "reconnecting_stt":
      if (deaf !== null) return state("cannot_hear", "bad", "Cannot hear you", `${deaf} Typing works.`);
      return state("reconnecting_stt", "warn", "One moment", "Hearing is being restored. Nothing you say is lost.");
    case "connecting":
      return microphone.phase === "on" ? state("starting", "busy", "Getting ready to listen", "You may speak.") : null;
    default:
      return null;
  }
}

function stuck({ microphone }) {
  if (microphone.problem === null) return null;
  const [title, hint] = MICROPHONE[microphone.problem];
  return state(microphone.problem, "bad", title, hint, "dismiss");
}

function quiet({ microphone }) {
  if (microphone.phase !== "on") return state("idle", "idle", "Ready", "Start recording, or type.");
  if (microphone.muted) return state("muted", "warn", "Microphone muted", "Switch its sound on: nothing can be heard.");
  return state("listening", "live", "Listening", "");
}

function state(key, tone, title, hint, action = null) {
  return { key, tone, title, hint, action: action === null ? null : { id: action, label: ACTIONS[action] } };
}
