"""What happens inside the worker, with the real model where hearing is the point."""

from pathlib import Path
from types import SimpleNamespace

import moonshine_voice
import pytest
from moonshine_voice.moonshine_api import ModelArch
from moonshine_voice.transcriber import Transcriber

from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE, samples
from relay.stt import moonshine_worker
from relay.stt.moonshine_worker import UPDATE_BYTES, Hearing, Queue
from tests.relay.recordings import pcm, words


class Parent:
    def __init__(self) -> None:
        self.sent: list[dict] = []

    def send(self, message: dict) -> None:
        self.sent.append(message)

    @property
    def results(self) -> list[dict]:
        return [message for message in self.sent if message["type"] == "result"]


class Recognizer:
    """Gives the lines it is told to."""

    def __init__(self, *transcripts: list[tuple[str, bool]]) -> None:
        self._transcripts = iter(transcripts)

    def start(self) -> None: ...

    def add_audio(self, audio_data: list[float], sample_rate: int) -> None: ...

    def update_transcription(self) -> SimpleNamespace:
        lines = [
            SimpleNamespace(line_id=number, text=text, is_complete=complete, start_time=0.0, duration=9.0)
            for number, (text, complete) in enumerate(next(self._transcripts))
        ]
        return SimpleNamespace(lines=lines)


@pytest.fixture(scope="module")
def transcriber():
    model = Path(moonshine_voice.__file__).parent / "assets" / "tiny-en"
    return Transcriber(model, ModelArch.TINY, options={"return_audio_data": "false"})


def test_a_long_conversation_starts_afresh_at_a_pause_and_loses_nothing(transcriber, monkeypatch):
    monkeypatch.setattr(moonshine_worker, "MAX_LINES", 1)
    recognizer = transcriber.create_stream(update_interval=1e9)
    restarts = []
    monkeypatch.setattr(recognizer, "stop", lambda stop=recognizer.stop: restarts.append(1) or stop())
    parent = Parent()
    hearing = Hearing(1, recognizer, parent)
    pieces = [pcm("breakfast"), pcm("lunch"), pcm("all_for_today")]
    pause = bytes(BYTES_PER_SECOND)
    audio = pause.join(pieces) + pause
    for start in range(0, len(audio), UPDATE_BYTES):
        hearing.feed(audio[start : start + UPDATE_BYTES])
    hearing.close()
    finals = [result for result in parent.results if result["final"]]
    assert len(restarts) >= 2
    assert len(finals) == 3
    for final, word in zip(finals, ["toast", "chicken", "that's"], strict=True):
        assert word in words(final["text"])
    end = 0
    for final, piece in zip(finals, pieces, strict=True):
        end += len(piece)
        assert abs(final["end"] - samples(end)) < SAMPLE_RATE / 2
        end += len(pause)


def test_a_caption_is_sent_only_when_it_has_changed():
    parent = Parent()
    hearing = Hearing(1, Recognizer([("two", False)], [("two", False)], [(" two eggs ", True)]), parent)
    for _ in range(3):
        hearing.feed(bytes(3200))
    assert [(result["text"], result["final"]) for result in parent.results] == [
        ("two", False),
        ("two eggs", True),
    ]


def test_a_line_that_turns_out_empty_takes_its_caption_back_and_is_no_final():
    parent = Parent()
    hearing = Hearing(1, Recognizer([("hm", False)], [("", True)], [("", True)]), parent)
    for _ in range(3):
        hearing.feed(bytes(3200))
    assert [(result["text"], result["final"]) for result in parent.results] == [("hm", False), ("", False)]


def test_words_never_end_after_the_audio_that_was_sent():
    parent = Parent()
    Hearing(1, Recognizer([("two eggs", True)]), parent).feed(bytes(3200))
    assert parent.results[0]["end"] == 1600


def test_one_step_takes_no_more_than_its_share():
    queue = Queue()
    for _ in range(8):
        queue.audio.append(bytes(BYTES_PER_SECOND))
        queue.waiting += BYTES_PER_SECOND
    assert len(queue.take()) == moonshine_worker.STEP_BYTES
    assert len(queue.take()) == 3 * BYTES_PER_SECOND
    assert queue.waiting == 0
