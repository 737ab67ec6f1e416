"""A small client for each wire of the relay, all to be used in the same way: say or ask something, see what comes.

A client that `speaks` is given pieces of sound by `send_sound`, in the form that `pieces` makes of PCM; most are given
a text by `send_text`. Each answer is noted when its first byte comes, and kept when all of it is there.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Self

import aiohttp
import socketio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from relay.codecs import mulaw
from tests.client_answers import WAIT_SECONDS, Answer, Answers
from tests.tones import numbers_in
from tests.twilio_caller import TwilioCaller
from tests.wire_client import WireClient


class WirePage(Answers, WireClient):
    """A page whose messages are JSON with a `type`."""

    path: ClassVar[str] = "/"

    def __init__(self, port: int, number: int, **query: str) -> None:
        Answers.__init__(self, number)
        fields = "&".join(f"{name}={value}" for name, value in query.items())
        WireClient.__init__(self, port, f"{self.path}?{fields}" if fields else self.path)

    def take(self, message: dict[str, Any]) -> None:
        super().take(message)
        if message["type"] == "error":
            self.fail(message)
        else:
            self.read(message)

    def read(self, message: dict[str, Any]) -> None:
        """What is shown and played of a message."""

    async def send_sound(self, piece: bytes) -> None:
        await self.socket.send(piece)


class NativePage(WirePage):
    """Answers as a whole."""

    kind = "native PCM"
    speaks = True
    hello_fields: ClassVar[Mapping[str, Any]] = {"replies": "whole"}

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.send("hello", name=f"n{self.number}", **self.hello_fields)
        await self.expect("ready")
        return self

    def read(self, message: dict[str, Any]) -> None:
        if message["type"] == "server_response":
            self.end(message["message"], b64decode(message["audio"] or ""))

    async def send_text(self, text: str) -> None:
        await self.send("text", text=text)


class NativeTypingPage(NativePage):
    kind = "native, typed"
    speaks = False


class NativeWebmPage(NativePage):
    """Text as it comes, and sound sentence by sentence."""

    kind = "native WebM"
    form = "webm"
    hello_fields: ClassVar[Mapping[str, Any]] = {"replies": "sentences", "deltas": True}

    def __init__(self, port: int, number: int) -> None:
        super().__init__(port, number)
        self._told, self._sound = "", b""

    def read(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "delta":
                self.begin()
                self._told = message["text"] if message.get("restart") else self._told + message["text"]
            case "answer":
                self.begin()
                if self._told not in ("", message["message"]):
                    self.fail((message, self._told))
            case "reply_audio":
                self._sound += b64decode(message["audio"])
            case "server_response":
                self.end(message["message"], self._sound)
                self._told, self._sound = "", b""


class DietPage(WirePage):
    """Pieces of a second."""

    kind = "diet WebM"
    path = "/ws/diet"
    speaks = True
    form = "webm"
    timeslice = 1.0

    def __init__(self, port: int, number: int) -> None:
        super().__init__(port, number, sessionId=f"meals-{number}", userEmail=f"{number}@example.com")

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.expect("status", status="ready")
        return self

    def read(self, message: dict[str, Any]) -> None:
        if message["type"] == "ai_response":
            self.begin()
            self._text = message["text"]
        elif message["type"] == "tts_response":
            if message["text"] != self._text:
                self.fail((message, self._text))
            self.end(self._text, b64decode(message["audio"] or ""))

    async def send_text(self, text: str) -> None:
        await self.send("user_message", text=text)


class CaptionsPage(WirePage):
    """Live captions: what is said comes back."""

    kind = "captions PCM"
    path = "/ws/transcribe-stream"
    speaks = True

    def read(self, message: dict[str, Any]) -> None:
        if message["type"] == "final_transcript":
            self.end(message["text"])


class CaptionsWebmPage(CaptionsPage):
    kind = "captions WebM"
    form = "webm"


class QuestionPage(WirePage):
    """The transcribed question, and its streamed answer."""

    kind = "streamed answers"
    path = "/ws/llm-stream"
    _told, _sound = "", b""

    def read(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "chunk":
                self.begin()
                self._told = message["text"] if message.get("restart") else self._told + message["text"]
            case "end":
                if message["final_response"] != self._told:
                    self.fail((message, self._told))
            case "audio":
                self._sound += b64decode(message["audio"])
            case "audio_end":
                self.end(self._told, self._sound)
                self._told, self._sound = "", b""

    async def send_text(self, text: str) -> None:
        await self.socket.send(json.dumps({"text": text}))


class CallScreen(WirePage):
    """Sees a user's calls; `lines` are the final ones: call, speaker and text."""

    kind = "call screen"
    path = "/ws/calls"

    def __init__(self, port: int, number: int, user: str) -> None:
        super().__init__(port, number, userId=user)
        self.user = user
        self.lines: list[tuple[str, str, str]] = []
        self.calls: set[str] = set()
        """All that it was ever told of."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.expect("calls")
        return self

    def read(self, message: dict[str, Any]) -> None:
        if "callSid" in message:
            self.calls.add(message["callSid"])
        if message["type"] == "transcript" and message["isFinal"]:
            self.lines.append((message["callSid"], message["speaker"], message["text"]))
            if message["speaker"] == "assistant":
                self.end(message["text"])


class Telephone(Answers, TwilioCaller):
    """A call of `user`, whose answers have so many sentences."""

    kind = "telephone"
    speaks = True
    form = "mulaw"
    timeslice = 0.02

    def __init__(self, port: int, number: int, user: str, sentences: int = 1) -> None:
        Answers.__init__(self, number)
        TwilioCaller.__init__(self, port)
        self.user = user
        self._sentences = sentences
        self._sound, self._marks = b"", 0

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.start({"userId": self.user})
        return self

    async def leave(self) -> None:
        await self.stop()
        await self.closed()

    def take(self, message: dict[str, Any]) -> None:
        super().take(message)
        if message["event"] == "media":
            self.begin()
            self._sound += b64decode(message["media"]["payload"])
        elif message["event"] == "mark":
            self._marks += 1
            if self._marks % self._sentences == 0:
                self.end("", self._sound)
                self._sound = b""

    async def send_sound(self, piece: bytes) -> None:
        await self.media(piece)

    def tones_in(self, answer: Answer) -> list[int]:
        return numbers_in(mulaw.decode(answer.sound), 8_000)


class BankPage(Answers):
    """With Socket.IO's own client for Python."""

    kind = "Socket.IO PCM"
    speaks = True

    def __init__(self, port: int, number: int) -> None:
        super().__init__(number)
        self._url = f"http://127.0.0.1:{port}"
        self._told, self._sound = "", b""
        self._ready = asyncio.Event()
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("ready", lambda ready: self._ready.set())
        self._client.on("textChunk", self._take_chunk)
        self._client.on("textResponse", self._take_text)
        self._client.on("audioResponse", self._take_sound)
        self._client.on("audioEnd", self._take_end)
        self._client.on("error", self.fail)

    async def __aenter__(self) -> Self:
        await self._client.connect(self._url, auth={"name": f"n{self.number}"}, transports=["websocket"])
        async with asyncio.timeout(WAIT_SECONDS):
            await self._ready.wait()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        await self._client.disconnect()

    async def send_sound(self, piece: bytes) -> None:
        await self._client.emit("audioData", piece)

    async def send_text(self, text: str) -> None:
        await self._client.emit("bankingQuery", text)

    def _take_chunk(self, chunk: dict[str, Any]) -> None:
        self.begin()
        self._told = chunk["text"] if chunk.get("restart") else self._told + chunk["text"]

    def _take_text(self, response: dict[str, Any]) -> None:
        if response["text"] != self._told:
            self.fail((response, self._told))

    def _take_sound(self, mp3: bytes) -> None:
        self._sound += mp3

    def _take_end(self, end: dict[str, Any]) -> None:
        self.end(self._told, self._sound)
        self._told, self._sound = "", b""


