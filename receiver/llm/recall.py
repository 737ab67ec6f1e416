"""The conversation so far, as a language model is shown it: the latest turns, and notes of what came before.

The store keeps every turn. The notes are made by the model itself, once for many turns, and kept by the assistant in
the session's state: `{"until": turn, "text": notes}`. Where they cannot be made, older turns are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

import structlog

from protocol.client_messages import PastTurn
from receiver.llm import (
    LanguageModel,
    ModelFailed,
    ModelMessage,
    ModelRequest,
    ModelTurn,
    Restarted,
    TextPiece,
    UserText,
)
from receiver.llm.prompt import enclosed

log = structlog.get_logger(__name__)

CONTEXT_TOKENS = 6_000
"""About how much of a conversation is shown, where no setting says otherwise."""

CHARS_A_TOKEN = 4
"""English text has about as many; an estimate is enough for a budget far below what models take."""

MAX_TURNS = 40
"""Turns shown word for word. The receiver remembers 50: notes are made before any of them is forgotten."""

SUMMARY_SECONDS = 8.0
SUMMARY_TOKENS = 400
MAX_SUMMARY_CHARS = 2_000


def tokens_of(text: str) -> int:
    return len(text) // CHARS_A_TOKEN + 1


class Recall:
    """What is shown of the history. `summary` are the notes that the session's state has."""

    def __init__(
        self,
        summary: Mapping[str, Any] | None,
        history: Sequence[PastTurn],
        budget: int,
        *,
        instructions: str,
        speaker: str,
    ) -> None:
        """`instructions` say how notes are made, of turns in which the model's words are those of `speaker`."""
        kept = summary or {"until": -1, "text": ""}
        self.new_summary: dict[str, Any] | None = None
        """Notes made now, for the state to keep."""
        self._notes: str = kept["text"]
        self._turns = [turn for turn in history if turn.turn > kept["until"]]
        self._budget = budget
        self._instructions = instructions
        self._speaker = speaker

    async def shorten(self, model: LanguageModel, seconds: float) -> None:
        """Where the turns are more than the budget, make notes of the older ones, or leave them out."""
        latest = self._latest(self._budget, MAX_TURNS)
        if len(latest) == len(self._turns):
            return
        # Down to half, so that it is not done again the next turn.
        latest = self._latest(self._budget // 2, MAX_TURNS // 2)
        older = self._turns[: len(self._turns) - len(latest)]
        self._turns = latest
        try:
            self._notes = await self._sum_up(model, older, min(seconds, SUMMARY_SECONDS))
        except ModelFailed as failure:
            log.warning("summary_failed", model=model.name, cause=failure.cause)
            return
        self.new_summary = {"until": older[-1].turn, "text": self._notes}

    def messages(self, said: str) -> tuple[ModelMessage, ...]:
        """The turns and, last, what is said now; user and model in turns, as some providers insist."""
        messages: list[ModelMessage] = []
        notes = enclosed("notes_of_earlier_turns", self._notes) + "\n" if self._notes else ""
        for turn in self._turns:
            # Turn 0 is the greeting: nobody has said anything before it.
            heard = enclosed("said", turn.text) if turn.text else "The person is here. Greet them."
            messages += [UserText(notes + heard), ModelTurn(turn.message.strip() or "…")]
            notes = ""
        return (*messages, UserText(notes + said))

    def _latest(self, budget: int, count: int) -> list[PastTurn]:
        room = budget - tokens_of(self._notes)
        latest: list[PastTurn] = []
        for turn in reversed(self._turns[-count:]):
            room -= tokens_of(turn.text) + tokens_of(turn.message)
            if room < 0 and latest:
                break
            latest.append(turn)
        latest.reverse()
        return latest

    async def _sum_up(self, model: LanguageModel, turns: Sequence[PastTurn], seconds: float) -> str:
        """Notes of the notes so far and these turns, as far as they came in time. Raises `ModelFailed`."""
        lines = [f"Notes so far: {self._notes}"] if self._notes else []
        for turn in turns:
            lines += [f"Person: {turn.text}"] if turn.text else []
            lines.append(f"{self._speaker}: {turn.message}")
        request = ModelRequest(
            system=self._instructions,
            messages=(UserText(enclosed("conversation", "\n".join(lines))),),
            max_tokens=SUMMARY_TOKENS,
            seconds=seconds,
        )
        pieces: list[str] = []
        try:
            async with aclosing(model.stream(request)) as events:
                async for event in events:
                    if isinstance(event, TextPiece):
                        pieces.append(event.text)
                    elif isinstance(event, Restarted):
                        pieces.clear()
        except ModelFailed as failure:
            # A model too slow for whole notes would make every turn wait for them again.
            if failure.cause != "timeout" or not pieces:
                raise
        text = "".join(pieces).strip()[:MAX_SUMMARY_CHARS]
        if not text:
            raise ModelFailed("broken", "no summary")
        return text
