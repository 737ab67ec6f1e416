"""Clients of all kinds in real time: sound at the pace at which it is spoken, a text every few seconds.

Each is one of `tests.kinds_of_clients`, or, beside it, a plain WebSocket that sends the same to the control. What ends
a turn is known beforehand: the piece with which recognition has got its 3.1 s of sound, as the relay's own codecs give
it.
"""

from __future__ import annotations

import asyncio
import json
import time
from array import array
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE
from relay.codecs import mulaw
from relay.codecs.containers import HEADER_BYTES, decode
from relay.codecs.resample import StreamResampler
from tests.client_answers import Answers
from tests.kinds_of_clients import CaptionsPage, Echo, Recorder
from tests.relay.recordings import pcm

TURN_SECONDS = 3.1
"""Between two finals of the scripted recognition, so that a turn ends anywhere in a piece of 1 s."""

TURN_BYTES = round(TURN_SECONDS * BYTES_PER_SECOND)

MAX_SECONDS = 30
"""Longest that a client may speak."""

QUIET_SECONDS, QUIET_LEVEL = 1.2, 20
"""A person who says nothing, and how far the samples of that are from 0 at most."""

BROWSER_BIT_RATE = 128_000
"""Of a recorder that is not asked for another."""

ECHO_SECONDS = 0.1
"""Between two texts of an `Echo`; every other client that types does so once in a turn."""

COUNTED_CHUNKS = 10
"""The recorder is told after so many."""

TYPED = "I had two eggs and a slice of toast"


class CountingRecorder(Recorder):
    """An answer is that so many chunks have come."""

    kind = "recorder PCM"

    def read(self, message: str | bytes) -> None:
        if isinstance(message, str) and message.startswith("Received"):
            self.end(message)
        elif isinstance(message, str) and message.startswith("Error"):
            self.fail(message)


class CountingWebmRecorder(CountingRecorder):
    kind = "recorder WebM"
    form = "webm"


@dataclass(frozen=True, slots=True)
class Script:
    """What one kind of client sends."""

    sends: Sequence[Any]
    step: float
    """Seconds from one to the next."""
    ends: frozenset[int]
    """Which of them are answered."""
    silence: float
    """Seconds from each of those until an answer is to come."""


@cache
def script_of(kind: type[Answers], silence: float) -> Script:
    """`silence` is what ends a turn."""
    if not kind.speaks:
        step = ECHO_SECONDS if issubclass(kind, Echo) else TURN_SECONDS
        count = int(MAX_SECONDS / step)
        return Script([TYPED] * count, step, frozenset(range(count)), 0.0)
    pieces = _pieces(kind.form, kind.timeslice)
    if issubclass(kind, Recorder):
        ends = range(COUNTED_CHUNKS - 1, len(pieces), COUNTED_CHUNKS)
        return Script(pieces, kind.timeslice, frozenset(ends), 0.0)
    waits = 0.0 if issubclass(kind, CaptionsPage) else silence
    return Script(pieces, kind.timeslice, _ends(_decoded(kind.form, pieces)), waits)


@cache
def _pieces(form: str, timeslice: float) -> list[bytes]:
    class Kind(Answers):
        pass

    Kind.form, Kind.timeslice = form, timeslice
    return Kind.pieces(_sound(), BROWSER_BIT_RATE)


@cache
def _sound() -> bytes:
    """In each turn the person is quiet at first, while the answer to the one before comes: nobody is interrupted."""
    quiet = Random(0).choices(range(-QUIET_LEVEL, QUIET_LEVEL + 1), k=round(QUIET_SECONDS * SAMPLE_RATE))
    turn = array("h", quiet).tobytes() + pcm("breakfast")
    assert len(turn) >= TURN_BYTES
    return turn[:TURN_BYTES] * (1 + int(MAX_SECONDS / TURN_SECONDS))


