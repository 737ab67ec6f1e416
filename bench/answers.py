"""How quick the receiver is with the diet assistant: an answer by its rules, and a turn on the disk.

A relay's side of the link is played here, over TCP on loopback, to a receiver with a new SQLite file. Each turn
is drafted and then committed with the plan that came back, as in a conversation. The control of a commit is what
the machine's own disk takes: 4 KiB appended to a file in the same folder and synced, between the turns.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import BenchError, Child, Cores
from bench.report import Figure, percentile
from protocol.framing import Decoder, encode
from receiver.nutrition.foods import by_name, find

COMMIT_P50_MS = 5.0
ANSWER_P50_MS = 15.0
LOOKUP_MS = 5.0
TIMEOUT_SECONDS = 30.0

SAID = (
    "For breakfast I had two scrambled eggs and a slice of whole wheat toast with butter",
    "um I also had like half a cup of orange juice and a medium banana",
    "lunch was a turkey sandwich with no mayo, a bag of chips and a diet coke",
    "no, it was two bags of chips",
    "how many calories so far",
    "I had a handful of almonds and a Greek yogurt as a snack",
    "for dinner I had eight ounces of grilled salmon, a cup and a half of brown rice and steamed broccoli",
    "and a glass of red wine and a couple of oreos for dessert",
    "remove the wine",
    "that's all for today",
)
"""A day. It is told again for each session."""


@dataclass(frozen=True, slots=True)
class Plan:
    sessions: int = 30
    warm_up: int = 3
    """Sessions that are not counted."""


class _Relay:
    """One end of the link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._decoder = reader, writer, Decoder()
        self._waiting: list[dict[str, Any]] = []

    async def ask(self, wanted: str, **message: Any) -> dict[str, Any]:
        """Raises `BenchError` when something else answers."""
        self._writer.write(encode(message))
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while True:
                while self._waiting:
                    answer = self._waiting.pop(0)
                    if answer["type"] == wanted:
                        return answer
                    if answer["type"] not in ("delta", "ping"):
                        raise BenchError(f"the receiver says {answer['type']} instead of {wanted}")
                data = await self._reader.read(65536)
                if not data:
                    raise BenchError("the receiver has closed the link")
                self._waiting += [frame for frame in self._decoder.feed(data) if isinstance(frame, dict)]

    def close(self) -> None:
        self._writer.close()


async def measure(plan: Plan, cores: Cores, progress: Callable[[str], None]) -> list[Figure]:
    """Raises `BenchError`."""
    answers: list[float] = []
    commits: list[float] = []
    syncs: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environment = {
            "RECEIVER_PORT": "0",
            "RECEIVER_DATABASE_URL": f"sqlite:///{folder}/receiver.db",
            "RECEIVER_LOG_LEVEL": "error",
        }
        async with Child("receiver", core=cores.server, environment=environment) as receiver:
            relay = _Relay(*await asyncio.open_connection("127.0.0.1", await receiver.port()))
            await relay.ask("welcome", type="hello", protocol="1.0")
            for number in range(plan.warm_up + plan.sessions):
                if number == plan.warm_up:
                    answers.clear()
                    commits.clear()
                await _tell_a_day(relay, f"bench-{number}", answers, commits)
                syncs.append(_sync_seconds(Path(folder, "control")))
            relay.close()
    progress(f"{len(commits)} turns of {plan.sessions} sessions")
    ms = [[1000 * seconds for seconds in measured] for measured in (answers, commits, syncs)]
    return [
        Figure("parse and answer p50", "ms", percentile(ms[0], 50), max_value=ANSWER_P50_MS),
        Figure("parse and answer p99", "ms", percentile(ms[0], 99)),
        Figure(
            "commit p50, beside one fsync", "ms", percentile(ms[1], 50), percentile(ms[2], 50),
            max_value=COMMIT_P50_MS,
        ),
        Figure("commit p99, beside one fsync", "ms", percentile(ms[1], 99), percentile(ms[2], 99)),
        Figure("food lookup, slowest", "ms", 1000 * _slowest_lookup(), max_value=LOOKUP_MS),
    ]  # fmt: skip


async def _tell_a_day(relay: _Relay, session: str, answers: list[float], commits: list[float]) -> None:
    opened = await relay.ask("opened", type="open", session=session, assistant="diet", timezone="UTC")
    for turn, said in enumerate(SAID, start=1):
        about = {"session": session, "turn": turn, "attempt": 1}
        items = [{"text": said, "timestamp": f"2026-11-21T{8 + turn:02}:30:00.000Z"}]
        begin = time.perf_counter()
        reply = await relay.ask("reply", type="draft", items=items, **about)
        answers.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        await relay.ask(
            "committed", type="commit", epoch=opened["epoch"], items=items, plan=reply["plan"], **about
        )
        commits.append(time.perf_counter() - begin)


def _sync_seconds(path: Path) -> float:
    with path.open("ab") as file:
        file.write(bytes(4096))
        file.flush()
        begin = time.perf_counter()
        os.fsync(file.fileno())
        return time.perf_counter() - begin


def _slowest_lookup() -> float:
    """Of all names of all foods, each looked up three times, its quickest time counting."""
    names = [" ".join(words) for words in by_name()]
    slowest = 0.0
    for name in names:
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            find(name)
            times.append(time.perf_counter() - begin)
        slowest = max(slowest, min(times))
    return slowest
