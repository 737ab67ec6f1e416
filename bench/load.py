"""Callers: WebSocket clients that send PCM in real time and note when answers come.

They cost little, so that the load generator is not what is measured: the handshake and what comes back go through
`websockets`' sans-I/O client, and a chunk of audio is one ready-made frame, masked with the key 0.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import struct
import time
from array import array
from collections import deque
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any, Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from bench.processes import BenchError
from protocol.audio import BYTES_PER_SECOND

TURN_SECONDS = 3.0
"""Audio between two finals of the scripted speech recognition, and so between two turns."""

TURN_BYTES = round(TURN_SECONDS * BYTES_PER_SECOND)

READY_SECONDS = 10.0
ANSWER_SECONDS = 10.0

_HELLO = b'{"type":"hello","replies":"whole"}'


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """What a relay sent to one client between an answer and the next, for the control to send, too."""

    ready: dict[str, Any]
    """The answer to `hello`."""
    said: str
    """The turn's text."""
    meanwhile: list[tuple[int, dict[str, Any]]]
    """Messages while the person spoke, each with the bytes of the turn's audio that had been sent by then."""
    before_hop: list[dict[str, Any]]
    after_hop: list[dict[str, Any]]
    characters: int
    """Length of all of them on the wire."""

    @property
    def count(self) -> int:
        """Messages a turn."""
        return len(self.meanwhile) + len(self.before_hop) + len(self.after_hop)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


class Caller(asyncio.Protocol):
    """One client. `ready` once it may send audio; `delays` are the seconds from a turn's last chunk to its answer."""

    def __init__(self, url: str, chunk: bytes, turn_bytes: int = TURN_BYTES) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol = ClientProtocol(parse_uri(url), max_size=None)
        self._frame = _audio_frame(chunk)
        self._chunk_bytes = len(chunk)
        self._chunks_a_turn = turn_bytes // len(chunk)
        self._transport: asyncio.Transport | None = None
        self._asked: deque[float] = deque()
        self._chunks = 0
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self.received: list[tuple[int, str]] | None = None
        """If set, each message with the bytes of audio that had been sent before it came."""
        self.errors: list[str] = []
        """What the server complained of."""
        self.answered: list[tuple[float, float]] = []
        """For each answer: when its turn's last chunk was sent (`time.monotonic()`), and how long it took to come."""

    @property
    def unanswered(self) -> int:
        """Turns whose answer has not come."""
        return len(self._asked)

    @property
    def bytes_sent(self) -> int:
        return self._chunks * self._chunk_bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._protocol.send_text(_HELLO)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._take(bytes(event.data).decode(), now)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(BenchError("the server has closed a connection"))
        if not self.closed.done():
            self.closed.set_result(None)

    def send_chunk(self) -> None:
        assert self._transport is not None
        self._chunks += 1
        if self._chunks % self._chunks_a_turn == 0:
            self._asked.append(time.monotonic())
        self._transport.write(self._frame)

    def hang_up(self) -> None:
        if not self.closed.done():
            self._protocol.send_close(1000)
            self._flush()

    def _take(self, text: str, now: float) -> None:
        if self.received is not None:
            self.received.append((self.bytes_sent, text))
        message: dict[str, Any] = json.loads(text)
        if message["type"] == "ready":
            self.ready.set_result(None)
        elif message["type"] == "server_response" and self._asked:
            asked = self._asked.popleft()
            self.answered.append((asked, now - asked))
        elif message["type"] == "error":
            self.errors.append(message["message"])

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)


