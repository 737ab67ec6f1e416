import pytest

from protocol.errors import SettingsError
from relay.settings import RelaySettings
from relay.tts.engines import make_tts


@pytest.mark.parametrize("engine", ["on-device", "polly", "scripted", "none"])
def test_each_name_makes_its_engine(engine):
    assert make_tts(RelaySettings(tts=engine)).name == engine


def test_another_language_on_this_machine_is_refused_with_the_ways_out():
    with pytest.raises(SettingsError, match=r"RELAY_LANGUAGE=fr-FR.*RELAY_TTS=polly or RELAY_TTS=none"):
        make_tts(RelaySettings(tts="on-device", language="fr-FR"))
