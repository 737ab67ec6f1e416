"""Each assistant by its name, by itself and with a model."""

from __future__ import annotations

import pytest

from receiver.assistants.assistant import Assistant
from receiver.llm import LanguageModel
from tests.emulators.model_brain import Reply, always
from tests.receiver.assistants.all_assistants import DOCUMENTED, REGISTERED, with_model
from tests.receiver.diet.brain_model import BrainModel


@pytest.fixture(params=["by itself", "with a model"])
def model(request: pytest.FixtureRequest) -> LanguageModel | None:
    return BrainModel(always(Reply("Let me think. It is so."))) if request.param == "with a model" else None


@pytest.fixture(params=[*REGISTERED, *DOCUMENTED])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def assistant(name: str, model: LanguageModel | None) -> Assistant:
    return with_model(model)[name]
