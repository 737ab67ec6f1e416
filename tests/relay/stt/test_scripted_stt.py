import sys

import pytest

from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE
from protocol.errors import SettingsError
from relay.stt import SttResult
from relay.stt.scripted import MAX_PARTIALS, ScriptedEngine

CHUNK = bytes(BYTES_PER_SECOND // 10)


async def hear(engine: ScriptedEngine, seconds: float, chunk: bytes = CHUNK) -> list[tuple[int, SttResult]]:
    """What comes, each with the samples that had been sent by then."""
    heard: list[tuple[int, SttResult]] = []
    sent = 0
    stream = await engine.open_stream(lambda result: heard.append((sent, result)), pytest.fail)
    while sent < seconds * SAMPLE_RATE:
        sent += len(chunk) // 2
        await stream.process_audio_data(chunk)
    return heard


async def test_the_text_is_heard_at_every_interval():
    heard = await hear(ScriptedEngine("I had two eggs", 2.0), 10)
    finals = [(sent, result) for sent, result in heard if result.final]
    assert [result.text for _, result in finals] == ["I had two eggs"] * 5
    assert [result.end for _, result in finals] == [SAMPLE_RATE * second for second in (2, 4, 6, 8, 10)]
    assert [sent for sent, _ in finals] == [result.end for _, result in finals]
    assert {result.confidence for _, result in finals} == {1.0}


async def test_captions_grow_word_by_word_in_the_last_part_of_the_interval():
    heard = await hear(ScriptedEngine("I had two eggs", 10.0), 10)
    assert [result.text for _, result in heard] == ["I", "I had", "I had two", "I had two eggs"]
    assert all(result.end > 8 * SAMPLE_RATE for _, result in heard)


async def test_a_long_text_has_a_handful_of_captions():
    text = " ".join(f"word{number}" for number in range(200))
    heard = await hear(ScriptedEngine(text, 10.0), 10)
    assert len(heard) == MAX_PARTIALS + 1
    for _, result in heard:
        assert text.startswith(result.text)
    assert heard[0][1].end >= 5 * SAMPLE_RATE


async def test_utterances_are_said_in_turn():
    heard = await hear(ScriptedEngine(" eggs | and  rice || ", 1.0), 3)
    assert [result.text for _, result in heard if result.final] == ["eggs", "and rice", "eggs"]


@pytest.mark.parametrize("seconds", [0.00002, 0.02, 1.0])
async def test_the_size_of_the_chunks_makes_no_difference(seconds):
    engine = ScriptedEngine("I had two eggs|and toast", 0.7)
    piece = bytes(max(1, int(seconds * SAMPLE_RATE)) * 2)
    assert [result for _, result in await hear(engine, 3, piece)][:10] == [
        result for _, result in await hear(engine, 3)
    ][:10]


async def test_a_drain_makes_the_caption_final():
    heard: list[SttResult] = []
    stream = await ScriptedEngine("I had two eggs", 10.0).open_stream(heard.append, pytest.fail)
    await stream.drain()
    assert not heard
    await stream.process_audio_data(bytes(int(9.5 * BYTES_PER_SECOND)))
    await stream.drain()
    await stream.drain()
    assert [(result.text, result.final) for result in heard] == [
        ("I", False),
        ("I had", False),
        ("I had", True),
    ]
    assert heard[-1].end == int(9.5 * SAMPLE_RATE)
    await stream.process_audio_data(bytes(int(10.5 * BYTES_PER_SECOND)))
    assert heard[-1] == SttResult("I had two eggs", True, 20 * SAMPLE_RATE, 1.0)


async def test_a_closed_stream_says_no_more():
    heard: list[SttResult] = []
    stream = await ScriptedEngine("eggs", 1.0).open_stream(heard.append, pytest.fail)
    await stream.close()
    await stream.process_audio_data(bytes(BYTES_PER_SECOND))
    await stream.drain()
    assert not heard


async def test_a_stream_closed_by_its_own_result_says_no_more():
    heard: list[SttResult] = []

    def close_at_once(result: SttResult) -> None:
        heard.append(result)
        with pytest.raises(StopIteration):
            stream.close().send(None)

    stream = await ScriptedEngine("eggs", 0.1).open_stream(close_at_once, pytest.fail)
    await stream.process_audio_data(bytes(BYTES_PER_SECOND))
    assert len(heard) == 1


async def test_a_chunk_costs_no_suspension_and_no_object_that_stays():
    stream = await ScriptedEngine("eggs", 1000.0).open_stream(pytest.fail, pytest.fail)

    def send() -> bool:
        try:
            stream.process_audio_data(CHUNK).send(None)
        except StopIteration:  # It ran to its end at the first step.
            return True
        return False

    assert send()
    before = sys.getallocatedblocks()
    assert all(send() for _ in range(1000))
    assert sys.getallocatedblocks() - before < 50


@pytest.mark.parametrize("text", ["", " ", " | "])
def test_a_script_without_words_is_a_wrong_setting(text):
    with pytest.raises(SettingsError, match="RELAY_SCRIPTED_TEXT"):
        ScriptedEngine(text, 10.0)
