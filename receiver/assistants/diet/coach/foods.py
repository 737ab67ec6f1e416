"""Between the words of a language model and the food table: foods that it names, and items as it is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from protocol.errors import MalformedMessage
from receiver.assistants.assistant import State
from receiver.assistants.diet.dialogue.phrases import SIZES
from receiver.assistants.diet.diary import MEAL_ORDER, items_of
from receiver.assistants.diet.items import Item, make_item, totals_of
from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.parser.tokens import tokenize
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.units import UNITS

_PIECES = frozenset({"", "piece", "pieces", "whole", "each", "item", "items", "unit", "units", "count"})


def mention_of(food: str, quantity: float | None, unit: str | None) -> Mention:
    """The food that is meant, or one that is not known. Raises `MalformedMessage` for more than one, or no unit."""
    name = " ".join(food.lower().split())
    mentions = [mention for mention in parse(name, expecting=True).mentions if not mention.negated]
    if len(mentions) > 1 and all(mention.food is not None for mention in mentions):
        raise MalformedMessage(f"'{name}' is {len(mentions)} foods: give each by itself.")
    if len(mentions) == 1 and mentions[0].food is not None and not mentions[0].doubtful:
        mention = replace(mentions[0], meal=None, days_ago=None)
    else:
        mention = Mention(name, None)
    if quantity is not None:
        mention = replace(mention, quantity=quantity, plural=mention.plural or quantity > 1)
    known_unit = _unit(unit, name)
    if known_unit is None:
        return mention
    if known_unit == "" and mention.food is not None and "" not in mention.food.portions:
        return mention  # "two" of what is not counted in pieces are two usual portions
    return replace(mention, unit=known_unit)


def _unit(unit: str | None, food: str) -> str | None:
    if unit is None:
        return None
    word = " ".join(unit.lower().split())
    if word in _PIECES or set(tokenize(word)) <= set(tokenize(food)):
        return ""
    if word in SIZES:
        return word
    if word not in UNITS:
        raise MalformedMessage(
            f"'{word[:40]}' is no unit of food. Give one such as slice, cup or gram, or none."
        )
    return UNITS[word]


def as_figures_of(item: Item, like: str, quantity: float | None, unit: str | None) -> Item:
    """The item under its own name, with the figures of another food. Raises `MalformedMessage`."""
    mention = mention_of(like, quantity, unit)
    if mention.food is None:
        raise MalformedMessage(f"'{like[:40]}' is not known either. Ask for another food that it is like.")
    if mention.quantity is None:
        mention = replace(mention, quantity=item["quantity"])
    if mention.unit is None and item["unit"]:
        mention = replace(mention, unit=item["unit"])
    counted = replace(mention, name=item["food"], plural=mention.plural or (mention.quantity or 1) > 1)
    return make_item(0, counted, item["meal"]) | {"id": item["id"], "food": item["food"]}


def describe_item(item: Item) -> dict[str, Any]:
    """As the model is told: whole figures, none where the food is not known."""
    described = {key: item[key] for key in ("id", "meal", "food", "quantity", "unit")}
    described["unit"] = described["unit"] or "piece"
    if item["known"]:
        return described | describe_totals([item])
    return described | {
        "known": False,
        "note": "No figures. Ask what it is most like, then edit_item with like.",
    }


def describe_totals(items: list[Item]) -> dict[str, int]:
    return {figure: round(value) for figure, value in totals_of(items).model_dump().items()}


def describe_day(state: State, date: str, today: str, *, items: bool = True) -> dict[str, Any]:
    """A day: its items if they are asked for, each meal's and the day's sums, and what is left of the goal."""
    eaten = items_of(state, date)
    day: dict[str, Any] = {"date": date, "is_today": date == today}
    if items:
        day["items"] = [describe_item(item) for item in eaten]
    day["meals"] = {
        meal: describe_totals(of_meal)
        for meal in MEAL_ORDER
        if (of_meal := [item for item in eaten if item["meal"] == meal])
    }
    day["totals"] = describe_totals(eaten)
    without = [item["food"] for item in eaten if not item["known"]]
    if without:
        day["not_counted"] = without
    goal = {figure: value for figure, value in (state["diary"]["goal"] or {}).items() if value is not None}
    if goal:
        day["goal"] = {figure: round(value) for figure, value in goal.items()}
        day["left"] = {figure: round(value) - day["totals"][figure] for figure, value in goal.items()}
    return day
