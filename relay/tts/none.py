"""`RELAY_TTS=none`: answers are text alone."""

from __future__ import annotations

from relay.tts import Speech


class NoVoice:
    name = "none"

    async def start(self) -> None:
        """There is nothing to load."""

    async def synthesize(self, text: str, speech: Speech) -> None:
        return None

    async def close(self) -> None:
        """There is nothing to let go of."""
