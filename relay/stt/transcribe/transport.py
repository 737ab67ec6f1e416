"""What the two ways to reach Transcribe have in common."""

from __future__ import annotations

from typing import Protocol

from amazon_transcribe.model import TranscriptResultStream

from relay.stt.transcribe.vocabulary import CustomVocabulary

MAX_AUDIO_EVENT_BYTES = 32 * 1024
"""The longest piece of audio that Transcribe takes in one event ("AudioEvent" of its API reference)."""


class Channel(Protocol):
    """One open stream to Transcribe."""

    events: TranscriptResultStream
    """Raises what ended the stream, unless the service ended it in order."""

    async def send(self, pcm: bytes) -> None:
        """One audio event of 1 to `MAX_AUDIO_EVENT_BYTES` bytes. Raises any error of the transport."""
        ...

    async def close(self) -> None:
        """Say that the audio is over and let go, within 2 s. Never raises; may be called twice."""
        ...


class Transport(Protocol):
    vocabulary: CustomVocabulary
    """Asked for its name by each `open`."""

    async def open(self) -> Channel:
        """Raises any error of the transport; the caller bounds the time."""
        ...
