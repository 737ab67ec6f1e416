"""Speech to text: what every engine looks like to a conversation.

One `SttEngine` a process; one `SttStream` a conversation, opened through it. `relay/stt/engines.py` picks
the engine that `RELAY_STT` names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from protocol.errors import SttError


@dataclass(frozen=True, slots=True)
class SttResult:
    """What the engine understood. Partials repeat and change; a final stands."""

    text: str
    final: bool
    end: int
    """Where the words end: samples from the start of the stream, silence that we put in included."""
    confidence: float | None = None
    """0 to 1, where the engine gives one."""


OnResult = Callable[[SttResult], None]
OnFailure = Callable[[SttError], None]


class SttStream(Protocol):
    """One open stream. Results and failures arrive through the callbacks given to `open_stream`, on the event loop."""

    @property
    def behind(self) -> int:
        """Samples that were taken but are not decoded yet; 0 where the engine cannot tell."""
        ...

    async def process_audio_data(self, pcm: bytes) -> None:
        """Take PCM (`protocol.audio`), about 100 ms at a time. Raises `SttError` once the stream has failed."""
        ...

    async def drain(self) -> None:
        """Return when what was sent has been decoded as if silence followed, after 2 s at most."""
        ...

    async def close(self) -> None:
        """Let go of everything at once. Never raises; no callback comes after it."""
        ...


class SttEngine(Protocol):
    """A way to transcribe."""

    name: str
    wants_silence: bool
    """Whether it must hear silence while the client sends nothing (to end a line, to stay connected)."""
    can_fail: bool
    """Whether a stream can die and be opened again, so that recent audio is kept for it."""

    async def start(self) -> None:
        """Load what is slow to load. Raises `SettingsError` when something is missing, naming what to install."""
        ...

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> SttStream:
        """Raises `SttError`, or `SpeechAtCapacity`. `on_failure` is called at most once, when the stream dies."""
        ...

    async def close(self) -> None: ...
