"""Text to speech: what every engine looks like to a conversation.

One `TtsEngine` a process. `relay/tts/engines.py` picks the engine that `RELAY_TTS` names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Encoding = Literal["mp3", "pcm"]
"""`mp3`: whole MP3s, mono, of any sample rate. `pcm`: signed 16-bit little-endian samples, mono, 8,000 Hz."""

PCM_SAMPLE_RATE = 8_000
"""Hz of `pcm`, the rate of the telephone (ITU-T G.711)."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How a client takes its answers."""

    encoding: Encoding = "mp3"
    voice: str | None = None
    """The voice it asks for, by the engine's own name; None is the engine's default."""


MP3 = Speech()
PHONE = Speech("pcm")


class TtsEngine(Protocol):
    """A voice."""

    name: str

    async def start(self) -> None:
        """Load what is slow to load. Raises `SettingsError` when something is missing, naming what to install."""
        ...

    async def synthesize(self, text: str, speech: Speech) -> bytes | None:
        """One sentence in the encoding of `speech`, or None from the engine `none`. Raises `TtsError`.

        A voice that the engine has not, or that is no name at all, is replaced by its default: a client that
        asks for the wrong one is answered all the same. Throttling is retried inside, with backoff and jitter,
        for 30 s at most in all.
        """
        ...

    async def close(self) -> None: ...
