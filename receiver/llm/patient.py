"""Time-outs and retries around a provider: every wait has an end, and a busy provider is asked again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import structlog

from receiver.faults import describe
from receiver.llm import Finished, LanguageModel, ModelEvent, ModelFailed, ModelRequest, TextPiece
from receiver.llm.thoughts import WithoutThoughts

log = structlog.get_logger(__name__)

QUIET_SECONDS = 12.0
"""Longest wait for the next piece, the first one too."""

DOWN_SECONDS = 4.0
"""Longest wait for the first piece while the provider is down."""

MAX_ATTEMPTS = 6
"""With all pauses between them about 8 s, at most 16."""

FIRST_BACKOFF = 0.5
"""Seconds; doubles with each retry."""

MAX_BACKOFF = 8.0

MAX_PIECES = 4_096
"""Of one answer. A model that has more to say than this repeats itself: the stream counts as broken."""


class PatientModel:
    """A `LanguageModel` that retries what may pass, as long as nothing of the answer has come, and keeps a model's
    thoughts to itself.

    After the first piece a failure is the caller's: only it knows what has been shown. While the provider is down,
    each call tries once and not for long, so that nobody waits in silence for what will not come; the first that
    succeeds ends that.
    """

    def __init__(
        self,
        provider: LanguageModel,
        *,
        quiet_seconds: float = QUIET_SECONDS,
        first_backoff: float = FIRST_BACKOFF,
    ) -> None:
        self.name = provider.name
        self._provider = provider
        self._quiet_seconds = quiet_seconds
        self._first_backoff = first_backoff
        self._down = False
        """Whether the last call got nothing out of the provider, however often it tried."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        began = asyncio.get_running_loop().time()
        deadline = began + request.seconds
        backoff = self._first_backoff
        attempts = 1 if self._down else MAX_ATTEMPTS
        while True:
            pieces = 0
            stream = self._provider.stream(request)
            try:
                spoken = WithoutThoughts()
                while pieces < MAX_PIECES:
                    event = await self._next(stream, deadline)
                    pieces += 1
                    self._down = False
                    text = spoken.feed(event.text) if isinstance(event, TextPiece) else spoken.flush()
                    if text:
                        yield TextPiece(text)
                    if isinstance(event, Finished):
                        log.info(
                            "model_answered", model=self.name, input_tokens=event.input_tokens,
                            output_tokens=event.output_tokens,
                            seconds=round(asyncio.get_running_loop().time() - began, 3),
                        )  # fmt: skip
                        yield event
                        return
                    if not isinstance(event, TextPiece):
                        yield event
                raise ModelFailed("broken", "too many pieces")
            except ModelFailed as failure:
                # Full jitter: conversations that were throttled together do not come back together.
                pause = max(random.uniform(0, backoff), failure.retry_after or 0.0)
                attempts -= 1
                left = deadline - asyncio.get_running_loop().time()
                again = not pieces and failure.transient and attempts > 0 and pause < left
                log.warning(
                    "model_failed", model=self.name, cause=failure.cause, detail=failure.detail, again=again
                )
                if not again:
                    self._down = not pieces and failure.transient
                    raise
            finally:
                await stream.aclose()
            await asyncio.sleep(pause)
            backoff = min(2 * backoff, MAX_BACKOFF)

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _next(self, stream: AsyncGenerator[ModelEvent, None], deadline: float) -> ModelEvent:
        now = asyncio.get_running_loop().time()
        quiet = min(self._quiet_seconds, DOWN_SECONDS) if self._down else self._quiet_seconds
        # Around this wait alone: a time-out around a `yield` would cancel whoever reads us.
        try:
            async with asyncio.timeout_at(min(deadline, now + quiet)):
                return await anext(stream)
        except StopAsyncIteration:
            raise ModelFailed("broken", "the stream ended without an end") from None
        except TimeoutError:
            raise ModelFailed("timeout") from None
        except ModelFailed:
            raise
        except Exception as error:
            # Other people's libraries, reading what other people's servers send: whatever goes wrong there, the
            # person gets an answer.
            log.error("model_client_bug", model=self.name, **describe(error))
            raise ModelFailed("broken", type(error).__name__) from error


def parse_retry_after(header: str | None) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, section 10.2.3: a number or a date)."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
