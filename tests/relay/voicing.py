"""A `Speaking` with a voice that does what the test says, and a listener that keeps what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.errors import TtsError
from relay.speaking import Speaking
from relay.tts import MP3, Speech
from relay.tts.scripted import ScriptedVoice

FRAME_BYTES = {"mp3": 72, "pcm": 576}  # of the scripted voice

THREE = "Two eggs. Some toast. And tea."


class Voice:
    """A scripted voice of set length, which waits, fails or talks nonsense when the test says so."""

    name = "test"

    def __init__(self, frames: int = 1) -> None:
        self.frames = frames
        self.asked: list[str] = []
        self.asked_as: list[Speech] = []
        self.under_way = self.most_under_way = 0
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.waits_at: str | None = None
        self.errors: dict[str, BaseException] = {}
        self.instead: dict[str, bytes | None] = {}
        self.seconds = 0.0  # that it takes

    def wait_at(self, text: str | None) -> None:
        """At this sentence, or at `everything`, until `goes_on` is set."""
        self.waits_at = text
        self.goes_on.clear()

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def synthesize(self, text: str, speech: Speech) -> bytes | None:
        self.asked.append(text)
        self.asked_as.append(speech)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.seconds)
            if self.waits_at in (text, "everything"):
                await self.goes_on.wait()
            if text in self.errors:
                raise self.errors[text]
            if text in self.instead:
                return self.instead[text]
            sound = await ScriptedVoice().synthesize("one two three", speech)
            return sound[: self.frames * FRAME_BYTES[speech.encoding]]
        finally:
            self.under_way -= 1


class Listener:
    """Keeps what it is told, in order."""

    def __init__(self) -> None:
        self.speech: Speech | None = MP3
        self.sentences: list[tuple[int, int, str, bytes | None]] = []
        self.answers: list[tuple[int, str, bytes | None, str | None]] = []
        self.order: list[tuple[str, int]] = []
        self.spoken: dict[int, float] = {}
        self.heard: list[tuple[int, int]] = []

    def on_sentence(self, turn: int, seq: int, text: str, audio: bytes | None) -> None:
        self.order.append(("sentence", turn))
        self.sentences.append((turn, seq, text, audio))

    def on_answer(self, turn: int, text: str, audio: bytes | None, error: TtsError | None) -> None:
        self.order.append(("answer", turn))
        self.answers.append((turn, text, audio, error.code if error else None))

    def on_spoken(self, turn: int) -> None:
        assert turn not in self.spoken, "an answer is over once"
        self.spoken[turn] = asyncio.get_running_loop().time()

    def on_heard(self, turn: int, chars: int) -> None:
        self.heard.append((turn, chars))


@asynccontextmanager
async def voicing(voice: Voice) -> AsyncIterator[tuple[Speaking, Listener]]:
    """A `Speaking`, closed at the end; afterwards nothing of it may be left."""
    before = asyncio.all_tasks()
    listener = Listener()
    speaks = Speaking(voice, listener)
    yield speaks, listener
    await speaks.close()
    assert asyncio.all_tasks() == before
    over = len(listener.spoken)
    await asyncio.sleep(0.05)
    assert len(listener.spoken) == over, "a timer was left"
    turns = [turn for turn, *_ in listener.answers]
    assert len(turns) == len(set(turns)), "an answer was sent twice"
