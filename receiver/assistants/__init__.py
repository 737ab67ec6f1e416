"""The assistants. To add one: a file with a subclass of `Assistant`, and a line here."""

from __future__ import annotations

from receiver.assistants.assistant import Assistant
from receiver.assistants.diet import DietAssistant
from receiver.assistants.echo import EchoAssistant

ASSISTANTS: dict[str, Assistant] = {
    assistant.name: assistant
    for assistant in (
        DietAssistant(),
        EchoAssistant(),
    )
}
"""All there are, by the name that a relay or `RECEIVER_ASSISTANT` asks for."""
