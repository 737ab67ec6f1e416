"""What the emulators of language models share: a streaming HTTP server that can fail in every way a provider can."""

from __future__ import annotations

import asyncio
import contextlib
import json
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.http_emulator import HttpEmulator
from tests.emulators.model_brain import Brain, Conversation, Entry, InvalidConversation, Reply, always


@dataclass(frozen=True)
class Problem:
    """How a call goes wrong. With a `status` it is refused; else it fails within the answer:

    `error` an error comes in the stream, `cut` the connection is lost, `stall` nothing more comes, `garbage` what
    comes is not of the protocol, `silent` the stream ends without saying so, `hang` not even the beginning comes. An
    answer that is not streamed never comes (`stall`, `hang`), is half of itself (`cut`) or no JSON (all others).
    """

    status: int = 0
    code: str = ""
    retry_after: str | None = None
    within: str = ""


class Denied(Exception):
    """The key is wrong."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def pieces(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]


class ModelServer(HttpEmulator):
    """A server on a free port of the running loop. `problems` meet the next calls, in order."""

    stream_problem: Problem | None = None
    """Meets every call that asks for a stream, and none of the others."""

    content_type: str

    def __init__(self, brain: Brain | None = None) -> None:
        super().__init__()
        self.brain = brain or always(Reply("Hello."))
        self.problems: deque[Problem] = deque()
        self.delay = 0.0
        """Seconds before each frame of an answer."""
        self.conversations: list[Conversation] = []
        """Those of the calls that were let in."""
        self.bodies: list[dict[str, Any]] = []
        self.calls = 0
        self.whole_answers = 0
        """Calls for an answer without a stream that were let in."""
        self.open_streams = 0
        self.disconnects = 0
        """Streams that the client closed before their end."""
        self.stuck = 0
        """Answers of which nothing more came (`stall`, `hang`)."""
        self.peers: set[Any] = set()
        """Addresses of the connections that calls came through."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/{path:.*}", self._answer)

    async def until(self, condition: Any, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The provider's own variables, with a good key."""

    @abstractmethod
    def authorize(self, request: web.Request, body: bytes) -> None:
        """Raises `Denied`."""

    @abstractmethod
    def read(self, body: dict[str, Any]) -> Conversation:
        """The request in one form. Raises `InvalidConversation`."""

    @abstractmethod
    def is_streamed(self, request: web.Request, body: dict[str, Any]) -> bool: ...

    @abstractmethod
    def frames(self, reply: Reply) -> list[bytes]:
        """The answer as it streams, in small pieces, with its end."""

    @abstractmethod
    def whole(self, reply: Reply) -> dict[str, Any]:
        """The answer without a stream: one JSON document."""

    @abstractmethod
    def error_frame(self, code: str) -> bytes: ...

    @abstractmethod
    def refusal(self, status: int, code: str, headers: dict[str, str]) -> web.Response: ...

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.calls += 1
        body = await request.read()
        self.peers.add(request.transport.get_extra_info("peername") if request.transport else None)
        try:
            self.authorize(request, body)
            parsed = json.loads(body)
            conversation = self.read(parsed)
            conversation.check()
        except Denied as denied:
            return self.refusal(denied.status, denied.code, {})
        except InvalidConversation as invalid:
            return self.refusal(400, f"ValidationException {invalid}", {})
        streamed = self.is_streamed(request, parsed)
        if streamed and self.stream_problem is not None:
            problem = self.stream_problem
        else:
            problem = self.problems.popleft() if self.problems else Problem()
        if problem.status:
            headers = {"Retry-After": problem.retry_after} if problem.retry_after else {}
            return self.refusal(problem.status, problem.code, headers)
        self.bodies.append(parsed)
        self.conversations.append(conversation)
        try:
            reply = self.brain(conversation)
        except (AssertionError, LookupError) as error:
            # A mistake of the test's. What may pass would be tried again and again.
            return self.refusal(400, f"BrainFailed {error!r}", {})
        if streamed:
            return await self._stream(request, self.frames(reply), problem)
        self.whole_answers += 1
        return await self._send_whole(request, self.whole(reply), problem)

    async def _send_whole(
        self, request: web.Request, answer: dict[str, Any], problem: Problem
    ) -> web.StreamResponse:
        if self.delay:
            await asyncio.sleep(self.delay)
        if problem.within in ("stall", "hang"):
            self.stuck += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.disconnects += 1
        if problem.within == "cut":
            text = json.dumps(answer).encode()
            response = web.StreamResponse(
                headers={"Content-Type": "application/json", "Content-Length": str(len(text))}
            )
            await response.prepare(request)
            await response.write(text[: len(text) // 2])
            assert request.transport is not None
            request.transport.abort()
            return response
        if problem.within:
            return web.Response(text="<html>nonsense</html>", content_type="application/json")
        return web.json_response(answer)

    async def _stream(
        self, request: web.Request, frames: list[bytes], problem: Problem
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": self.content_type})
        response.enable_chunked_encoding()
        self.open_streams += 1
        try:
            if problem.within == "hang":
                self.stuck += 1
                await asyncio.Event().wait()
            await response.prepare(request)
            # Problems come after the first words, and before the end.
            fails_at = max(1, len(frames) // 2) if problem.within else len(frames)
            for frame in frames[:fails_at]:
                if self.delay:
                    await asyncio.sleep(self.delay)
                await response.write(frame)
            await self._fail(request, response, problem)
            await response.write_eof()
        except (asyncio.CancelledError, ConnectionResetError):
            if problem.within != "cut":
                self.disconnects += 1
            raise
        finally:
            self.open_streams -= 1
        return response

    async def _fail(self, request: web.Request, response: web.StreamResponse, problem: Problem) -> None:
        if problem.within == "error":
            await response.write(self.error_frame(problem.code))
        elif problem.within == "garbage":
            await response.write(
                b"data: {nonsense\n\n\x00\x00\x00\x20 and more of it, not of this protocol\n\n"
            )
        elif problem.within == "stall":
            self.stuck += 1
            await asyncio.Event().wait()  # the client goes away, which cancels this
        elif problem.within == "cut" and request.transport is not None:
            request.transport.abort()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            raise ConnectionResetError
        # "silent": the stream just ends.


def merge_results(entries: list[Entry]) -> tuple[Entry, ...]:
    """Results that came as messages of their own as one entry."""
    merged: list[Entry] = []
    for entry in entries:
        if entry.role == "results" and merged and merged[-1].role == "results":
            merged[-1] = Entry("results", results=merged[-1].results + entry.results)
        else:
            merged.append(entry)
    return tuple(merged)
