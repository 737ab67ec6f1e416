"""Says back what it heard: for trying a relay out, and the smallest example of an assistant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import Assistant, Context, Effect, State


class EchoAssistant(Assistant):
    name = "echo"
    version = 1

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect]:
        yield "You said: "
        yield spoken_text(list(items))
