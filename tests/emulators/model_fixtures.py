"""Fixtures for tests that meet language models: emulated providers, and their real clients talking to them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from receiver.llm import LanguageModel
from tests.emulators.bedrock import BedrockEmulator
from tests.emulators.fixtures import bare_aws
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.model_server import ModelServer
from tests.emulators.openai_chat import OpenAiEmulator

__all__ = ["bare_aws", "bare_keys", "model", "model_server", "provider"]

_EMULATORS: dict[str, type[ModelServer]] = {
    "bedrock": BedrockEmulator, "openai": OpenAiEmulator, "gemini": GeminiEmulator,
}  # fmt: skip
_PREFIXES = ("OPENAI_", "GROQ_", "OPENROUTER_", "GEMINI_", "GOOGLE_")


@pytest.fixture
def bare_keys(bare_aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any provider's variables: nothing of this machine's reaches the tests."""
    for name in list(os.environ):
        if name.startswith(_PREFIXES):
            monkeypatch.delenv(name)


@pytest.fixture(params=sorted(_EMULATORS))
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def model_server(
    provider: str, bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ModelServer]:
    """The provider on a free port, with its own variables pointing at it."""
    async with _EMULATORS[provider]() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


async def open_provider(provider: str, server: ModelServer) -> Any:
    """The provider's client, without retries."""
    if provider == "bedrock":
        from receiver.llm.bedrock import BedrockModel

        return await BedrockModel.open("eu.amazon.nova-lite-v1:0", "eu-west-1", None)
    if provider == "openai":
        from receiver.llm.openai_chat import OpenAiChatModel

        return await OpenAiChatModel.open("gpt-5.4-mini", None)
    from receiver.llm.gemini import GeminiModel

    return await GeminiModel.open("gemini-3.8-flash", server.endpoint)


@pytest.fixture
async def model(provider: str, model_server: ModelServer) -> AsyncIterator[LanguageModel]:
    """The provider's real client with our retries, which do not sleep long here."""
    from receiver.llm.patient import PatientModel

    opened = PatientModel(await open_provider(provider, model_server), quiet_seconds=2.0, first_backoff=0.01)
    yield opened
    await opened.aclose()
