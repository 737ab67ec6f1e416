"""Spending by days, weeks or months, and the one of them in which most or least was spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from receiver.assistants.bank import saying
from receiver.assistants.bank.answer import MAX_FIGURES, Answer, describe, when
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.finding import Found
from receiver.assistants.bank.question import By, today
from receiver.assistants.bank.spending_facts import KEPT, asked_figures, cut_off, spending_figures
from receiver.assistants.bank.subject import subject
from receiver.bank.calendar_days import ONE_DAY
from receiver.bank.models import Transaction
from receiver.bank.period_points import MONTHS, WEEKDAYS
from receiver.bank.spending import Spending, spent
from receiver.bank.weekdays import WEEKEND

MAX_DAYS_TOLD = 7
"""Days that are read out one by one: a week of them."""

Key = date | str
"""The first day of it, or the name of a day or part of the week."""


@dataclass(frozen=True, slots=True)
class Part:
    key: Key
    entries: tuple[Transaction, ...]
    spending: Spending


def by_days(found: Found, names: Mapping[str, str], desk: Desk) -> Answer:
    """`found.question.by` is one that is told from days: `day`, `week`, `month`, `weekday` or `weekpart`."""
    question = found.question
    parts = _parts(found, desk)
    whole = spent(found.transactions)
    about, span = subject(found, dict(names)), question.period
    figures: dict[str, Any] = {
        **asked_figures(found, dict(names)),
        **spending_figures(whole),
        "by": question.by,
        "parts": [{"of": str(part.key), **spending_figures(part.spending)} for part in parts[-MAX_FIGURES:]],
    }
    told = [part for part in parts if part.spending.total.units > 0]
    if not told:
        return Answer(cut_off(f"You spent nothing{about}{when(span)}.", found), figures, KEPT, question)
    if question.order in ("largest", "smallest"):
        told.sort(key=lambda part: part.spending.total.units, reverse=question.order == "largest")
        figures["peak"] = {"of": str(told[0].key), **spending_figures(told[0].spending)}
        text = _peak(found, told[0], parts, about, desk)
        entries = told[0].entries
    else:
        text = _listed(found, told, whole, names, desk)
        entries = found.transactions
    return Answer(cut_off(text, found), figures, KEPT, question, entries)


def _parts(found: Found, desk: Desk) -> list[Part]:
    """In the order of time, from the first in which anything was spent; days without spending are parts too."""
    key = _KEYS[found.question.by]
    entries: dict[Key, list[Transaction]] = {}
    for on in _days(found, desk):
        entries.setdefault(key(on), [])
    for entry in found.transactions:
        entries.setdefault(key(entry.created_at.astimezone(desk.zone).date()), []).append(entry)
    return [Part(of, tuple(some), spent(some)) for of, some in entries.items()]


def _days(found: Found, desk: Desk) -> list[date]:
    """Those of the period that have begun and count."""
    span, weekdays = found.question.period, found.question.weekdays
    days = None if span is None else span.days_until(desk.now, desk.zone)
    if span is None or span.first is None or days is None:
        return []
    every = (span.first + timedelta(days=day) for day in range(days))
    return [on for on in every if not weekdays or on.weekday() in weekdays]


def _peak(found: Found, peak: Part, parts: list[Part], about: str, desk: Desk) -> str:
    question = found.question
    total = saying.money(peak.spending.total)
    name = _name(peak.key, found, desk)
    if question.order == "smallest":
        empty = [part for part in parts if not part.spending.total and not part.entries]
        if empty and question.by == "day":
            nothing = saying.some([_name(part.key, found, desk) for part in empty])
            return (
                f"You spent nothing{about} {nothing}. Of the other days{when(question.period)}, the least was {total}, "
                f"{name}."
            )
        return f"The least{about}{when(question.period)} was {total}, {name}."
    text = f"The most{about}{when(question.period)} was {total}, {name}."
    if question.by in ("weekday", "weekpart"):
        return text
    biggest = max(peak.entries, key=lambda entry: -entry.amount.units)
    of_it = -biggest.amount.units
    if len(peak.entries) > 1 and 2 * of_it >= peak.spending.total.units:
        text += f" Most of it was {describe(biggest, desk, day=question.by != 'day')}."
    return text


def _listed(found: Found, told: list[Part], whole: Spending, names: Mapping[str, str], desk: Desk) -> str:
    question, about = found.question, subject(found, dict(names))
    if question.by in ("weekday", "weekpart"):
        told = sorted(told, key=lambda part: -part.spending.total.units)
    latest = told[-MAX_DAYS_TOLD:]
    sums = saying.some(
        [f"{saying.money(part.spending.total)} {_name(part.key, found, desk)}" for part in latest],
        at_most=MAX_DAYS_TOLD,
    )
    set_against = question.by == "weekpart" or (question.by == "weekday" and question.weekdays)
    if set_against and len(told) > 1:
        about = subject(replace(found, question=replace(question, weekdays=())), dict(names))
        return f"More {told[0].key}: you spent {sums}{about}{when(question.period)}."
    lead = "That is" if len(latest) == len(told) else f"The latest {saying.number(len(latest))} days:"
    return f"You spent {saying.money(whole.total)}{about}{when(question.period)}. {lead} {sums}."


def _name(key: Key, found: Found, desk: Desk) -> str:
    """ "on Friday", "in the week of the 9th of November", "in May", "on Fridays"."""
    if isinstance(key, str):
        return key
    now = today(desk.now, desk.zone)
    if found.question.by == "day":
        return saying.day_of(key, now)
    if found.question.by == "month":
        return f"in {MONTHS[key.month - 1]}{'' if key.year == now.year else f' {key.year}'}"
    if found.question.weekdays == WEEKEND:
        return f"on the weekend of {saying.date_of(key + 5 * ONE_DAY, now)}"
    return f"in the week of {saying.date_of(key, now)}"


_KEYS: Mapping[By, Callable[[date], Key]] = {
    "day": lambda on: on,
    "week": lambda on: on - on.weekday() * ONE_DAY,
    "month": lambda on: on.replace(day=1),
    "weekday": lambda on: f"on {WEEKDAYS[on.weekday()]}s",
    "weekpart": lambda on: "on weekends" if on.weekday() in WEEKEND else "on weekdays",
}
