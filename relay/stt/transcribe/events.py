"""What Transcribe sends back: bytes to the package's events, events to `SttResult`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from amazon_transcribe.deserialize import TranscribeStreamingEventParser
from amazon_transcribe.eventstream import BaseEvent, ParserError
from amazon_transcribe.handlers import TranscriptResultStreamHandler
from amazon_transcribe.model import Alternative, TranscriptEvent, TranscriptResultStream

from protocol.audio import SAMPLE_RATE
from relay.stt import OnResult, SttResult
from relay.stt.transcribe.failures import exception_of

MAX_EVENT_BYTES = 1 << 20
"""An event that is longer ends the stream: a minute of speech with all its items is about 40 KB."""


class EventSource:
    """Feeds the package's `TranscriptResultStream`: it is both the raw stream and the parser of that.

    The package alone would collect an event of any length, and would forget the type of an exception that it has no
    class for.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._parser = TranscribeStreamingEventParser()
        self._unparsed = 0

    def stream(self) -> TranscriptResultStream:
        return TranscriptResultStream(self, self)  # type: ignore[no-untyped-call]

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self._unparsed += len(chunk)
            if self._unparsed > MAX_EVENT_BYTES:
                raise ParserError(f"an event of more than {MAX_EVENT_BYTES} bytes")
            yield chunk

    def parse(self, raw_event: Any) -> BaseEvent | None:
        """Raises the modelled exception, or `UnknownServiceException`, that the event stands for."""
        self._unparsed = 0
        try:
            headers = raw_event.headers
            kind = headers.get(":message-type")
            if kind == "exception":
                raise exception_of(str(headers.get(":exception-type", "")), _message(raw_event.payload), 500)
            if kind == "error":
                raise exception_of(
                    str(headers.get(":error-code", "")), str(headers.get(":error-message", "")), 500
                )
            return self._parser.parse(raw_event)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ParserError("an event that is not in the form of the model") from error


class TranscriptEventHandler(TranscriptResultStreamHandler):
    """Hands each result to `on_result`. Transcribe repeats a partial as it grows; the final has its segment's text."""

    def __init__(self, transcript_result_stream: TranscriptResultStream, on_result: OnResult) -> None:
        super().__init__(transcript_result_stream)
        self._on_result = on_result

    async def handle_transcript_event(self, transcript_event: TranscriptEvent) -> None:
        for result in transcript_event.transcript.results:
            if not result.alternatives:
                continue
            best = result.alternatives[0]
            text = (best.transcript or "").strip()
            if text:
                self._on_result(
                    SttResult(
                        text=text,
                        final=not result.is_partial,
                        end=round((result.end_time or 0.0) * SAMPLE_RATE),
                        confidence=_confidence(best),
                    )
                )


def _confidence(alternative: Alternative) -> float | None:
    # Of words alone: punctuation has no sound, and comes with 0.0 or nothing.
    given = [
        item.confidence
        for item in alternative.items or ()
        if item.confidence is not None and item.item_type != "punctuation"
    ]
    return sum(given) / len(given) if given else None


def _message(payload: bytes) -> str:
    try:
        return str(json.loads(payload).get("Message", ""))
    except (ValueError, AttributeError):
        return ""
