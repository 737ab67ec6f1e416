"""A telephone for the tests: says to the relay what Twilio Media Streams says, and keeps all that comes back.

It speaks as fast as the relay listens, unless asked for real time; streamdouble is the one that keeps time.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from relay.codecs import mulaw
from relay.codecs.resample import StreamResampler
from tests.relay.recordings import pcm

WAIT_SECONDS = 30.0
CHUNK_BYTES = 160
"""20 ms of mu-law."""

AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://voice.example.com"

Message = dict[str, Any]


def sign(address: str, fields: Mapping[str, str] | None = None, token: str = AUTH_TOKEN) -> dict[str, str]:
    """The header that Twilio sends."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, fields or {})}


def sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def recording(name: str) -> bytes:
    """A recording of tests/audio as mu-law."""
    down = StreamResampler(16_000, 8_000, "HQ")
    return mulaw.encode(down.feed(pcm(name)) + down.flush())


def silence(seconds: float) -> bytes:
    return b"\xff" * int(8_000 * seconds)


class TwilioCaller:
    """`async with TwilioCaller(port) as caller:`; says `connected` by itself, and nothing else."""

    def __init__(
        self, port: int, path: str = "/ws/media-stream", *, old: bool = False, **options: Any
    ) -> None:
        """`old`: as an older client, that says no `connected` and counts in numbers instead of texts."""
        self._url = f"ws://127.0.0.1:{port}{path}"
        self._options = options
        self._old = old
        self.call_sid, self.stream_sid = sid("CA"), sid("MZ")
        self.messages: list[Message] = []
        self.echoes_marks = True
        """Marks come back at once, as though all was played in no time; a `clear` brings the others back."""
        self.socket: ClientConnection
        self._held: list[str] = []
        self._sent = 0
        self._chunks = 0
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> TwilioCaller:
        self.socket = await connect(self._url, compression=None, **self._options)
        self._reading = asyncio.create_task(self._read())
        if not self._old:
            hello = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
            await self.socket.send(json.dumps(hello))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.socket.close()
        if self._reading is not None:
            await self._reading

    # To the relay

    async def send(self, event: str, **fields: Any) -> None:
        self._sent += 1
        message = {
            "event": event,
            "sequenceNumber": self._count(self._sent),
            "streamSid": self.stream_sid,
            **fields,
        }
        await self.socket.send(json.dumps(message))

    async def start(self, parameters: Mapping[str, str] | None = None, **changes: Any) -> None:
        start = {
            "accountSid": sid("AC"),
            "streamSid": self.stream_sid,
            "callSid": self.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(parameters or {}),
        }
        await self.send("start", start={**start, **changes})

    async def media(self, chunk: bytes, **changes: Any) -> None:
        self._chunks += 1
        payload = b64encode(chunk).decode()
        media = {
            "track": "inbound_track" if self._old else "inbound",
            "chunk": self._count(self._chunks),
            "timestamp": self._count(self._chunks * 20),
            "payload": payload,
        }
        await self.send("media", media={**media, **changes})

    async def say(self, sound: bytes, *, pause: float = 0.0) -> None:
        """Mu-law, in pieces of 20 ms."""
        for start in range(0, len(sound), CHUNK_BYTES):
            await self.media(sound[start : start + CHUNK_BYTES])
            if pause:
                await asyncio.sleep(pause)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.send("dtmf", dtmf={"track": "inbound_track", "digit": key})

    async def stop(self) -> None:
        await self.send("stop", stop={"accountSid": sid("AC"), "callSid": self.call_sid})

    async def echo(self, name: str) -> None:
        await self.send("mark", mark={"name": name})

    def _count(self, number: int) -> int | str:
        return number if self._old else str(number)

    # From the relay

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self.socket:
                message = json.loads(data)
                self.take(message)
                if message["event"] == "mark":
                    if self.echoes_marks:
                        await self.echo(message["mark"]["name"])
                    else:
                        self._held.append(message["mark"]["name"])
                elif message["event"] == "clear":
                    held, self._held = self._held, []
                    for name in held:
                        await self.echo(name)
                self._changed.set()
        self._changed.set()

    def take(self, message: Message) -> None:
        """A message that has come. For a subclass that does more than keep it."""
        self.messages.append(message)

    def of(self, event: str) -> list[Message]:
        return [message for message in self.messages if message["event"] == event]

    @property
    def marks(self) -> list[str]:
        return [message["mark"]["name"] for message in self.of("mark")]

    @property
    def heard(self) -> bytes:
        """All mu-law that was to be played."""
        return b"".join(b64decode(message["media"]["payload"]) for message in self.of("media"))

    async def expect(self, event: str, count: int = 1) -> list[Message]:
        """Wait for so many messages of an event."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while len(found := self.of(event)) < count:
                    if self._reading is not None and self._reading.done():
                        raise AssertionError(f"closed without {count} {event}: {self._shown()}")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {count} {event}: {self._shown()}") from None
        return found

    async def closed(self) -> tuple[int | None, str]:
        """Wait until the relay has closed the connection: the close code and reason."""
        async with asyncio.timeout(WAIT_SECONDS):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason or ""

    def _shown(self) -> str:
        return "; ".join(str(message)[:80] for message in self.messages[-12:])
