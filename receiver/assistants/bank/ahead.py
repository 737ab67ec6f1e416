"""Questions about what lies ahead, where the bank knows only what was and what is: they get what there is to go by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.question import Per, Question, Span

_I_WILL = (
    r"(?:will|would|shall) (?:i|we)|(?:am|are) (?:i|we) (?:going to|likely to|on track to|set to)"
    r"|(?:i|we)'ll|(?:i|we) will"
)
_SPENDING_AHEAD = Pattern(rf"\b(?:{_I_WILL})\b.*\b(?:spend|pay|fork out|go through|blow|use)\b")
_MONEY_AHEAD = Pattern(
    rf"\b(?:{_I_WILL})\b.*\b(?:run out|run short|make it|get by|have (?:enough|any|much)|be (?:okay"
    rf"|ok|short|broke|fine)"
    rf"|go broke|have (?:\S+ ){{0,3}}left|be left)\b|\bhow much(?: money| cash)? will (?:i|we"
    rf"|there)\b.*\b(?:have|left|be)\b"
    r"|\bwill (?:my|the|our) (?:money|cash|balance|pay)\b.*\b(?:last|be enough|cover|stretch|run out)\b"
)
_UNITS: dict[str, Per] = {"day": "day", "tomorrow": "day", "week": "week", "fortnight": "week"}


def asks_what_will_be_left(said: str) -> bool:
    return _MONEY_AHEAD.search(said) is not None


def spending_ahead(question: Question, said: str) -> Question:
    """What will be spent is told by what was spent on average; any other question as it is."""
    if question.kind != "spending" or _SPENDING_AHEAD.search(said) is None:
        return question
    named = [word for word in said.split() if word in _UNITS]
    per: Per = question.per or (_UNITS[named[-1]] if named else "month")
    return replace(question.plain(), period=None, per=per)


def balance_ahead(question: Question, said: str, on: date) -> Question:
    """What there will be is told by what there is: the period has the answer say that it sees no more."""
    if question.kind != "balance" or question.period is not None or not asks_what_will_be_left(said):
        return question
    return replace(question, period=Span(on, on, "later"))
