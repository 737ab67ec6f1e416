import subprocess
import sys

import pytest

from protocol.errors import SettingsError
from protocol.settings import load
from relay.settings import RelaySettings
from relay.stt.engines import make_stt

IMPORTED = """
import sys
from relay.settings import RelaySettings
from relay.{kind}.engines import make_{kind}
make_{kind}(RelaySettings({kind}="{engine}"))
print(" ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""

AWS = {"amazon_transcribe", "awscrt", "boto3", "botocore", "aioboto3", "aiobotocore", "aiohttp"}
ON_DEVICE = {"moonshine_voice", "piper", "lameenc", "onnxruntime", "numpy"}


def imported_by(kind: str, engine: str) -> set[str]:
    """The packages that a process imports to make an engine."""
    script = IMPORTED.format(kind=kind, engine=engine)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("engine", ["on-device", "transcribe", "scripted"])
def test_each_name_makes_its_engine(engine):
    assert make_stt(RelaySettings(stt=engine)).name == engine


@pytest.mark.parametrize("kind", ["stt", "tts"])
@pytest.mark.parametrize("engine", ["on-device", "scripted"])
def test_speech_on_this_machine_needs_no_aws_library_and_loads_no_model(kind, engine):
    assert not imported_by(kind, engine) & (AWS | ON_DEVICE)


@pytest.mark.parametrize(("kind", "engine"), [("stt", "transcribe"), ("tts", "polly"), ("tts", "none")])
def test_other_speech_needs_no_on_device_library(kind, engine):
    assert not imported_by(kind, engine) & ON_DEVICE


def test_another_language_on_this_machine_is_refused_with_the_way_out():
    settings = load(RelaySettings, {}, language="de-DE")
    with pytest.raises(SettingsError, match=r"RELAY_LANGUAGE=de-DE.*RELAY_STT=transcribe"):
        make_stt(settings)


def test_every_english_is_understood():
    assert make_stt(RelaySettings(stt="on-device", language="en-GB")).name == "on-device"
