// What the relay is doing, as the pages show it. Names are those of the native wire and of the diet page's.

import { state } from "../state.js";

const THINKING = state("thinking", "busy", "Thinking", "");
const AWAY = state("waiting", "warn", "One moment", "The assistant is not there right now. Nothing is lost.");

const SHOWN = {
  thinking: THINKING,
  processing: THINKING,
  connecting: state("starting", "busy", "Getting ready", "You may speak or type."),
  waiting: AWAY,
  waiting_for_receiver: AWAY,
  reconnecting_stt: state("reconnecting_stt", "warn", "One moment", "Hearing is being restored. Typing works."),
};

export const LISTENING = state("listening", "live", "Listening", "");
export const READY = state("idle", "idle", "Ready", "Start recording, or type.");

/** Null where there is nothing to say: speaking is shown by what plays, and listening by the microphone. */
export function stateOf(status) {
  return SHOWN[status] ?? null;
}
