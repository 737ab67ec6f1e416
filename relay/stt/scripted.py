"""A scripted engine: "hears" a set text every N seconds of audio, whatever is in it. For tests, demonstrations
and load runs, in which hearing must cost next to nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from protocol.audio import SAMPLE_RATE, samples
from protocol.errors import SettingsError
from relay.stt import OnFailure, OnResult, SttResult

MAX_PARTIALS = 5

WORD_SECONDS = 0.3
"""Pace of the partials; an utterance takes up half of its interval at most."""


class _Step(NamedTuple):
    at: int
    """Samples from the start of the interval."""
    text: str
    final: bool


class ScriptedEngine:
    """`RELAY_STT=scripted`. `text` may hold several utterances, separated by `|`, which are said in turn."""

    name = "scripted"
    wants_silence = False
    can_fail = False

    def __init__(self, text: str, every_seconds: float) -> None:
        """Raises `SettingsError` when there is no word in `text`."""
        self.interval = max(1, round(every_seconds * SAMPLE_RATE))
        self.utterances = tuple(
            _steps(words, self.interval) for part in text.split("|") if (words := part.split())
        )
        if not self.utterances:
            raise SettingsError("RELAY_SCRIPTED_TEXT must hold at least one word.")

    async def start(self) -> None:
        """There is nothing to load."""

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> ScriptedStream:
        return ScriptedStream(self, on_result)

    async def close(self) -> None:
        """There is nothing to let go of."""


class ScriptedStream:
    """Counts samples and says what is due."""

    behind = 0

    def __init__(self, engine: ScriptedEngine, on_result: OnResult) -> None:
        self._engine = engine
        self._on_result = on_result
        self._heard = 0
        self._turn = 0
        self._step = 0
        self._due = self._next_due()
        self._partial = ""
        self._closed = False

    async def process_audio_data(self, pcm: bytes) -> None:
        self._heard += samples(len(pcm))
        while self._heard >= self._due and not self._closed:
            self._say()

    async def drain(self) -> None:
        """A partial that is out becomes final as it is; the rest of that utterance is not said."""
        if self._partial and not self._closed:
            text, self._partial = self._partial, ""
            self._turn, self._step = self._turn + 1, 0
            self._due = self._next_due()
            self._on_result(SttResult(text, True, self._heard, 1.0))

    async def close(self) -> None:
        self._closed = True

    def _say(self) -> None:
        step, at = self._steps()[self._step], self._due
        if step.final:
            self._turn, self._step = self._turn + 1, 0
        else:
            self._step += 1
        self._partial = "" if step.final else step.text
        self._due = self._next_due()
        self._on_result(SttResult(step.text, step.final, at, 1.0 if step.final else None))

    def _steps(self) -> tuple[_Step, ...]:
        return self._engine.utterances[self._turn % len(self._engine.utterances)]

    def _next_due(self) -> int:
        return self._turn * self._engine.interval + self._steps()[self._step].at


def _steps(words: list[str], interval: int) -> tuple[_Step, ...]:
    """Partials that grow to all but the last of `words`, then the final at the end of the interval."""
    length = min(round(len(words) * WORD_SECONDS * SAMPLE_RATE), interval // 2)
    count = min(MAX_PARTIALS, len(words) - 1)
    partials = (
        _Step(
            interval - length + length * i // (count + 1),
            " ".join(words[: len(words) * i // (count + 1)]),
            False,
        )
        for i in range(1, count + 1)
    )
    return (*partials, _Step(interval, " ".join(words), True))
