"""A thousand turns of fifty sessions on two receivers that are killed at random: as if nothing had happened.

Each session's turns are first sent in their order. Beside that anything goes: a commit is sent to both receivers
at the same time, or again at any time later; some have a plan, some are thought of at the commit; a receiver is
killed whatever it is doing, and is there again a moment later. All chance comes from one seed.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from protocol.client_messages import PastTurn
from protocol.link_messages import Item
from receiver.assistants.assistant import Context, parse_timestamp
from receiver.assistants.diet import DietAssistant
from receiver.store.diary_rows import normal_diary
from receiver.store.sql_store import SqlStore
from receiver.thinking import think
from tests.receiver.forked import ForkedReceiver
from tests.receiver.mortal_receiver import MORNING
from tests.receiver.raw_relay import Closed, items
from tests.receiver.shared_link import SharedLink
from tests.receiver.stored import rows

SEED = 20261121
SESSIONS = 50
TURNS = 20
KILLS = 8
SHARED = {f"s-{number}": f"user-{number % 5}" for number in range(40, 50)}
"""Sessions of which two belong to one user: what they say to the diary mixes."""

MEALS = ("breakfast", "lunch", "dinner")
FOODS = ("two eggs", "a slice of toast", "a banana", "a cup of rice", "an apple", "a glass of milk")
OTHER = ("how many calories so far?", "remove the toast", "undo that", "that's all", "no, three eggs")


def script(session: str) -> list[str]:
    """What is said in a session, turn by turn."""
    chance = random.Random(f"{SEED} {session}")
    said = [f"for {chance.choice(MEALS)} I had {chance.choice(FOODS)}" for _ in range(TURNS)]
    if session not in SHARED:
        said = [chance.choice(OTHER) if chance.random() < 0.3 else text for text in said]
    return said


SAID = {f"s-{number}": script(f"s-{number}") for number in range(SESSIONS)}


@dataclass(slots=True)
class Result:
    answers: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    """All that was ever answered to a turn."""
    diaries: dict[str, Any] = field(default_factory=dict)
    duplicates: int = 0
    kills: int = 0


class Receiver:
    """One that comes back when it was killed."""

    def __init__(self, database: str, stack: AsyncExitStack) -> None:
        self._database, self._stack = database, stack
        self._link: SharedLink | None = None
        self._opened: set[str] = set()
        self._starting = asyncio.Lock()
        self._process: ForkedReceiver | None = None

    async def start(self) -> None:
        self._process = await ForkedReceiver.start(self._database)
        self._stack.push_async_callback(self._end, self._process)

    async def kill(self) -> None:
        assert self._process is not None
        await self._end(self._process)
        await self.start()

    @staticmethod
    async def _end(process: ForkedReceiver) -> None:
        process.kill()
        assert await process.wait() == -signal.SIGKILL

    async def link(self) -> SharedLink:
        """Raises `Closed` while the receiver is not there."""
        async with self._starting:
            if self._link is None or self._link.closed:
                self._opened.clear()
                assert self._process is not None
                self._link = await SharedLink.connect(("127.0.0.1", self._process.port))
                self._stack.push_async_callback(self._link.close)
            return self._link

    async def open(self, session: str) -> dict[str, Any] | None:
        """Open the session where this link has not; gives the `opened`."""
        link = await self.link()
        if session in self._opened:
            return None
        opened = await link.ask(type="open", session=session, key="k" * 64, user=SHARED.get(session))
        if opened["type"] == "opened":
            self._opened.add(session)
        return opened

    def forget(self, session: str) -> None:
        self._opened.discard(session)


class Teller:
    """Tells one session's turns, as a relay does that trusts nobody."""

    def __init__(self, session: str, receivers: list[Receiver], result: Result) -> None:
        self._session, self._receivers, self._result = session, receivers, result
        self._chance = random.Random(f"{SEED} teller {session}")
        self._epoch = 0

    async def tell(self, committed: asyncio.Semaphore) -> None:
        for turn in range(1, TURNS + 1):
            if self._chance.random() < 0.3:
                self._result.duplicates += 1
                await asyncio.gather(*(self._commit(turn, receiver) for receiver in self._receivers))
            else:
                await self._commit(turn, self._chance.choice(self._receivers))
            if self._chance.random() < 0.3:
                self._result.duplicates += 1
                await self._commit(self._chance.randint(1, turn), self._chance.choice(self._receivers))
            committed.release()

    async def _commit(self, turn: int, receiver: Receiver) -> None:
        """Until it is answered."""
        said = {"session": self._session, "turn": turn, "items": items(SAID[self._session][turn - 1])}
        for _ in range(1000):
            try:
                opened = await receiver.open(self._session)
                if opened is not None:
                    self._epoch = max(self._epoch, opened.get("epoch", 0))
                link, plan = await receiver.link(), {}
                if self._chance.random() < 0.5:
                    reply = await link.ask(type="draft", attempt=1, **said)
                    if reply["type"] == "reply":
                        plan = {"attempt": 1, "plan": reply["plan"]}
                answer = await link.ask(type="commit", epoch=self._epoch, **said, **plan)
            except Closed:
                # Not there: perhaps the other one is.
                receiver = self._chance.choice(self._receivers)
                await asyncio.sleep(0.05)
                continue
            if answer["type"] == "committed":
                self._result.answers[self._session, turn].add(answer["text"])
                return
            assert answer["retryable"] or answer["code"] == "session_moved", answer
            receiver.forget(self._session)
        raise AssertionError(f"turn {turn} of {self._session} is never answered")


