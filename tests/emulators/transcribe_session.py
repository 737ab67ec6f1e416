"""What Amazon Transcribe does with one audio stream, whichever transport carries it.

The two servers (`transcribe_http2`, `transcribe_websocket`) decode what arrives, call a `Session`, and send what it
hands to its `Outbound`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.emulators.eventstream import encode

BYTES_PER_SECOND = 32_000
"""PCM s16le, 16 kHz, mono: the one format that this emulator takes."""
MAX_AUDIO_EVENT_BYTES = 32 * 1024
AUDIO_TIMEOUT_MESSAGE = "Your request timed out because no new audio was received for 15 seconds."

STATUS = {
    "BadRequestException": 400,
    "ConflictException": 409,
    "InternalFailureException": 500,
    "LimitExceededException": 429,
    "ServiceUnavailableException": 503,
}
"""The modelled exceptions with their HTTP status. Any other type of refusal is a 403 here."""


@dataclass(frozen=True, slots=True)
class Line:
    """A result that is sent once `at` seconds of audio have arrived."""

    at: float
    text: str
    final: bool = True
    confidence: float | None = 0.98


def spoken(text: str, start: float, seconds: float, confidence: float | None = 0.98) -> list[Line]:
    """`text` as Transcribe reports it: a partial that grows word by word, then the final."""
    words = text.split()
    lines = [
        Line(start + seconds * (count / (len(words) + 1)), " ".join(words[:count]), False, None)
        for count in range(1, len(words) + 1)
    ]
    return [*lines, Line(start + seconds, text, True, confidence)]


@dataclass(frozen=True, slots=True)
class Script:
    """What happens on a stream. The defaults: it listens and says nothing."""

    lines: Sequence[Line] = ()
    every: float | None = None
    """Seconds of audio between two finals of `text`, in place of `lines`; partials grow between them."""
    text: str = "this is sentence {n} of stream {stream}"
    refuse: str | None = None
    """Exception type that answers the request."""
    fail: tuple[float, str] | None = None
    """After so many seconds of audio, this exception type ends the stream."""
    garble_after: float | None = None
    """After so many seconds of audio, bytes that are no event stream are sent."""
    end_after: float | None = None
    """After so many seconds of audio, the stream ends without an error."""
    cut_after: float | None = None
    """After so many seconds of audio, the connection is lost without a word."""
    stall_after: float | None = None
    """After so many seconds of audio, nothing more is read from the client."""
    deaf: bool = False
    """The request is never answered."""
    audio_timeout: float = 15.0
    """Seconds without audio after which Transcribe gives up."""


class Outbound(Protocol):
    """The way back to the client, given by the transport."""

    def send(self, message: bytes) -> None: ...

    def end(self) -> None:
        """End the stream after what was sent."""
        ...

    def cut(self) -> None:
        """Lose the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A result on its way. `at` is `time.monotonic()` just before the bytes went to the socket."""

    stream: int
    text: str
    final: bool
    at: float


@dataclass(slots=True, eq=False)
class Session:
    """One stream: counts the audio and sends what the script has for that moment."""

    script: Script
    number: int
    parameters: Mapping[str, str]
    outbound: Outbound
    on_sent: Callable[[Sent], None]
    on_end: Callable[[Session], None]
    received: int = 0
    """Bytes of audio."""
    audio_events: int = 0
    ended_by_client: bool = False
    """Whether the client said that its audio was over, with an empty event."""
    open: bool = True
    _next_line: int = 0
    _segment: int = 1
    _words: list[str] = field(default_factory=list)
    _last_audio: float = 0.0  # by the loop's clock
    _timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._last_audio = asyncio.get_running_loop().time()
        self._arm(self.script.audio_timeout)

    @property
    def seconds(self) -> float:
        """Length of the audio so far."""
        return self.received / BYTES_PER_SECOND

    @property
    def stalled(self) -> bool:
        return self.script.stall_after is not None and self.seconds >= self.script.stall_after

    def receive(self, pcm: bytes) -> None:
        """One audio event. An empty one ends the audio: what was not said yet is, and the stream ends."""
        if not self.open:
            return
        if not pcm:
            self.ended_by_client = True
            self._finish()
            return
        if len(pcm) > MAX_AUDIO_EVENT_BYTES or len(pcm) % 2:
            self.fail("BadRequestException", "Your audio event is too long or has half a sample.")
            return
        self.received += len(pcm)
        self.audio_events += 1
        self._last_audio = asyncio.get_running_loop().time()
        now = self.seconds
        script = self.script
        if script.every is not None:
            self._say_every(script.every, now)
        else:
            while self._next_line < len(script.lines) and script.lines[self._next_line].at <= now:
                line = script.lines[self._next_line]
                self._next_line += 1
                self.say(line.text, line.final, line.confidence)
        if script.fail is not None and now >= script.fail[0]:
            self.fail(script.fail[1], "scripted")
        elif script.garble_after is not None and now >= script.garble_after:
            self.outbound.send(b"\x00\x01\x02 this is no event stream")
        elif script.end_after is not None and now >= script.end_after:
            self._close()
            self.outbound.end()
        elif script.cut_after is not None and now >= script.cut_after:
            self.cut()

    def say(self, text: str, final: bool = True, confidence: float | None = 0.98) -> float:
        """Send a result now. Returns `time.monotonic()` of the moment before it went out."""
        message = self._transcript(text, final, confidence)
        at = time.monotonic()
        self.outbound.send(message)
        if final:
            self._segment += 1
        self.on_sent(Sent(self.number, text, final, at))
        return at

    def fail(self, exception_type: str, message: str = "scripted") -> None:
        """End the stream with an exception event, as Transcribe does mid-stream."""
        if not self.open:
            return
        self._close()
        self.outbound.send(exception(exception_type, message))
        self.outbound.end()

    def cut(self) -> None:
        """Lose the connection without a word."""
        self._close()
        self.outbound.cut()

    def gone(self) -> None:
        """The client is not there any more."""
        self._close()

    def _say_every(self, every: float, now: float) -> None:
        if not self._words:
            self._words = self.script.text.format(n=self._segment, stream=self.number).split()
            self._next_line = 0
        # A segment takes the whole interval: its words come evenly, its final at the end of it.
        due = int((now - (self._segment - 1) * every) / every * (len(self._words) + 1))
        if due > len(self._words):
            words, self._words = self._words, []
            self.say(" ".join(words))
        elif due > self._next_line:
            self._next_line = due
            self.say(" ".join(self._words[:due]), final=False, confidence=None)

    def _finish(self) -> None:
        for line in self.script.lines[self._next_line :] if self.script.every is None else ():
            if line.final and line.at <= self.seconds + 1:
                self.say(line.text, line.final, line.confidence)
        self._close()
        self.outbound.end()

    def _close(self) -> None:
        if self.open:
            self.open = False
            if self._timer is not None:
                self._timer.cancel()
            self.on_end(self)

    def _arm(self, delay: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, self._check_audio)

    def _check_audio(self) -> None:
        # One timer a stream, looked at when it is due, so that a chunk costs no timer.
        left = self._last_audio + self.script.audio_timeout - asyncio.get_running_loop().time()
        if left > 0.001:
            self._arm(left)
        else:
            self.fail("BadRequestException", AUDIO_TIMEOUT_MESSAGE)

    def _transcript(self, text: str, final: bool, confidence: float | None) -> bytes:
        end = self.seconds
        words = text.split()
        items: list[dict[str, Any]] = [
            {
                "StartTime": round(end * index / len(words), 3),
                "EndTime": round(end * (index + 1) / len(words), 3),
                "Type": "pronunciation",
                "Content": word,
                "VocabularyFilterMatch": False,
                "Stable": final,
                **({} if confidence is None else {"Confidence": confidence}),
            }
            for index, word in enumerate(words)
        ]
        if final:
            items.append({"StartTime": end, "EndTime": end, "Type": "punctuation", "Content": "."})
        result = {
            "ResultId": f"stream-{self.number}-segment-{self._segment}",
            "StartTime": 0.0,
            "EndTime": end,
            "IsPartial": not final,
            "ChannelId": "ch_0",
            "Alternatives": [{"Transcript": text, "Items": items}],
        }
        return event({"Transcript": {"Results": [result]}})


def event(document: Mapping[str, Any]) -> bytes:
    """A TranscriptEvent message."""
    headers = {
        ":message-type": "event",
        ":event-type": "TranscriptEvent",
        ":content-type": "application/json",
    }
    return encode(headers, json.dumps(document).encode())


def exception(exception_type: str, message: str) -> bytes:
    """An exception message, after which Transcribe ends the stream."""
    headers = {
        ":message-type": "exception",
        ":exception-type": exception_type,
        ":content-type": "application/json",
    }
    return encode(headers, json.dumps({"Message": message}).encode())
