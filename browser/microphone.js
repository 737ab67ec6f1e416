// The microphone as the relay's own audio: 16 kHz PCM in pieces of 100 ms.

import { mayAsk, openMicrophone, problemOf, release } from "./microphone-access.js";
import { Chunker, SAMPLE_RATE, toPcm16 } from "./pcm.js";
import { Resampler } from "./resampler.js";

const FINISH_MS = 500; // how long the audio thread may take to hand over its last block

/**
 * `phase` is "off", "asking", "on" or "finishing"; `problem` is null or one of denied, no_device, in_use, insecure, lost,
 * failed; `muted` says that the system withholds the sound. `onChange` is called after each change of them,
 * `onChunk` with 100 ms of 16 kHz PCM (Int16Array; the last one may be shorter), `onFinished` behind the last one,
 * `onLevel` with a peak in [0, 1].
 */
export class Microphone {
  phase = "off";
  problem = null;
  muted = false;
  #attempt = 0;
  #capture = null;

  constructor({ onChange, onChunk, onFinished, onLevel }) {
    this.onChange = onChange;
    this.onChunk = onChunk;
    this.onFinished = onFinished;
    this.onLevel = onLevel;
  }

  /** Asks and records. A stop that comes meanwhile wins: nothing is left open behind it. */
  async start() {
    if (this.phase !== "off") return;
    if (!mayAsk()) {
      this.#set("off", "insecure");
      return;
    }
    const attempt = ++this.#attempt;
    this.#set("asking");
    let stream = null;
    try {
      stream = await openMicrophone();
      if (attempt !== this.#attempt) {
        release(stream);
        return;
      }
      const capture = await openCapture(stream);
      if (attempt !== this.#attempt) {
        await capture.close();
        return;
      }
      this.#begin(capture);
    } catch (error) {
      if (stream !== null) release(stream);
      if (attempt === this.#attempt) {
        console.warn("The microphone did not start:", error.name, error.message);
        this.#set("off", problemOf(error));
      }
    }
  }

  /** Resolves when the last piece has been handed to `onChunk` and the device is free. */
  async stop(problem = null) {
    if (this.phase === "off" || this.phase === "finishing") return;
    this.#attempt++;
    const capture = this.#capture;
    this.#capture = null;
    if (capture !== null) {
      this.#set("finishing");
      await capture.finish();
      this.onFinished();
    }
    this.muted = false;
    this.onLevel(0);
    this.#set("off", problem);
  }

  clearProblem() {
    if (this.problem !== null) this.#set(this.phase);
  }

  #begin(capture) {
    this.#capture = capture;
    const chunker = new Chunker(this.onChunk);
    capture.onSamples = (samples) => chunker.push(samples);
    capture.onPeak = this.onLevel;
    capture.onFinished = () => chunker.finish();
    capture.track.onended = () => this.stop("lost");
    capture.track.onmute = () => this.#mute(true);
    capture.track.onunmute = () => this.#mute(false);
    this.muted = capture.track.muted;
    this.#set("on");
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

/** The graph microphone -> worklet, at 16 kHz where the browser can, else with a resampler behind it. */
async function openCapture(stream) {
  let context = new AudioContext({ sampleRate: SAMPLE_RATE });
  try {
    let source;
    try {
      source = context.createMediaStreamSource(stream);
    } catch (error) {
      // Firefox connects a stream only to a context of the device's own rate.
      if (error.name !== "NotSupportedError") throw error;
      await context.close();
      context = new AudioContext();
      source = context.createMediaStreamSource(stream);
    }
    await context.audioWorklet.addModule(new URL("capture-worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "capture", {
      channelCount: 1,
      channelCountMode: "explicit",
    });
    // Its output is silence; it is connected because an engine need not run what leads nowhere.
    source.connect(node).connect(context.destination);
    await context.resume();
    return new Capture(stream, context, node);
  } catch (error) {
    if (context.state !== "closed") await context.close();
    throw error;
  }
}

class Capture {
  #resampler;

  constructor(stream, context, node) {
    this.stream = stream;
    this.track = stream.getAudioTracks()[0];
    this.context = context;
    this.node = node;
    this.#resampler = context.sampleRate === SAMPLE_RATE ? null : new Resampler(context.sampleRate, SAMPLE_RATE);
    this.done = new Promise((resolve) => {
      node.port.onmessage = ({ data }) => {
        if (data.done) return resolve();
        this.onPeak(data.peak);
        this.onSamples(toPcm16(this.#resampler?.process(data.samples) ?? data.samples));
      };
    });
    // A phone call or a sleeping tab may suspend the context; recording goes on when it is allowed to.
    context.onstatechange = () => {
      if (context.state === "suspended" || context.state === "interrupted") context.resume().catch(() => {});
    };
  }

  async finish() {
    this.track.onended = null;
    this.node.port.postMessage("finish");
    await Promise.race([this.done, new Promise((resolve) => setTimeout(resolve, FINISH_MS))]);
    if (this.#resampler !== null) this.onSamples(toPcm16(this.#resampler.finish()));
    this.onFinished();
    await this.close();
  }

  async close() {
    this.context.onstatechange = null;
    this.node.port.onmessage = null;
    release(this.stream);
    await this.context.close();
  }
}
