"""The talk about a change: which transaction, what it is to become, and a yes before anything is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from receiver.assistants.assistant import Effect
from receiver.assistants.bank import choosing, saying
from receiver.assistants.bank.answer import describe
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.question import Question
from receiver.assistants.bank.reading import read_questions
from receiver.assistants.bank.state import mark
from receiver.assistants.bank.wishes import Wish
from receiver.bank.category_words import find_category
from receiver.bank.client import MAX_TAGS
from receiver.bank.models import Category, Transaction, TransactionFilter
from receiver.bank.number_words import normalise

ASKED_KEPT = "I asked you about a change of a transaction."
MAX_TAG_CHARS = 40


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    effects: Sequence[Effect] = ()
    kept: str | None = None
    """As for `KeepOnly`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a transaction is to become. JSON by `as_json`."""

    do: str
    value: str | None
    """Identifier of the category, or the tag."""
    name: str
    """To be said: "groceries"."""

    def as_json(self) -> dict[str, Any]:
        return {"do": self.do, "value": self.value, "name": self.name}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Target:
        return cls(data["do"], data["value"], data["name"])

    @property
    def doing(self) -> str:
        """ "put it into groceries"."""
        match self.do:
            case "categorise":
                return f"put it into {self.name}"
            case "uncategorise":
                return "take it out of its category"
            case "tag":
                return f"tag it {self.name}"
            case _:
                return f"take the tag {self.name} off it"


async def wish(wanted: Wish, last: Question | None, desk: Desk) -> Said:
    """Raises `BankError`."""
    if choosing.is_plural(wanted.which):
        return Said("I can only change one transaction at a time. Which one shall it be?")
    target = await target_of(wanted, desk)
    if isinstance(target, str):
        return Said(target)
    found = await choosing.candidates(wanted.which, last, desk)
    if not found:
        return Said("I do not know which transaction you mean. Tell me its shop or its day, for example.")
    if len(found) > 1:
        return _which(found, target, desk)
    return ask(found[0], target, desk)


async def target_of(wanted: Wish, desk: Desk) -> Target | str:
    """What it is to become, or what to say where that cannot be."""
    if wanted.do == "uncategorise":
        return Target("uncategorise", None, "")
    if wanted.do == "categorise":
        return category_target(wanted.to, await desk.categories())
    known = {normalise(tag): tag for tag in await desk.tags()}
    tag = known.get(normalise(wanted.to))
    if wanted.do == "untag":
        if wanted.to and tag is None:
            return f"You have no tag called {wanted.to}."
        return Target("untag", tag, tag or "")
    name = tag or saying.sentence(wanted.to)[:MAX_TAG_CHARS]
    return Target("tag", name, name)


def category_target(words: str, categories: Sequence[Category]) -> Target | str:
    found = find_category(words, categories)
    listed = {category.id: category for category in categories}
    ids = [one for one in found.ids if one in listed] if found is not None else []
    if not ids:
        return f"I know no category for {words}. Ask me what categories there are."
    if len(ids) > 1:
        names = [saying.category(listed[one].name) for one in ids]
        return f"Which category shall it be: {', '.join(names[:-1])} or {names[-1]}?"
    category = listed[ids[0]]
    if category.parent is None:
        inner = [saying.category(one.name) for one in categories if one.parent == category.id]
        return (
            f"{saying.category(category.name).capitalize()} is a group of categories. Which of them, "
            f"for example {saying.join(inner[:3])}?"
        )
    return Target("categorise", category.id, saying.category(category.name))


def _which(found: Sequence[Transaction], target: Target, desk: Desk) -> Said:
    some = found[: choosing.MAX_CHOICES]
    names = [describe(entry, desk) for entry in some]
    pending = {
        "about": "which",
        "target": target.as_json(),
        "choices": [choosing.choice_of(entry, desk) for entry in some],
    }
    more = f", or one of {saying.number(len(found) - len(some))} others" if len(found) > len(some) else ""
    text = f"Which one: {'; '.join(names[:-1])}; or {names[-1]}{more}?"
    return Said(text, [{"do": "ask", "pending": pending}], ASKED_KEPT)


def ask(entry: Transaction, target: Target, desk: Desk) -> Said:
    """Name it, and ask; or say why there is nothing to be done."""
    named = describe(entry, desk)
    if target.do == "untag" and target.value is None:
        if len(entry.tags) != 1:
            return Said("Which tag shall I take off?" if entry.tags else "It has no tag.")
        target = Target("untag", entry.tags[0], entry.tags[0])
    refused = _refusal(entry, target)
    if refused is not None:
        return Said(f"{named}: {refused}", kept="I told you why I cannot change that.")
    pending = {
        "about": "confirm",
        "target": target.as_json(),
        "transaction": entry.id,
        "undo": _undo(entry, target, desk),
    }
    return Said(
        f"That is {named}. I would {target.doing}. Shall I?",
        [{"do": "ask", "pending": pending}],
        ASKED_KEPT,
    )


def _refusal(entry: Transaction, target: Target) -> str | None:
    match target.do:
        case "categorise" | "uncategorise" if not entry.categorisable:
            return "the bank gives no category to that kind of transaction."
        case "categorise" if entry.category == target.value:
            return f"it is in {target.name} already."
        case "uncategorise" if entry.category is None:
            return "it is in no category."
        case "tag" if target.value in entry.tags:
            return f"it has the tag {target.name} already."
        case "tag" if len(entry.tags) >= MAX_TAGS:
            return f"it has {saying.number(MAX_TAGS)} tags, and can have no more."
        case "untag" if target.value not in entry.tags:
            return f"it does not have the tag {target.name}."
    return None


def _undo(entry: Transaction, target: Target, desk: Desk) -> dict[str, Any]:
    """How the change is taken back: by the day and the mark of the transaction, not by its identifier."""
    match target.do:
        case "tag":
            back = Target("untag", target.value, target.name)
        case "untag":
            back = Target("tag", target.value, target.name)
        case _ if entry.category is None:
            back = Target("uncategorise", None, "")
        case _:
            back = Target("categorise", entry.category, saying.category(entry.category.replace("-", " ")))
    at = entry.created_at.isoformat()
    return {"target": back.as_json(), "at": at, "mark": mark(entry.id)}


def confirmed(pending: Mapping[str, Any]) -> Said:
    target = Target.from_json(pending["target"])
    change = {
        "do": "change",
        "change": {"transaction": pending["transaction"], **target.as_json()},
        "undo": pending["undo"],
    }
    return Said(f"All right, I'll {target.doing}.", [change])


async def picked(said: str, pending: Mapping[str, Any], desk: Desk) -> Said | None:
    """The answer to "which one". Raises `BankError`."""
    choice = choosing.chosen(normalise(said), pending["choices"])
    target = Target.from_json(pending["target"])
    if choice is None:
        entries = [await desk.transaction(one["transaction"]) for one in pending["choices"]]
        found = _named(said, entries, desk)
        return None if len(found) != 1 else ask(found[0], target, desk)
    return ask(await desk.transaction(choice["transaction"]), target, desk)


def _named(said: str, entries: Sequence[Transaction], desk: Desk) -> list[Transaction]:
    """By its shop or its amount."""
    read = read_questions(f"show {normalise(said)}", None, desk.now, desk.zone)
    return choosing.matching(said, read[0], entries) if read else []


async def take_back(undo: Mapping[str, Any] | None, desk: Desk) -> Said:
    """Raises `BankError`."""
    if undo is None:
        return Said("There is nothing to take back.")
    at = datetime.fromisoformat(undo["at"])
    around = TransactionFilter(since=at - timedelta(minutes=1), until=at + timedelta(minutes=1))
    listing = await desk.transactions(around)
    entry = next((one for one in listing.transactions if mark(one.id) == undo["mark"]), None)
    if entry is None:
        return Said("I cannot take that back: I do not find that transaction any more.")
    return ask(entry, Target.from_json(undo["target"]), desk)
