"""The recorder (path `/ws/audio-stream`): what a client says becomes WAV files (`relay.recordings`).

Binary messages are WebM or Ogg as `MediaRecorder` makes them, or raw PCM; two words in plain text start and stop a
recording, and plain texts come back. `protocol/CLIENTS.md` has the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from websockets.asyncio.server import ServerConnection

from protocol.errors import CapacityError, VoiceError
from relay.clients.incoming_audio import IncomingAudio
from relay.clients.socket_client import SocketClient
from relay.identity import Identity
from relay.recordings import Finished, Recording
from relay.services import Services

START, STOP = "START_RECORDING", "STOP_RECORDING"

COUNT_EVERY = 10
"""Chunks between two `Received N chunks`."""

MAX_RECEIVED_BYTES = 500_000_000
"""What a client may send for one file, whatever sound is in it. Past it, or past an hour of sound
(`relay.recordings.MAX_SECONDS`), the file is saved and the next one begins with what follows: nothing is lost."""

NO_AUDIO = "No audio data received"
NOT_RECORDING = f"Not recording: send {START} first"


class RecorderClient(SocketClient):
    """One connection, and one recording after the other.

    Audio that comes before any command begins a recording by itself. After STOP_RECORDING nothing is recorded until the
    next START_RECORDING: the person asked for it. A connection that ends in the middle of a recording saves what came.
    """

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self._incoming = IncomingAudio(self._add, self.report)
        self._recording: Recording | None = None
        self._asked_for = False  # the recording was begun by START_RECORDING
        self._stopped = False  # by STOP_RECORDING
        self._chunks = 0  # of the recording, and their bytes
        self._received = 0
        self._told_stopped = False  # that nothing is recorded
        self._told_failure: Recording | None = None  # that it cannot be written
        self._saving: set[asyncio.Task[None]] = set()

    async def ended(self) -> None:
        await self._incoming.end()
        await self._incoming.close()
        if (recording := self._recording) is not None:
            await self._save(recording)
        await asyncio.gather(*self._saving)

    # In

    def take_binary(self, data: bytes) -> Awaitable[None] | None:
        if self._recording is None:
            if self._stopped:
                if not self._told_stopped:
                    self._told_stopped = True
                    self.send_text(NOT_RECORDING)
                return None
            self._begin()
        elif self._received + len(data) > MAX_RECEIVED_BYTES:
            self._begin_next(self._recording)
        self._chunks += 1
        self._received += len(data)
        decoding = self._incoming.take(data)
        if self._chunks % COUNT_EVERY == 0:
            self.send_text(f"Received {self._chunks} chunks")
        assert self._recording is not None
        self._tell_failure(self._recording)
        writing = self._recording.room()
        return (
            _both(decoding, writing) if decoding is not None and writing is not None else decoding or writing
        )

    def take_text(self, text: str) -> Awaitable[None] | None:
        command = text.strip()
        if command == STOP:
            return self._stop()
        if command == START:
            self._start()
        else:
            self.send_text(f"Unknown command: {command[:100]}")
        return None

    def _start(self) -> None:
        self._stopped = False
        if self._recording is None:
            self._begin()
        elif self._asked_for and self._chunks:
            self._begin_next(self._recording)  # which also gets what is still being decoded
        else:
            self._announce(self._recording)  # it has begun by itself, or has nothing in it
        self._asked_for = True

    async def _stop(self) -> None:
        self._stopped = True
        await self._incoming.end()
        self._told_stopped = False
        if (recording := self._recording) is None:
            self.send_text(NO_AUDIO)
            return
        self._recording = None
        await self._save(recording)

    # Recording

    def _begin(self) -> None:
        """Raises `AtCapacity`."""
        self._recording = self.services.recordings.begin()
        self._asked_for, self._chunks, self._received = False, 0, 0
        self._announce(self._recording)

    def _begin_next(self, recording: Recording) -> None:
        """Save the recording and go on with another one. Raises `AtCapacity`."""
        task = self._loop.create_task(self._save(recording))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)
        asked_for = self._asked_for
        self._begin()
        self._asked_for = asked_for

    def _add(self, pcm: bytes) -> None:
        """A piece of sound, decoded."""
        while pcm and (recording := self._recording) is not None:
            left = recording.left
            recording.add(pcm[:left])
            pcm = pcm[left:]
            if pcm:
                try:
                    self._begin_next(recording)
                except CapacityError as error:
                    self._recording = None
                    self.hang_up(error)

    async def _save(self, recording: Recording) -> None:
        finished = await recording.finish()
        self._tell_failure(recording)
        if finished is not None:
            self.services.recordings.store(finished, self._stored)
        elif recording.failure is None:
            self.send_text(NO_AUDIO)

    def _stored(self, finished: Finished, sent: bool) -> None:
        where = "" if sent else ", kept on the relay: it could not be uploaded and is tried again later"
        self.send_text(f"Audio saved: {finished.name} ({finished.bytes} bytes){where}")

    # Out

    def report(self, error: VoiceError) -> None:
        self.send_text(f"Error: {error.message}")

    def _announce(self, recording: Recording) -> None:
        self.send_text(f"Started new recording session: {recording.id}")

    def _tell_failure(self, recording: Recording) -> None:
        if recording.failure is not None and self._told_failure is not recording:
            self._told_failure = recording
            self.report(recording.failure)


async def _both(first: Awaitable[None], second: Awaitable[None]) -> None:
    await first
    await second
