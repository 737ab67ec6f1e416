"""A client's sound, whatever it is wrapped in: nothing is heard as noise, and nothing after an error is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from protocol.audio import seconds
from protocol.errors import InputError
from relay.clients import incoming_audio
from relay.clients.incoming_audio import IncomingAudio, is_middle_of_webm
from tests.relay import webm_recording
from tests.relay.recordings import pcm
from tests.relay.webm_recording import mp4_pieces, one_second_pieces

LENGTH = 3.96
"""Seconds of sound in the recording: 66 packets of 60 ms."""

RECORDINGS = {"100 ms": webm_recording.pieces, "1 s": webm_recording.one_second_pieces}
"""The same, in pieces of different lengths, as they came from Chromium."""


class Sound:
    """What has come out."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self.errors: list[InputError] = []
        self.incoming = IncomingAudio(self._add, self.errors.append)

    def _add(self, pcm: bytes) -> None:
        assert 2 <= len(pcm) <= 32_000
        assert len(pcm) % 2 == 0
        self.pcm += pcm

    async def take(self, *sent: bytes) -> None:
        for piece in sent:
            if (waiting := self.incoming.take(piece)) is not None:
                await waiting

    @property
    def codes(self) -> list[str]:
        return [error.code for error in self.errors]


@pytest.fixture
async def sound() -> AsyncIterator[Sound]:
    sound = Sound()
    yield sound
    await sound.incoming.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "recording decoder"]


@pytest.mark.parametrize("name", list(RECORDINGS))
async def test_a_recording_comes_out_as_pcm_to_its_last_word(sound: Sound, name: str) -> None:
    await sound.take(*RECORDINGS[name]())
    assert sound.incoming.container == "webm"
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(LENGTH, abs=0.01)
    assert sound.errors == []
    assert sound.incoming.container is None


@pytest.mark.parametrize("cuts", [(1,), (2,), (3,), (1, 2, 3)])
@pytest.mark.parametrize("name", list(RECORDINGS))
async def test_a_recorder_that_cuts_its_header_is_understood(
    sound: Sound, name: str, cuts: tuple[int, ...]
) -> None:
    """A busy Chromium's first piece may be one byte long; what follows is no PCM for all that."""
    first, *rest = RECORDINGS[name]()
    pieces = [first[start:end] for start, end in pairwise((0, *cuts, len(first)))]
    for _ in range(2):  # the second time without a word between
        await sound.take(*pieces, *rest)
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(2 * LENGTH, abs=0.02)
    assert sound.errors == []


async def test_a_broken_recording_is_followed_by_one_whose_header_is_cut(sound: Sound) -> None:
    first, *rest = one_second_pieces()
    await sound.take(rest[0])
    assert sound.codes == ["bad_audio"]
    await sound.take(first[:1], first[1:], *rest)
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(LENGTH, abs=0.01)
    assert sound.codes == ["bad_audio"]


async def test_sound_that_looks_like_half_a_header_is_not_kept_back(sound: Sound) -> None:
    loud = b"\x1a\x45"
    await sound.take(bytes(320), loud)
    assert sound.pcm == bytes(320) + loud
    await sound.incoming.end()
    await sound.take(loud)
    await sound.incoming.end()
    assert sound.pcm == bytes(320) + loud + loud
    await sound.take(loud[:1])
    await sound.incoming.end()
    assert sound.codes == ["bad_audio"]


async def test_pcm_comes_through_untouched(sound: Sound) -> None:
    await sound.take(*[pcm("breakfast")[at : at + 3200] for at in range(0, 32_000, 3200)])
    assert sound.pcm == pcm("breakfast")[:32_000]
    assert sound.incoming.container is None
    assert sound.errors == []


@pytest.mark.parametrize("piece", [b"", b"\x00" * 3201, bytes(32_002)])
async def test_bad_pcm_is_left_out_and_the_rest_is_heard(sound: Sound, piece: bytes) -> None:
    await sound.take(piece, b"ab" * 10, piece, b"cd" * 10)
    assert sound.pcm == b"ab" * 10 + b"cd" * 10
    assert sound.codes == ["bad_audio"] * 2


async def test_one_client_may_send_a_recording_then_pcm_then_a_recording(sound: Sound) -> None:
    recording = one_second_pieces()
    await sound.take(*recording)
    await sound.incoming.end()
    once = len(sound.pcm)
    await sound.take(b"ab" * 1600)
    assert bytes(sound.pcm[once:]) == b"ab" * 1600
    await sound.take(*recording)
    await sound.incoming.end()
    assert len(sound.pcm) == 2 * once + 3200
    assert sound.errors == []


