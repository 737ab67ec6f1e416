"""Which engine `RELAY_TTS` names. Each is imported only when it is chosen: none needs another one's libraries."""

from __future__ import annotations

from protocol.errors import SettingsError
from relay.settings import RelaySettings
from relay.tts import TtsEngine


def make_tts(settings: RelaySettings) -> TtsEngine:
    """The engine, not started yet. Raises `SettingsError` when it cannot do what the settings ask."""
    if settings.tts == "polly":
        from relay.tts.polly import PollyEngine

        return PollyEngine(settings.polly_voice, settings.polly_engine, settings.aws_region)
    if settings.tts == "scripted":
        from relay.tts.scripted import ScriptedVoice

        return ScriptedVoice()
    if settings.tts == "none":
        from relay.tts.none import NoVoice

        return NoVoice()
    if settings.language.partition("-")[0].lower() != "en":
        raise SettingsError(
            f"RELAY_LANGUAGE={settings.language}: RELAY_TTS=on-device speaks English only; "
            "set RELAY_TTS=polly or RELAY_TTS=none."
        )
    from relay.tts.on_device import OnDeviceVoice

    return OnDeviceVoice()
