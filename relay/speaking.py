"""Voices answers sentence by sentence and sends them in order.

One task, which lives only while there is something to voice. The next sentence is voiced while the one before is on
its way, so the first words leave as soon as they exist and no more than one sentence is voiced in vain. An answer is
voiced in the encoding of the client that is there when its turn to be voiced comes; when a client that takes another
one has come in its place by the next sentence, the answer is voiced anew, from its start.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

import structlog

from protocol.errors import TtsError, TtsUnavailable
from relay.playback import Playback
from relay.sentences import split
from relay.tts import MP3, Speech, TtsEngine
from relay.tts.encodings import duration_seconds
from relay.tts.speakable import speakable

log = structlog.get_logger(__name__)

MAX_ANSWERS = 16
"""Answers that wait to be voiced; past it an answer goes out as text, with `tts_unavailable`."""

MAX_SENTENCES = 200
"""Sentences of an answer that are voiced; the rest of a longer one is text only."""

REPORT_SLACK_SECONDS = 5.0
"""A client that reports what it plays has this much longer than the audio before the answer counts as played."""

SYNTHESIS_SECONDS = 30.0


class SpeakingListener(Protocol):
    """What `Speaking` tells its conversation, and asks of it; all plain calls on the event loop."""

    @property
    def speech(self) -> Speech | None:
        """How the client takes what is said; None while it is away."""
        ...

    def on_sentence(self, turn: int, seq: int, text: str, audio: bytes | None) -> None: ...
    def on_answer(self, turn: int, text: str, audio: bytes | None, error: TtsError | None) -> None: ...
    def on_spoken(self, turn: int) -> None: ...
    def on_heard(self, turn: int, chars: int) -> None: ...


class Speaking:
    """One conversation's voice."""

    def __init__(self, engine: TtsEngine, listener: SpeakingListener) -> None:
        self._engine = engine
        self._listener = listener
        self._waiting: deque[Playback] = deque()
        self._task: asyncio.Task[None] | None = None
        self._voicing: asyncio.Task[bytes | None] | None = None  # of the sentence that comes next
        self._playing: dict[int, Playback] = {}  # answers that were not heard to their end, oldest first
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._free_at = 0.0  # when the client has played everything that was sent
        self.whole = False
        """Whether the client takes each answer in one piece; `played` then counts from that piece's start."""
        self.last: Playback | None = None
        """The latest answer, for a client that comes back."""

    def say(self, turn: int, text: str) -> None:
        """Voice an answer after those before it. Every answer ends in exactly one `on_answer`."""
        if len(self._waiting) >= MAX_ANSWERS:
            self._listener.on_answer(turn, text, None, TtsUnavailable())
            self._listener.on_spoken(turn)
            return
        if timer := self._timers.pop(turn, None):
            timer.cancel()  # it is said again, and over when that is
        playback = Playback(turn, text)
        self._waiting.append(playback)
        if self._task is None:
            playback.speech = self._listener.speech or MP3
            if sentences := split(text):
                self._begin(sentences[0], playback)  # before `_run`, which then finds a quick voice done
            self._task = asyncio.create_task(self._run())

    def stop(self) -> list[int]:
        """Barge-in: voice nothing more of what was answered so far; the turns that were stopped."""
        stopped = [turn for turn, playback in self._playing.items() if not playback.stopped]
        for turn in stopped:
            self._playing[turn].stop()
            self._finish(turn)
        for playback in self._waiting:
            playback.stop()
        if self._voicing is not None:
            self._voicing.cancel()
        self._free_at = 0.0
        return stopped

    def played(self, turn: int, seq: int, at_seconds: float) -> None:
        """The client's report."""
        playback = self._playing.get(turn)
        if playback is None:
            return
        if self.whole:
            seq, at_seconds = playback.locate(at_seconds)
        before, first_report = playback.heard_chars, not playback.reports
        playback.played(seq, at_seconds)
        if playback.heard_chars > before:
            self._listener.on_heard(turn, playback.heard_chars)
        if timer := self._timers.get(turn):
            if playback.seconds_left < 0.1:
                self._finish(turn)
            elif first_report:
                timer.cancel()
                self._finish_at(turn, timer.when() + REPORT_SLACK_SECONDS)

    async def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._waiting:
                self.last = playback = self._waiting.popleft()
                self._playing[playback.turn] = playback
                if self._voicing is None:  # else `say` has begun with it
                    playback.speech = self._listener.speech or MP3
                await self._voice(playback)
        finally:
            self._task = None

    async def _voice(self, playback: Playback) -> None:
        sentences = deque(split(playback.text)[:MAX_SENTENCES])
        as_one = self.whole
        try:
            while sentences and playback.error is None and not playback.stopped:
                sentence = sentences.popleft()
                voicing = self._voicing or self._begin(sentence, playback)
                if not voicing.done():
                    await asyncio.wait({voicing})  # a stop cancels it, and not us
                if playback.stopped:
                    break
                if self._outdated(playback):
                    self._waiting.appendleft(Playback(playback.turn, playback.text))
                    self._free_at = 0.0  # what was sent is not played where the client is now
                    return
                self._voicing = None
                seconds = 0.0
                try:
                    audio = voicing.result()
                    if audio:
                        seconds = duration_seconds(audio, playback.speech.encoding)
                except TtsError as caught:
                    # The rest would fail the same way, each after its own time-out.
                    audio, playback.error = None, caught
                if playback.error is None and sentences:
                    self._begin(sentences[0], playback)
                seq = playback.send(sentence, audio, seconds)
                if seq is not None:
                    self._listener.on_sentence(playback.turn, seq, sentence, audio)
                    if not as_one:
                        self._expect_sound(seconds)
        finally:
            if self._voicing is not None:
                self._voicing.cancel()
                await asyncio.gather(self._voicing, return_exceptions=True)
                self._voicing = None
        whole = None if playback.stopped else playback.whole_audio()
        if as_one and whole is not None:
            self._expect_sound(playback.seconds_left)
        self._listener.on_answer(playback.turn, playback.text, whole, playback.error)
        now = asyncio.get_running_loop().time()
        slack = REPORT_SLACK_SECONDS if playback.reports else 0.0
        self._finish_at(playback.turn, now if playback.stopped else max(now, self._free_at) + slack)

    def _outdated(self, playback: Playback) -> bool:
        """Whether the client that is there now takes another encoding than the answer is voiced in."""
        speech = self._listener.speech
        return speech is not None and speech.encoding != playback.speech.encoding

    def _begin(self, sentence: str, playback: Playback) -> asyncio.Task[bytes | None]:
        self._voicing = asyncio.create_task(self.text_to_speech(sentence, playback.speech))
        return self._voicing

    async def text_to_speech(self, text: str, speech: Speech) -> bytes | None:
        """The sound of one sentence, or None when there is nothing in it to say. Raises `TtsError`."""
        spoken = speakable(text)
        if not spoken:
            return None
        try:
            async with asyncio.timeout(SYNTHESIS_SECONDS):
                return await self._engine.synthesize(spoken, speech) or None
        except TimeoutError:
            raise TtsUnavailable from None
        except TtsError:
            raise
        except Exception:
            # A defect in an engine costs the sound, and not the answer that is stored already.
            log.exception("voice failed")
            raise TtsUnavailable from None

    def _expect_sound(self, seconds: float) -> None:
        """So much was sent, and plays after what was sent before."""
        self._free_at = max(self._free_at, asyncio.get_running_loop().time()) + seconds

    def _finish_at(self, turn: int, when: float) -> None:
        self._timers[turn] = asyncio.get_running_loop().call_at(when, self._finish, turn)

    def _finish(self, turn: int) -> None:
        """The answer counts as played."""
        if timer := self._timers.pop(turn, None):
            timer.cancel()
            self._playing.pop(turn, None)
            self._listener.on_spoken(turn)
