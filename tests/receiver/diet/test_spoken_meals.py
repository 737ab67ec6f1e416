"""The spoken-food set, told to the diet assistant sentence by sentence: what is in the diary afterwards.

Only the sentences of the half that may be looked at are ever shown; of the other half, the figures alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from protocol.link_messages import Item
from receiver.assistants.assistant import Context
from receiver.assistants.diet import DietAssistant
from tests.receiver.diet.spoken_meals import Score, Sentence, load, score

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

BOUNDS = {"tuning": (0.95, 0.02, 0.90), "held_back": (0.933, 0.034, 0.916)}
"""Shares of sentences: foods and amounts right at least, confidently wrong at most, and calories within 25 % of
USDA's at least. The aim is 0.95, 0.02 and 0.90 for both halves; the half that is not tuned with stands at 0.933,
0.033 and 0.917 (2026-11-21), and may not get worse."""


async def heard(said: str) -> tuple[list[dict[str, Any]], str]:
    """What a sentence, the first of a session, leads to: the diary's items and the answer."""
    assistant = DietAssistant()
    context = Context(NOW)
    state = assistant.begin(context).state
    thoughts: AsyncIterator[Any] = assistant.think(
        state, context, [Item(text=said, timestamp=NOW.isoformat())]
    )
    pieces = [piece async for piece in thoughts]
    state = assistant.apply(state, [piece for piece in pieces if not isinstance(piece, str)])
    return list(_items(state)), "".join(piece for piece in pieces if isinstance(piece, str))


def _items(state: Any) -> Iterator[dict[str, Any]]:
    for day, items in state["diary"]["days"].items():
        days_ago = (NOW.date() - date.fromisoformat(day)).days
        yield from (item | {"days_ago": days_ago} for item in items)


async def _scores(half: Literal["tuning", "held_back"]) -> list[tuple[Sentence, Score]]:
    scores = []
    for sentence in load(half):
        items, answer = await heard(sentence.said)
        scores.append((sentence, score(sentence, items, asked=not items and "?" in answer)))
    return scores


def _shares(scores: list[tuple[Sentence, Score]]) -> tuple[float, float, float]:
    verdicts = [outcome.verdict for _, outcome in scores]
    calories = sum(outcome.kcal_right for _, outcome in scores)
    return (
        verdicts.count("right") / len(scores),
        verdicts.count("wrong") / len(scores),
        calories / len(scores),
    )


@pytest.mark.parametrize("half", ["tuning", "held_back"])
async def test_what_people_say_is_written_down_as_they_meant_it(half: Literal["tuning", "held_back"]) -> None:
    scores = await _scores(half)
    right, wrong, calories = _shares(scores)
    report = f"{half}: {right:.1%} right, {wrong:.1%} confidently wrong, calories right in {calories:.1%}"
    if half == "tuning":
        report += "".join(
            f"\n{outcome.verdict} {sentence.id} {sentence.said!r}: {', '.join(outcome.why)}"
            f" (calories x {outcome.kcal_ratio:.2f})"
            for sentence, outcome in scores
            if outcome.verdict != "right" or not outcome.kcal_right
        )
    least_right, most_wrong, least_calories = BOUNDS[half]
    assert right >= least_right and wrong <= most_wrong and calories >= least_calories, report  # noqa: PT018
