"""A question that stands by itself, of its kind and what its words name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from receiver.assistants.bank import kinds, measures
from receiver.assistants.bank.ahead import asks_what_will_be_left
from receiver.assistants.bank.money_words import EARNINGS, NEXT_PAY
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.peak_words import is_habit, peak_of
from receiver.assistants.bank.question import Kind, Order, Question, Span
from receiver.assistants.bank.relative_days import earlier
from receiver.assistants.bank.slot_words import STOPS
from receiver.assistants.bank.slots import Slots

_NO_ACCOUNT = Pattern(
    r"\b(?:who|was|were|had|enough|afford|what|what's|is|are|the|how|much|money|do|i|we|have|got|in|my"
    r"|our|balances?|left|there|check"
    r"|show|me|of|on"
    r"|tell|cash|currently|now|still|right|at|moment|the moment|all up|altogether|in total|total|has|for"
    r"|a|to|please|a/c|saved|and|what about|how about"
    r"|today|been|it|up|looking|like|today's|current|available|sitting|give|see|can|spend|owe|i've|did"
    r"|you|read|out|which|many|list"
    r"|accounts?|each|every|all|broke|am|rich|that|with|only|just|or|one|ones|about|not|no|meant|both|put"
    r"|away|by|any|from|go|going|doing|coming|along|tally|stashed|kept|why|low|high|placed|travelling|tracking|so|far|grand|more|less|than|over|under|least|around|will|would|then|be|okay|ok|alright|fine|good|set|net|worth|rich|looks?)(?:'s)?(?!\w)"
)

_SAVER = Pattern(r"\b(?:fund|savers?|savings|account|trip)\b")
_FILLING = Pattern(r"\b(?:so far|at all|these days|at present|as of now)\b")
_KIND_WORDS = ("spending", "spendings", "card", "savings")
_IN_ACCOUNT = Pattern(
    r"\b(?:in|on) (?:(?:my|the|our) (?=\w)|(?=(?:spending|savings?)$))(?P<name>(?:\w+ ){0,3}\w+)$"
)
_THAN_THEN = Pattern(
    r"\b(?:than|compared (?:to|with)|versus|vs|against)(?: (?:i|we) (?:did|spent|do|was|were))?$"
)
_ABOUT_DAYS = Pattern(r"(?:tell (?:me|us) )?(?:about|how was|what about|how about)\b")
_SPENT_ON = Pattern(r"\bwhat (?:did|have) (?:i|we) (?:spend|spent)\b(?!.*\bmost\b)")


def fresh(kind: Kind, slots: Slots) -> Question | None:
    said = slots.rest
    question = Question("balance")
    periods = slots.periods
    match kind:
        case "balance":
            # Of another time there is none: the answer says so.
            account = account_words(slots)
            if kinds.is_about_enough(slots.text) or asks_what_will_be_left(slots.text):
                named = _IN_ACCOUNT.search(slots.rest)
                account = slots.account or (named["name"] if named else None)
            past = [one for one in periods if one.label not in ("today", "this week", "this month")]
            asked = past and not kinds.is_about_enough(slots.text)
            return Question("balance", account=account, period=past[0] if asked else None)
        case "tags" | "categories":
            return replace(question, kind=kind)
        case "regular":
            earnings = EARNINGS.search(slots.text) is not None
            salary = earnings or NEXT_PAY.search(slots.text) is not None
            return Question(
                "regular",
                account=slots.account,
                merchant=None if salary else slots.merchant,
                categories=() if salary else slots.categories,
                period=periods[0] if periods and not salary else None,
                flow="salary" if salary else "any",
                per="month" if earnings else None,
            )
    question = Question(
        kind=kind,
        account=slots.account,
        merchant=slots.merchant,
        categories=slots.categories,
        part=slots.part,
        period=periods[0] if periods else None,
        weekdays=slots.weekdays,
        beside=slots.beside,
        but_categories=slots.but_categories,
        but_merchant=slots.but_merchant,
        since_pay=slots.since_pay and not periods,
        least=slots.least,
        most=slots.most,
        held=measures.held_of(slots.text) if kind != "paid" else None,
        tag=slots.tag,
        flow=measures.flow_of_words(kind, slots.text),
    )
    if question.flow == "internal":
        moved = "round up" if re.search(r"\bround(?:ed)? ups?\b", slots.text) else "transfer"
        question = replace(question, merchant=moved, categories=())
    return _measured(question, slots, said)


def _measured(question: Question, slots: Slots, said: str) -> Question:
    """With how it is to be told: in parts, on average, compared, the biggest."""
    text, periods = slots.text, slots.periods
    match question.kind:
        case "spending":
            peak = peak_of(text)
            if peak is not None:
                return replace(question, by=peak[0], order=peak[1])
            if slots.by != "none":
                return replace(
                    question, by=slots.by, weekdays=() if slots.by == "weekpart" else slots.weekdays
                )
            against = _than_last(slots)
            if against is not None:
                return replace(question, against=against)
            if len(slots.periods) == 1 and _THAN_THEN.search(slots.rest) and measures.compares(text):
                # "More than last month" compares it with this one.
                return replace(question, period=None, against=slots.periods[0])
            if len(slots.periods) > 2 and not measures.compares(text):
                return replace(question, period=_joined(slots.periods))
            if len(slots.periods) > 1 and (measures.compares(text) or "between" not in text):
                return replace(question, against=slots.periods[1])
            by = measures.by_of(text)
            if by == "none" and slots.several:
                by = "category" if slots.categories else "merchant"
            per = measures.per_of(said)
            if slots.weekdays and per is None and not periods and by == "none" and is_habit(text):
                per = "week"
            if by in ("month", "week", "day", "weekday") or per is None:
                question = replace(question, by=by)
            else:
                question = replace(question, per=per)
            if by == "category" and _SPENT_ON.search(text) and _is_short(question.period):
                # Of a day, each thing is more than its category.
                return replace(question, kind="transactions", flow="out", by="none")
            if by in ("category", "merchant"):
                # "What did I spend the most on" asks for all; a merchant or category is then only a word too many.
                order: Order = "smallest" if re.search(r"\bleast\b", text) else "newest"
                question = replace(question, limit=_top(text), order=order)
            return question
        case "count" if not periods and not slots.since_pay and is_habit(text):
            return replace(question, per=measures.per_of(said) or "month")
        case "transactions":
            if measures.has_settled(text) and slots.has_subject:
                return replace(question, flow="out", limit=1)
            order = measures.order_of(text)
            return replace(
                question, order=order, limit=measures.limit_of(said if order == "newest" else text)
            )
        case "income":
            one = re.search(
                r"\bwhen\b|\blast\b(?! (?:week|month|year|fortnight|financial|quarter))|\blatest\b", said
            )
            if "interest" in text:
                named = question.merchant if _SAVER.search(question.merchant or "") else None
                question = replace(question, merchant="interest", account=question.account or named)
            if question.merchant in ("salary", "payday", "wage", "wages", "paycheck", "payday last"):
                question = replace(question, merchant=None)
            whether = re.match(r"(?:has|have|did|was|am|is|any sign)\b", text) and "how much" not in text
            one_payer = question.merchant is None or not re.search(r"\b(?:any|anything|ever)\b", text)
            single = not slots.periods and not slots.since_pay and (one or (whether and one_payer))
            return replace(question, limit=measures.limit_of(said) or (1 if single else None))
    return question


def bare(slots: Slots) -> Question | None:
    """Nothing but a name or some days: "groceries last month", "Woolworths this week"."""
    if len(slots.periods) == 2 and not slots.merchant and measures.compares(slots.text):
        return Question(  # "Is October worse than September"
            "spending", categories=slots.categories, period=slots.periods[0], against=slots.periods[1]
        )
    if slots.categories or (slots.merchant and (slots.periods or slots.since_pay)):
        period = slots.periods[0] if slots.periods else None
        against = slots.periods[1] if len(slots.periods) > 1 else None
        return Question(
            "spending",
            merchant=slots.merchant,
            categories=slots.categories,
            part=slots.part,
            period=period,
            weekdays=slots.weekdays,
            since_pay=slots.since_pay and not period,
            against=against,
            per=None if period or against else measures.per_of(slots.rest),
            by="none" if not slots.several else "category" if slots.categories else "merchant",
        )
    if slots.periods and _ABOUT_DAYS.match(slots.text):
        return Question("transactions", period=slots.periods[0])
    return None


def _joined(spans: Sequence[Span]) -> Span:
    """ "Friday, Saturday and Sunday"; where they are not side by side, the first of them."""
    joined = spans[0]
    for span in spans[1:]:
        if joined.last + timedelta(days=1) != span.first:
            return spans[0]
        joined = replace(joined, last=span.last, label=f"{joined.label}, {span.label}")
    return joined


def _is_short(span: Span | None) -> bool:
    return span is not None and span.first is not None and span.last - span.first <= timedelta(days=1)


def _than_last(slots: Slots) -> Span | None:
    """ "This month than last", "this week compared to the one before"."""
    if len(slots.periods) != 1 or slots.periods[0].first is None:
        return None
    found = re.search(
        r"\b(?:than|to|with|and|or|versus|vs) (?:the )?(?:last|previous|before|(?:last|previous) one"
        r"|one before)$",
        slots.rest,
    )
    return None if found is None else earlier(slots.periods[0], None)


def _top(text: str) -> int | None:
    found = re.search(r"\btop (\d{1,2})\b|\b(\d{1,2}) (?:biggest|top)\b", text)
    return None if found is None else max(1, min(20, int(found[1] or found[2])))


def account_words(slots: Slots) -> str | None:
    """The words for an account in a question for a balance."""
    if slots.account is not None and _NO_ACCOUNT.sub(" ", slots.account).split():
        return slots.account
    said = _FILLING.sub("", slots.rest).strip()
    named = re.search(r"\b(?:in|of|on|for) (?:my |the |our )?(?P<name>(?:\w+ ){0,3}\w+)$", said)
    if named is not None and _NO_ACCOUNT.sub(" ", named["name"]).split():
        return named["name"]
    left = _NO_ACCOUNT.sub(" ", said).split()
    return " ".join(left) if any(word not in STOPS or word in _KIND_WORDS for word in left) else None