def _ends(totals: list[int]) -> frozenset[int]:
    """The pieces with which another turn's sound is complete."""
    turns = [total // TURN_BYTES for total in totals]
    return frozenset(n for n, turn in enumerate(turns) if turn > (turns[n - 1] if n else 0))


def _decoded(form: str, pieces: list[bytes]) -> list[int]:
    """Bytes of PCM that there are when each of `pieces` has come."""
    totals = []
    total = 0
    if form == "webm":
        source = _Source(pieces)
        for sound in decode(source):
            total += len(sound)
            source.total = total
        return source.totals[: len(pieces)]
    up = StreamResampler(8_000, SAMPLE_RATE)
    for piece in pieces:
        total += len(up.feed(mulaw.decode(piece))) if form == "mulaw" else len(piece)
        totals.append(total)
    return totals


class _Source:
    """A recording that is read piece by piece: a piece is asked for when all of those before it are decoded."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.barren = 0
        self.total = 0
        self.totals: list[int] = []
        self._pieces = pieces
        self._rest = b""
        self._next = 0

    def peek(self, count: int) -> bytes:
        assert count <= HEADER_BYTES
        return self._pieces[0][:count]

    def read(self, count: int) -> bytes:
        if not self._rest:
            if self._next:
                self.totals.append(self.total)
            if self._next == len(self._pieces):
                return b""
            self._rest = self._pieces[self._next]
            self._next += 1
        part, self._rest = self._rest[:count], self._rest[count:]
        return part


class ControlClient(Answers):
    """Sends to `bench.mixed_control` what a client of another kind sends to the relay."""

    def __init__(self, port: int, like: Any, script: Script, length: int) -> None:
        super().__init__(like.number)
        self.kind, self._form = like.kind, like.form  # type: ignore[misc]
        self._url = f"ws://127.0.0.1:{port}/"
        hops = not isinstance(like, (Echo, Recorder, CaptionsPage))
        self._hello = {"ends": sorted(script.ends), "silence": script.silence, "hops": hops, "length": length}
        self._socket: ClientConnection
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url, compression=None, max_size=None)
        await self._socket.send(json.dumps(self._hello))
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._socket.close()
        if self._reading is not None:
            await self._reading

    async def send_sound(self, piece: bytes) -> None:
        if self._form == "mulaw":
            payload = b64encode(piece).decode()
            await self._socket.send(json.dumps({"event": "media", "media": {"payload": payload}}))
        else:
            await self._socket.send(piece)

    async def send_text(self, text: str) -> None:
        await self._socket.send(json.dumps({"text": text}))

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                self.end(message if isinstance(message, str) else "")
        except ConnectionClosed:
            pass


@dataclass
class Speaker:
    """A client, what it sends, and when its turns ended."""

    client: Any
    script: Script
    ended: list[float] = field(default_factory=list)
    """`time.monotonic()` of each thing that was sent and is to be answered."""
    late: list[float] = field(default_factory=list)
    """Seconds by which each was sent too late."""
    watches: bool = False
    """Somebody else says it."""

    async def talk(self, begin: float, until: float) -> None:
        """Send each thing when it is due, until the end."""
        if self.watches:
            return
        spoken = isinstance(self.script.sends[0], bytes)
        send = self.client.send_sound if spoken else self.client.send_text
        for number, what in enumerate(self.script.sends):
            due = begin + (number + 1) * self.script.step
            if due > until:
                return
            await asyncio.sleep(due - time.monotonic())
            now = time.monotonic()
            self.late.append(now - due)
            if number in self.script.ends:
                self.ended.append(now)
            await send(what)

    def overheads(self, since: float, until: float) -> list[float]:
        """Seconds beside the silence that each answer took, of what was sent in that time."""
        return [
            began - ended - self.script.silence
            for ended, began in zip(self.ended, self.client.began, strict=False)
            if since <= ended < until
        ]

    @property
    def unanswered(self) -> int:
        return len(self.ended) - len(self.client.began)


async def talk(speakers: Sequence[Speaker], seconds: float, seed: int = 1) -> None:
    """All at once, each from its own point of the turn on, which is the same in every run."""
    random = Random(seed)
    begin = time.monotonic()
    starts = [begin + random.uniform(0.0, TURN_SECONDS) for _ in speakers]
    await asyncio.gather(
        *(speaker.talk(start, begin + seconds) for speaker, start in zip(speakers, starts, strict=True))
    )
