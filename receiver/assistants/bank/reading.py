"""What was said, read as questions about one's money: with corrections, and what refers to the question before."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from receiver.assistants.bank import kinds
from receiver.assistants.bank.following import MORE, following, more, refers
from receiver.assistants.bank.fresh import bare, fresh
from receiver.assistants.bank.question import Question, Span
from receiver.assistants.bank.relative_days import relative_days
from receiver.assistants.bank.slots import clean, read_slots
from receiver.bank.number_words import normalise
from receiver.bank.periods import period_of

MAX_QUESTIONS = 3
"""In one turn."""

MAX_CHARS = 600
"""What is said beyond that is not read: nobody asks for so long."""

CORRECTED = re.compile(
    r"\b(?:no wait|no sorry|wait no|sorry i meant|no i meant?|no actually|i meant?|or rather|scratch that"
    r"|make that"
    r"|no make it|hang on|hold on|correction|wait sorry|oh sorry|sorry no|no no|i should say|actually no"
    r"|oops|whoops)\b"
)

_NET = re.compile(
    r"\b(?:earn\w*|income|came in|made|make|got paid)\b.*\b(?:than|minus|versus|vs|against|compared)\b.*"
    r"\b(?:spen[dt]|spending|went out|expenses)\b"
    r"|\b(?:spen[dt]|spending|went out|expenses)\b.*\b(?:than|minus|versus|vs|against|compared)\b.*"
    r"\b(?:earn\w*|income|came in|made|make|got paid)\b"
)
_NOT_BUT = re.compile(r"^(?:no )?not (?:the |at |on |in )?(?:\S+ ){1,4}?(?:just|but|only) ")
""" "Not Uber Eats, just Uber"."""
_GOES_ON = re.compile(
    r"(?:(?:um|uh|so|ok|okay|yes|yeah|right|great|thanks) )*(?:and|or|what about|how about)\b"
)
_NEXT = re.compile(
    r"\b(?:and|then|also)\b(?: also| then| please)? (?=(?:how (?:much|many|often)|what(?:'s)?|when (?:did"
    r"|was)"
    r"|which|show|list|do i|did i|have i|is my|is there|are there|any pending|any refunds)\b)"
)


def read_questions(text: str, last: Question | None, now: datetime, zone: ZoneInfo) -> list[Question]:
    """At most three; none where it is no question that could be made out. `last` is what was asked before."""
    said = normalise(text[:MAX_CHARS])
    questions: list[Question] = _in_and_out(said, now, zone)
    for part in _parts(said) if not questions else ():
        question = _read_corrected(part, questions[-1] if questions else last, now, zone)
        if question is not None and question not in questions:
            questions.append(question)
    # As they come back from a state: names that are too long are cut off.
    return [Question.from_json(question.as_json()) for question in questions[:MAX_QUESTIONS]]


def _in_and_out(said: str, now: datetime, zone: ZoneInfo) -> list[Question]:
    """ "Did I earn more than I spent" is two questions."""
    if _NET.search(said) is None:
        return []
    period = next(iter(read_slots(clean(said), now, zone).periods), None)
    return [
        Question("income", period=period or _this_month(now, zone), flow="in"),
        Question("spending", period=period),
    ]


def _this_month(now: datetime, zone: ZoneInfo) -> Span:
    return Span.of(period_of("month", now, zone), zone)


def _parts(said: str) -> list[str]:
    parts, start = [], 0
    for found in _NEXT.finditer(said):
        if kinds.kind_of(clean(said[start : found.start()])) is not None:
            parts.append(said[start : found.start()])
            start = found.end()
    return [*parts, said[start:]]


def _read_corrected(said: str, last: Question | None, now: datetime, zone: ZoneInfo) -> Question | None:
    """ "at Coles, no wait, Aldi": what comes after the correction is read as of what came before it."""
    before: Question | None = last
    read = None
    pieces = [piece.strip() for piece in CORRECTED.split(said)]
    for piece in pieces:
        if not piece or piece in ("no", "sorry"):
            continue
        goes_on = _GOES_ON.match(piece) is not None
        found = _read(clean(piece), before, now, zone, corrects=read is not None, goes_on=goes_on)
        if found is not None:
            before = read = found
    return read


def _read(
    said: str,
    last: Question | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    corrects: bool = False,
    goes_on: bool = False,
) -> Question | None:
    said = _NOT_BUT.sub("", said)
    if not said:
        return None
    if last is not None and MORE.fullmatch(said):
        return more(last)
    relative = relative_days(said, last, now, zone)
    if relative is not None:
        span, said_rest = relative
    else:
        span, said_rest = None, said
    kind = kinds.kind_of(said_rest)
    slots = read_slots(
        said_rest, now, zone, about_accounts=kind == "balance" or (kind is None and _is(last, "balance"))
    )
    if span is not None:
        slots = replace(slots, periods=(*slots.periods, span))
    if last is not None and (kind is None or corrects or refers(said, slots, kind, goes_on=goes_on)):
        return following(said, kind, slots, last, now, zone)
    if kind is None:
        return bare(slots)
    return fresh(kind, slots)


def _is(last: Question | None, kind: str) -> bool:
    return last is not None and last.kind == kind
