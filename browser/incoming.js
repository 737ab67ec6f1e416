// What each message of the relay means to the page.

import { showLatency } from "./latency.js";

/** Errors with a `turn` that will not be answered. */
export const TURN_FAILED = new Set([
  "turn_failed", "turn_conflict", "session_moved", "inbox_overflow", "answer_failed",
]);
const NO_USE_IN_RETRYING = new Set(["origin_refused", "version_mismatch", "session_refused"]);
const HEARING = ["stt_unavailable", "stt_limit", "stt_timeout", "stt_refused", "speech_at_capacity"];
const HEARS = new Set(["listening", "thinking", "speaking"]); // the relay says so only while it can hear

/** Whether the relay hears nothing, and will not soon. What is said meanwhile may be lost. */
function isDeaf({ code, retryable }) {
  return code === "speech_at_capacity" || code === "stt_refused" || (/^stt_/.test(code) && retryable === false);
}

/** A handler for each type of message, over the parts of the page. */
export function handlers(page) {
  /** The assistant that was asked for is not there. */
  const nobodyThere = ({ code }) => code === "unsupported" && page.connection.phase === "connecting";
  const { relay, session, connection, uplink, outbox, actions, captions, conversation, player, notices } = page;

  return {
    __proto__: null,

    ready(message) {
      relay.refusal = relay.reason = relay.signedOut = null;
      if (session.id !== null && session.id !== message.session_id) page.newConversation("New conversation");
      session.take(message);
      conversation.restore(message.history);
      for (const { turn } of message.history.slice(-1)) captions.settle(turn);
      uplink.resume(message.resume_at);
      outbox.reconcile(new Set(message.history.flatMap(({ ids }) => ids ?? [])), message.history.at(-1)?.turn ?? -1);
      actions.connected(message.session_id);
      page.refresh();
    },

    status({ state }) {
      relay.status = state;
      if (HEARS.has(state)) relay.deaf = null;
      if (state === "reconnecting_stt" && relay.deaf !== null) notices.remove(relay.deaf.code); // the state says it
      page.refresh();
    },

    ack: (message) => uplink.acknowledge(message),

    transcript(message) {
      captions.transcript(message);
      notices.remove(...HEARING); // it hears again
      page.refresh();
    },

    turn({ turn, text, ids }) {
      page.withdrawOffer();
      conversation.said(turn, text);
      captions.settle(turn);
      for (const left of outbox.take(turn, ids ?? [])) conversation.withdraw(left);
      page.refresh();
    },

    reply_audio({ turn, seq, text, audio }) {
      conversation.sentence(turn, seq, text);
      session.holds(turn, seq);
      if (audio === null) conversation.note(turn, "Text only: this could not be spoken.");
      else player.enqueue(turn, seq, audio);
      page.refresh();
    },

    stop({ turn }) {
      if (player.speaking?.turn === turn) conversation.note(turn, "Cut off.");
      player.stop(turn);
    },

    server_response({ turn, message, audio, audio_error }) {
      conversation.answered(turn, message);
      outbox.settleTurn(turn);
      notices.remove("receiver_unavailable", "receiver_timeout", "store_unavailable"); // it is there again
      if (audio !== null) player.enqueue(turn, 0, audio);
      else if (audio_error) conversation.note(turn, "Text only: this could not be spoken.");
      page.refresh();
    },

    diary(message) {
      page.diary.show(message);
      page.refresh();
    },

    action_done: (message) => actions.done(message),

    latency: (message) => showLatency(page.latency, message),

    error(error) {
      const { code, message, turn = null, id = null } = error;
      if (id !== null && actions.refuse(error)) return;
      if (code === "session_refused" && session.id !== null) {
        page.newConversation("New conversation");
        notices.show(code, "The earlier conversation could not be taken up again, so this is a new one.");
        connection.open();
      } else if (code === "insecure_connection") {
        page.bankToken.refuse(message);
      } else if (code === "unauthorized") {
        relay.signedOut = message;
        connection.stop();
      } else if (NO_USE_IN_RETRYING.has(code) || (code === "session_moved" && turn === null) || nobodyThere(error)) {
        relay.refusal = nobodyThere(error) ? `${message} Choose another one above.` : message;
        relay.signedOut = null;
        connection.stop();
      } else if (turn !== null && TURN_FAILED.has(code)) {
        const text = captions.text(turn) || outbox.find(id)?.text || "";
        conversation.failed(turn, text, message);
        captions.settle(turn);
        outbox.settleTurn(turn);
        if (id !== null) outbox.settle([id]);
        page.refresh();
      } else if (connection.phase === "connecting") {
        relay.reason = message; // why there will be no `ready`: shown while waiting for the next try
      } else if (id !== null && outbox.find(id) !== undefined) {
        const entry = outbox.find(id);
        if (entry.turn !== null) conversation.withdraw(entry.turn, outbox.textOf(entry.turn));
        outbox.fail(id, message);
      } else {
        const deaf = isDeaf(error);
        if (deaf || HEARING.includes(code)) relay.deaf = deaf ? { code, message } : null;
        if (!deaf || relay.status !== "reconnecting_stt") notices.error(error); // else the state says it
        page.refresh();
      }
    },
  };
}
