"""The process that transcribes with Moonshine: `python -m relay.stt.moonshine_worker`, run by `relay.stt.on_device`.

Takes `open {stream}`, `audio {stream, pcm}`, `drain {stream, mark}` and `close {stream}`. Answers `ready` once,
then `result {stream, text, final, end}`, `progress {stream, decoded}` (samples since the stream's start),
`drained {stream, mark}` and `failed {stream, reason}`, after which the stream is gone.

Two threads: the main one reads, so that the relay can always write; the other one decodes, because a decoding
call of the library blocks for as long as it takes, 20 to 100 ms.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections import deque
from pathlib import Path
from typing import Any, Protocol

import moonshine_voice
import numpy as np
from moonshine_voice.errors import MoonshineError
from moonshine_voice.moonshine_api import ModelArch
from moonshine_voice.transcriber import Transcriber

from protocol.audio import BYTES_PER_SECOND, SAMPLE_BYTES, SAMPLE_RATE, samples, seconds
from relay.worker_process import Parent

UPDATE_BYTES = BYTES_PER_SECOND // 2
"""Audio between two looks at a line. Each look decodes the whole line again. Measured 2026-11-21 on one thread,
CPU s for each second of audio: 0.05 in a dialogue that is half speech (0.03 with looks every 1.0 s), 0.34 in
speech without a pause, whose lines grow to 10 s, and 0.004 in silence. Half a second buys captions and finals
that come half a second sooner; a voice detector in front of it all would save nothing worth having."""

STEP_BYTES = 5 * BYTES_PER_SECOND
"""The most that is decoded in one go. A stream that is behind takes longer steps, hence fewer looks, and catches
up; this bound keeps it from holding up the others. Eight people who talked without a pause for 19 s shared one
thread so: 0.13 CPU s for each second, never more than 4 s behind (measured 2026-11-21)."""

MAX_BACKLOG_BYTES = 60 * BYTES_PER_SECOND
"""What may wait to be decoded in one stream. Past it the stream is given up (`failed`): this machine does not
keep up, and captions a minute late are of no use."""

STUCK_SECONDS = 30.0
"""A decoding call that takes longer never ends. The process ends itself; the relay starts another."""

PAUSE_SAMPLES = SAMPLE_RATE
"""Silence that ends a line for certain: any gap of 0.9 s does (measured 2026-11-21)."""

MAX_LINES = 20
"""The library keeps a stream's finished lines with their audio, so a stream starts afresh after this many."""

LOOK_BACK_BYTES = BYTES_PER_SECOND // 2
"""Audio before a detected start of speech that the library's voice detector counts in (8,192 samples)."""


class Recognizer(Protocol):
    """What is used of `moonshine_voice.transcriber.Stream`."""

    def start(self) -> None: ...
    def stop(self) -> Any: ...
    def close(self) -> None: ...
    def add_audio(self, audio_data: list[float], sample_rate: int = ...) -> None: ...
    def update_transcription(self, flags: int = ...) -> Any: ...


class Hearing:
    """One conversation's stream: its recogniser, and where that stands in the conversation's audio.

    The recogniser is started afresh after each drain and now and then at a pause. `_origin` is the position of
    its time 0 in the stream, so silence that was put in here never counts.
    """

    def __init__(self, stream: int, recognizer: Recognizer, parent: Parent) -> None:
        self.stream = stream
        self._recognizer = recognizer
        self._parent = parent
        self._origin = 0
        self._fed = 0
        self._look_back = b""
        self._shown: dict[int, str] = {}
        self._finished: set[int] = set()
        recognizer.start()

    def feed(self, pcm: bytes) -> None:
        """Decode the next piece of the conversation and send what it said. Raises `MoonshineError`."""
        self._hear(pcm)
        transcript = self._recognizer.update_transcription()
        self._report(transcript)
        if len(self._finished) >= MAX_LINES and all(line.is_complete for line in transcript.lines):
            last = transcript.lines[-1]
            since_bytes = (self._fed - self._position(last.start_time + last.duration)) * SAMPLE_BYTES
            self._start_afresh(self._look_back[-since_bytes:] if since_bytes else b"")
        self._tell_progress()

    def finish(self, pcm: bytes) -> None:
        """Decode the last piece of what was said, as if silence followed. Raises `MoonshineError`."""
        self._hear(pcm)
        self._add(bytes(PAUSE_SAMPLES * SAMPLE_BYTES))
        self._report(self._recognizer.update_transcription())
        self._start_afresh(b"")
        self._tell_progress()

    def close(self) -> None:
        self._recognizer.close()

    def _hear(self, pcm: bytes) -> None:
        self._add(pcm)
        self._fed += samples(len(pcm))
        self._look_back = (self._look_back + pcm)[-LOOK_BACK_BYTES:]

    def _tell_progress(self) -> None:
        self._parent.send({"type": "progress", "stream": self.stream, "decoded": self._fed})

    def _add(self, pcm: bytes) -> None:
        if not pcm:
            return
        floats = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0
        self._recognizer.add_audio(floats.tolist(), SAMPLE_RATE)

    def _start_afresh(self, pcm: bytes) -> None:
        """Drop the finished lines and go on from `pcm`, the last audio that belongs to none of them."""
        self._report(self._recognizer.stop())
        self._recognizer.start()
        self._origin = self._fed - samples(len(pcm))
        self._shown.clear()
        self._finished.clear()
        if pcm:
            self._add(pcm)

    def _position(self, time_in_recognizer: float) -> int:
        return min(self._origin + round(time_in_recognizer * SAMPLE_RATE), self._fed)

    def _report(self, transcript: Any) -> None:
        """Send each line that is new, has changed or is finished.

        A line that is finished without words takes its partial back with an empty partial.
        """
        for line in transcript.lines:
            if line.line_id in self._finished:
                continue
            text = line.text.strip()
            changed = text != self._shown.get(line.line_id, "")
            final = line.is_complete and bool(text)
            if final or changed:
                end = self._position(line.start_time + line.duration)
                self._parent.send(
                    {"type": "result", "stream": self.stream, "text": text, "final": final, "end": end}
                )
            self._shown[line.line_id] = text
            if line.is_complete:
                self._finished.add(line.line_id)


