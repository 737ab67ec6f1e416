"""Time-outs, retries and rests around a provider: every wait has an end, and what is down is left alone for a while."""

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

MAX_ATTEMPTS = 6
"""With all pauses between them about 8 s, at most 16."""

FIRST_BACKOFF = 0.5
"""Seconds; doubles with each retry."""

MAX_BACKOFF = 8.0

REST_SECONDS = 20.0
"""How long a provider is left alone that is down or too slow."""

REFUSED_REST_SECONDS = 300.0
"""The same where it refuses everything: a wrong key or model does not get right by itself."""

FAILURES_TO_REST = 3
"""Answers that were refused or broke off, without a quick one between. Fewer may be the fault of what was asked."""

MAX_PIECES = 4_096
"""Of one answer. A model that has more to say than this repeats itself: the stream counts as broken."""


class PatientModel:
    """A `LanguageModel` that retries what may pass, as long as nothing of the answer has come, and keeps a model's
    thoughts to itself.

    After the first piece a failure is the caller's: only it knows what has been shown. A provider that failed
    through all its tries, or `FAILURES_TO_REST` times without a quick answer between, is left alone for a while: calls
    fail at once with the cause `resting`, so that nobody waits in silence for what will not come. Then one call
    tries it, and an answer that comes whole ends the rest.
    """

    def __init__(
        self,
        provider: LanguageModel,
        *,
        quiet_seconds: float = QUIET_SECONDS,
        first_backoff: float = FIRST_BACKOFF,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self.name = provider.name
        self._provider = provider
        self._quiet_seconds = quiet_seconds
        self._first_backoff = first_backoff
        self._rest_seconds = rest_seconds
        self._failures = 0
        """Since the last quick answer."""
        self._rests_until: float | None = None
        """By the loop's clock; None while all is well."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        began = asyncio.get_running_loop().time()
        deadline = began + request.seconds
        backoff = self._first_backoff
        attempts = MAX_ATTEMPTS
        if self._rests_until is not None:
            if began < self._rests_until:
                raise ModelFailed("resting")
            # This call alone tries it; the others go on without.
            attempts = 1
            self._rests_until = began + self._rest_seconds
        while True:
            pieces = 0
            stream = self._provider.stream(request)
            try:
                spoken = WithoutThoughts()
                while pieces < MAX_PIECES:
                    event = await self._next(stream, deadline)
                    pieces += 1
                    text = spoken.feed(event.text) if isinstance(event, TextPiece) else spoken.flush()
                    if text:
                        # Half a surrogate pair, as JSON can hold it, is no text that could be sent on.
                        yield TextPiece(text.encode(errors="replace").decode())
                    if isinstance(event, Finished):
                        self._answered(event, asyncio.get_running_loop().time() - began)
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
                    self._failed(failure, in_vain=not pieces and request.seconds >= self._quiet_seconds)
                    raise
            finally:
                await stream.aclose()
            await asyncio.sleep(pause)
            backoff = min(2 * backoff, MAX_BACKOFF)

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _next(self, stream: AsyncGenerator[ModelEvent, None], deadline: float) -> ModelEvent:
        now = asyncio.get_running_loop().time()
        # Around this wait alone: a time-out around a `yield` would cancel whoever reads us.
        try:
            async with asyncio.timeout_at(min(deadline, now + self._quiet_seconds)):
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

    def _answered(self, end: Finished, seconds: float) -> None:
        log.info(
            "model_answered", model=self.name, input_tokens=end.input_tokens, output_tokens=end.output_tokens,
            seconds=round(seconds, 3),
        )  # fmt: skip
        self._rests_until = None
        if seconds < self._quiet_seconds / 2:
            self._failures = 0

    def _failed(self, failure: ModelFailed, *, in_vain: bool) -> None:
        """Count it. `in_vain`: nothing came, though there was time enough."""
        self._failures += 1
        if self._failures < FAILURES_TO_REST and not (in_vain and failure.transient):
            return
        rest = REFUSED_REST_SECONDS if failure.cause == "refused" else self._rest_seconds
        rest = max(rest, min(failure.retry_after or 0.0, REFUSED_REST_SECONDS))
        self._rests_until = asyncio.get_running_loop().time() + rest
        log.warning("model_rests", model=self.name, cause=failure.cause, detail=failure.detail, seconds=rest)


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
