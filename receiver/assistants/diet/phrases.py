"""How the diet assistant says things: short, for the ear, varied but never at random.

Which of several wordings is taken follows from what was said and what has been said before, so that the
same turn thought out twice gets the same answer.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from protocol.diary import Meal, Totals
from receiver.assistants.diet.numbers import say_number
from receiver.nutrition.units import plural_of

QUESTIONS: dict[Meal, tuple[str, ...]] = {
    "breakfast": ("What did you have for breakfast?", "What was for breakfast?"),
    "lunch": ("What did you have for lunch?", "And what was for lunch?"),
    "dinner": ("What did you have for dinner?", "And what was for dinner?"),
    "snack": ("Any snacks today?", "Did you have any snacks today?"),
}
EARLY_QUESTIONS: dict[Meal, tuple[str, ...]] = {
    "lunch": ("What about lunch, if you have had it?", "Have you had lunch yet, and what was it?"),
    "dinner": ("What about dinner, if you have had it?", "Have you had dinner yet, and what was it?"),
}
"""For a meal whose time has not come."""

ANYTHING_ELSE = ("Anything else today?", "Is there anything else to add?", "Anything more today?")
NOTED = ("Got it", "Noted", "Thanks", "All right")
NOT_UNDERSTOOD = (
    "Sorry, I did not catch a food in that.",
    "I am not sure what you ate there.",
    "Sorry, I missed that.",
)
UNKNOWN = (
    "I have no figures for {food}, so it counts nothing yet. What is it most like?",
    "I do not know {food}, so I wrote it down without calories. What would come close to it?",
)


def choose(wordings: Sequence[str], *seed: object) -> str:
    return wordings[zlib.crc32(repr(seed).encode()) % len(wordings)]


def greeting(local_now: datetime, name: str | None, question: str) -> str:
    hour = local_now.hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    first_name = name.split()[0] if name and name.split() else None
    return f"Good {part}{f', {first_name}' if first_name else ''}! {question}"


def meal_at(local_now: datetime) -> Meal:
    """The meal that one most likely talks about at this time of day."""
    hour = local_now.hour
    if 4 <= hour < 11:
        return "breakfast"
    if 11 <= hour < 16:
        return "lunch"
    return "dinner" if 16 <= hour < 22 else "snack"


_DUE = {"breakfast": 0, "lunch": 11, "dinner": 16, "snack": 0}


def question_for(meal: Meal, local_now: datetime, *seed: object) -> str:
    early = local_now.hour < _DUE[meal]
    return choose(EARLY_QUESTIONS[meal] if early else QUESTIONS[meal], meal, *seed)


def say_item(item: Mapping[str, Any]) -> str:
    """ "two eggs", "one slice of toast", "200 grams of chicken"."""
    quantity, unit, food = item["quantity"], item["unit"], item["food"]
    amount = say_number(quantity)
    if not unit:
        return f"{amount} {food}"
    if quantity == 0.5:
        return f"half a {unit} of {food}"
    if quantity < 1:
        return f"{amount} of a {unit} of {food}"
    return f"{amount} {unit if quantity == 1 else plural_of(unit)} of {food}"


def join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def calories(kcal: float) -> str:
    return f"{round(kcal / 5) * 5 if kcal >= 20 else round(kcal)} calories"


def say_totals(totals: Totals) -> str:
    return (
        f"{calories(totals.kcal)}, with {totals.protein_g:.0f} grams of protein, "
        f"{totals.carbs_g:.0f} of carbs and {totals.fat_g:.0f} of fat"
    )
