import array
import itertools

import pytest

from relay.tts import MP3, PHONE
from relay.tts.encodings import duration_seconds
from relay.tts.none import NoVoice
from relay.tts.scripted import ScriptedVoice
from tests.relay.mp3_decoder import decode


async def test_a_browser_plays_the_tone_and_it_grows_with_the_text():
    voice = ScriptedVoice()
    short, long = await voice.synthesize("Hello there", MP3), await voice.synthesize("word " * 100, MP3)
    tones = await decode(short, long)
    assert [tone.channels for tone in tones] == [1, 1]
    assert tones[0].seconds == pytest.approx(0.4 + 2 * 0.072, abs=0.05)
    assert tones[1].seconds == pytest.approx(0.4 + 100 * 0.072, abs=0.05)
    assert tones[1].seconds == pytest.approx(duration_seconds(long, "mp3"), abs=0.05)
    assert tones[1].hertz() == pytest.approx(444.4, rel=0.005)
    loudest = max(tones[1].samples[2000:-2000])
    assert loudest == pytest.approx(3000, rel=0.1)


async def test_the_telephone_hears_the_same_tone_for_as_long():
    voice = ScriptedVoice()
    for text in ("Hello there", "word " * 100):
        pcm, mp3 = await voice.synthesize(text, PHONE), await voice.synthesize(text, MP3)
        assert duration_seconds(pcm, "pcm") == pytest.approx(duration_seconds(mp3, "mp3"))
    samples = array.array("h", pcm)
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(samples))
    assert crossings / 2 / (len(samples) / 8000) == pytest.approx(444.4, rel=0.005)
    assert max(samples) == pytest.approx(3000, rel=0.02)


@pytest.mark.parametrize("speech", [MP3, PHONE], ids=["mp3", "pcm"])
async def test_the_same_text_sounds_the_same(speech):
    first, second = [await ScriptedVoice().synthesize("two eggs", speech) for _ in range(2)]
    assert first == second


async def test_no_voice_is_no_audio():
    voice = NoVoice()
    await voice.start()
    assert await voice.synthesize("Hello", MP3) is None
    assert await voice.synthesize("Hello", PHONE) is None
    await voice.close()