@dataclass(slots=True)
class Load:
    """`count` callers in real time, each at its own point of the turn and of the chunk.

    load = Load(url, count=150, chunk_seconds=0.02)
    await load.start()      # returns when all of them talk
    ...
    await load.stop()
    """

    url: str
    count: int
    chunk_seconds: float
    turn_seconds: float = TURN_SECONDS
    seed: int = 1
    """The points are random, and the same in every run."""
    callers: list[Caller] = field(default_factory=list)
    lateness: array[float] = field(default_factory=lambda: array("d"))
    """For each chunk, the seconds between when it was due and when it was sent."""
    _due: list[tuple[float, int]] = field(default_factory=list)
    _timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        random = Random(self.seed)
        begin = loop.time()
        for phase in sorted(random.uniform(0.0, self.turn_seconds) for _ in range(self.count)):
            await asyncio.sleep(begin + phase - loop.time())
            caller = await call(self.url, self.chunk_seconds, self.turn_seconds)
            self.callers.append(caller)
            # A caller that got its place late keeps its point all the same.
            late = max(0.0, loop.time() - begin - phase)
            chunks = int(late / self.chunk_seconds) + 1
            heapq.heappush(self._due, (begin + phase + chunks * self.chunk_seconds, len(self.callers) - 1))
            if self._timer is None:
                self._tick()

    async def stop(self) -> None:
        """Stop talking, wait for the answers, hang up. Raises `BenchError` when one is missing or an error came."""
        if self._timer is not None:
            self._timer.cancel()
        until = time.monotonic() + ANSWER_SECONDS
        while self.unanswered and time.monotonic() < until:
            await asyncio.sleep(0.05)
        unanswered = self.unanswered
        await hang_up(*self.callers)
        if errors := [error for caller in self.callers for error in caller.errors]:
            raise BenchError(f"{len(errors)} errors; the first: {errors[0]}")
        if unanswered:
            raise BenchError(f"{unanswered} turns were not answered")

    @property
    def unanswered(self) -> int:
        return sum(caller.unanswered for caller in self.callers)

    def delays(self, since: float, until: float) -> list[float]:
        """Seconds from last chunk to answer, of the turns that ended in that time (`time.monotonic()`)."""
        return [
            delay for caller in self.callers for asked, delay in caller.answered if since <= asked < until
        ]

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while (due := self._due[0][0]) <= now:
            number = self._due[0][1]
            heapq.heapreplace(self._due, (due + self.chunk_seconds, number))
            self.lateness.append(now - due)
            self.callers[number].send_chunk()
        self._timer = loop.call_at(self._due[0][0], self._tick)


async def call(url: str, chunk_seconds: float, turn_seconds: float = TURN_SECONDS) -> Caller:
    """A caller that is ready to talk. Raises `BenchError`."""
    loop = asyncio.get_running_loop()
    chunk = Random(0).randbytes(round(chunk_seconds * BYTES_PER_SECOND))
    uri = parse_uri(url)
    _, caller = await loop.create_connection(
        lambda: Caller(url, chunk, round(turn_seconds * BYTES_PER_SECOND)), uri.host, uri.port
    )
    try:
        async with asyncio.timeout(READY_SECONDS):
            await caller.ready
    except TimeoutError:
        raise BenchError("a caller was not let in within 10 s") from None
    return caller


async def hang_up(*callers: Caller) -> None:
    for caller in callers:
        caller.hang_up()
    await asyncio.wait([caller.closed for caller in callers], timeout=ANSWER_SECONDS)


async def take_one_turn(url: str, chunk_seconds: float) -> None:
    """One turn as fast as it goes, so that what is made once and kept is there before memory is measured."""
    caller = await call(url, chunk_seconds)
    for _ in range(round(TURN_SECONDS / chunk_seconds)):
        caller.send_chunk()
    until = time.monotonic() + ANSWER_SECONDS
    while caller.unanswered:
        if time.monotonic() > until:
            raise BenchError("the first turn was not answered")
        await asyncio.sleep(0.02)
    await hang_up(caller)


async def record_turn(url: str, chunk_seconds: float) -> RecordedTurn:
    """Talk for three turns in real time and keep what came with the second one."""
    loop = asyncio.get_running_loop()
    caller = await call(url, chunk_seconds)
    received: list[tuple[int, str]] = []
    caller.received = received
    begin = loop.time()
    for number in range(1, round(3 * TURN_SECONDS / chunk_seconds) + 1):
        caller.send_chunk()
        await asyncio.sleep(begin + number * chunk_seconds - loop.time())
    await hang_up(caller)
    messages = [(sent, text, json.loads(text)) for sent, text in received]
    # A turn lasts from its predecessor's last message, `latency`, to its own.
    ends = [index for index, (_, _, message) in enumerate(messages) if message["type"] == "latency"]
    if len(ends) < 2:
        raise BenchError("the relay did not answer while its messages were recorded")
    turn = messages[ends[0] + 1 : ends[1] + 1]
    final = next(index for index, (_, _, message) in enumerate(turn) if message.get("final") is True)
    # The last thing that a relay says before it waits for the receiver is that it thinks.
    hop = next(index for index, (_, _, message) in enumerate(turn) if message.get("state") == "thinking") + 1
    return RecordedTurn(
        ready={"type": "ready"},
        said=turn[final][2]["text"],
        meanwhile=[(sent - TURN_BYTES, message) for sent, _, message in turn[:final]],
        before_hop=[message for _, _, message in turn[final:hop]],
        after_hop=[message for _, _, message in turn[hop:]],
        characters=sum(len(text) for _, text, _ in turn),
    )


def _audio_frame(chunk: bytes) -> bytes:
    """A binary message (RFC 6455, section 5.2), masked with the key 0, which leaves it as it is."""
    length = len(chunk)
    size = bytes([0x80 | length]) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    return bytes([0x82]) + size + bytes(4) + chunk
