// Sample-rate conversion for browsers that will not open the microphone at 16 kHz: a polyphase FIR filter.
//
// With out/in = L/M in lowest terms, output n lies at input position n*M/L, so only L different sets of
// filter coefficients ("phases") occur. They are a sinc under a Kaiser window whose stop band begins at half
// the lower rate: what would fold back into the speech band is down by about 80 dB.

const ZERO_CROSSINGS = 32;
const KAISER_BETA = 7.86; // 80 dB (Kaiser's formula: 0.1102 * (A - 8.7))

export class Resampler {
  #phases;
  #taps;
  #step;
  #count;
  #history;
  #position = 0; // of the next output, in units of 1/L input samples from the start of #history

  /** Rates in Hz, whole numbers. */
  constructor(inputRate, outputRate) {
    const divisor = gcd(inputRate, outputRate);
    this.#count = outputRate / divisor;
    this.#step = inputRate / divisor;
    const scale = Math.min(1, outputRate / inputRate);
    const half = Math.ceil(ZERO_CROSSINGS / scale);
    this.#taps = 2 * half;
    this.#phases = phases(this.#count, half, scale);
    this.#history = new Float32Array(half); // output 0 is centred on input 0
  }

  /** The output that `input` completes. State carries over, so pieces of any size join without a seam. */
  process(input) {
    const samples = new Float32Array(this.#history.length + input.length);
    samples.set(this.#history);
    samples.set(input, this.#history.length);
    const output = [];
    let first = Math.floor(this.#position / this.#count);
    while (first + this.#taps <= samples.length) {
      const filter = this.#phases[this.#position % this.#count];
      let sum = 0;
      for (let k = 0; k < this.#taps; k++) sum += filter[k] * samples[first + k];
      output.push(sum);
      this.#position += this.#step;
      first = Math.floor(this.#position / this.#count);
    }
    const used = Math.min(first, samples.length);
    this.#history = samples.slice(used);
    this.#position -= used * this.#count;
    return Float32Array.from(output);
  }

  /** The rest, which so far waited for input that lies in the future of the filter. */
  finish() {
    return this.process(new Float32Array(this.#taps / 2));
  }
}

function phases(count, half, scale) {
  // The edge is moved inwards by half of the transition band, (A - 8) / (2.285 * taps) radians for A = 80 dB.
  const cutoff = scale - (72 / (2.285 * 2 * half)) / (2 * Math.PI);
  return Array.from({ length: count }, (_, phase) => {
    const filter = new Float32Array(2 * half);
    let sum = 0;
    for (let k = 0; k < 2 * half; k++) {
      const x = k - half - phase / count;
      filter[k] = cutoff * sinc(cutoff * x) * kaiser(x / half);
      sum += filter[k];
    }
    return filter.map((coefficient) => coefficient / sum); // exact unity gain at 0 Hz in each phase
  });
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x) {
  return Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}
