// The last minute of recorded audio, addressed by the relay's own count of samples, so that what a broken
// connection swallowed can be sent again.

import { SAMPLE_RATE } from "./pcm.js";

export const RING_SECONDS = 60;

/** Positions are samples of the session as the relay counts them. Full: the oldest samples are dropped. */
export class AudioRing {
  start = 0;
  #length = 0;
  #samples;
  #head = 0; // index of `start` in #samples
  #released = 0; // up to here the relay has stored the words, so dropping is no loss

  constructor(capacity = RING_SECONDS * SAMPLE_RATE) {
    this.#samples = new Int16Array(capacity);
  }

  get end() {
    return this.start + this.#length;
  }

  append(samples) {
    const capacity = this.#samples.length;
    const fresh = samples.length > capacity ? samples.subarray(samples.length - capacity) : samples;
    this.#drop(Math.max(0, this.#length + fresh.length - capacity));
    this.start += samples.length - fresh.length;
    const tail = (this.#head + this.#length) % capacity;
    const first = Math.min(fresh.length, capacity - tail);
    this.#samples.set(fresh.subarray(0, first), tail);
    this.#samples.set(fresh.subarray(first), 0);
    this.#length += fresh.length;
  }

  /** A copy of at most `count` samples from `position`, which must lie in [start, end]. */
  read(position, count) {
    const capacity = this.#samples.length;
    const length = Math.min(count, this.end - position);
    const from = (this.#head + position - this.start) % capacity;
    const first = Math.min(length, capacity - from);
    const out = new Int16Array(length);
    out.set(this.#samples.subarray(from, from + first));
    out.set(this.#samples.subarray(0, length - first), first);
    return out;
  }

  /** The words up to `position` are stored; their audio is not needed again. */
  release(position) {
    this.#released = Math.max(this.#released, Math.min(position, this.end));
    this.#drop(Math.max(0, this.#released - this.start));
  }

  /**
   * Makes `position` the next sample that the relay counts. What was dropped before it could be sent never
   * enters that count, so the rest is renumbered. Returns by how much, and how many samples are lost for good.
   */
  align(position) {
    if (position > this.end) {
      this.#drop(this.#length);
      this.start = this.#released = position;
      return { shift: 0, lost: 0 };
    }
    const shift = Math.max(0, this.start - position);
    const lost = Math.max(0, this.start - Math.max(position, this.#released));
    this.start -= shift;
    if (shift > 0) this.#released = this.start;
    return { shift, lost };
  }

  #drop(count) {
    const dropped = Math.min(count, this.#length);
    this.#head = (this.#head + dropped) % this.#samples.length;
    this.start += dropped;
    this.#length -= dropped;
  }
}
