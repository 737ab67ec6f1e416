"""Answers on their way to the client: voiced, sent in its own form, sent again when it missed them, and timed."""

from __future__ import annotations

import asyncio
from typing import Protocol

from protocol.client_messages import Latency, ReplyAudio, ServerResponse, Stop
from protocol.errors import TtsError
from protocol.messages import Message
from relay.latency import TurnLatency
from relay.session_record import SessionRecord
from relay.speaking import Speaking
from relay.tts import Speech, TtsEngine


class AnsweringListener(Protocol):
    """What `Answering` asks of its conversation; all plain calls on the event loop."""

    @property
    def replies(self) -> str | None:
        """The form that the client takes answers in, `whole` or `sentences`; None while it is away."""
        ...

    @property
    def speech(self) -> Speech:
        """The encoding and voice that the client takes answers in; MP3 while it is away."""
        ...

    def deliver(self, message: Message) -> None: ...
    def on_speaks(self, turn: int) -> None:
        """Something is spoken that no commit has just brought."""
        ...

    def on_spoken(self, turn: int) -> None: ...
    def on_heard(self, turn: int, chars: int) -> None: ...


class Answering:
    """One conversation's answers."""

    def __init__(self, tts: TtsEngine, listener: AnsweringListener) -> None:
        self._listener = listener
        self._speaking = Speaking(tts, self)
        self._unsaid: set[int] = set()  # answers that are being voiced, or wait for it
        self._latency: TurnLatency | None = None
        self._loop = asyncio.get_running_loop()

    async def close(self) -> None:
        await self._speaking.close()

    def expect(self, turn: int, silence: float) -> None:
        """The turn is being committed, after so many seconds of silence."""
        if self._latency is None or self._latency.turn != turn:
            self._latency = TurnLatency(turn, silence, self._loop.time())

    def answer(self, turn: int, text: str) -> None:
        """The turn is stored: voice and send its answer."""
        if self._latency is not None and self._latency.turn == turn:
            self._latency.committed = self._loop.time()
        self._unsaid.add(turn)
        self._speaking.say(turn, text)

    def say(self, turn: int, text: str) -> None:
        """Voice and send what was stored before: the greeting, or an answer that was missed."""
        self._unsaid.add(turn)
        self._listener.on_speaks(turn)
        self._speaking.say(turn, text)

    def say_again(self, record: SessionRecord, turn: int, seq: int) -> None:
        """The answers after sentence `seq` of `turn`. The latest is still here; others are voiced once more."""
        missed, last = record.missed(turn), self._speaking.last
        if last is None or [past.turn for past in missed] not in ([], [last.turn]):
            for past in missed:
                if past.turn not in self._unsaid:
                    self.say(past.turn, past.message)
            return
        again = last.after(-1 if missed else seq) if last.turn >= turn else []
        if last.speech.encoding != self._listener.speech.encoding:
            # Of no use to this client. An answer that is being voiced, `Speaking` begins anew by itself.
            if again and last.turn not in self._unsaid:
                self.say(last.turn, last.text)
            return
        for number, sentence in again:
            self._deliver_sentence(last.turn, number, sentence.text, sentence.audio)
        if again and last.turn not in self._unsaid:
            self._deliver_answer(last.turn, last.text, last.whole_audio(), last.error)

    def played(self, turn: int, seq: int, at_seconds: float) -> None:
        """The client's report."""
        self._speaking.whole = self._listener.replies == "whole"
        self._speaking.played(turn, seq, at_seconds)

    def stop(self) -> None:
        """Barge-in."""
        for turn in self._speaking.stop():
            self._listener.deliver(Stop(turn=turn))

    def on_sentence(self, turn: int, seq: int, text: str, audio: bytes | None) -> None:
        self._first_audio(turn)
        self._deliver_sentence(turn, seq, text, audio)

    def on_answer(self, turn: int, text: str, audio: bytes | None, error: TtsError | None) -> None:
        self._first_audio(turn)
        self._unsaid.discard(turn)
        self._deliver_answer(turn, text, audio, error)
        if self._latency is not None and self._latency.turn == turn:
            self._listener.deliver(Latency(turn=turn, stages=self._latency.stages(self._loop.time())))
            self._latency = None

    @property
    def speech(self) -> Speech | None:
        return self._listener.speech if self._listener.replies is not None else None

    def on_spoken(self, turn: int) -> None:
        self._listener.on_spoken(turn)

    def on_heard(self, turn: int, chars: int) -> None:
        self._listener.on_heard(turn, chars)

    def _deliver_sentence(self, turn: int, seq: int, text: str, audio: bytes | None) -> None:
        if self._listener.replies == "sentences":
            self._listener.deliver(ReplyAudio(turn=turn, seq=seq, text=text, audio=audio))

    def _deliver_answer(self, turn: int, text: str, audio: bytes | None, error: TtsError | None) -> None:
        sound = audio if self._listener.replies == "whole" else None  # else it has come sentence by sentence
        code = error.code if error is not None else None
        self._listener.deliver(ServerResponse(turn=turn, message=text, audio=sound, audio_error=code))

    def _first_audio(self, turn: int) -> None:
        if self._latency is not None and self._latency.turn == turn and self._latency.first_audio is None:
            self._latency.first_audio = self._loop.time()
