"""Speech to text on this machine: Moonshine (tiny, English) in a process of its own.

The model is shared by all conversations. Its process is started again when it dies; the streams it held fail
with `SttUnavailable`, and each conversation opens another and repeats its recent audio.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
from collections.abc import Callable
from typing import Any

import structlog

from protocol.audio import MAX_CHUNK_BYTES, samples
from protocol.errors import SettingsError, SpeechAtCapacity, SttError, SttUnavailable
from relay.stt import OnFailure, OnResult, SttResult
from relay.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 2.0

# One thread takes half the CPU of the library's default, two, and is as quick (measured 2026-11-21).
_ENVIRON = {"MOONSHINE_ORT_SINGLE_THREAD": "1"}


class OnDeviceEngine:
    """`RELAY_STT=on-device`. At most `capacity` streams at once.

    One core carries eight conversations, in which people listen as much as they talk, or three or four people
    who talk without a pause; past that, captions come later (measured 2026-11-21).
    """

    name = "on-device"
    wants_silence = True
    can_fail = True

    def __init__(
        self,
        capacity: int,
        correct: Callable[[str], str] = str,
        *,
        start_seconds: float = 120.0,
        open_seconds: float = 30.0,
    ) -> None:
        """`correct` puts right what was misheard; each text goes through it, on the event loop.

        `start_seconds` bounds loading the model, `open_seconds` how long a stream waits for a restart.
        """
        self.correct = correct
        self._capacity = capacity
        self._open_seconds = open_seconds
        self._numbers = itertools.count(1)
        self._streams: dict[int, OnDeviceStream] = {}
        self._opening = 0
        self._worker = WorkerProcess(
            "relay.stt.moonshine_worker",
            unavailable=SttUnavailable,
            on_message=self._on_message,
            on_down=self._on_down,
            environ=_ENVIRON,
            start_seconds=start_seconds,
        )

    @property
    def pid(self) -> int | None:
        """Process id of the worker that runs now."""
        return self._worker.pid

    async def start(self) -> None:
        if importlib.util.find_spec("moonshine_voice") is None:
            raise SettingsError(
                "RELAY_STT=on-device needs the package moonshine-voice: "
                "install voice-relay[on-device], or set RELAY_STT=transcribe."
            )
        await self._worker.start()

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> OnDeviceStream:
        if len(self._streams) + self._opening >= self._capacity:
            raise SpeechAtCapacity()
        self._opening += 1
        try:
            await self._worker.wait_ready(self._open_seconds)
        finally:
            self._opening -= 1
        number = next(self._numbers)
        self._worker.send({"type": "open", "stream": number})
        stream = self._streams[number] = OnDeviceStream(self, number, on_result, on_failure)
        return stream

    async def close(self) -> None:
        await self._worker.close()

    def send(self, message: dict[str, Any]) -> None:
        self._worker.send(message)

    def forget(self, number: int) -> None:
        self._streams.pop(number, None)

    def _on_message(self, message: dict[str, Any]) -> None:
        stream = self._streams.get(message["stream"])
        if stream is None:
            return
        if message["type"] == "progress":
            stream.decoded = message["decoded"]
        else:
            # By way of the loop: what one conversation's callback raises is no business of the others.
            asyncio.get_running_loop().call_soon(stream.deliver, message)

    def _on_down(self) -> None:
        for stream in list(self._streams.values()):
            asyncio.get_running_loop().call_soon(stream.fail, SttUnavailable())


class OnDeviceStream:
    """One conversation's audio on its way to the worker, and the results on their way back."""

    def __init__(
        self, engine: OnDeviceEngine, number: int, on_result: OnResult, on_failure: OnFailure
    ) -> None:
        self._engine = engine
        self._number = number
        self._on_result = on_result
        self._on_failure = on_failure
        self._failure: SttError | None = None
        self._closed = False
        self._drains: dict[int, asyncio.Future[None]] = {}
        self._marks = itertools.count(1)
        self._sent = 0
        self.decoded = 0

    @property
    def behind(self) -> int:
        return self._sent - self.decoded

    async def process_audio_data(self, pcm: bytes) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            return
        for start in range(0, len(pcm), MAX_CHUNK_BYTES):
            piece = pcm[start : start + MAX_CHUNK_BYTES]
            self._engine.send({"type": "audio", "stream": self._number, "pcm": piece})
            self._sent += samples(len(piece))

    async def drain(self) -> None:
        if self._failure is not None or self._closed:
            return
        mark = next(self._marks)
        drained = self._drains[mark] = asyncio.get_running_loop().create_future()
        try:
            self._engine.send({"type": "drain", "stream": self._number, "mark": mark})
            await asyncio.wait_for(drained, DRAIN_SECONDS)
        except (TimeoutError, SttUnavailable):
            # Slow: what was sent comes late. Dead: `on_failure` tells.
            log.debug("stt drain cut short", behind=self.behind)
        finally:
            self._drains.pop(mark, None)

    async def close(self) -> None:
        if self._closed:
            return
        self._let_go()
        with contextlib.suppress(SttUnavailable):
            self._engine.send({"type": "close", "stream": self._number})

    def deliver(self, message: dict[str, Any]) -> None:
        """Take a message of the worker about this stream."""
        if self._closed:
            return
        if message["type"] == "result":
            text = self._engine.correct(message["text"])
            self._on_result(SttResult(text, message["final"], message["end"]))
        elif message["type"] == "drained":
            self._release(message["mark"])
        elif message["type"] == "failed":
            log.warning("stt stream failed", reason=message["reason"])
            self.fail(SttUnavailable())

    def fail(self, error: SttError) -> None:
        """Report the stream's death, once."""
        if self._closed:
            return
        self._failure = error
        self._let_go()
        self._on_failure(error)

    def _let_go(self) -> None:
        self._closed = True
        self._engine.forget(self._number)
        self._release()

    def _release(self, mark: int | None = None) -> None:
        """Let the drains up to `mark` return, or all of them."""
        for number, drained in self._drains.items():
            if not drained.done() and (mark is None or number <= mark):
                drained.set_result(None)