class Queue:
    """What the relay asked of one stream and the decoder has not done yet."""

    def __init__(self) -> None:
        self.audio: deque[bytes] = deque()
        self.waiting = 0
        self.drain: int | None = None
        self.closed = False

    @property
    def due(self) -> bool:
        return self.closed or self.drain is not None or self.waiting >= UPDATE_BYTES

    def take(self) -> bytes:
        pieces: list[bytes] = []
        taken = 0
        while self.audio and taken + len(self.audio[0]) <= STEP_BYTES:
            pieces.append(self.audio.popleft())
            taken += len(pieces[-1])
        self.waiting -= taken
        return b"".join(pieces)


class Worker:
    """All streams of this process. Streams take turns, one step each."""

    def __init__(self, parent: Parent, transcriber: Transcriber) -> None:
        self._parent = parent
        self._transcriber = transcriber
        self._changed = threading.Condition()
        self._queues: dict[int, Queue] = {}
        self._hearings: dict[int, Hearing] = {}
        self._busy_since: float | None = None

    def run(self) -> None:
        """Read until the relay is gone."""
        threading.Thread(target=self._decode_or_die, name="decoder", daemon=True).start()
        for message in self._parent.messages():
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        busy_since = self._busy_since
        if busy_since is not None and time.monotonic() - busy_since > STUCK_SECONDS:
            print(f"decoding has taken over {STUCK_SECONDS:g} s", file=sys.stderr, flush=True)
            os._exit(1)
        kind, stream = message["type"], message["stream"]
        with self._changed:
            if kind == "open":
                self._queues[stream] = Queue()
                return
            queue = self._queues.get(stream)
            if queue is None or queue.closed:
                return  # It failed a moment ago, and the relay does not know yet.
            if kind == "audio":
                pcm = message["pcm"]
                if queue.waiting + len(pcm) > MAX_BACKLOG_BYTES:
                    queue.closed = True
                    self._fail(stream, f"{seconds(queue.waiting):.0f} s of audio wait to be decoded")
                else:
                    queue.audio.append(pcm)
                    queue.waiting += len(pcm)
            elif kind == "drain":
                queue.drain = message["mark"]
            elif kind == "close":
                queue.closed = True
            self._changed.notify()

    def _decode_or_die(self) -> None:
        try:
            self._decode()
        except BaseException:  # A process that reads and never decodes would be worse than none.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    def _decode(self) -> None:
        while True:
            with self._changed:
                while (stream := self._next_stream()) is None:
                    self._changed.wait()
            self._busy_since = time.monotonic()
            try:
                self._step(stream)
            except MoonshineError as error:
                self._fail(stream, str(error))
                self._drop(stream)
            self._busy_since = None

    def _next_stream(self) -> int | None:
        """The stream whose turn it is: one whose person waits for a drain, else the one served longest ago."""
        due = [stream for stream, queue in self._queues.items() if queue.due]
        if not due:
            return None
        stream = next((stream for stream in due if self._queues[stream].drain is not None), due[0])
        self._queues[stream] = self._queues.pop(stream)
        return stream

    def _step(self, stream: int) -> None:
        with self._changed:
            queue = self._queues[stream]
            closed, pcm = queue.closed, queue.take()
            mark = None if queue.audio else queue.drain
            if mark is not None:
                queue.drain = None
        if closed:
            self._drop(stream)
            return
        hearing = self._hearings.get(stream)
        if hearing is None:
            # Only update_transcription, called by us, is to decode: hence an interval that never passes.
            recognizer = self._transcriber.create_stream(update_interval=1e9)
            hearing = self._hearings[stream] = Hearing(stream, recognizer, self._parent)
        if mark is None:
            hearing.feed(pcm)
        else:
            hearing.finish(pcm)
            self._parent.send({"type": "drained", "stream": stream, "mark": mark})

    def _drop(self, stream: int) -> None:
        with self._changed:
            self._queues.pop(stream, None)
        hearing = self._hearings.pop(stream, None)
        if hearing is not None:
            hearing.close()

    def _fail(self, stream: int, reason: str) -> None:
        self._parent.send({"type": "failed", "stream": stream, "reason": reason})


def main() -> None:
    parent = Parent()
    model = Path(moonshine_voice.__file__).parent / "assets" / "tiny-en"
    # return_audio_data would copy each line's audio back at every look.
    transcriber = Transcriber(model, ModelArch.TINY, options={"return_audio_data": "false"})
    parent.ready()
    Worker(parent, transcriber).run()
    # The decoder may be in the middle of a call; there is nobody left to hear what comes of it.
    os._exit(0)


if __name__ == "__main__":
    main()
