// The audio that the relay takes: signed 16-bit little-endian, 16,000 Hz, mono, in pieces of 100 ms.

export const SAMPLE_RATE = 16_000;
export const CHUNK_SAMPLES = SAMPLE_RATE / 10;

/** Floats in [-1, 1] as 16-bit samples; louder ones are clipped. */
export function toPcm16(floats) {
  const pcm = new Int16Array(floats.length);
  for (let i = 0; i < floats.length; i++) {
    pcm[i] = Math.round(Math.max(-1, Math.min(1, floats[i])) * 32767);
  }
  return pcm;
}

/** Cuts a stream of any piece size into chunks of 100 ms. Holds less than one chunk. */
export class Chunker {
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #filled = 0;

  constructor(onChunk) {
    this.onChunk = onChunk;
  }

  push(samples) {
    let from = 0;
    while (from < samples.length) {
      const count = Math.min(CHUNK_SAMPLES - this.#filled, samples.length - from);
      this.#chunk.set(samples.subarray(from, from + count), this.#filled);
      this.#filled += count;
      from += count;
      if (this.#filled === CHUNK_SAMPLES) this.#emit();
    }
  }

  /** Hands out what is left, shorter than a chunk. */
  finish() {
    if (this.#filled > 0) this.#emit();
  }

  #emit() {
    this.onChunk(this.#chunk.slice(0, this.#filled));
    this.#filled = 0;
  }
}
