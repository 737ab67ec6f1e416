import pytest

from protocol.errors import TtsUnavailable
from relay.codecs import mp3
from relay.tts import MP3, PHONE
from relay.tts.encodings import duration_seconds, join
from relay.tts.scripted import ScriptedVoice

OTHER_FORMAT = b"\xff\xfb\x10\xc0" + bytes(100)  # one frame of 44.1 kHz


def test_a_second_of_pcm_is_16_000_bytes():
    assert duration_seconds(bytes(16_000), "pcm") == 1
    assert join([b"\1\0", b"\2\0\3\0"], "pcm") == b"\1\0\2\0\3\0"


async def test_joined_sound_lasts_as_long_as_its_parts():
    for speech in (MP3, PHONE):
        part = await ScriptedVoice().synthesize("two eggs", speech)
        whole = join([part, part], speech.encoding)
        one = duration_seconds(part, speech.encoding)
        assert duration_seconds(whole, speech.encoding) == pytest.approx(2 * one)


def test_half_a_sample_is_refused():
    """Everything after it would be noise: the bytes of all samples would stand the wrong way round."""
    with pytest.raises(TtsUnavailable, match="PCM"):
        duration_seconds(bytes(15_999), "pcm")


async def test_what_is_no_mp3_is_refused():
    pcm = await ScriptedVoice().synthesize("two eggs", PHONE)
    with pytest.raises(TtsUnavailable, match="MP3"):
        duration_seconds(pcm, "mp3")
    sound = await ScriptedVoice().synthesize("two eggs", MP3)
    with pytest.raises(TtsUnavailable, match="MP3"):
        join([sound, OTHER_FORMAT], "mp3")


async def test_one_part_is_the_whole():
    sound = await ScriptedVoice().synthesize("two eggs", MP3)
    assert join([sound], "mp3") == sound == mp3.join([sound])
