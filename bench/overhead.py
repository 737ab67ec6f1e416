"""CPU, memory and delay of the relay, beside a bare server with the same traffic.

The speech engines are scripted and cost next to nothing; a final comes every 3.0 s of audio and ends the turn at
once. Overhead is the time from the sending of the last chunk that completes a final to the first byte of the answer:
it includes the hop to the receiver and back, on both sides.
"""

from __future__ import annotations

import asyncio
import gc
import json
import time
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from statistics import median

from bench.load import TURN_SECONDS, Load, RecordedTurn, record_turn, take_one_turn
from bench.processes import Child, Cores
from bench.report import Figure, percentile

COLLECT_SECONDS = 0.3
SETTLE_SECONDS = 1.0
"""After the last caller has come and before the measuring starts."""

RELAY_SETTINGS = {
    "RELAY_PORT": "0",
    "RELAY_STT": "scripted",
    "RELAY_TTS": "scripted",
    "RELAY_SCRIPTED_EVERY_SECONDS": str(TURN_SECONDS),
    "RELAY_SILENCE_SECONDS": "0",
}

CPU_RATIO, P99_RATIO = 1.8, 2.0
MAX_KB, MAX_COLLECTION_MS = 60.0, 25.0
"""What must hold with 20 ms chunks (`LIMITED_CHUNK_SECONDS`)."""

LIMITED_CHUNK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    conversations: int = 150
    chunks: tuple[tuple[float, float], ...] = ((0.02, 9.0), (0.1, 4.5))
    """Seconds of a chunk, and seconds of measuring in each run."""
    runs: int = 5
    warm_up: bool = True
    """One more run before, whose figures are thrown away."""


@dataclass(frozen=True, slots=True)
class Run:
    """One server under load, once."""

    cpu: float
    """Percent of a core, for each conversation."""
    kilobytes: float
    """Growth of resident memory, for each conversation."""
    p50: float
    p99: float
    """Milliseconds of overhead."""
    turns: int
    lateness_p99: float
    """Milliseconds by which the load generator was late: a large one spoils the run."""
    collection: float
    """Milliseconds of the longest garbage collection, one of all generations included (control: not looked at)."""


async def measure(plan: Plan, cores: Cores, progress: Callable[[str], None]) -> list[Figure]:
    """All figures of the plan; control and relay take turns. Raises `BenchError`."""
    async with Child("bench.echo_receiver", core=cores.load) as receiver:
        address = f"tcp://127.0.0.1:{await receiver.port()}"
        progress("recording what a relay sends in a turn")
        async with _relay(address, cores) as relay:
            recorded = await record_turn(relay[1], LIMITED_CHUNK_SECONDS)
        progress(
            f"both sides send {recorded.count} messages a turn of {TURN_SECONDS:g} s, "
            f"{recorded.characters} characters in all"
        )
        figures: list[Figure] = []
        for chunk_seconds, seconds in plan.chunks:
            relays: list[Run] = []
            controls: list[Run] = []
            for number in range(1 - plan.warm_up, plan.runs + 1):
                control = await _run(_control(address, recorded, cores), plan, chunk_seconds, seconds)
                measured = await _run(_relay(address, cores), plan, chunk_seconds, seconds, collects=True)
                if number:
                    controls.append(control)
                    relays.append(measured)
                name = f"run {number} of {plan.runs}" if number else "warm-up"
                progress(f"{chunk_seconds * 1000:g} ms chunks, {name}: {_in_short(measured, control)}")
            figures += _figures(chunk_seconds, relays, controls)
        return figures


@asynccontextmanager
async def _relay(receiver: str, cores: Cores) -> AsyncIterator[tuple[Child, str]]:
    settings = {**RELAY_SETTINGS, "RELAY_RECEIVER": receiver}
    async with Child("bench.relay_process", core=cores.server, environment=settings) as child:
        yield child, f"ws://127.0.0.1:{await child.port()}/"


