// The microphone as a browser's own recording (WebM or Ogg with Opus; MP4 in Safari), in pieces as they are made.

import { mayAsk, openMicrophone, problemOf, release } from "../microphone-access.js";

const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BITS_PER_SECOND = 32_000; // speech needs no more; a second is 4 KB
const LEVEL_MS = 100;

/**
 * `phase`, `problem` and `muted` are as those of `Microphone`. `onPiece` gets a Blob each `timeslice` ms, the first of
 * them with the recording's header; `onFinished` comes behind the last; `onLevel` with a peak in [0, 1].
 */
export class PieceRecorder {
  phase = "off";
  problem = null;
  muted = false;
  #attempt = 0;
  #stream = null;
  #recorder = null;
  #levels = null;

  constructor({ timeslice, onChange, onPiece, onFinished, onLevel = () => {} }) {
    Object.assign(this, { timeslice, onChange, onPiece, onFinished, onLevel });
  }

  /** Asks and records. A stop that comes meanwhile wins: nothing is left open behind it. */
  async start() {
    if (this.phase !== "off") return;
    if (!mayAsk()) return this.#set("off", "insecure");
    if (typeof MediaRecorder === "undefined") return this.#set("off", "unsupported");
    const attempt = ++this.#attempt;
    this.#set("asking");
    try {
      const stream = await openMicrophone();
      if (attempt !== this.#attempt) return release(stream);
      this.#begin(stream);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      console.warn("The recorder did not start:", error.name, error.message);
      this.#letGo();
      this.#set("off", problemOf(error));
    }
  }

  /** Resolves when the last piece has been handed to `onPiece` and the device is free. */
  async stop(problem = null) {
    if (this.phase === "off" || this.phase === "finishing") return;
    this.#attempt++;
    if (this.#recorder !== null) {
      this.#set("finishing");
      await ended(this.#recorder);
      this.onFinished();
    }
    this.#letGo();
    this.muted = false;
    this.#set("off", problem);
  }

  /** Begins another recording with a header of its own: nobody can decode the middle of one. */
  restart() {
    if (this.phase !== "on") return;
    this.#recorder.ondataavailable = null;
    this.#recorder.stop();
    this.#record();
  }

  clearProblem() {
    if (this.problem !== null) this.#set(this.phase);
  }

  #begin(stream) {
    this.#stream = stream;
    const [track] = stream.getAudioTracks();
    track.onended = () => this.stop("lost");
    track.onmute = () => this.#mute(true);
    track.onunmute = () => this.#mute(false);
    this.muted = track.muted;
    this.#levels = new Levels(stream, this.onLevel);
    this.#record();
    this.#set("on");
  }

  #record() {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    const recorder = new MediaRecorder(this.#stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    recorder.ondataavailable = ({ data }) => data.size > 0 && this.onPiece(data);
    recorder.onerror = () => this.stop("failed");
    recorder.start(this.timeslice);
    this.#recorder = recorder;
  }

  #letGo() {
    this.#levels?.close();
    if (this.#stream !== null) {
      for (const track of this.#stream.getTracks()) track.onended = track.onmute = track.onunmute = null;
      release(this.#stream);
    }
    this.#stream = this.#recorder = this.#levels = null;
  }

  #mute(muted) {
    this.muted = muted;
    this.onChange();
  }

  #set(phase, problem = null) {
    this.phase = phase;
    this.problem = problem;
    this.onChange();
  }
}

/** Its last piece has been handed out. A recorder whose device went away has ended by itself. */
function ended(recorder) {
  if (recorder.state === "inactive") return Promise.resolve();
  return new Promise((resolve) => {
    recorder.onstop = resolve;
    recorder.stop();
  });
}

/** The peak of a stream, ten times a second. */
class Levels {
  constructor(stream, onLevel) {
    this.onLevel = onLevel;
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      onLevel(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
    }, LEVEL_MS);
  }

  close() {
    clearInterval(this.timer);
    this.onLevel(0);
    this.context.close();
  }
}