class BankWebmPage(BankPage):
    kind = "Socket.IO WebM"
    form = "webm"


class PostingPage(Answers):
    """Asks by plain HTTP, each time on a connection of its own."""

    kind = "posted questions"

    def __init__(self, port: int, number: int) -> None:
        super().__init__(number)
        self._url = f"http://127.0.0.1:{port}/ws/llm-stream"
        self._session: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """There is no connection between two questions."""

    async def send_text(self, text: str) -> None:
        question = {"text": text, "session_id": self._session}
        async with aiohttp.ClientSession() as http, http.post(self._url, json=question) as response:
            self.begin()
            answer = await response.json()
            if response.status != 200:
                self.fail(answer)
                return
            self._session = answer["session_id"]
            self.end(answer["final_response"], b64decode(answer["audio"] or ""))


class PlainSocket(Answers):
    """A WebSocket without JSON."""

    path: ClassVar[str]

    def __init__(self, port: int, number: int) -> None:
        super().__init__(number)
        self._url = f"ws://127.0.0.1:{port}{self.path}"
        self.socket: ClientConnection
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.socket = await connect(self._url, compression=None, max_size=None)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        await self.socket.close()
        if self._reading is not None:
            await self._reading

    async def send_sound(self, piece: bytes) -> None:
        await self.socket.send(piece)

    async def send_text(self, text: str) -> None:
        await self.socket.send(text)

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self.socket:
                self.read(message)

    def read(self, message: str | bytes) -> None:
        raise NotImplementedError


class Recorder(PlainSocket):
    """An answer is the name of a file that was saved."""

    kind = "recorder"
    path = "/ws/audio-stream"
    speaks = True

    def read(self, message: str | bytes) -> None:
        if not isinstance(message, str):
            self.fail(message)
        elif saved := re.match(r"Audio saved: (\S+)", message):
            self.end(saved[1])
        elif not message.startswith(("Started", "Received")):
            self.fail(message)


class WebmRecorder(Recorder):
    form = "webm"


class Echo(PlainSocket):
    kind = "echo"
    path = "/ws"

    def read(self, message: str | bytes) -> None:
        self.end(message) if isinstance(message, str) else self.end("", message)
