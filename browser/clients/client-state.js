// The one state that a client's page shows. A pure function: no DOM, no clock.

import { asking, muted, signedOff, sounding, state, stuck } from "../state.js";

const NO_MICROPHONE = { phase: "off", problem: null, muted: false };
const QUIET = { speaking: null, locked: false };

/**
 * Facts: `socket` (a ClientSocket), `signIn` (the token's standing), `online`, `microphone`, `player`, `status` (what
 * the relay is doing, or null), `idle` (when it does nothing), `listening` (while the microphone is open), `typing` (the
 * page has a text box), `refusal` (what else may keep the relay from taking the connection). Gives {key, tone, title,
 * hint, action}.
 */
export function describe({
  socket, signIn, online, microphone = NO_MICROPHONE, player = QUIET, status = null, idle, listening = null,
  typing = false, refusal = "",
}) {
  return (
    disconnected({ socket, signIn, online, microphone, refusal }) ??
    asking({ microphone }) ??
    sounding({ speaking: player.speaking !== null, locked: player.locked }) ??
    status ??
    stuck({ microphone, typing }) ??
    (microphone.phase === "on" ? (muted({ microphone }) ?? listening) : null) ??
    idle
  );
}

function disconnected({ socket, signIn, online, microphone, refusal }) {
  const lost = microphone.phase === "on" ? " What you say meanwhile is not kept." : "";
  switch (socket.phase) {
    case "open":
      return null;
    case "connecting":
      return state("connecting", "busy", socket.wasOpen ? "Reconnecting" : "Connecting", lost.trim());
    case "stopped":
      if (socket.signedOut) {
        return signedOff(socket.wasOpen || signIn === "ended", socket.reason || "This relay asks for a token.");
      }
      return state("refused", "bad", "Not connected", socket.reason || "The relay ended the connection.", "reopen");
    default:
      if (!online) return state("offline", "warn", "You are offline", `It goes on when you are back.${lost}`, "retry");
      if (socket.turnedAway) {
        return state("turned_away", "bad", "Not let in", whyTurnedAway(signIn, refusal), "sign_in");
      }
      return state("offline", "warn", "Connection lost", (socket.reason || "Is the relay running?") + lost, "retry");
  }
}

function whyTurnedAway(signIn, refusal) {
  const why = signIn === "none"
    ? "The relay is there, but does not take this connection. If it asks for an access token, enter yours."
    : "The relay is there, but does not take this connection. The access token may have ended: enter a new one.";
  return refusal === "" ? why : `${why} ${refusal}`;
}
