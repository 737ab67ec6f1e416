"""Text to speech: what every engine looks like to a conversation.

One `TtsEngine` a process. `relay/tts/engines.py` picks the engine that `RELAY_TTS` names.
"""

from __future__ import annotations

from typing import Protocol


class TtsEngine(Protocol):
    """A voice."""

    name: str

    async def start(self) -> None:
        """Load what is slow to load. Raises `SettingsError` when something is missing, naming what to install."""
        ...

    async def synthesize(self, text: str) -> bytes | None:
        """One sentence as a whole MP3 (mono), or None from the engine `none`. Raises `TtsError`.

        Throttling is retried inside, with backoff and jitter, for 30 s at most in all.
        """
        ...

    async def close(self) -> None: ...
