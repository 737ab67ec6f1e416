"""What refers to the question before: "and last month?", "which was the biggest", "how many times was that"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from receiver.assistants.bank import measures, saying
from receiver.assistants.bank.fresh import account_words, bare, fresh
from receiver.assistants.bank.money_words import PENDING
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.peak_words import peak_of
from receiver.assistants.bank.question import Kind, Per, Question, Span
from receiver.assistants.bank.slots import Slots

_FOLLOWING = Pattern(
    r"^(?:(?:and|or|but|so|what about|how about|what's about|and what about|same (?:thing "
    r"|question )?(?:for|but)|the same (?:for|but)"
    r"|also|just|only|okay|ok|no|not|then|now|for|in|at|on|with|from|only the|make it|try|do|what of"
    r"|how is|how's|the)\b ?)+"
)

_REFERS = Pattern(
    r"\b(?:that|those|these|it|them|they|the ones|the one|which one|which ones|of which|there"
    r"|this)\b(?! (?:week|month|year|fortnight|quarter|financial|morning|weekend|time))"
)

_WORDS_OF_MEASURE = Pattern(
    r"^(?:how many|how often|which|what|break|by|per|on average|the average|and the average|average"
    r"|is that|was that|more|less|show|list|how much|total|altogether)\b"
)

_ELLIPTIC = Pattern(
    r"(?:and|or|what about|how about|what of|only|just|same|the same|in|at|on|for|from|with|no|not|but"
    r"|also|then)\b"
)

ONE_BEFORE = Pattern(
    r"\bthe (?:one|1|time|last one|other one|previous one) before(?: that)?\b"
    r"|\bthe previous (?:one|1)\b|\bthe (?:one|1) prior\b"
)
"""Of a single transaction, the next older one; of days, see `relative_days`."""

MORE = Pattern(
    r"(?:(?:and|so|okay|ok|yes|yeah) )?(?:what else|more|show (?:me )?(?:some )?more|tell me more|next"
    r"|keep going|go on|continue|the rest|the others?|(?:and )?before that"
    r"|what (?:were|are) the (?:others|rest)|any (?:more|others)|what came before(?: that)?|and then"
    r"|the next (?:ones?|few|5)|more please|which else|read (?:me )?the rest)"
)


def refers(said: str, slots: Slots, kind: Kind, *, goes_on: bool, last_has_subject: bool = False) -> bool:
    """Whether words that are a question by themselves are still about the one before. `goes_on`: "and" came first."""
    if kind in ("balance", "tags", "categories", "income", "regular") or PENDING.search(said):
        return False
    if re.match(r"when\b", said) and not slots.has_subject and slots.account is None and last_has_subject:
        return True
    if slots.has_subject:
        return goes_on and not _asks_anew(said)
    if goes_on and not slots.account:
        return True
    if _REFERS.search(said) or re.search(r"\b(?:ones?|1)\b", said):
        return True
    return bool(_WORDS_OF_MEASURE.match(said)) and not slots.periods and not _asks_anew(said)


def _asks_anew(said: str) -> bool:
    return re.search(r"\b(?:i|we|my|our|i've)\b", said) is not None


def following(
    said: str, kind: Kind | None, slots: Slots, last: Question, now: datetime, zone: ZoneInfo
) -> Question | None:
    rest = slots.rest
    if last.kind == "balance" and kind is None:
        account = account_words(replace(slots, rest=_FOLLOWING.sub("", rest)))
        return None if account is None or slots.periods else replace(last, account=account)
    if last.kind in ("balance", "tags", "categories"):
        return fresh(kind, slots) if kind is not None else bare(slots)
    comparing = measures.compares(said) and bool(slots.periods)
    by, per, peak = measures.by_of(said), measures.per_of(rest), peak_of(said)
    if by == "none":
        by = slots.by
    if kind == "spending" and last.kind == "paid" and slots.empty:
        return replace(last.plain(), kind="transactions", flow="out", limit=1)
    if kind == "spending" and is_single(last) and slots.empty:
        return last  # "what did that cost": it is told with its amount
    if kind is None and by == "none" and per is None and (slots.empty or _is_chatter(said, slots)):
        return None
    question = _with_subject(last, slots)
    if slots.periods and not comparing:
        question = replace(question, period=slots.periods[0], against=None, skip=0)
    if slots.since_pay:
        question = replace(question, period=None, since_pay=True, against=None, skip=0)
    if slots.but_categories or slots.but_merchant:
        question = replace(question, but_categories=slots.but_categories, but_merchant=slots.but_merchant)
    if slots.weekdays:
        question = replace(question, weekdays=slots.weekdays if slots.by != "weekpart" else ())
    if slots.account is not None:
        question = replace(question, account=slots.account)
    if slots.least is not None or slots.most is not None:
        question = replace(question, least=slots.least, most=slots.most, limit=None, order="newest", skip=0)
    if comparing:
        return replace(
            question,
            kind="spending",
            flow="any",
            against=slots.periods[-1],
            by="none",
            per=None,
            limit=None,
            order="newest",
            skip=0,
        )
    if by != "none" or per is not None:
        spending = replace(question.plain(), kind="spending", flow="any")
        if peak is not None:
            return replace(spending, by=peak[0], order=peak[1])
        if by != "none":
            return replace(
                spending, by=by, period=None if by == "month" and not slots.periods else spending.period
            )
        if not slots.periods and measures.than_usual(said):
            # "Is that more than usual" is about other times than those that were told.
            return replace(spending, per=_unit_of(last.period), period=None)
        return replace(spending, per=per)
    if kind is None or kind == last.kind == "spending":
        return question
    return _of_another_kind(question, kind, said, slots)


def _is_chatter(said: str, slots: Slots) -> bool:
    """Whether the only thing in it that may be one's business is a word that could name a shop."""
    named = (
        slots.categories
        or slots.but_categories
        or slots.periods
        or slots.weekdays
        or slots.tag
        or slots.account
        or slots.least
        or slots.most
    )
    return not named and len(said.split()) > 2 and _ELLIPTIC.match(said) is None


