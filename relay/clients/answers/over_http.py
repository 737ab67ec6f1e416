"""Answers for pages whose socket fails: a question posted to `/ws/llm-stream`, its whole answer in the response."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import structlog
from aiohttp import web
from pydantic_core import to_json

from protocol.errors import (
    AccessError,
    CapacityError,
    InternalError,
    MalformedMessage,
    MessageTooLarge,
    ReceiverTimeout,
    SessionMoved,
    TtsUnavailable,
    VoiceError,
)
from relay.clients.answers.asker import Asker
from relay.clients.answers.questions import Question, parse_json, question_of
from relay.clients.answers.stream import finished
from relay.http_app import IDENTITY, SERVICES, refuse
from relay.http_replies import status_of
from relay.identity import Identity
from relay.services import Services

log = structlog.get_logger(__name__)

BODY_SECONDS = 10.0
"""For the body to come; then 408. Its length is bounded by the application, for all requests: 413."""

ANSWER_SECONDS = 60.0
"""For the answer and its sound; then 504, or the text alone where it is there. What was asked is answered in the
session all the same, and in its history the next time."""


async def answer(request: web.Request) -> web.Response:
    """A question as JSON; 400 where it is none, 422 where it asks nothing or has a bad field."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read()
    except TimeoutError:
        return refuse(MalformedMessage("The question did not come in time."), 408)
    except web.HTTPRequestEntityTooLarge:
        return refuse(MessageTooLarge("A question may have 64 KiB at most."), 413)
    data = parse_json(body)
    try:
        question = question_of(data)
    except MalformedMessage as error:
        return refuse(error, 422)
    post = PostedQuestion(request.app[SERVICES], request[IDENTITY])
    try:
        return _response(await post.answer(question, ANSWER_SECONDS))
    except TimeoutError:
        return refuse(
            ReceiverTimeout("The answer takes too long; it will be in this conversation later."), 504
        )
    except VoiceError as error:
        return refuse(error, _status_of(error))


class PostedQuestion:
    """One question, and what has come of its answer."""

    def __init__(self, services: Services, identity: Identity) -> None:
        self._asker = Asker(services, identity, self, "whole")
        self._answer: dict[str, Any] | None = None
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def answer(self, question: Question, seconds: float) -> dict[str, Any]:
        """Raises `TimeoutError` when no text came in time, and whatever `VoiceError` kept it from coming."""
        try:
            self._asker.join(question)
            self._asker.ask(question)
            try:
                async with asyncio.timeout(seconds):
                    await self._over
            except TimeoutError:
                if self._answer is None:
                    raise
                self._tell_sound(None, TtsUnavailable())
        finally:
            self._asker.leave(for_good=True)
        assert self._answer is not None
        return self._answer

    def on_piece(self, text: str, restart: bool) -> None:
        pass  # all of it comes at once

    def on_text(self, text: str) -> None:
        self._answer = {**finished(text, self._asker.session_id), "audio": None, "format": "mp3"}

    def on_sentence(self, text: str, audio: bytes) -> None:
        pass

    def on_answered(self, audio: bytes | None, error: VoiceError | None) -> None:
        self._tell_sound(audio, error)
        if not self._over.done():
            self._over.set_result(None)

    def on_failed(self, error: VoiceError) -> None:
        if self._answer is not None:
            self.on_answered(None, TtsUnavailable())  # what was asked for is there
        elif not self._over.done():
            self._over.set_exception(error)

    def _tell_sound(self, audio: bytes | None, error: VoiceError | None) -> None:
        assert self._answer is not None
        if audio is not None:
            self._answer["audio"] = b64encode(audio).decode()
        if error is not None:
            self._answer |= {"error": error.sentence, "code": error.code}


def _response(document: dict[str, Any]) -> web.Response:
    return web.Response(body=to_json(document), content_type="application/json", charset="utf-8")


def _status_of(error: VoiceError) -> int | None:
    if isinstance(error, InternalError):
        return None  # `refuse` knows
    if isinstance(error, SessionMoved):
        return 409
    if isinstance(error, AccessError | CapacityError) or error.retryable:
        return int(status_of(error))
    return 502  # it is the assistant that failed
