// Runs in the audio thread: gathers 100 ms of the microphone and hands them over with their peak. It converts
// nothing and imports nothing, since not every browser lets a worklet import.

class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(Math.round(sampleRate / 10));
  #filled = 0;
  #finished = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.#finished = true;
      this.#post();
      this.port.postMessage({ done: true });
    };
  }

  process([input]) {
    if (this.#finished) return false;
    const samples = input[0];
    if (samples === undefined) return true;
    let from = 0;
    while (from < samples.length) {
      const count = Math.min(this.#block.length - this.#filled, samples.length - from);
      this.#block.set(samples.subarray(from, from + count), this.#filled);
      this.#filled += count;
      from += count;
      if (this.#filled === this.#block.length) this.#post();
    }
    return true;
  }

  #post() {
    if (this.#filled === 0) return;
    const samples = this.#block.slice(0, this.#filled);
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    this.#filled = 0;
    this.port.postMessage({ samples, peak }, [samples.buffer]);
  }
}

registerProcessor("capture", Capture);
