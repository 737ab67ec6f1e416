"""The tools of the adviser: all that a language model can ask of the bank, and what it is told of it.

A tool's answer is the figures of the rules' own answer to the same question, as they are said. Nothing in it names an
account or a transaction by what the bank knows it by: a transaction has a handle, "t1", that holds for the turn.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import ValidationError

from protocol.errors import BankError, BankTimeout
from receiver.assistants.assistant import Effect
from receiver.assistants.bank import answering, saying
from receiver.assistants.bank.adviser.arguments import (
    AboutTheBank,
    Arguments,
    Balances,
    Income,
    Labels,
    ProposeChange,
    Regular,
    Spending,
    Transactions,
)
from receiver.assistants.bank.adviser.asking import ToolRefused, question_of
from receiver.assistants.bank.adviser.sums import Sums, claims
from receiver.assistants.bank.answer import Answer
from receiver.assistants.bank.brand import BrandBase
from receiver.assistants.bank.changing import Said, ask, target_of
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.failing import say_error
from receiver.assistants.bank.wishes import Do, Wish
from receiver.bank.models import Money, Transaction
from receiver.llm import ToolCall, ToolResult, ToolSpec
from receiver.llm.tool_schema import schema_of

log = structlog.get_logger(__name__)

MAX_RESULT_CHARS = 6_000
"""Of one answer as JSON. Of a longer list the last entries are left out, and how many is said."""

MAX_FACTS = 3
"""Answers of the rules that are said one after another."""

MAX_WORDS_CHARS = 60
"""Of the name of a shop, an account or a tag."""

_AMOUNT = re.compile(r"-?\d+\.\d\d")
_NO_TOKEN = "There is no access token for the person's bank, so nothing of their money can be read."  # noqa: S105
_UNCHANGED = "Nothing was changed."


class Tools:
    """The tools during one turn. Without a desk only those that need no bank."""

    def __init__(self, desk: Desk | None, brand: BrandBase, said: str, sums: Sums) -> None:
        """`said` are the person's words: an amount in them may be said again once it was searched for."""
        self._desk = desk
        self._brand = brand
        self._named = {claim.cents for claim in claims(said)}
        self._sums = sums
        self._handles: dict[str, Transaction] = {}
        self.answers: list[Answer] = []
        """Of the rules, to what the tools were asked, in the order of the calls."""
        self.failures: list[BankError] = []
        self.told = ""
        """What the text about the bank had to say, or that it had nothing."""
        self.proposal: Said | None = None
        """What the rules ask about a change, with the effects of asking."""

    @property
    def bank_failed(self) -> bool:
        """The bank was asked, and gave no answer at all; nor is there another one."""
        return bool(self.failures) and not self.answers and not self.told

    def facts(self) -> str:
        """What the rules say to all that the tools were asked; empty if that was nothing."""
        if self.proposal is not None:
            return self.proposal.text
        said = list(dict.fromkeys(answer.text for answer in self.answers))[-MAX_FACTS:]
        said += list(dict.fromkeys(map(say_error, self.failures)))[:1]
        return " ".join(said) or self.told

    def kept(self) -> str:
        """What may be stored in place of an answer; empty where it says nothing of the person's money."""
        kept = [self.proposal.kept] if self.proposal is not None else [answer.kept for answer in self.answers]
        return " ".join(dict.fromkeys(text for text in kept if text))

    def effects(self) -> list[Effect]:
        """For what refers to this turn, and for a yes."""
        asked: list[Effect] = []
        if self.answers:
            asked.append({"do": "last", "question": self.answers[-1].question.as_json()})
        return [*asked, *(self.proposal.effects if self.proposal is not None else ())]

    async def call_all(self, calls: Sequence[ToolCall], seconds: float) -> tuple[ToolResult, ...]:
        """All of them at the same time. What cannot be done, or not in `seconds`, is told to the model as an error;
        nothing is raised."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._answer(call, seconds)) for call in calls]
        results: list[ToolResult] = []
        for call, task in zip(calls, tasks, strict=True):
            content, answer = task.result()
            if answer is not None:
                self.answers.append(answer)
                content = self._figures(answer)
            error = "error" in content
            self._sums.learn(content)
            results.append(ToolResult(call, content, error))
        return tuple(results)

    async def _answer(self, call: ToolCall, seconds: float) -> tuple[Mapping[str, Any], Answer | None]:
        failure: BankError
        try:
            async with asyncio.timeout(seconds):
                return await self._do(_arguments(call))
        except ToolRefused as refusal:
            log.info("tool_refused", tool=call.name[:40])
            return {"error": str(refusal)}, None
        except BankError as error:
            failure = error
        except TimeoutError:
            failure = BankTimeout()
        self.failures.append(failure)
        return {"error": say_error(failure)}, None

    async def _do(self, arguments: Arguments) -> tuple[Mapping[str, Any], Answer | None]:
        if isinstance(arguments, AboutTheBank):
            return self._about_the_bank(arguments), None
        if self._desk is None:
            raise ToolRefused(_NO_TOKEN)
        if isinstance(arguments, ProposeChange):
            return await self._propose(arguments, self._desk), None
        question = await question_of(arguments, self._desk)
        for cents in (question.least, question.most):
            # "Over fifty" begins a cent above it, "under fifty" ends a cent below.
            for near in (cents, *((cents - 1, cents + 1) if cents is not None else ())):
                if near is not None and near in self._named:
                    self._sums.allow(near)
        return {}, await answering.answer(question, self._desk)

    def _about_the_bank(self, arguments: AboutTheBank) -> Mapping[str, Any]:
        passage = self._brand.find(arguments.question)
        self.told = self._brand.unknown if passage is None else passage.text
        if passage is None:
            return {"error": self._brand.unknown}
        return {"title": passage.title, "passage": passage.text}

    async def _propose(self, arguments: ProposeChange, desk: Desk) -> Mapping[str, Any]:
        entry = self._handles.get(arguments.transaction)
        if entry is None:
            raise ToolRefused(
                f"There is no transaction '{arguments.transaction}' in this turn. Find it with transactions first."
            )
        to = (arguments.category if arguments.action == "categorise" else arguments.tag) or ""
        if arguments.action == "tag" and not to:
            raise ToolRefused("The tag is missing.")
        do: Do = "uncategorise" if arguments.action == "categorise" and not to else arguments.action
        target = await target_of(Wish(do, "", to), desk)
        asked = Said(target) if isinstance(target, str) else ask(entry, target, desk)
        if not asked.effects:
            raise ToolRefused(f"{asked.text} {_UNCHANGED}")
        if self.proposal is not None:
            raise ToolRefused("Only one change can be proposed at a time. The first one is asked about now.")
        self.proposal = asked
        return {"proposed": True}

    def _figures(self, answer: Answer) -> dict[str, Any]:
        figures: dict[str, Any] = _as_said(answer.figures)
        for key in ("transactions", "last"):
            listed = figures.get(key)
            if isinstance(listed, list):
                figures[key] = [
                    {"handle": self._handle(transaction), **entry}
                    for transaction, entry in zip(answer.transactions, listed, strict=False)
                ]
        return _bounded(figures)

    def _handle(self, transaction: Transaction) -> str:
        for handle, known in self._handles.items():
            if known.id == transaction.id:
                return handle
        handle = f"t{len(self._handles) + 1}"
        self._handles[handle] = transaction
        return handle


def _arguments(call: ToolCall) -> Arguments:
    kind = _KINDS.get(call.name)
    if kind is None:
        raise ToolRefused(f"There is no tool '{call.name[:40]}'; there are {', '.join(_KINDS)}.")
    if call.arguments is None:
        raise ToolRefused("The arguments are not a JSON object. Call the tool again.")
    # Some models give every argument, and null for those that they leave out.
    given = {key: value for key, value in call.arguments.items() if value not in (None, "")}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    raise ToolRefused(f"The argument '{place[:60]}' is wrong: {first['msg'][:200]}.")


def _as_said(figures: Any) -> Any:
    """Amounts as they are said, and words of others cut to what is a name."""
    if isinstance(figures, Mapping):
        said = {key: _as_said(value) for key, value in figures.items()}
        if said.get("currency") == "AUD":
            del said["currency"]
        if "description" in said and isinstance(figures.get("amount"), str):
            said["amount"] = said["amount"].removeprefix("-")
            said["direction"] = "out" if figures["amount"].startswith("-") else "in"
        return said
    if isinstance(figures, str):
        if _AMOUNT.fullmatch(figures):
            return saying.money(Money(int(figures.replace(".", ""))))
        return " ".join(figures.split())[:MAX_WORDS_CHARS]
    if isinstance(figures, Sequence):
        return [_as_said(entry) for entry in figures]
    return figures


def _bounded(figures: dict[str, Any]) -> dict[str, Any]:
    """The same with fewer entries in its longest list, where it is too long."""
    while len(json.dumps(figures, ensure_ascii=False)) > MAX_RESULT_CHARS:
        longest = max(
            (key for key, value in figures.items() if isinstance(value, list)),
            key=lambda key: len(figures[key]),
            default=None,
        )
        if longest is None or not figures[longest]:
            return {"error": "That is more than can be told. Ask for less."}
        kept = len(figures[longest]) * 3 // 4
        left_out = figures.get("left_out", 0) + len(figures[longest]) - kept
        figures = {**figures, longest: figures[longest][:kept], "left_out": left_out}
    return figures


_KINDS: dict[str, type[Arguments]] = {
    kind.tool: kind
    for kind in (Balances, Transactions, Spending, Income, Regular, Labels, AboutTheBank, ProposeChange)
}

TOOLS: tuple[ToolSpec, ...] = tuple(
    ToolSpec(name, " ".join((kind.__doc__ or "").split()), schema_of(kind)) for name, kind in _KINDS.items()
)
