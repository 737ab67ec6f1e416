import pytest

from relay.codecs.mp3 import duration_seconds
from relay.tts.none import NoVoice
from relay.tts.scripted import ScriptedVoice
from tests.relay.mp3_decoder import decode


async def test_a_browser_plays_the_tone_and_it_grows_with_the_text():
    voice = ScriptedVoice()
    short, long = await voice.synthesize("Hello there"), await voice.synthesize("word " * 100)
    tones = await decode(short, long)
    assert [tone.channels for tone in tones] == [1, 1]
    assert tones[0].seconds == pytest.approx(0.4 + 2 * 0.072, abs=0.05)
    assert tones[1].seconds == pytest.approx(0.4 + 100 * 0.072, abs=0.05)
    assert tones[1].seconds == pytest.approx(duration_seconds(long), abs=0.05)
    assert tones[1].hertz() == pytest.approx(444.4, rel=0.005)
    loudest = max(tones[1].samples[2000:-2000])
    assert loudest == pytest.approx(3000, rel=0.1)


async def test_the_same_text_sounds_the_same():
    assert await ScriptedVoice().synthesize("two eggs") == await ScriptedVoice().synthesize("two eggs")


async def test_no_voice_is_no_audio():
    voice = NoVoice()
    await voice.start()
    assert await voice.synthesize("Hello") is None
    await voice.close()
