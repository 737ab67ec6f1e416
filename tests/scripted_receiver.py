"""A receiver for the relay's tests: a real socket, an answer to everything, and faults on request.

It keeps the rules of `protocol/README.md` in memory (one turn once, epochs), so that a test of the relay does not
depend on the real receiver's assistants.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from protocol.errors import MessageTooLarge
from protocol.framing import Decoder, encode
from tests.ports import next_port

Answer = Callable[[str], str]


@dataclass
class Session:
    epoch: int = 0
    turns: dict[int, tuple[str, str, list[str]]] = field(default_factory=dict)
    audio_until: int = 0
    key: str | None = None
    holder: str | None = None


class ScriptedReceiver:
    """`async with ScriptedReceiver() as receiver:`; `receiver.address` is what the relay is given."""

    def __init__(self, answer: Answer = lambda said: f"You said: {said}.", port: int | None = None) -> None:
        self.answer = answer
        self.port = port or next_port()
        self.greeting: str | None = None
        self.protocol = "1.0"
        self.store_id = "store-1"
        self.sessions: dict[str, Session] = {}
        self.seen: list[tuple[float, dict[str, Any]]] = []
        self.mute: set[str] = set()
        """Types of messages that get no reaction."""
        self.before: Callable[[dict[str, Any], ScriptedReceiver], Any] | None = None
        """Called with each message before it is handled; may be a coroutine function, may call `cut()`.

        False leaves the message out, as though it had not arrived.
        """
        self.summarize: Callable[[list[tuple[int, str, str]]], dict[str, Any]] | None = None
        """The summary of a session, from number, words and answer of each turn; without it, none is given."""
        self.token: str | None = None
        """What the relay must send in its `hello`."""
        self.tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"{'tls' if self.tls else 'tcp'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> ScriptedReceiver:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As after a kill: connections are cut, what is stored stays."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def go_away(self, *, close: bool = True) -> None:
        """Say `goaway` on the connections there are; `close` them at once, whatever is not answered."""
        self.say(type="goaway")
        if close:
            for writer in self._writers:
                writer.close()

    def send_raw(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)

    def say(self, **fields: Any) -> None:
        """Send a message that nobody asked for, on every connection."""
        self.send_raw(encode(fields))

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [message for _, message in self.seen if message["type"] == kind]

    def turns(self) -> list[tuple[str, str]]:
        """What is stored of the only session: words and answer of each turn."""
        (session,) = self.sessions.values()
        return [(said, answer) for _, (said, answer, _) in sorted(session.turns.items())]

    async def wait_for(self, kind: str, count: int = 1, timeout: float = 30) -> list[dict[str, Any]]:
        async with asyncio.timeout(timeout):
            while len(found := self.of_type(kind)) < count:
                await asyncio.sleep(0.005)
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        decoder = Decoder()
        try:
            while data := await reader.read(65536):
                arrived = time.monotonic()
                for message in decoder.feed(data):
                    assert isinstance(message, dict)
                    self.seen.append((arrived, message))
                    await self._handle(message, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        except MessageTooLarge:
            pass  # no relay: somebody else's client that looks for a server which had this port before
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _handle(self, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if self.before is not None:
            result = self.before(message, self)
            if asyncio.iscoroutine(result):
                result = await result
            if result is False:
                return
        kind = message["type"]
        if kind in self.mute:
            return

        def send(**fields: Any) -> None:
            writer.write(encode(fields))

        about = {name: message[name] for name in ("session", "turn", "attempt") if name in message}
        if kind == "hello" and self.token not in (None, message.get("token")):
            send(type="error", code="unauthorized", message="No.", retryable=False)
        elif kind == "hello":
            send(type="welcome", protocol=self.protocol, store_id=self.store_id)
        elif kind == "ping":
            send(type="pong")
        elif kind == "open":
            self._open(message, send)
        elif kind == "draft":
            text = self.answer(_said(message))
            send(type="reply", **about, text=text, plan=text.encode())
        elif kind == "commit":
            self._commit(message, about, send)
        elif kind == "summarize":
            self._summarize(message, send)
        elif kind == "action":
            send(type="action_done", session=message["session"], id=message["id"])

    def _open(self, message: dict[str, Any], send: Callable[..., None]) -> None:
        new = message["session"] not in self.sessions
        session = self.sessions.setdefault(message["session"], Session(key=message.get("key")))
        if session.key != message.get("key"):
            send(
                type="error",
                session=message["session"],
                code="session_refused",
                message="No.",
                retryable=False,
            )
            return
        if message.get("again") and session.holder != message.get("holder"):
            error = {"code": "session_moved", "message": "No.", "retryable": False}
            send(type="error", session=message["session"], **error)
            return
        session.holder = message.get("holder")
        session.epoch += 1
        greeting = {"greeting": self.greeting} if new and self.greeting else {}
        if new and self.greeting:
            session.turns[0] = ("", self.greeting, [])
        send(
            type="opened",
            session=message["session"],
            epoch=session.epoch,
            next_turn=max(session.turns, default=0) + 1,
            audio_until=session.audio_until,
            history=[
                {"turn": turn, "text": said, "message": answer, "ids": ids}
                for turn, (said, answer, ids) in sorted(session.turns.items())
            ],
            **greeting,
        )

    def _summarize(self, message: dict[str, Any], send: Callable[..., None]) -> None:
        about = {"session": message["session"], "id": message["id"]}
        if self.summarize is None:
            send(type="error", **about, code="unsupported", message="No.", retryable=False)
            return
        turns = sorted(self.sessions[message["session"]].turns.items())
        summary = self.summarize([(turn, said, answer) for turn, (said, answer, _) in turns])
        send(type="summarized", **about, summary=summary)

    def _commit(self, message: dict[str, Any], about: dict[str, Any], send: Callable[..., None]) -> None:
        session = self.sessions[message["session"]]
        turn, said = message["turn"], _said(message)
        stored = session.turns.get(turn)
        if stored is None and message["epoch"] != session.epoch:
            code = "session_moved"
        elif stored is not None and stored[0] != said:
            code = "turn_conflict"
        else:
            if stored is None:
                ids = [item["id"] for item in message["items"] if "id" in item]
                stored = session.turns[turn] = (said, self.answer(said), ids)
                session.audio_until = max(session.audio_until, message.get("audio_until", 0))
            send(type="committed", session=message["session"], turn=turn, text=stored[1])
            return
        send(type="error", **about, epoch=message["epoch"], code=code, message="No.", retryable=False)


def lose(receiver: ScriptedReceiver) -> bool:
    """For `before`: the link is cut, and what came on it last is not taken."""
    receiver.cut()
    return False


def once(
    kind: str, do: Callable[[ScriptedReceiver], object]
) -> Callable[[dict[str, Any], ScriptedReceiver], object]:
    """For `before`: `do` at the first message of a type."""
    left = [kind]

    def hook(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        if message["type"] in left:
            left.remove(kind)
            return do(receiver)
        return None

    return hook


def _said(message: dict[str, Any]) -> str:
    return " ".join(item["text"] for item in message["items"])