@asynccontextmanager
async def _control(receiver: str, recorded: RecordedTurn, cores: Cores) -> AsyncIterator[tuple[Child, str]]:
    async with Child("bench.control_server", receiver, recorded.to_json(), core=cores.server) as child:
        yield child, f"ws://127.0.0.1:{await child.port()}/"


async def _run(
    server: AbstractAsyncContextManager[tuple[Child, str]],
    plan: Plan,
    chunk_seconds: float,
    seconds: float,
    *,
    collects: bool = False,
) -> Run:
    async with server as (child, url):
        await take_one_turn(url, chunk_seconds)
        resident = child.resident_bytes()
        load = Load(url, plan.conversations, chunk_seconds)
        gc.collect()
        gc.disable()  # the load generator's own pauses would count as the server's
        try:
            await load.start()
            await asyncio.sleep(SETTLE_SECONDS)
            begin, cpu = time.monotonic(), child.cpu_seconds()
            load.lateness = array("d")
            await asyncio.sleep(seconds)
            end, cpu = time.monotonic(), child.cpu_seconds() - cpu
            lateness = load.lateness
            kilobytes = (child.resident_bytes() - resident) / 1024 / plan.conversations
            if collects:
                child.collect_garbage()  # with everybody there, and after what it would disturb
                await asyncio.sleep(COLLECT_SECONDS)
            await load.stop()
        finally:
            gc.enable()
        collections = _collections(await child.stop())
    delays = load.delays(begin, end)
    return Run(
        cpu=100 * cpu / (end - begin) / plan.conversations,
        kilobytes=kilobytes,
        p50=1000 * percentile(delays, 50),
        p99=1000 * percentile(delays, 99),
        turns=len(delays),
        lateness_p99=1000 * percentile(lateness, 99),
        collection=1000 * max((length for start, length in collections if begin <= start), default=0.0),
    )


def _collections(output: str) -> list[tuple[float, float]]:
    """The list that `bench.relay_process` prints last; the control prints none."""
    last = output.strip().rsplit("\n", 1)[-1]
    return json.loads(last) if last.startswith("[") else []


def _in_short(relay: Run, control: Run) -> str:
    return (
        f"CPU {relay.cpu:.3f} / {control.cpu:.3f} %, {relay.kilobytes:.0f} / {control.kilobytes:.0f} KB, "
        f"p50 {relay.p50:.1f} / {control.p50:.1f} ms, p99 {relay.p99:.1f} / {control.p99:.1f} ms "
        f"({relay.turns} / {control.turns} turns), longest collection {relay.collection:.1f} ms, "
        f"callers late by {relay.lateness_p99:.1f} / {control.lateness_p99:.1f} ms (p99)"
    )


def _figures(chunk_seconds: float, relays: list[Run], controls: list[Run]) -> list[Figure]:
    limited = chunk_seconds == LIMITED_CHUNK_SECONDS

    def figure(
        what: str,
        unit: str,
        of: Callable[[Run], float],
        *,
        ratio: float | None = None,
        most: float | None = None,
    ) -> Figure:
        return Figure(
            f"{what}, {chunk_seconds * 1000:g} ms chunks",
            unit,
            median(map(of, relays)),
            median(map(of, controls)),
            max_ratio=ratio if limited else None,
            max_value=most if limited else None,
        )

    return [
        figure("CPU a conversation", "% of a core", lambda run: run.cpu, ratio=CPU_RATIO),
        figure("memory a conversation", "KB", lambda run: run.kilobytes, most=MAX_KB),
        figure("overhead p50", "ms", lambda run: run.p50),
        figure("overhead p99", "ms", lambda run: run.p99, ratio=P99_RATIO),
        Figure(
            f"longest garbage collection, {chunk_seconds * 1000:g} ms chunks",
            "ms",
            max(run.collection for run in relays),
            max_value=MAX_COLLECTION_MS,
        ),
    ]
