"""What a small client of any kind was answered, and the form of the sound that it sends."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.tones import mp3_to_pcm, mulaw_pieces, numbers_in, pcm_pieces, webm_pieces

WAIT_SECONDS = 30.0
"""How long an answer may take before it is given up on, with a hundred clients on a busy machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    """Empty on the telephone."""
    sound: bytes = b""
    """As it came: MP3, or mu-law."""


class Answers:
    """What a client has been answered."""

    kind: ClassVar[str]
    speaks: ClassVar[bool] = False
    form: ClassVar[str] = "pcm"
    """Of the sound it sends: `pcm`, `webm` or `mulaw`."""
    timeslice: ClassVar[float] = 0.1
    """Seconds of sound in a piece of it."""

    def __init__(self, number: int) -> None:
        self.number = number
        """Whose it is; no two clients have the same."""
        self.answers: list[Answer] = []
        self.began: list[float] = []
        """When the first byte of each answer came (`time.monotonic()`)."""
        self.errors: list[Any] = []
        self._answered = asyncio.Event()

    @classmethod
    def pieces(cls, pcm: bytes, bit_rate: int = 64_000) -> list[bytes]:
        """16 kHz sound as this client sends it."""
        match cls.form:
            case "webm":
                return webm_pieces(pcm, cls.timeslice, bit_rate)
            case "mulaw":
                return mulaw_pieces(pcm)
        return pcm_pieces(pcm, cls.timeslice)

    def begin(self) -> None:
        """Something of an answer has come."""
        if len(self.began) == len(self.answers):
            self.began.append(time.monotonic())

    def end(self, text: str, sound: bytes = b"") -> None:
        """All of an answer has come."""
        self.begin()
        self.answers.append(Answer(text, sound))
        self._answered.set()

    def fail(self, error: Any) -> None:
        self.errors.append(error)
        self._answered.set()

    async def answered(self, count: int) -> Answer:
        """Wait for so many answers: the last of them."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while len(self.answers) < count:
                    assert not self.errors, f"{self.kind} {self.number}: {self.errors}"
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.kind} {self.number}: {self.answers} instead of {count} answers"
            ) from None
        return self.answers[count - 1]

    def tones_in(self, answer: Answer) -> list[int]:
        """The number of each tenth of a second of an answer's sound."""
        return numbers_in(mp3_to_pcm(answer.sound))
