"""The assistants. To add one: a package with a subclass of `Assistant`, and a line here (docs/ASSISTANTS.md)."""

from __future__ import annotations

from receiver.assistants.assistant import Assistant
from receiver.assistants.chat import ChatAssistant
from receiver.assistants.diet import DietAssistant
from receiver.assistants.diet.coach.coach import Coach
from receiver.assistants.echo import EchoAssistant
from receiver.assistants.notes import NotesAssistant
from receiver.llm import ANSWER_SECONDS, LanguageModel
from receiver.llm.recall import CONTEXT_TOKENS


def make_assistants(
    model: LanguageModel | None = None,
    *,
    seconds: float = ANSWER_SECONDS,
    context_tokens: int = CONTEXT_TOKENS,
) -> dict[str, Assistant]:
    """All there are, by the name that a relay or `RECEIVER_ASSISTANT` asks for.

    `seconds` is the longest that the model may take for an answer, `context_tokens` about how much of the
    conversation it is shown.
    """
    coach = None if model is None else Coach(model, seconds=seconds, context_tokens=context_tokens)
    assistants: tuple[Assistant, ...] = (
        DietAssistant(coach),
        ChatAssistant(model, seconds=seconds, context_tokens=context_tokens),
        NotesAssistant(),
        EchoAssistant(),
    )
    return {assistant.name: assistant for assistant in assistants}


ASSISTANTS = make_assistants()
"""As they are without a language model."""
