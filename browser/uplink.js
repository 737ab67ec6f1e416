// Sends what is recorded. The ring is the only queue: a slow or absent connection just falls behind in it.

import { AudioRing } from "./audio-ring.js";
import { CHUNK_SAMPLES } from "./pcm.js";

const MAX_BUFFERED_BYTES = 256 * 1024; // more than that waits in the ring, where it can still be dropped
const RETRY_MS = 100;

export class Uplink {
  #ring;
  #next = 0; // first sample not yet sent on this connection
  #flushAt = null;
  #timer = null;
  #others = new Map(); // name -> {ring, next, flushAt} of the other conversations

  /** `onLost` gets the number of samples that were dropped before the relay had them. */
  constructor(connection, onLost, ring = new AudioRing()) {
    this.connection = connection;
    this.onLost = onLost;
    this.#ring = ring;
  }

  push(samples) {
    this.#ring.append(samples);
    this.#pump();
  }

  /** Sends `flush` behind all that was recorded so far, at once or when the connection is back. */
  flush() {
    this.#flushAt = this.#ring.end;
    this.#pump();
  }

  /** The relay has `position` samples of this session: go on from there. */
  resume(position) {
    this.#align(position);
    this.#pump();
  }

  /** What conversation `from` has not got waits until it is taken up again; `to` goes on. */
  turnTo(from, to) {
    clearTimeout(this.#timer);
    this.#others.set(from, { ring: this.#ring, next: this.#next, flushAt: this.#flushAt });
    const { ring, next, flushAt } = this.#others.get(to) ?? { ring: new AudioRing(), next: 0, flushAt: null };
    this.#ring = ring;
    this.#next = next;
    this.#flushAt = flushAt;
  }

  acknowledge({ durable }) {
    this.#ring.release(Math.min(durable, this.#next));
  }

  #align(position) {
    const { shift, lost } = this.#ring.align(position);
    this.#next = position;
    if (this.#flushAt !== null) this.#flushAt -= shift;
    if (lost > 0) this.onLost(lost);
  }

  #pump() {
    clearTimeout(this.#timer);
    if (!this.connection.ready) return;
    if (this.#ring.start > this.#next) this.#align(this.#next);
    while (this.#next < this.#ring.end) {
      if (this.connection.bufferedAmount > MAX_BUFFERED_BYTES) {
        this.#timer = setTimeout(() => this.#pump(), RETRY_MS);
        return;
      }
      this.#flushIfReached();
      const untilFlush = this.#flushAt === null ? CHUNK_SAMPLES : this.#flushAt - this.#next;
      const chunk = this.#ring.read(this.#next, Math.min(CHUNK_SAMPLES, untilFlush));
      this.connection.sendAudio(chunk);
      this.#next += chunk.length;
    }
    this.#flushIfReached();
  }

  #flushIfReached() {
    if (this.#flushAt !== null && this.#next >= this.#flushAt) {
      this.#flushAt = null;
      this.connection.send({ type: "flush" });
    }
  }
}
