"""A whole day told to the coach in ten turns, and a model's part in it: rules, as any brain here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.emulators.model_brain import Call, Conversation, Reply

TURNS = (
    "Good morning! For breakfast I had two scrambled eggs and a slice of toast",
    "and a glass of orange juice",
    "no wait it was three eggs",
    "for lunch a turkey sandwich and an apple",
    "how many calories have I had so far",
    "in the afternoon I had a bowl of florbnax",
    "it is most like chili",
    "take out the apple I did not eat it",
    "for dinner a cup of brown rice and a chicken breast",
    "that is all for today",
)


def _food(
    food: str, quantity: float | None = None, unit: str | None = None, meal: str | None = None
) -> dict[str, Any]:
    given = {"food": food, "quantity": quantity, "unit": unit, "meal": meal}
    return {key: value for key, value in given.items() if value is not None}


def _id_of(day: dict[str, Any], word: str) -> str:
    found: str = next(item["id"] for item in day["items"] if word in item["food"])
    return found


def _log(*foods: dict[str, Any], then: str) -> Callable[[Conversation], Reply]:
    def rule(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("Let me write that down.", (Call("log_food", {"foods": list(foods)}),))
        kcal = conversation.results[-1]["together"]["kcal"]
        return Reply(f"That is about {kcal} calories. {then}")

    return rule


def _three_eggs(conversation: Conversation) -> Reply:
    if not conversation.results:
        # Its id is in the diary that came with the message.
        edit = {"item": _id_of(conversation.diary, "egg"), "quantity": 3}
        return Reply("", (Call("edit_item", edit),))
    return Reply(f"Three eggs it is, {conversation.results[-1]['is']['kcal']} calories. What was for lunch?")


def _so_far(conversation: Conversation) -> Reply:
    return Reply(f"So far you have had {conversation.diary['totals']['kcal']} calories. Anything else?")


def _stew(conversation: Conversation) -> Reply:
    if not conversation.results:
        stew = _food("florbnax", 1, "bowl", "snack")
        return Reply("", (Call("log_food", {"foods": [stew]}),))
    assert conversation.results[-1]["logged"][0]["known"] is False
    return Reply("I have no figures for florbnax. What is it most like?")


def _chili(conversation: Conversation) -> Reply:
    if not conversation.results:
        return Reply(
            "", (Call("edit_item", {"item": _id_of(conversation.diary, "florbnax"), "like": "chili"}),)
        )
    return Reply(f"Like chili then, {conversation.results[-1]['is']['kcal']} calories.")


def _no_apple(conversation: Conversation) -> Reply:
    if not conversation.results:
        return Reply("Let me look.", (Call("read_day", {"day": "today"}),))
    if len(conversation.results) == 1:
        return Reply("", (Call("remove_item", {"items": [_id_of(conversation.results[0], "apple")]}),))
    return Reply("Okay, the apple is out. And dinner?")


def _done(conversation: Conversation) -> Reply:
    if not conversation.results:
        return Reply("", (Call("finish_meal", {"meal": "snack"}), Call("finish_meal", {"meal": "dinner"})))
    kcal = conversation.results[-1]["days"][0]["totals"]["kcal"]
    return Reply(f"Your day comes to {kcal} calories. Sleep well!")


_RULES: tuple[tuple[str, Callable[[Conversation], Reply]], ...] = (
    (
        "scrambled eggs",
        _log(
            _food("scrambled eggs", 2, None, "breakfast"), _food("toast", 1, "slice", "breakfast"),
            then="What did you drink?",
        ),
    ),
    ("orange juice", _log(_food("orange juice", 1, "glass", "breakfast"), then="Anything else?")),
    ("three eggs", _three_eggs),
    (
        "turkey sandwich",
        _log(_food("turkey sandwich", 1, None, "lunch"), _food("apple", 1, None, "lunch"), then="And later?"),
    ),
    ("how many calories", _so_far),
    ("florbnax", _stew),
    ("chili", _chili),
    ("take out", _no_apple),
    (
        "brown rice",
        _log(
            _food("brown rice", 1, "cup", "dinner"), _food("chicken breast", 1, None, "dinner"),
            then="Is that all?",
        ),
    ),
    ("all for today", _done),
)  # fmt: skip


def think_of_the_day(conversation: Conversation) -> Reply:
    """The brain: what a good model does with each of `TURNS`."""
    for pattern, rule in _RULES:
        if re.search(pattern, conversation.said):
            return rule(conversation)
    return Reply("I did not catch that.")
