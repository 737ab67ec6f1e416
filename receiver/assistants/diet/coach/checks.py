"""What a language model may only say that it did, or may overlook: nothing that was told gets lost for it."""

from __future__ import annotations

import re

from receiver.assistants.diet.dialogue.question_phrases import TOLD
from receiver.assistants.diet.dialogue.turn import MORE, Turn
from receiver.assistants.diet.diary import MEAL_ORDER, items_of
from receiver.assistants.diet.parser.numbers import read_number
from receiver.assistants.diet.parser.tokens import tokenize, word_set
from receiver.assistants.diet.parser.vocabulary import JOINERS, LINKS, MEALS, PREPARED, SIZES
from receiver.assistants.diet.utterance import Mention
from receiver.nutrition.units import UNITS

_CLAIM = re.compile(
    r"\bI(?:'ve|’ve| have)?(?: just| also)? (?:noted|logged|added|recorded|removed|deleted|updated|changed|corrected)\b"
    r"|^\s*(?:Noted|Logged|Added|Recorded|Removed|Deleted|Updated|Changed|Corrected)\b"
)

_BARE = (
    word_set("a an the some of for i my it was just only also um uh er well so yes yeah okay oh please today")
    | JOINERS | LINKS.keys() | PREPARED | SIZES.keys() | UNITS.keys() | MEALS.keys()
)  # fmt: skip
"""Words that foods are told with and nothing else is."""


def claims_change(sentence: str) -> bool:
    """Whether it says that the diary was changed."""
    return _CLAIM.search(sentence) is not None


def overlooked(turn: Turn) -> bool:
    """Whether foods of the table were plainly told, as eaten or by nothing but their names, that the diary lacks."""
    sure = [mention for mention in turn.eaten if _is_sure(mention)]
    return (
        not all(_is_written(turn, mention) for mention in sure)
        and (TOLD.within(turn.said) or _is_bare(turn, sure))
    )  # fmt: skip


def is_written(turn: Turn) -> bool:
    """Whether the foods that were named are in the diary already."""
    named = [mention for mention in turn.eaten if _is_sure(mention)]
    return bool(named) and all(_is_written(turn, mention) for mention in named)


def meal_asked(answer: str) -> str:
    """The meal that an answer's last sentence asks about, else `MORE`."""
    question = re.split(r"[.!?](?=\s)", answer.strip())[-1]
    named = {MEALS[word] for word in tokenize(question) if word in MEALS}
    asked = [meal for meal in MEAL_ORDER if meal in named]
    return asked[0] if question.endswith("?") and len(asked) == 1 else MORE


def _is_sure(mention: Mention) -> bool:
    return mention.food is not None and not mention.doubtful and not mention.planned


def _is_written(turn: Turn, mention: Mention) -> bool:
    date = turn.date if mention.days_ago is None else turn.date_of(mention.days_ago)
    food = mention.food
    return food is not None and food.fdc_id in {item.get("fdc_id") for item in items_of(turn.state, date)}


def _is_bare(turn: Turn, mentions: list[Mention]) -> bool:
    words = turn.said.split()
    named = {word for mention in mentions for word in mention.name.split()}
    at = 0
    while at < len(words):
        number = read_number(words, at)
        if number is not None:
            at = number[1]
        elif words[at] in named or words[at] in _BARE:
            at += 1
        else:
            return False
    return True
