from tests.emulators.fixtures import bare_aws, expired_profile, polly_emulator

__all__ = ["bare_aws", "expired_profile", "polly_emulator"]
