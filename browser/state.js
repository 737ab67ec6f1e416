// The one state that the page shows, from everything that is going on. A pure function: no DOM, no clock.

const MICROPHONE = {
  denied: ["Microphone blocked", "Allow the microphone for this page beside the address bar, then start again."],
  no_device: ["No microphone found", "Plug one in or switch one on, then start again."],
  in_use: ["Microphone is busy", "Close the other app or tab that uses it, then start again."],
  insecure: ["Microphone needs a secure page", "Open this page at an https:// address or at localhost."],
  unsupported: ["This browser cannot record", "Another browser may, and the page for conversations does without."],
  lost: ["Microphone disconnected", "What you said so far is safe. Connect it, then start again."],
  failed: ["Microphone did not start", "Start again; if that does not help, reload the page."],
};

/** What an action is called on its button. */
const ACTIONS = {
  retry: "Try now",
  reopen: "Try again",
  sign_in: "Enter token",
  interrupt: "Stop talking",
  play: "Play answer",
  dismiss: "Got it",
};

/**
 * Facts: `connection` {phase, wasReady, online}, `refusal` (why there is no point in retrying, or null), `signedOut`
 * (the relay's words when it wants another token, or null), `signIn` (the token's standing), `reason` (the relay's last
 * word before it hung up, or null), `relay` (its last status), `deaf` (why it cannot hear and will not soon, or null),
 * `microphone` {phase, problem, muted}, `speaking` and `locked` (the player's). Gives {key, tone, title, hint, action:
 * {id, label} | null}.
 */
export function describe(facts) {
  return disconnected(facts) ?? asking(facts) ?? sounding(facts) ?? busy(facts) ?? stuck(facts) ?? quiet(facts);
}

function disconnected({ connection, refusal, signedOut, signIn, reason, relay, microphone }) {
  const kept = microphone.phase === "on" ? " Keep talking: up to a minute is kept." : "";
  switch (connection.phase) {
    case "ready":
      return null;
    case "stopped":
      if (signedOut !== null) return signedOff(connection.wasReady || signIn === "ended", signedOut);
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

/** The relay wants a token, or another one than it had. */
export function signedOff(wasIn, reason) {
  return wasIn
    ? state("signed_out", "bad", "Your sign-in has ended", "Enter a new access token, and it goes on here.", "sign_in")
    : state("signed_out", "bad", "Not signed in", `${reason} Enter an access token.`, "sign_in");
}

/** What keeps the microphone from being opened; null for nothing. `typing` says that there is another way. */
export function stuck({ microphone, typing = true }) {
  if (microphone.problem === null) return null;
  const [title, hint] = MICROPHONE[microphone.problem];
  return state(microphone.problem, "bad", title, typing ? `${hint} Typing works meanwhile.` : hint, "dismiss");
}

export function asking({ microphone }) {
  if (microphone.phase !== "asking") return null;
  return state("asking", "busy", "Microphone", "Please allow this page to use the microphone.");
}

export function muted({ microphone }) {
  if (!microphone.muted) return null;
  return state("muted", "warn", "Microphone muted", "Switch its sound on: nothing can be heard.");
}

/** The player has something to say and may not, or says it. */
export function sounding({ speaking, locked }) {
  if (locked) return state("sound_blocked", "warn", "Answer ready", "The browser plays it when you say so.", "play");
  return speaking ? state("speaking", "speak", "Speaking", "", "interrupt") : null;
}

function absent(kept = "") {
  const hint = `The assistant is not there right now. Nothing is lost.${kept}`;
  return state("waiting_for_receiver", "warn", "One moment", hint);
}

function busy({ relay, deaf, microphone }) {
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

function quiet({ microphone }) {
  if (microphone.phase !== "on") return state("idle", "idle", "Ready", "Start recording, or type.");
  return muted({ microphone }) ?? state("listening", "live", "Listening", "");
}

/** `action` is a key of ACTIONS, or null. */
export function state(key, tone, title, hint, action = null) {
  return { key, tone, title, hint, action: action === null ? null : { id: action, label: ACTIONS[action] } };
}
