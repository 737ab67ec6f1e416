from tests.emulators.fixtures import bare_aws, expired_profile, transcribe_emulator, use_transcribe

__all__ = ["bare_aws", "expired_profile", "transcribe_emulator", "use_transcribe"]
