"""Which model `RECEIVER_LLM` names. Each is imported only when it is chosen: none needs another one's libraries."""

from __future__ import annotations

import os

from protocol.errors import SettingsError
from receiver.llm import LanguageModel, Provider
from receiver.llm.patient import PatientModel
from receiver.settings import ReceiverSettings

DEFAULT_REGION = "eu-west-1"


async def open_model(settings: ReceiverSettings) -> LanguageModel | None:
    """The model, ready to be asked; None for `none`. Raises `SettingsError` when it cannot be what is asked for."""
    if settings.llm == "none":
        return None
    try:
        return PatientModel(await _open(settings))
    except ImportError as error:
        if (error.name or "").partition(".")[0] in ("receiver", "protocol"):
            raise
        raise SettingsError(
            f"RECEIVER_LLM={settings.llm} needs more libraries: pip install 'voice-relay[{settings.llm}]'."
        ) from error


async def _open(settings: ReceiverSettings) -> Provider:
    model, base_url = settings.llm_model, settings.llm_base_url
    if settings.llm == "bedrock":
        from receiver.llm import bedrock

        region = settings.llm_region or os.environ.get("AWS_REGION") or DEFAULT_REGION
        return await bedrock.BedrockModel.open(model or bedrock.default_model(region), region, base_url)
    if settings.llm == "openai":
        from receiver.llm import openai_chat

        return await openai_chat.OpenAiChatModel.open(model or openai_chat.DEFAULT_MODEL, base_url)
    from receiver.llm import gemini

    return await gemini.GeminiModel.open(model or gemini.DEFAULT_MODEL, base_url)
