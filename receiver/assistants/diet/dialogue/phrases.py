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
from receiver.assistants.diet.parser.numbers import say_number
from receiver.nutrition.units import plural_of

QUESTIONS: dict[str, tuple[str, ...]] = {
    "breakfast": ("What did you have for breakfast?", "What was for breakfast?"),
    "lunch": ("What did you have for lunch?", "And what was for lunch?"),
    "dinner": ("What did you have for dinner?", "And what was for dinner?"),
    "snack": ("Any snacks today?", "Did you have any snacks today?"),
}
EARLY_QUESTIONS: dict[str, tuple[str, ...]] = {
    "lunch": ("What about lunch, if you have had it?", "Have you had lunch yet, and what was it?"),
    "dinner": ("What about dinner, if you have had it?", "Have you had dinner yet, and what was it?"),
}
"""For a meal whose time has not come."""

ANYTHING_ELSE = ("Anything else today?", "Is there anything else to add?", "Anything more today?")
WHENEVER = ("Tell me more whenever you like.", "I am here whenever you want to add something.")
NOTED = ("Got it", "Noted", "Thanks", "All right")
OKAY = ("Okay", "All right", "Sure")
NOT_UNDERSTOOD = (
    "Sorry, I did not catch a food in that.",
    "I am not sure what you ate there.",
    "Sorry, I missed that.",
)
UNKNOWN = (
    "I have no figures for {food}, so it counts nothing yet. What is it most like?",
    "I do not know {food}, so I wrote it down without calories. What would come close to it?",
)
UNKNOWN_GENTLE = ("I do not know {food}. What is it most like?",)
HEARD = ("Did you say {food}?", "Was that {food}?", "Did I hear {food} right?")
HOW_MUCH = ("Is that about right?", "Was it about that much?")
HOW_MUCH_OF = ("Is {amount} about right?", "Was it about {amount}?")

FIGURES = {"kcal": "calories", "protein_g": "protein", "carbs_g": "carbs", "fat_g": "fat"}

SIZES = frozenset({"small", "medium", "large"})
"""Units that stand before the food: "two large eggs"."""

MAX_SAID = 6
"""Foods that are said one by one; of more, the first of them and how many others."""


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


def question_for(meal: str, local_now: datetime, *seed: object) -> str:
    early = local_now.hour < _DUE[meal]
    return choose((EARLY_QUESTIONS if early else QUESTIONS)[meal], meal, *seed)


def say_item(item: Mapping[str, Any]) -> str:
    """ "two eggs", "one slice of toast", "200 grams of chicken"."""
    quantity, unit, food = item["quantity"], item["unit"], item["food"]
    amount = say_number(quantity)
    if not unit and quantity < 1:
        article = "an" if food[:1] in "aeiou" else "a"
        return f"half {article} {food}" if quantity == 0.5 else f"{amount} of {article} {food}"
    if not unit:
        return f"{amount} {food}"
    if unit in SIZES:
        return f"{amount} {unit} {food}"
    if quantity == 0.5:
        return f"half a {unit} of {food}"
    if quantity < 1:
        return f"{amount} of a {unit} of {food}"
    return f"{amount} {unit if quantity == 1 else plural_of(unit)} of {food}"


def say_items(items: Sequence[Mapping[str, Any]]) -> str:
    return join_some([say_item(item) for item in _together(items)])


def _together(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Cups, slices and grams of the same food as one amount: "three cups of coffee"."""
    said: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for item in items:
        measured = bool(item["unit"]) and item["unit"] not in SIZES
        key = (item["food"], item["unit"]) if measured else (item["food"], item["unit"], item["id"])
        before = said.get(key)
        said[key] = item if before is None else {**before, "quantity": before["quantity"] + item["quantity"]}
    return list(said.values())


def join_some(parts: Sequence[str]) -> str:
    """All of them, or the first and how many more."""
    if len(parts) > MAX_SAID:
        parts = [*parts[: MAX_SAID - 1], f"{say_number(len(parts) - MAX_SAID + 1)} more"]
    return join(parts)


def join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def calories(kcal: float) -> str:
    return f"{round(kcal / 5) * 5 if kcal >= 20 else round(kcal)} calories"


def grams(value: float) -> str:
    return f"{value:.0f} gram{'' if round(value) == 1 else 's'}"


def say_figure(figure: str, value: float) -> str:
    """ "215 calories", "34 grams of protein"."""
    return calories(value) if figure == "kcal" else f"{grams(value)} of {FIGURES[figure]}"


def say_meal(meal: str) -> str:
    return "snacks" if meal == "snack" else meal


def uncounted(items: Sequence[Mapping[str, Any]]) -> str:
    names = [item["food"] for item in items if not item["known"]]
    return f" That is without {join(names)}, which I have no figures for." if names else ""


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def say_totals(totals: Totals) -> str:
    return (
        f"{calories(totals.kcal)}, with {grams(totals.protein_g)} of protein, "
        f"{totals.carbs_g:.0f} of carbs and {totals.fat_g:.0f} of fat"
    )