def _with_subject(last: Question, slots: Slots) -> Question:
    if not slots.has_subject:
        return last
    return replace(
        last,
        merchant=slots.merchant,
        categories=slots.categories,
        part=slots.part,
        tag=slots.tag,
        against=None,
        skip=0,
        by="none",
    )


def _of_another_kind(question: Question, kind: Kind, said: str, slots: Slots) -> Question:
    """The same transactions, asked in another way: "how many times was that", "which was the biggest"."""
    question = question.plain()
    if question.kind == "income":
        flow = question.flow
    elif kind == "transactions":
        spent = question.kind in ("spending", "count", "paid") or question.flow == "out"
        flow = "out" if spent else measures.flow_of_words(kind, said)
    else:
        flow = "any"
    if kind == "transactions":
        order = measures.order_of(said)
        limit = measures.limit_of(said)
        if limit is None and order != "newest":
            limit = 1
        return replace(question, kind="transactions", flow=flow, order=order, limit=limit)
    return replace(question, kind=kind, flow=flow)


def is_single(last: Question) -> bool:
    return last.kind in ("transactions", "income") and last.limit == 1


def _unit_of(span: Span | None) -> Per:
    """The unit that days are nearest to in length."""
    if span is None or span.first is None:
        return "month"
    days = (span.last - span.first).days + 1
    return "day" if days < 3 else "week" if days < 15 else "month"


def more(last: Question) -> Question | None:
    if last.kind not in ("transactions", "regular") and not is_single(last):
        return None
    step = last.limit or saying.MAX_SAID
    return replace(last, skip=last.skip + min(step, saying.MAX_SAID), limit=last.limit)
