"""Live captions (path `/ws/transcribe-stream`): what a person says as text, and no answer.

No receiver has a part in it: the client's sound goes to recognition (`relay.hearing`) and its results come back.
`protocol/CLIENTS.md` has the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

import structlog
from websockets.asyncio.server import ServerConnection

from protocol.errors import InternalError, UnknownType, VoiceError
from relay.clients.incoming_audio import IncomingAudio
from relay.clients.socket_client import SocketClient
from relay.hearing import Hearing
from relay.identity import Identity
from relay.services import Services
from relay.stt import SttResult

log = structlog.get_logger(__name__)

START, STOP = "START_TRANSCRIPTION", "STOP_TRANSCRIPTION"

STOP_SECONDS = 10.0
"""Longest wait for the last words after STOP_TRANSCRIPTION; recognition gives them within 2 s of the last sound."""

CONNECTED = f"Send audio, or {START}."
STARTED = "Listening."
STOPPED = "Stopped."
LEFT_OUT = f"Stopped: audio is left out until {START}."
BACK = "Speech recognition is back."


class CaptionsClient(SocketClient):
    """One connection; it is its own `relay.hearing.HearingListener`.

    Audio that comes before any command starts the transcription by itself. Each that goes on takes a place of
    `RELAY_MAX_CONVERSATIONS`.
    """

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self._incoming = IncomingAudio(self._add, self.report)
        self._hearing: Hearing | None = None
        self._task: asyncio.Task[None] | None = None
        self._drained = asyncio.Event()
        self._lost = False  # recognition is away, and there are no last words to wait for
        self._stopped = False  # by STOP_TRANSCRIPTION
        self._told_left_out = False

    def begin(self) -> None:
        self._tell_status("connected", CONNECTED)

    async def ended(self) -> None:
        await self._incoming.close()
        await self._let_go()

    # In

    def take_binary(self, data: bytes) -> Awaitable[None] | None:
        if self._hearing is None:
            if self._stopped:
                if not self._told_left_out:
                    self._told_left_out = True
                    self._tell_status("stopped", LEFT_OUT)
                return None
            self._start()
        return self._incoming.take(data)

    def take_text(self, text: str) -> Awaitable[None] | None:
        command = text.strip()
        if command == STOP:
            return self._stop()
        if command != START:
            raise UnknownType(f"Unknown command: {command[:100]}")
        if self._hearing is None:
            self._start()
        else:
            self._tell_status("started", STARTED)
        return None

    def _start(self) -> None:
        """Raises `AtCapacity`."""
        self.services.sessions.take_place()
        self._stopped = self._told_left_out = self._lost = False
        self._hearing = Hearing(self.services.stt, self)
        self._task = self._loop.create_task(self._hearing.run(), name="captions")
        self._task.add_done_callback(self._hearing_ended)
        self._tell_status("started", STARTED)

    async def _stop(self) -> None:
        """The last words come first."""
        self._stopped, self._told_left_out = True, False
        await self._incoming.end()
        if self._hearing is not None and not self._lost:
            self._drained.clear()
            self._hearing.drain()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._drained.wait()
            except TimeoutError:
                log.warning("captions not drained in time")
        await self._let_go()
        self._tell_status("stopped", STOPPED)

    async def _let_go(self) -> None:
        task, self._task, self._hearing = self._task, None, None
        if task is not None:
            self.services.sessions.give_place_back()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _add(self, pcm: bytes) -> None:
        if self._hearing is not None:
            self._hearing.add(pcm)

    # Hearing

    def on_result(self, result: SttResult, audio_until: int) -> None:
        if not (text := result.text.strip()):
            return
        message: dict[str, Any] = {
            "type": "final_transcript" if result.final else "partial_transcript",
            "text": text,
            "transcript": text,
            "end_of_turn": result.final,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if result.confidence is not None:
            message["confidence"] = result.confidence
        self.send_json(message)

    def on_drained(self) -> None:
        self._drained.set()

    def on_behind(self, behind: bool) -> None:
        """Captions that come late are captions all the same."""

    def on_stt_lost(self, error: VoiceError) -> None:
        self._lost = True
        self.report(error)

    def on_stt_back(self) -> None:
        self._lost = False
        self._tell_status("started", BACK)

    def on_voice(self) -> None:
        """Nothing is said that could be interrupted."""

    def on_hearing_error(self, error: VoiceError) -> None:
        self.report(error)

    def _hearing_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("hearing failed", client="captions", exc_info=error)
            self._drained.set()
            self.hang_up(InternalError())

    # Out

    def report(self, error: VoiceError) -> None:
        self.send_json(
            {
                "type": "error",
                "code": error.code,
                "error": error.message,
                "message": error.message,
                "retryable": error.retryable,
            }
        )

    def _tell_status(self, status: str, message: str) -> None:
        self.send_json({"type": "status", "status": status, "message": message})
