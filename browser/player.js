// Plays the sentences of the answers in order and says how far the person has heard.

const REPORT_MS = 250;
const MAX_QUEUED = 500; // sentences; an answer has at most 16,384 characters, so this is several answers

/**
 * `onPlayed(turn, seq, atMs)` comes about every 250 ms while a sentence plays, when it is cut off and, with its
 * full length, when it ends. `onEnded(turn, seq)` and `onUnplayable(turn, seq)` follow the last of them;
 * `onChange` comes when `speaking` or `locked` may have changed.
 */
export class Player {
  #context = null;
  #queue = []; // {turn, seq, bytes, buffer: Promise<AudioBuffer> | null}
  #known = new Map(); // turn -> highest sentence taken, so that one sent again is not said again
  #current = null;
  #silencedThrough = -1;

  constructor({ onPlayed, onEnded, onUnplayable, onChange }) {
    this.onPlayed = onPlayed;
    this.onEnded = onEnded;
    this.onUnplayable = onUnplayable;
    this.onChange = onChange;
  }

  /** {turn, seq} of the sentence that plays or comes next at once; null when it is quiet. */
  get speaking() {
    if (this.#current !== null) return this.#current;
    return this.#context?.state === "running" ? (this.#queue[0] ?? null) : null;
  }

  /** True while there is something to say and the browser waits for the person's first click or key. */
  get locked() {
    return this.#queue.length > 0 && this.#context?.state !== "running";
  }

  /** To be called from a click or a key press: only then does a browser allow sound. */
  unlock() {
    if (this.#context === null) {
      this.#context = new AudioContext();
      this.#context.onstatechange = () => {
        this.onChange();
        this.#advance();
      };
    }
    if (this.#context.state !== "running") this.#context.resume().catch(() => {});
  }

  /**
   * `audio` is MP3, base64 or an ArrayBuffer. False when it was not taken: known already, told to be silent, or too
   * much.
   */
  enqueue(turn, seq, audio) {
    if (turn <= this.#silencedThrough || seq <= (this.#known.get(turn) ?? -1)) return false;
    if (this.#queue.length >= MAX_QUEUED) return false;
    this.#known.set(turn, seq);
    let bytes;
    try {
      bytes = typeof audio === "string" ? decodeBase64(audio) : audio;
    } catch {
      this.onUnplayable(turn, seq);
      return false;
    }
    this.#queue.push({ turn, seq, bytes, buffer: null });
    this.#advance();
    this.onChange();
    return true;
  }

  /** Silence at once, for this turn and those before it, and for what still comes of them. */
  stop(turn) {
    this.#silencedThrough = Math.max(this.#silencedThrough, turn);
    this.#queue = this.#queue.filter((sentence) => sentence.turn > turn);
    if (this.#current !== null && this.#current.turn <= turn) this.#cut();
    this.onChange();
    this.#advance();
  }

  /** Another conversation begins: its turns are counted from 0 again. */
  reset() {
    this.stop(Infinity);
    this.#silencedThrough = -1;
    this.#known.clear();
  }

  /** Starts the next sentence, if it is time: decoding takes a moment, in which anything may happen. */
  async #advance() {
    const sentence = this.#queue[0];
    const due = () => this.#current === null && this.#context?.state === "running" && this.#queue[0] === sentence;
    if (sentence === undefined || !due()) return;
    let buffer = null;
    try {
      buffer = await this.#decode(sentence);
    } catch {
      // No MP3 that this browser can play: the text stands on the page.
    }
    if (!due()) return;
    this.#queue.shift();
    if (buffer === null) {
      this.onUnplayable(sentence.turn, sentence.seq);
      this.onChange();
      this.#advance();
      return;
    }
    this.#play(sentence, buffer);
    if (this.#queue.length > 0) this.#decode(this.#queue[0]).catch(() => {}); // told when its time comes
  }

  #decode(sentence) {
    sentence.buffer ??= this.#context.decodeAudioData(sentence.bytes);
    return sentence.buffer;
  }

  #play(sentence, buffer) {
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#context.destination);
    source.onended = () => this.#ended();
    source.start();
    this.#current = { ...sentence, source, startedAt: this.#context.currentTime, lengthMs: buffer.duration * 1000 };
    this.#current.timer = setInterval(() => this.#report(), REPORT_MS);
    this.onChange();
  }

  #report() {
    const { turn, seq, startedAt, lengthMs } = this.#current;
    const latency = this.#context.outputLatency || this.#context.baseLatency || 0;
    const at = (this.#context.currentTime - startedAt - latency) * 1000;
    this.onPlayed(turn, seq, Math.round(Math.min(Math.max(at, 0), lengthMs)));
  }

  #ended() {
    const { turn, seq, lengthMs } = this.#release();
    this.onPlayed(turn, seq, Math.round(lengthMs));
    this.onEnded(turn, seq);
    this.onChange();
    this.#advance();
  }

  #cut() {
    this.#report();
    const { source } = this.#release();
    source.onended = null;
    source.stop();
  }

  #release() {
    const current = this.#current;
    clearInterval(current.timer);
    this.#current = null;
    return current;
  }
}

/** Lets `player` speak from the person's first click or key press on. */
export function unlockByGestures(player) {
  for (const gesture of ["pointerdown", "pointerup", "keydown"]) {
    document.addEventListener(gesture, () => player.unlock(), { capture: true });
  }
}

function decodeBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
