"""A call of the bank's whose answers a scripted model gives, through the bank's own tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from receiver.assistants.bank import BankAssistant
from receiver.bank.client import BankClient
from tests.emulators.model_brain import Brain, Call, Conversation, Reply
from tests.receiver.bank_assistant.bank_call import BankCall
from tests.receiver.diet.brain_model import BrainModel

Begin = Callable[..., tuple[BankCall, BrainModel]]

LATEST = Call("transactions", {"limit": 1})


@pytest.fixture
def begin(bank_client: BankClient) -> Begin:
    def start(brain: Brain, **options: Any) -> tuple[BankCall, BrainModel]:
        model = BrainModel(brain)
        assistant = BankAssistant(bank_client, model=model, keep_answers=options.pop("keep_answers", False))
        return BankCall(assistant, **options), model

    return start


def after_tools(*calls: Call, text: str | Callable[[list[dict[str, Any]]], str]) -> Brain:
    """Calls these tools, then says this."""

    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("", calls)
        return Reply(text if isinstance(text, str) else text(conversation.results))

    return brain
