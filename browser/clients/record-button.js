// The button that starts and stops a recording, with its level meter.

import { write } from "../elements.js";
import { Meter } from "../meter.js";

export class RecordButton {
  #meter = new Meter(document.getElementById("meter"));

  /** `microphone()` is a Microphone or a PieceRecorder, asked for each time: a page may have both. */
  constructor(microphone, { start = "Start recording", stop = "Stop recording" } = {}) {
    Object.assign(this, { microphone, start, stop });
    this.root = document.getElementById("record");
    this.label = document.getElementById("record-label");
    this.root.addEventListener("click", () => {
      if (microphone().phase === "off") microphone().start();
      else microphone().stop();
    });
  }

  level(peak) {
    this.#meter.show(peak);
  }

  show() {
    const recording = ["asking", "on"].includes(this.microphone().phase);
    this.root.dataset.recording = recording;
    write(this.label, recording ? this.stop : this.start);
  }
}
