"""A conversation with the bank assistant over real HTTP with the emulated bank, and what is right by its ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from pydantic import SecretStr

from protocol.client_messages import PastTurn
from protocol.link_messages import Item
from receiver.assistants.assistant import Context, Effect, KeepOnly, Restart
from receiver.assistants.bank import BankAssistant
from tests.emulators.up_bank import TODAY, UpBank
from tests.emulators.up_bank_history import SAM, ZONE
from tests.emulators.up_bank_ledger import Movement, in_category

Row = Mapping[str, Any]

CONVERSATION = (
    "what's my balance", "how much did i spend at woolworths last month", "which was the biggest",
    "put that in restaurants", "yes", "put it back", "yes", "any pending transactions", "when was i last paid",
    "what did i buy yesterday", "put the coles one in pets", "yes", "is my rent paid", "what did i spend most on",
    "what did i spend at uber eats this month", "tag that as work", "the second one", "no", "what tags are there",
)  # fmt: skip
"""Questions, what refers to them, changes that are agreed on and one that is not."""


@dataclass
class Heard:
    text: str
    effects: list[Effect]
    kept: str | None
    restarted: bool = False
    """The answer began anew: a model's, then the rules'."""


@dataclass
class BankCall:
    """`say` is one turn: think, then apply what was thought, as a commit does, and deliver what it leads to."""

    assistant: BankAssistant
    token: str | None = SAM.token
    user: str = "sam"
    now: datetime = TODAY
    deliver: bool = True
    history: list[PastTurn] = field(default_factory=list)
    state: Any = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.assistant.begin(self.context).state

    @property
    def context(self) -> Context:
        credentials = {} if self.token is None else {"bank": SecretStr(self.token)}
        return Context(
            self.now, ZONE, "Sam", "en-AU", tuple(self.history), user=self.user, credentials=credentials
        )

    async def think(self, text: str) -> Heard:
        said: list[str] = []
        effects: list[Effect] = []
        kept: str | None = None
        restarted = False
        items = [Item(text=text, timestamp=self.now.isoformat())]
        async with aclosing(cast("Any", self.assistant.think(self.state, self.context, items))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Restart):
                    said, effects, kept, restarted = [], [], None, True
                elif isinstance(piece, KeepOnly):
                    kept = piece.text
                elif isinstance(piece, str):
                    said.append(piece)
                else:
                    effects.append(piece)
        return Heard("".join(said), effects, kept, restarted)

    async def say(self, text: str) -> Heard:
        heard = await self.think(text)
        self.state = self.assistant.apply(self.state, heard.effects)
        if self.deliver:
            for outgoing in self.assistant.outgoing(heard.effects):
                await self.assistant.deliver(outgoing.body, self.context)
        stored = heard.kept if heard.kept is not None else heard.text
        self.history.append(PastTurn(turn=len(self.history) + 1, text=text, message=stored))
        return heard


# What is right, from the emulator's ledger alone


def day_of(movement: Movement) -> date:
    return movement.at.astimezone(ZONE).date()


def internal(movement: Movement) -> bool:
    return movement.transfer is not None


def refund(movement: Movement) -> bool:
    return movement.kind == "Refund"


def left(movement: Movement) -> bool:
    return movement.amount < 0 and not internal(movement)


def came(movement: Movement) -> bool:
    return movement.amount > 0 and not internal(movement) and not refund(movement)


FLOWS = {
    "any": lambda m: not internal(m),
    "out": left,
    "in": came,
    "salary": lambda m: m.kind == "Salary",
    "refund": refund,
}


def right_movements(
    bank: UpBank, row: Row, first: str | None = None, last: str | None = None
) -> list[Movement]:
    """Those that a row of questions is about, newest first."""
    first, last = (row.get("first"), row.get("last")) if first is None else (first, last)
    categories: Sequence[str] = row.get("categories", ())
    return [
        movement
        for movement in bank.ledger.movements_of(SAM)
        if FLOWS[row.get("flow", "any")](movement)
        and (first is None or date.fromisoformat(first) <= day_of(movement))
        and (last is None or day_of(movement) <= date.fromisoformat(last))
        and ("account" not in row or shown(movement.account.name) == row["account"])
        and ("merchant" not in row or movement.description == row["merchant"])
        and (not categories or any(in_category(movement, one) for one in categories))
        and ("held" not in row or movement.held == row["held"])
        and ("tag" not in row or row["tag"] in [tag.lower() for tag in movement.tags])
        and ("least" not in row or abs(movement.amount) >= row["least"])
        and ("most" not in row or abs(movement.amount) <= row["most"])
    ]


def cents_spent(movements: Iterable[Movement]) -> int:
    spent = [movement for movement in movements if left(movement) or refund(movement)]
    return sum(-one.amount - (one.cashback[1] if one.cashback else 0) for one in spent)


def purchases(movements: Iterable[Movement]) -> int:
    return sum(left(movement) for movement in movements)


def dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def spoken(cents: int) -> str:
    """As it has to be in an answer, without its sign."""
    whole, rest = divmod(abs(cents), 100)
    if 0 < abs(cents) < 100:
        return f"{rest} cent{'' if rest == 1 else 's'}"
    return f"${whole:,}.{rest:02}" if rest else f"${whole:,}"


def shown(name: str) -> str:
    """The name of an account as it can be said: without its emoji."""
    return "".join(letter for letter in name if ord(letter) < 0x2000).strip()


def days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)) // timedelta(days=1) + 1
