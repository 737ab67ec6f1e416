"""A spoken sentence in, a spoken answer out: both real processes, speech on this machine, the diet coach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.codecs import mp3
from tests.processes import Process

AUDIO = Path(__file__).parent / "audio"


@pytest.fixture(scope="module")
def relay_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("both")
    receiver = Process(
        "receiver", folder, RECEIVER_PORT="0", RECEIVER_DATABASE_URL=f"sqlite:///{folder / 'receiver.db'}"
    )
    relay = Process("relay", folder, RELAY_PORT="0", RELAY_RECEIVER=f"tcp://127.0.0.1:{receiver.port()}")
    try:
        yield relay.port()
    finally:
        assert relay.stop() == 0
        assert receiver.stop() == 0
        assert "Traceback" not in relay.output + receiver.output


def test_a_recording_of_another_voice_gets_captions_a_fitting_answer_and_an_mp3(
    relay_port: int, tmp_path: Path
) -> None:
    talk = Process(
        "relay.talk", tmp_path, str(AUDIO / "breakfast.wav"), "--url", f"ws://127.0.0.1:{relay_port}/"
    )
    assert talk.wait(90) == 0, talk.output
    said = next(line for line in talk.lines if line.startswith("you:")).lower()
    assert "egg" in said or "toast" in said
    answer = [line for line in talk.lines if line.startswith("relay:")][-1].lower()
    assert "egg" in answer or "toast" in answer
    voiced = sorted(tmp_path.glob("answer-*.mp3"))
    assert len(voiced) == 2, "the greeting and the answer"
    assert all(mp3.duration_seconds(path.read_bytes()) > 1.0 for path in voiced)


def test_a_typed_sentence_gets_a_spoken_answer(relay_port: int, tmp_path: Path) -> None:
    url = f"ws://127.0.0.1:{relay_port}/"
    talk = Process("relay.talk", tmp_path, "--text", "For lunch I had a bowl of rice", "--url", url)
    assert talk.wait(60) == 0, talk.output
    assert "rice" in talk.output.split("relay:")[-1].lower()
    assert mp3.duration_seconds((tmp_path / "answer-1.mp3").read_bytes()) > 1.0
