"""The assistants. To add one: a package with a subclass of `Assistant`, its name and a line here
(docs/ASSISTANTS.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from receiver.assistants.assistant import Assistant
from receiver.hook import Hook
from receiver.llm import ANSWER_SECONDS, LanguageModel
from receiver.llm.recall import CONTEXT_TOKENS

if TYPE_CHECKING:
    from receiver.bank.client import BankClient
    from receiver.secrets.secret_store import SecretStore

NAMES = ("bank", "chat", "diet", "echo", "notes")
"""What a relay or `RECEIVER_ASSISTANT` asks for one by."""


def make_assistants(
    model: LanguageModel | None = None,
    *,
    seconds: float = ANSWER_SECONDS,
    context_tokens: int = CONTEXT_TOKENS,
    hook: Hook | None = None,
    bank: BankClient | None = None,
    secrets: SecretStore | None = None,
    bank_about: Path | None = None,
    bank_keep_answers: bool = False,
) -> dict[str, Assistant]:
    """All there are, by name.

    `seconds` is the longest that the model may take for an answer, `context_tokens` about how much of the
    conversation it is shown. `hook` is how due reminders leave. `bank` asks the bank with
    the tokens that clients bring or `secrets` has; `bank_about` is the text about the bank itself, ours by itself, and
    `bank_keep_answers` stores what people were told of their money. Raises `SettingsError` for a wrong `bank_about`.
    """
    # A third of what a start takes, and the commands, such as `export`, need no assistant.
    from receiver.assistants.bank import BankAssistant
    from receiver.assistants.bank.brand import BrandBase
    from receiver.assistants.chat import ChatAssistant
    from receiver.assistants.diet import DietAssistant
    from receiver.assistants.diet.coach.coach import Coach
    from receiver.assistants.echo import EchoAssistant
    from receiver.assistants.notes import NotesAssistant

    coach = None if model is None else Coach(model, seconds=seconds, context_tokens=context_tokens)
    assistants: tuple[Assistant, ...] = (
        DietAssistant(coach),
        ChatAssistant(model, seconds=seconds, context_tokens=context_tokens),
        NotesAssistant(hook, model, context_tokens=context_tokens),
        BankAssistant(
            bank,
            secrets,
            model,
            brand=BrandBase.load(bank_about),
            keep_answers=bank_keep_answers,
            seconds=seconds,
            context_tokens=context_tokens,
        ),
        EchoAssistant(),
    )
    return {assistant.name: assistant for assistant in assistants}