async def run(database: str, kills: int) -> Result:
    """All sessions at once."""
    result = Result()
    chance = random.Random(SEED)
    committed = asyncio.Semaphore(0)
    async with AsyncExitStack() as stack:
        receivers = [Receiver(database, stack) for _ in range(2)]
        await asyncio.gather(*(one.start() for one in receivers))

        async def kill() -> None:
            for _ in range(kills):
                for _ in range(SESSIONS * TURNS // (kills + 1)):
                    await committed.acquire()
                await asyncio.sleep(chance.random() * 0.05)
                await chance.choice(receivers).kill()
                result.kills += 1

        async with asyncio.TaskGroup() as group:
            group.create_task(kill())
            for session in SAID:
                group.create_task(Teller(session, receivers, result).tell(committed))
    await look(database, result)
    return result


async def run_serially() -> Result:
    """One turn after another, by the assistant alone: no receiver, no store, nothing twice."""
    result = Result()
    assistant = DietAssistant()
    diaries: dict[str, Any] = {}
    for session, texts in SAID.items():
        user = SHARED.get(session, session)
        beginning = assistant.begin(Context(MORNING))
        state = {**beginning.state, "diary": diaries.get(user, beginning.state["diary"])}
        history = [PastTurn(turn=0, text="", message=beginning.greeting or "", ids=[])]
        for turn, text in enumerate(texts, 1):
            said = [Item(**item) for item in items(text)]
            context = Context(parse_timestamp(said[-1].timestamp), history=tuple(history))
            answer, effects, _ = await think(assistant, state, context, said, lambda *_: None)
            state = assistant.apply(state, effects)
            history.append(PastTurn(turn=turn, text=text, message=answer, ids=[]))
            result.answers[session, turn].add(answer)
        diaries[user] = state["diary"]
    for session in SAID:
        result.diaries[session] = normal_diary(diaries[SHARED.get(session, session)])
    return result


async def look(database: str, result: Result) -> None:
    store = await SqlStore.open(database)
    for session in SAID:
        result.diaries[session] = (await store.read_session(session)).state["diary"]
    await store.close()


@pytest.fixture(scope="module")
def serial() -> Result:
    return asyncio.run(run_serially())


def eaten(diary: dict[str, Any]) -> Counter[tuple[str, ...]]:
    """What stands in a diary, whatever its order."""
    return Counter(
        (date, *(str(value) for key, value in sorted(item.items()) if key != "id"))
        for date, found in diary["days"].items()
        for item in found
    )


async def test_a_thousand_commits_on_two_dying_receivers_are_those_of_a_serial_run(
    either_database: str, serial: Result
) -> None:
    result = await run(either_database, KILLS)
    assert result.kills == KILLS
    assert result.duplicates > SESSIONS * TURNS / 3

    assert {turn for turn, answers in result.answers.items() if len(answers) != 1} == set()
    assert len(result.answers) == SESSIONS * TURNS
    assert sum(eaten(found).total() for found in serial.diaries.values()) > SESSIONS * TURNS / 2
    for session in SAID:
        if session in SHARED:
            assert eaten(result.diaries[session]) == eaten(serial.diaries[session])
        else:
            assert result.diaries[session] == serial.diaries[session]
            for turn in range(1, TURNS + 1):
                assert result.answers[session, turn] == serial.answers[session, turn]
    stored = await rows(either_database, "SELECT session, count(*), max(turn) FROM turns GROUP BY session")
    assert {(count, last) for _, count, last in stored} == {(TURNS + 1, TURNS)}
    assert len(stored) == SESSIONS
