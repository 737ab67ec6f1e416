import pytest

from tests.emulators.fixtures import (
    UseTranscribe,
    bare_aws,
    expired_profile,
    transcribe_emulator,
    use_transcribe,
)
from tests.emulators.transcribe import Interface

__all__ = ["bare_aws", "expired_profile", "transcribe_emulator", "use_transcribe"]


@pytest.fixture(params=["websocket", "http2"])
def interface(request: pytest.FixtureRequest, use_transcribe: UseTranscribe) -> Interface:
    """Each way to reach Amazon Transcribe, one after the other."""
    use_transcribe(request.param)
    interface: Interface = request.param
    return interface
