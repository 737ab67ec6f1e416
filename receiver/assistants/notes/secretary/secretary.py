"""The summary of a call with a language model: it chooses and words, and what it writes is held against the transcript.

Every action item is a stretch of what was said, found in its turn word for word; one that is not there is left out.
What the assistant itself has done, its reminders with their times and its to-dos, is taken from the rules alone, which
read it from its own answers. A list of the model's of which nothing holds gives way to that of the rules, and so does
everything when the model fails in whatever way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from protocol.client_messages import PastTurn
from receiver.assistants.notes.secretary.arguments import TOOL, Action, Minutes, read_minutes
from receiver.assistants.notes.secretary.quotes import Stretch, bears_out, find_quote
from receiver.assistants.notes.secretary.transcript import latest, transcript
from receiver.assistants.notes.summary import (
    MAX_ACTION_ITEMS,
    MAX_KEY_POINTS,
    MAX_OPEN_QUESTIONS,
    ActionItem,
    Summary,
    is_for_the_assistant,
    of_this_call,
)
from receiver.llm import Finished, LanguageModel, ModelFailed, ModelRequest, Restarted, ToolCall, UserText
from receiver.llm.prompt import read_prompt
from receiver.llm.recall import CONTEXT_TOKENS

log = structlog.get_logger(__name__)

PROMPT = "secretary_v1.md"

MODEL_SECONDS = 10.0
"""Longest wait for the model, retries included. Nobody is on the line any more, but the receiver gives a summary 20 s,
and the relay 30 s. Below `receiver.llm.patient.QUIET_SECONDS`, so that one slow summary puts no provider to rest that
people talk with at the same time."""

MAX_OUTPUT_TOKENS = 1_500

_OF_THE_ASSISTANT = ("reminder", "todo")


@dataclass(frozen=True, slots=True)
class _Found:
    """An action item, and where it was said."""

    item: ActionItem
    stretch: Stretch


class Secretary:
    """Stateless: one serves all sessions."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        seconds: float = MODEL_SECONDS,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        """`context_tokens` is about how much of the conversation the model is shown: the latest turns."""
        self._model = model
        self._seconds = seconds
        self._context_tokens = context_tokens

    async def sum_up(self, turns: Sequence[PastTurn], by_rules: Summary) -> Summary:
        """`by_rules`, made better by what the model says of it, as far as that is true.

        `turns` are those in which something was said, as the indices of `by_rules` count them. The model is asked once.
        """
        if not turns:
            return by_rules
        shown = latest(turns, self._context_tokens)
        try:
            minutes = await self._minutes(shown)
        except ModelFailed as failure:
            # That it rests was told when it began to.
            tell = log.info if failure.cause == "resting" else log.warning
            tell("summary_by_rules", model=self._model.name, cause=failure.cause, detail=failure.detail)
            return by_rules
        # They are the latest.
        index = {turn.turn: at for at, turn in enumerate(shown, len(turns) - len(shown))}
        return self._held_against(turns, index, minutes, by_rules)

    async def _minutes(self, turns: Sequence[PastTurn]) -> Minutes:
        """Raises `ModelFailed`."""
        request = ModelRequest(
            read_prompt(__package__, PROMPT),
            (UserText(transcript(turns)),),
            (TOOL,),
            MAX_OUTPUT_TOKENS,
            self._seconds,
            required_tool=TOOL.name,
        )
        calls: list[ToolCall] = []
        async with aclosing(self._model.stream(request)) as events:
            async for event in events:
                if isinstance(event, ToolCall):
                    calls.append(event)
                elif isinstance(event, Restarted):
                    calls.clear()
                elif isinstance(event, Finished) and event.reason == "filtered":
                    raise ModelFailed("broken", "filtered")
        found = next((call.arguments for call in calls if call.name == TOOL.name), None)
        if found is None:
            raise ModelFailed("broken", "no minutes")
        return read_minutes(found)

    def _held_against(
        self, turns: Sequence[PastTurn], index: Mapping[int, int], minutes: Minutes, by_rules: Summary
    ) -> Summary:
        points = [
            text.rstrip(" .")
            for point in minutes.key_points
            if point.turn in index
            and bears_out(text := " ".join(point.text.split()), _heard(turns[index[point.turn]]))
        ]
        questions = [
            found.text
            for question in minutes.open_questions
            if question.turn in index
            and (found := find_quote(question.quote, turns[index[question.turn]].text))
        ]
        items, held = _action_items(turns, index, minutes.action_items, by_rules)
        given = len(minutes.key_points) + len(minutes.action_items) + len(minutes.open_questions)
        left_out = given - len(points) - len(questions) - held
        log.info("summary_by_model", model=self._model.name, entries=given, left_out=left_out)
        return replace(
            by_rules,
            key_points=_once(points, MAX_KEY_POINTS) or by_rules.key_points,
            action_items=tuple(items[:MAX_ACTION_ITEMS]),
            open_questions=_once(questions, MAX_OPEN_QUESTIONS) or by_rules.open_questions,
        )


def _heard(turn: PastTurn) -> str:
    return f"{turn.text}\n{turn.message}"


def _once(texts: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple({text.casefold(): text for text in reversed(texts)}.values())[::-1][:most]


def _action_items(
    turns: Sequence[PastTurn], index: Mapping[int, int], actions: Sequence[Action], by_rules: Summary
) -> tuple[list[ActionItem], int]:
    """The action items in the order in which they were said, and how many of `actions` are among them."""
    ruled = [_Found(item, _where(item, turns[item.turn].text)) for item in by_rules.action_items]
    own = [found for found in ruled if found.item.kind in _OF_THE_ASSISTANT]
    spoken = [found for found in ruled if found.item.kind not in _OF_THE_ASSISTANT]
    chosen: list[_Found] = []
    for action in actions:
        at = index.get(action.turn)
        stretch = None if at is None else find_quote(action.quote, turns[at].text)
        if at is None or stretch is None or _is_there(at, stretch, [*own, *chosen]):
            continue
        said = _sentence_around(stretch, turns[at].text)
        # What became of what was asked of the assistant, the rules know: it may have been taken back.
        if is_for_the_assistant(said, of_this_call(turns[at].message)) and not _is_there(at, stretch, spoken):
            continue
        chosen.append(_Found(ActionItem(action.kind, stretch.text, at), stretch))
    if chosen:
        # Of turns that the model was not shown, it could name none.
        shown = set(index.values())
        spoken = [found for found in spoken if found.item.turn not in shown] + chosen
    found = sorted([*own, *spoken], key=lambda found: (found.item.turn, found.stretch.start))
    return [one.item for one in found], len(chosen)


def _is_there(turn: int, stretch: Stretch, among: Sequence[_Found]) -> bool:
    return any(found.item.turn == turn and found.stretch.overlaps(stretch) for found in among)


def _where(item: ActionItem, said: str) -> Stretch:
    start = max(0, said.find(item.text))
    return Stretch(item.text, start, start + len(item.text))


def _sentence_around(stretch: Stretch, said: str) -> str:
    start = max(said.rfind(stop, 0, stretch.start) for stop in ".?!;\n") + 1
    ends = [at for stop in ".?!;\n" if (at := said.find(stop, stretch.end)) >= 0]
    return said[start : min(ends, default=len(said))]
