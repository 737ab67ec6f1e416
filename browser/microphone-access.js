// Getting at the microphone: what is asked for, and what the ways to be refused are called.

const CONSTRAINTS = {
  audio: {
    channelCount: { ideal: 1 },
    echoCancellation: { ideal: true },
    noiseSuppression: { ideal: true },
    autoGainControl: { ideal: true },
  },
};

const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no_device",
  OverconstrainedError: "no_device",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

/** Whether a browser lets this page ask for a microphone at all. */
export function mayAsk() {
  return window.isSecureContext && navigator.mediaDevices !== undefined;
}

/** Asks the person. */
export function openMicrophone() {
  return navigator.mediaDevices.getUserMedia(CONSTRAINTS);
}

/** What the page calls an exception of `openMicrophone`, or of what is done with the stream. */
export function problemOf(error) {
  return PROBLEMS[error.name] ?? "failed";
}

export function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}
