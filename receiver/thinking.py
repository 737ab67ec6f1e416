"""Let an assistant think, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple, cast

import structlog

from protocol.errors import AnswerFailed, VoiceError
from protocol.link_messages import Item
from receiver.assistants.assistant import Assistant, Context, Effect, KeepOnly, Restart, State
from receiver.faults import describe

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 30.0
"""Longest thinking; then `answer_failed`."""

MAX_ANSWER_CHARS = 16_384
"""Longest answer (`protocol.messages.Text`). A longer one is cut there: it could never be sent or stored."""


class Answer(NamedTuple):
    text: str
    effects: list[Effect]
    kept: str | None
    """What is to be stored in place of `text`, if not that."""


async def think(
    assistant: Assistant,
    state: State,
    context: Context,
    items: Sequence[Item],
    on_text: Callable[[str, bool], None],
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """The whole answer, its effects, and what is to be kept of it.

    `on_text(piece, restart)` is told each piece as it comes; with `restart`, those before it are void.

    Raises `AnswerFailed` when the assistant fails in whatever way, says nothing or takes over `seconds`.
    """
    pieces: list[str] = []
    effects: list[Effect] = []
    kept: str | None = None
    room = MAX_ANSWER_CHARS
    restart = False
    try:
        async with (
            asyncio.timeout(seconds),
            # `think` is an async generator in every assistant; its type says the part that matters.
            aclosing(cast("Any", assistant.think(state, context, items))) as stream,
        ):
            async for piece in stream:
                if isinstance(piece, Restart):
                    restart = restart or bool(pieces)
                    pieces.clear()
                    effects.clear()
                    kept = None
                    room = MAX_ANSWER_CHARS
                elif isinstance(piece, KeepOnly):
                    kept = piece.text[:MAX_ANSWER_CHARS]
                elif not isinstance(piece, str):
                    effects.append(piece)
                elif piece and room:
                    pieces.append(piece[:room])
                    room -= len(pieces[-1])
                    on_text(pieces[-1], restart)
                    restart = False
    except TimeoutError:
        log.warning("answer_too_slow", assistant=assistant.name, seconds=seconds)
        raise AnswerFailed("The assistant took too long to find an answer.") from None
    except VoiceError as error:
        log.warning("answer_failed", assistant=assistant.name, code=error.code)
        raise AnswerFailed(error.message) from error
    except Exception as error:
        # Assistants are where other people's code runs: whatever goes wrong there, the relay gets an answer.
        log.error("assistant_bug", assistant=assistant.name, **describe(error))
        raise AnswerFailed from error
    text = "".join(pieces)
    if not text.strip():
        log.warning("answer_empty", assistant=assistant.name)
        raise AnswerFailed
    return Answer(text, effects, kept)
