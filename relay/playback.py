"""What of an answer was held back, sent and heard. Sans-I/O.

An answer is a row of sentences. Each is *held* until its audio exists and its turn is stored, then *sent*, and
*heard* as far as the client says. After a barge-in the conversation keeps what was heard: `heard_chars` goes to
the receiver, which marks the stored answer with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.errors import TtsError, TtsUnavailable
from relay.tts import MP3, Speech
from relay.tts.encodings import join


@dataclass(slots=True)
class Sentence:
    text: str
    audio: bytes | None = None
    """In the encoding of the answer's `speech`, or None when it could not be voiced."""
    seconds: float = 0.0
    """Length of `audio`."""
    sent: bool = False
    heard: float = 0.0
    """Seconds of it that were played to the person."""


@dataclass(slots=True)
class Playback:
    """One answer. `reports` says whether the client tells what it has played."""

    turn: int
    text: str = ""
    speech: Speech = MP3
    """How its sentences are voiced."""
    sentences: list[Sentence] = field(default_factory=list)
    reports: bool = False
    stopped: bool = False
    error: TtsError | None = None
    """What kept it, or the rest of it, from being voiced."""

    def send(self, text: str, audio: bytes | None, seconds: float) -> int | None:
        """The next sentence is ready to go out: its number, or None after a stop."""
        if self.stopped:
            return None
        self.sentences.append(Sentence(text, audio, seconds, sent=True))
        return len(self.sentences) - 1

    def played(self, seq: int, at_seconds: float) -> None:
        """The client has played sentence `seq` up to `at_seconds`. Never moves back; an unknown `seq` is ignored."""
        self.reports = True
        if seq >= len(self.sentences):
            return
        for earlier in self.sentences[:seq]:
            earlier.heard = earlier.seconds
        sentence = self.sentences[seq]
        sentence.heard = max(sentence.heard, min(at_seconds, sentence.seconds))

    def locate(self, at_seconds: float) -> tuple[int, float]:
        """Sentence number and seconds into it, of a moment in the whole answer's audio."""
        for number, sentence in enumerate(self.sentences):
            if at_seconds < sentence.seconds or number == len(self.sentences) - 1:
                return number, at_seconds
            at_seconds -= sentence.seconds
        return 0, 0.0

    def stop(self) -> None:
        """Nothing more goes out."""
        self.stopped = True

    @property
    def seconds_left(self) -> float:
        """Seconds of audio that were sent and not reported as heard."""
        return sum(sentence.seconds - sentence.heard for sentence in self.sentences)

    @property
    def heard_chars(self) -> int:
        """Where in `text` the words end that were heard, those of the sentence being played included."""
        heard = ""
        for sentence in self.sentences:
            if sentence.heard < sentence.seconds - 0.05:
                part = sentence.text[: int(len(sentence.text) * sentence.heard / sentence.seconds)]
                heard += part[: part.rfind(" ") + 1]
                break
            heard += sentence.text
        return _place(self.text, sum(map(len, heard.split())))

    def whole_audio(self) -> bytes | None:
        """The sound of all that was sent as one. None without any, and when the voice failed: see `error`."""
        parts = [sentence.audio for sentence in self.sentences if sentence.audio]
        if not parts or self.error is not None:
            return None
        try:
            return join(parts, self.speech.encoding)
        except TtsUnavailable as error:
            self.error = error
            return None

    def after(self, seq: int) -> list[tuple[int, Sentence]]:
        """The sent sentences after number `seq` (-1: all), for a client that came back."""
        return [(n, sentence) for n, sentence in enumerate(self.sentences) if n > seq and sentence.sent]


def _place(text: str, count: int) -> int:
    """Where in `text` the words begin that follow `count` characters of words: sentences have other white space."""
    for position, character in enumerate(text):
        if not character.isspace():
            if count == 0:
                return position
            count -= 1
    return len(text)
