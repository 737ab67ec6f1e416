"""An assistant that does what it is told, outside and by itself, for tests of all that happens beside a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from protocol.client_messages import PastTurn
from protocol.errors import BankRefused, BankUnavailable, VoiceError
from protocol.link_messages import Item, Summary, spoken_text
from receiver.assistants.assistant import (
    RESTART,
    Assistant,
    Beginning,
    Context,
    Effect,
    KeepOnly,
    Outgoing,
    Restart,
    State,
)
from receiver.assistants.assistant import parse_timestamp as moment

MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class ErrandAssistant(Assistant):
    """Says: `send WORD ...`, `send WORD as KEY`, `remind me at TIME ...`, `add WORD`, `balance`, `start over`."""

    name = "errands"
    version = 1
    shared = "common"

    def __init__(self) -> None:
        self.sent: list[str] = []
        """Words that were delivered, in order."""
        self.contexts: list[Context] = []
        self.tries: list[str] = []
        self.failures: dict[str, list[Exception]] = {}
        """By word, what its next deliveries raise."""
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = 0
        self.most_under_way = 0
        self.balance = 100
        self.summed_up = 0
        self.broken_due: set[str] = set()
        """Words with which `due` fails."""
        self.idle_due: set[str] = set()
        """Words with which `due` leaves all as it is."""
        self.asked_due = 0

    def begin(self, context: Context) -> Beginning:
        return Beginning({"lost": [], "common": {"words": [], "reminders": []}})

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | Restart | KeepOnly]:
        match spoken_text(list(items)).split():
            case ["send", word, "as", key]:
                yield {"send": word, "key": key}
                yield f"I will send {word}."
            case ["send", *words]:
                for word in words:
                    yield {"send": word}
                yield f"I will send {' and '.join(words)}."
            case ["remind", "me", "at", *times]:
                for time in times:
                    yield {"remind": time}
                yield "I will remind you."
            case ["add", word]:
                yield {"add": word}
                yield f"Now there are {len(state['common']['words']) + 1}."
            case ["balance"]:
                # Another one at each asking, so that it shows when somebody is told one for another.
                self.balance += 1
                yield "You have "
                yield KeepOnly("I told you your balance.")
                yield f"{self.balance} dollars."
            case ["start", "over"]:
                yield KeepOnly("void")
                yield "Well, "
                yield RESTART
                yield "Let us start over."
            case ["credentials"]:
                yield f"{context.user}: {sorted(context.credentials)}"
            case ["repeat"]:
                yield " | ".join(turn.message for turn in context.history)
            case _:
                yield "I see."

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        common, lost = state["common"], state["lost"]
        for effect in effects:
            if "add" in effect:
                common = common | {"words": [*common["words"], effect["add"]]}
            elif "remind" in effect:
                common = common | {"reminders": sorted([*common["reminders"], effect["remind"]])}
            elif "lost" in effect:
                lost = [*lost, effect["lost"]]
        return {"common": common, "lost": lost}

    def act(self, state: State, context: Context, name: str, args: Mapping[str, Any]) -> list[Effect]:
        return [{"send": name}]

    def outgoing(self, effects: Sequence[Effect]) -> Sequence[Outgoing]:
        return [
            Outgoing({"word": effect["send"]}, effect.get("key")) for effect in effects if "send" in effect
        ]

    async def deliver(self, body: Mapping[str, Any], context: Context) -> None:
        word = body["word"]
        self.tries.append(word)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.gate.wait()
        finally:
            self.under_way -= 1
        if failures := self.failures.get(word):
            raise failures.pop(0)
        self.sent.append(word)
        self.contexts.append(context)

    def undelivered(self, body: Mapping[str, Any], error: VoiceError) -> Sequence[Effect]:
        return [{"lost": f"{body['word']}: {error.code}"}]

    def merge(self, kept: Any, brought: Any) -> Any:
        return {name: sorted([*kept[name], *brought[name]]) for name in ("words", "reminders")}

    def next_due(self, shared: Any) -> datetime | None:
        return moment(min(shared["reminders"])) if shared["reminders"] else None

    def due(self, shared: Any, now: datetime) -> tuple[Sequence[Outgoing], Any]:
        self.asked_due += 1
        if self.broken_due & set(shared["words"]):
            raise KeyError("a secret reminder")
        if self.idle_due & set(shared["words"]):
            return (), shared
        times = [time for time in shared["reminders"] if moment(time) <= now]
        rest = [time for time in shared["reminders"] if moment(time) > now]
        return [Outgoing({"word": f"due {time}"}, time) for time in times], shared | {"reminders": rest}

    async def summarize(self, turns: Sequence[PastTurn], context: Context) -> Summary:
        self.summed_up += 1
        return Summary(
            key_points=[turn.text for turn in turns if turn.text],
            text=f"Summary {self.summed_up}: {' '.join(turn.message for turn in turns)}",
        )


def passing() -> VoiceError:
    return BankUnavailable()


def final() -> VoiceError:
    return BankRefused()


def bug() -> Exception:
    return KeyError("a secret word")


class Time:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


async def until(condition: Any, seconds: float = 30.0) -> None:
    """Wait until `condition()` holds, which may be a coroutine function."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.005)
