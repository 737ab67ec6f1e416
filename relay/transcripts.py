"""What speech recognition understood, in the words of the turn machine, the client and the receiver."""

from __future__ import annotations

from datetime import UTC, datetime

from protocol.client_messages import Transcript
from protocol.link_messages import Item
from relay import turn_events as ev
from relay.stt import SttResult


def heard(
    result: SttResult, audio_until: int, turn: int
) -> tuple[ev.Partial | ev.Final | None, Transcript | None]:
    """The event, and the caption for the client.

    A final without words says nothing at all; a partial without words takes the one before it back.
    """
    text = result.text.strip()
    if not text:
        return (None if result.final else ev.Partial("")), None
    caption = Transcript(text=text, final=result.final, turn=turn, confidence=result.confidence)
    if not result.final:
        return ev.Partial(text), caption
    return ev.Final(item(text, confidence=result.confidence), audio_until), caption


def item(text: str, *, confidence: float | None = None, id: str | None = None) -> Item:
    """An item of the link that was heard, or typed, now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Item(text=text, timestamp=now.replace("+00:00", "Z"), confidence=confidence, id=id)
