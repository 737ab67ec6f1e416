"""The recordings of tests/audio, and words to look for in what was heard of them."""

import re
import wave
from pathlib import Path

AUDIO = Path(__file__).parent.parent / "audio"


def pcm(name: str) -> bytes:
    """A recording's samples, in the relay's format."""
    with wave.open(str(AUDIO / f"{name}.wav")) as recording:
        assert recording.getparams()[:3] == (1, 2, 16_000)
        return recording.readframes(recording.getnframes())


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))