async def test_a_recorder_that_starts_anew_without_a_word_is_heard_on(sound: Sound) -> None:
    recording = one_second_pieces()
    await sound.take(*recording, *recording)
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(2 * LENGTH, abs=0.01)
    assert sound.errors == []


@pytest.mark.parametrize("name", list(RECORDINGS))
async def test_the_middle_of_a_recording_is_no_noise(sound: Sound, name: str) -> None:
    """A recorder that went on while its page connected anew: the header went to the connection before."""
    first, *rest = RECORDINGS[name]()
    for begin in range(len(rest)):
        await sound.take(*rest[begin:])
        assert (bytes(sound.pcm), sound.codes) == (b"", ["bad_audio"]), "told once"
        assert "start it again" in sound.errors[0].message
        sound.errors.clear()
        await sound.incoming.end()
    await sound.take(first, *rest)
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(LENGTH, abs=0.01)


async def test_what_is_left_of_a_broken_recording_is_no_noise_and_the_next_one_is_heard(sound: Sound) -> None:
    first, *rest = one_second_pieces()
    await sound.take(first[:60] + bytes(300_000))
    async with asyncio.timeout(30):
        while not sound.errors:
            await asyncio.sleep(0.005)
    before = len(sound.pcm)
    await sound.take(*rest, *rest)
    assert len(sound.pcm) == before
    await sound.take(first, *rest)
    await sound.incoming.end()
    assert seconds(len(sound.pcm) - before) == pytest.approx(LENGTH, abs=0.01)
    assert sound.codes == ["bad_audio"]


async def test_a_recording_of_another_kind_is_told_once_and_no_noise(sound: Sound) -> None:
    """Safari's default."""
    await sound.take(*mp4_pieces())
    await sound.incoming.end()
    assert (bytes(sound.pcm), sound.codes) == (b"", ["unsupported"])
    await sound.take(*one_second_pieces())
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(LENGTH, abs=0.01)


async def test_a_recording_cut_short_is_heard_as_far_as_it_goes(sound: Sound) -> None:
    recording = b"".join(one_second_pieces())
    await sound.take(recording[: len(recording) // 2])
    await sound.incoming.end()
    assert seconds(len(sound.pcm)) == pytest.approx(LENGTH / 2, abs=0.3)
    assert sound.errors == []


async def test_a_header_alone_is_told(sound: Sound) -> None:
    await sound.take(one_second_pieces()[0][:30])
    await sound.incoming.end()
    assert sound.codes == ["bad_audio"]
    await sound.take(b"ab" * 10)
    assert sound.pcm == b"ab" * 10


async def test_a_client_faster_than_the_decoder_is_pushed_back_and_loses_nothing() -> None:
    heard, errors = bytearray(), []
    incoming = IncomingAudio(heard.extend, errors.append, max_waiting=4096)
    pushed_back = 0
    for _ in range(3):
        for piece in one_second_pieces():
            if (waiting := incoming.take(piece)) is not None:
                pushed_back += 1
                await waiting
    await incoming.end()
    await incoming.close()
    assert pushed_back > 3
    assert seconds(len(heard)) == pytest.approx(3 * LENGTH, abs=0.01)
    assert errors == []


async def test_what_comes_while_a_recording_ends_is_heard_after_it(sound: Sound) -> None:
    await sound.take(*one_second_pieces())
    await asyncio.gather(sound.incoming.end(), sound.take(b"ab" * 1600))
    assert bytes(sound.pcm[-3200:]) == b"ab" * 1600
    assert seconds(len(sound.pcm)) == pytest.approx(LENGTH + 0.1, abs=0.01)


async def test_an_end_that_takes_too_long_is_given_up_and_told(
    sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming_audio, "END_SECONDS", 0.0)
    await sound.take(*one_second_pieces())
    await sound.incoming.end()
    assert sound.codes == ["bad_audio"]
    await sound.take(b"ab")
    assert sound.pcm.endswith(b"ab")


async def test_nothing_is_told_after_the_close(sound: Sound) -> None:
    await sound.take(*one_second_pieces())
    ending = asyncio.create_task(sound.incoming.end())
    await asyncio.sleep(0)
    await sound.incoming.close()
    await asyncio.gather(ending, return_exceptions=True)
    heard = len(sound.pcm)
    await asyncio.sleep(0.05)
    assert len(sound.pcm) == heard
    assert sound.errors == []


def test_speech_is_not_taken_for_the_middle_of_a_recording() -> None:
    for name in ("breakfast", "lunch", "all_for_today"):
        spoken = pcm(name)
        assert not [at for at in range(0, len(spoken), 2) if is_middle_of_webm(spoken[at : at + 3200])]
