"""Which model the settings name, and what is wrong with them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from protocol.errors import SettingsError
from protocol.settings import load
from receiver.llm.bedrock import default_model
from receiver.llm.engines import open_model
from receiver.settings import ReceiverSettings
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.model_fixtures import open_provider
from tests.emulators.openai_chat import OpenAiEmulator
from tests.receiver.llm.test_model_streams import ask, collect, text_of

ROOTS = {"bedrock": ("aioboto3", "receiver.llm.bedrock"), "openai": ("openai", "receiver.llm.openai_chat"),
         "gemini": ("google.genai", "receiver.llm.gemini")}  # fmt: skip


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> ReceiverSettings:
    for name, value in values.items():
        monkeypatch.setenv(f"RECEIVER_{name.upper()}", value)
    return load(ReceiverSettings)


async def test_without_a_setting_there_is_no_model(bare_keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await open_model(settings(monkeypatch)) is None


@pytest.mark.parametrize("llm", sorted(ROOTS))
async def test_a_missing_library_names_the_extra_to_install(
    llm: str, bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, module = ROOTS[llm]
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.delattr(module, raising=False)  # the package remembers what was imported
    if library == "google.genai":
        monkeypatch.delattr(library, raising=False)
    with pytest.raises(SettingsError) as raised:
        await open_model(settings(monkeypatch, llm=llm))
    assert f"pip install 'voice-relay[{llm}]'" in raised.value.message


@pytest.mark.parametrize(
    ("llm", "variable", "more"),
    [
        ("openai", "OPENAI_API_KEY", {}),
        ("openai", "GROQ_API_KEY", {"llm_base_url": "https://api.groq.com/openai/v1"}),
        ("openai", "OPENROUTER_API_KEY", {"llm_base_url": "https://openrouter.ai/api/v1"}),
        ("gemini", "GEMINI_API_KEY", {}),
        ("gemini", "GEMINI_API_KEY", {"llm_base_url": "https://gemini.example"}),
    ],
)
async def test_a_missing_key_stops_the_start_with_its_variable(
    llm: str, variable: str, more: dict[str, str], bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match=variable):
        await open_model(settings(monkeypatch, llm=llm, **more))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("llm", "gpt", "RECEIVER_LLM"),
        ("llm_model", "", "RECEIVER_LLM_MODEL"),
        ("llm_base_url", "localhost:11434", "RECEIVER_LLM_BASE_URL"),
        ("llm_base_url", "ftp://localhost/v1", "RECEIVER_LLM_BASE_URL"),
        ("llm_region", "Ireland, please", "RECEIVER_LLM_REGION"),
        ("llm_seconds", "30", "RECEIVER_LLM_SECONDS"),
        ("llm_context_tokens", "10", "RECEIVER_LLM_CONTEXT_TOKENS"),
        ("llm_modell", "x", "RECEIVER_LLM_MODELL is not a setting. Did you mean RECEIVER_LLM_MODEL?"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_with_its_variable(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError) as raised:
        settings(monkeypatch, **{name: value})
    assert raised.value.message.startswith(told)
    assert "\n" not in raised.value.message


async def test_a_server_of_ones_own_needs_no_key(bare_keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async with OpenAiEmulator() as server:
        server.key = None
        chosen = settings(monkeypatch, llm="openai", llm_model="llama3.2", llm_base_url=server.base_url)
        model = await open_model(chosen)
        assert model is not None
        assert text_of(await collect(model, ask())) == "Hello."
        assert server.bodies[0]["model"] == "llama3.2"
        await model.aclose()


async def test_the_key_of_groq_goes_to_groq(bare_keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-2")
    chosen = settings(monkeypatch, llm="openai", llm_base_url="https://api.groq.com/openai/v1")
    model: Any = await open_model(chosen)
    assert model._provider._client.api_key == "gsk-1"
    await model.aclose()


def test_nova_is_asked_for_by_the_profile_of_the_regions_geography() -> None:
    assert default_model("eu-west-1") == "eu.amazon.nova-lite-v1:0"
    assert default_model("us-east-1") == "us.amazon.nova-lite-v1:0"
    assert default_model("us-gov-west-1") == "amazon.nova-lite-v1:0"
    assert default_model("ap-northeast-1") == "amazon.nova-lite-v1:0"


async def test_bedrock_starts_without_credentials_and_says_so_when_asked(
    bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from receiver.llm import ModelFailed

    model = await open_model(settings(monkeypatch, llm="bedrock"))
    assert model is not None
    with pytest.raises(ModelFailed) as failed:
        await collect(model, ask())
    assert (failed.value.cause, failed.value.detail) == ("refused", "NoCredentialsError")
    await model.aclose()


async def test_an_impossible_aws_profile_stops_the_start(
    bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(SettingsError, match="AWS settings"):
        await open_model(settings(monkeypatch, llm="bedrock"))


@pytest.mark.parametrize("llm", ["openai", "gemini"])
async def test_a_proxy_reads_nothing_of_what_a_model_on_this_machine_is_told(
    llm: str, bare_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = {"openai": OpenAiEmulator, "gemini": GeminiEmulator}[llm]
    async with emulator() as server, emulator() as proxy:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("HTTP_PROXY", proxy.endpoint)
        model = await open_provider(llm, server)
        try:
            assert text_of(await collect(model, ask()))
        finally:
            await model.aclose()
        assert len(server.bodies) == 1
        assert proxy.bodies == []
