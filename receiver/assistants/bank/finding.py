"""The transactions that a question is about: asked of the bank by what it can select, and the rest selected here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from receiver.assistants.bank import saying
from receiver.assistants.bank.account_words import find_accounts
from receiver.assistants.bank.desk import Desk, Listing, at_once
from receiver.assistants.bank.question import Flow, Question, Span, today
from receiver.bank.amounts import AmountBounds
from receiver.bank.category_words import is_part
from receiver.bank.merchants import match_merchants
from receiver.bank.models import Account, Transaction, TransactionFilter
from receiver.bank.number_words import normalise
from receiver.bank.search import Wanted, find_transactions
from receiver.bank.spending import flow_of
from receiver.bank.weekdays import Weekdays

LOOK_BACK = (92, 366)
"""Days in which the latest of something is looked for where no time was named: first the nearer ones alone."""


@dataclass(frozen=True, slots=True)
class Found:
    question: Question
    """With the days that were looked at, and a tag where what sounded like a merchant is one."""
    transactions: tuple[Transaction, ...] = ()
    """Newest first."""
    more: bool = False
    """There are older ones that were not looked at."""
    merchants: tuple[str, ...] = ()
    """Names of theirs that the words for one were taken for."""
    unknown: str | None = None
    """An account or a tag that was named and that there is none of; then nothing was looked for."""
    accounts: tuple[Account, ...] = ()
    """Those that were named."""
    part: str | None = None
    """That of the category which the payments were narrowed down to."""


async def find(question: Question, desk: Desk) -> Found:
    """Raises `BankError`."""
    if question.period is not None or question.tag is not None or question.held:
        # What is pending settles within days: there is never much of it.
        return await find_within(question, desk)
    found = Found(question)
    for days in LOOK_BACK:
        last = today(desk.now, desk.zone)
        label = "in the last three months" if days == LOOK_BACK[0] else "in the last year"
        span = Span(last - timedelta(days=days - 1), last, label)
        found = await find_within(replace(question, period=span), desk)
        if len(found.transactions) > question.skip or found.unknown:
            break
    return found


async def find_within(question: Question, desk: Desk) -> Found:
    """Of the days that the question has; without any, of all the time there is. Raises `BankError`."""
    tag = None
    if question.tag is not None:
        tag = _tag(question.tag, await desk.tags())
        if tag is None:
            return Found(question, unknown=f"a tag called {question.tag}")
        question = replace(question, tag=tag)
    chosen: Sequence[Account] = ()
    if question.account is not None:
        chosen = find_accounts(question.account, await desk.accounts())
        if not chosen:
            return Found(question, unknown=saying.no_account(question.account))
    filters = TransactionFilter(
        held=question.held,
        category=question.categories[0] if len(question.categories) == 1 else None,
        tag=tag,
    )
    listing = await _listing(question, desk, filters, chosen)
    return await _selected(question, desk, listing, tuple(chosen))


async def _listing(
    question: Question, desk: Desk, filters: TransactionFilter, chosen: Sequence[Account]
) -> Listing:
    period = None if question.period is None else question.period.period(desk.zone)
    each = [replace(filters, account_id=account.id) for account in chosen] or [filters]
    listings = await at_once([partial(desk.within, period, one) for one in each])
    entries = [entry for listing in listings for entry in listing.transactions]
    return Listing(tuple(entries), any(listing.more for listing in listings))


async def _selected(question: Question, desk: Desk, listing: Listing, chosen: tuple[Account, ...]) -> Found:
    bounds = None
    if question.least is not None or question.most is not None:
        bounds = AmountBounds(question.least, question.most)
    wanted = Wanted(categories=question.categories or None, amount=bounds)
    entries = [
        entry
        for entry in find_transactions(listing.transactions, wanted)
        if is_of(entry, question.flow) and _is_on(entry, question.weekdays, desk)
    ]
    if question.but_categories:
        left_out = {id(one) for one in find_transactions(entries, Wanted(categories=question.but_categories))}
        entries = [entry for entry in entries if id(entry) not in left_out]
    if question.but_merchant is not None:
        but = _merchants(question.but_merchant, {entry.description for entry in listing.transactions})
        if not but:
            return Found(question, unknown=f"anything at {question.but_merchant} to leave out")
        entries = [entry for entry in entries if entry.description not in but]
    part = None
    if question.part is not None and len(question.categories) == 1:
        category = question.categories[0]
        narrowed = [
            one
            for one in entries
            if is_part(category, question.part, f"{one.description} {one.raw_text or ''}")
        ]
        part, entries = (question.part, narrowed) if narrowed else (None, entries)
    names: list[str] = []
    if question.merchant is not None:
        names = _merchants(question.merchant, {entry.description for entry in entries})
        if not names:
            tag = _tag(question.merchant, await desk.tags(), said_in_full=True)
            if tag is not None:
                return await find_within(replace(question, merchant=None, tag=tag), desk)
        entries = [entry for entry in entries if entry.description in names]
    beside = (
        match_merchants(question.beside, {entry.description for entry in entries}) if question.beside else []
    )
    if beside:
        # One of the shops of the category: it says which of them is meant.
        entries = [entry for entry in entries if entry.description in beside]
        question, names = replace(question, merchant=question.beside, categories=(), beside=None), beside
    if question.flow == "internal" and not chosen and any(entry.amount.units < 0 for entry in entries):
        # Each is listed in both of its accounts.
        entries = [entry for entry in entries if entry.amount.units < 0]
    return Found(question, tuple(entries), listing.more, tuple(names), accounts=chosen, part=part)


def _merchants(said: str, names: set[str]) -> list[str]:
    """One merchant, or several with "and" between them; of those, the ones that are known."""
    one = [name for name in names if f"{normalise(name)}s" == normalise(said)]
    if one:
        return one  # "ubers"
    parts = [
        match_merchants(part, names) for part in said.split(" and ") if part not in ("the others", "others")
    ]
    each = sorted({name for part in parts for name in part})
    # "Guzman and Gomez" is one; "Woolies and Aldi" are two, though Aldi alone would be like the whole of it.
    return each if len(parts) > 1 and all(parts) else match_merchants(said, names) or each


def _is_on(entry: Transaction, weekdays: Weekdays, desk: Desk) -> bool:
    return not weekdays or entry.created_at.astimezone(desk.zone).weekday() in weekdays


def is_of(transaction: Transaction, flow: Flow) -> bool:
    actual = flow_of(transaction)
    match flow:
        case "any":
            return actual != "internal"
        case "out":
            return actual == "spent"
        case "in":
            return actual == "income"
        case "salary":
            return actual == "income" and (transaction.kind or "").casefold() == "salary"
        case _:
            return actual == flow


def ordered(found: Found) -> list[Transaction]:
    entries = list(found.transactions)
    match found.question.order:
        case "oldest":
            entries.reverse()
        case "largest":
            entries.sort(key=lambda entry: -abs(entry.amount.units))
        case "smallest":
            entries.sort(key=lambda entry: abs(entry.amount.units))
    return entries


def _tag(said: str, tags: Sequence[str], *, said_in_full: bool = False) -> str | None:
    """The tag that is meant, whatever its capital letters and marks are."""
    words = normalise(said.removeprefix("#"))
    for tag in tags:
        if normalise(tag) == words or normalise(tag).replace(" ", "") == words.replace(" ", ""):
            return tag
    if said_in_full:
        return None  # "a night out" is not "Pizza Night"
    near = match_merchants(words, tags)
    return near[0] if len(near) == 1 else None
