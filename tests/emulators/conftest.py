from tests.emulators.fixtures import bare_aws, transcribe_emulator, use_transcribe

__all__ = ["bare_aws", "transcribe_emulator", "use_transcribe"]
