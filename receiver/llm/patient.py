"""Time-outs, retries and rests around a provider: every wait has an end, and what is down is left alone for a while.

Where it is the stream that fails, the same request is made once without one: a policy or a proxy may let nothing else
through.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import structlog

from receiver.faults import describe
from receiver.llm import Finished, ModelEvent, ModelFailed, ModelRequest, Provider, Restarted, TextPiece
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

STREAMS_TO_DO_WITHOUT = 3
"""Streams that failed where the same request then came through without one, in a row."""

WITHOUT_STREAM_SECONDS = 300.0
"""How long a provider whose streams fail is asked without one, before a stream is tried again."""

MAX_PIECES = 4_096
"""Of one answer. A model that has more to say than this repeats itself: the stream counts as broken."""


class PatientModel:
    """A `LanguageModel` that retries what may pass, as long as nothing of the answer has come, and keeps a model's
    thoughts to itself.

    A stream that fails, or is refused as one, is made good by one call without a stream, in the time that is left; what
    has come until then is void (`Restarted`). Any other failure after the first piece is the caller's: only it knows
    what has been shown. A provider that failed through all its tries, or `FAILURES_TO_REST` times without a quick
    answer between, is left alone for a while: calls fail at once with the cause `resting`, so that nobody waits in
    silence for what will not come. Then one call tries it, and an answer that comes whole ends the rest.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        quiet_seconds: float = QUIET_SECONDS,
        first_backoff: float = FIRST_BACKOFF,
        rest_seconds: float = REST_SECONDS,
        without_stream_seconds: float = WITHOUT_STREAM_SECONDS,
    ) -> None:
        self.name = provider.name
        self._provider = provider
        self._quiet_seconds = quiet_seconds
        self._first_backoff = first_backoff
        self._rest_seconds = rest_seconds
        self._without_stream_seconds = without_stream_seconds
        self._failures = 0
        """Since the last quick answer."""
        self._rests_until: float | None = None
        """By the loop's clock; None while all is well."""
        self._failed_streams = 0
        """In a row, where an answer came without one."""
        self._streams_from = 0.0
        """No stream is tried before."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        clock = asyncio.get_running_loop().time
        began = clock()
        deadline = began + request.seconds
        attempts = MAX_ATTEMPTS
        if self._rests_until is not None:
            if began < self._rests_until:
                raise ModelFailed("resting")
            # This call alone tries it; the others go on without.
            attempts = 1
            self._rests_until = began + self._rest_seconds
        begun = False
        streams = began >= self._streams_from
        try:
            if streams:
                async with aclosing(self._streamed(request, deadline, attempts)) as events:
                    async for event in events:
                        begun = True
                        if isinstance(event, Finished):
                            self._failed_streams = 0
                            self._answered(event, clock() - began)
                        yield event
                return
        except ModelFailed as failure:
            if not failure.stream or clock() >= deadline:
                self._failed(failure, in_vain=not begun and request.seconds >= self._quiet_seconds)
                raise
        try:
            whole = await self._whole(request, deadline)
        except ModelFailed as failure:
            log.warning(
                "model_failed", model=self.name, cause=failure.cause, detail=failure.detail, stream=False
            )
            self._failed(failure, in_vain=not begun and request.seconds >= self._quiet_seconds)
            raise
        if streams:
            self._count_failed_stream()
        if begun:
            yield Restarted()
        for event in whole:
            if isinstance(event, Finished):
                self._answered(event, clock() - began)
            yield event

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _streamed(
        self, request: ModelRequest, deadline: float, attempts: int
    ) -> AsyncGenerator[ModelEvent, None]:
        """By a stream, as often as it takes. Raises `ModelFailed`, its `stream` set where nothing else failed."""
        backoff = self._first_backoff
        while True:
            pieces = 0
            stream = self._provider.stream(request)
            try:
                spoken = WithoutThoughts()
                while pieces < MAX_PIECES:
                    event = await self._next(stream, deadline)
                    pieces += 1
                    for said in _spoken(spoken, event):
                        yield said
                    if isinstance(event, Finished):
                        return
                raise ModelFailed("broken", "too many pieces")
            except ModelFailed as failure:
                # Full jitter: conversations that were throttled together do not come back together.
                pause = max(random.uniform(0, backoff), failure.retry_after or 0.0)
                attempts -= 1
                left = deadline - asyncio.get_running_loop().time()
                failure.stream = failure.stream or (0 < pieces < MAX_PIECES and failure.cause != "throttled")
                again = (
                    not pieces and failure.transient and not failure.stream and attempts > 0 and pause < left
                )
                log.warning(
                    "model_failed", model=self.name, cause=failure.cause, detail=failure.detail, again=again
                )
                if not again:
                    raise
            finally:
                await stream.aclose()
            await asyncio.sleep(pause)
            backoff = min(2 * backoff, MAX_BACKOFF)

    async def _next(self, stream: AsyncGenerator[ModelEvent, None], deadline: float) -> ModelEvent:
        quiet = asyncio.get_running_loop().time() + self._quiet_seconds
        # Around this wait alone: a time-out around a `yield` would cancel whoever reads us.
        async with self._guarded(min(deadline, quiet)):
            event = await anext(stream, None)
        if event is None:
            raise ModelFailed("broken", "the stream ended without an end", stream=True)
        return event

    async def _whole(self, request: ModelRequest, deadline: float) -> list[ModelEvent]:
        """Without a stream, once: all events, the last one `Finished`. Raises `ModelFailed`."""
        async with self._guarded(deadline):
            found = await self._provider.complete(request)
        spoken = WithoutThoughts()
        events = [said for event in found for said in _spoken(spoken, event)]
        if not events or not isinstance(events[-1], Finished):
            raise ModelFailed("broken", "an answer without an end")
        return events

    @asynccontextmanager
    async def _guarded(self, until: float) -> AsyncIterator[None]:
        """Whatever a provider's client does within, it takes no longer and raises `ModelFailed`."""
        try:
            async with asyncio.timeout_at(until):
                yield
        except TimeoutError:
            raise ModelFailed("timeout") from None
        except ModelFailed:
            raise
        except Exception as error:
            # Other people's libraries, reading what other people's servers send: whatever goes wrong there, the
            # person gets an answer.
            log.error("model_client_bug", model=self.name, **describe(error))
            raise ModelFailed("broken", type(error).__name__, stream=True) from error

    def _count_failed_stream(self) -> None:
        self._failed_streams += 1
        if self._failed_streams >= STREAMS_TO_DO_WITHOUT:
            now = asyncio.get_running_loop().time()
            self._streams_from = now + self._without_stream_seconds
            log.warning("model_does_not_stream", model=self.name, seconds=self._without_stream_seconds)

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


def _spoken(spoken: WithoutThoughts, event: ModelEvent) -> Iterator[ModelEvent]:
    """What the caller gets of an event: the text without thoughts, and everything else as it is."""
    text = spoken.feed(event.text) if isinstance(event, TextPiece) else spoken.flush()
    if text:
        # Half a surrogate pair, as JSON can hold it, is no text that could be sent on.
        yield TextPiece(text.encode(errors="replace").decode())
    if not isinstance(event, TextPiece):
        yield event


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
