import pytest

from relay.vocabulary.corrector import Corrector
from relay.vocabulary.phrases import topics
from tests.emulators.fixtures import bare_aws, transcribe_emulator, use_transcribe

__all__ = ["bare_aws", "transcribe_emulator", "use_transcribe"]


@pytest.fixture(scope="session")
def corrector() -> Corrector:
    """With our own phrases, as it is unless a deployer has a file."""
    return Corrector(topics(None))
