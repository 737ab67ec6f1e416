"""Which engine `RELAY_STT` names. Each is imported only when it is chosen: none needs another one's libraries."""

from __future__ import annotations

from protocol.errors import SettingsError
from relay.settings import RelaySettings
from relay.stt import SttEngine


def make_stt(settings: RelaySettings) -> SttEngine:
    """The engine, not started yet. Raises `SettingsError` when it cannot do what the settings ask."""
    if settings.stt == "transcribe":
        from relay.stt.transcribe import TranscribeEngine

        return TranscribeEngine(
            settings.language,
            settings.aws_region,
            settings.transcribe_transport,
            settings.transcribe_vocabulary,
        )
    if settings.stt == "scripted":
        from relay.stt.scripted import ScriptedEngine

        return ScriptedEngine(settings.scripted_text, settings.scripted_every_seconds)
    if settings.language.partition("-")[0].lower() != "en":
        raise SettingsError(
            f"RELAY_LANGUAGE={settings.language}: RELAY_STT=on-device understands English only; "
            "set RELAY_STT=transcribe."
        )
    from relay.stt.on_device import OnDeviceEngine
    from relay.vocabulary.corrector import Corrector
    from relay.vocabulary.phrases import topics

    return OnDeviceEngine(settings.on_device_capacity, Corrector(topics(settings.vocabulary_file)).correct)
