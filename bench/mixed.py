"""A hundred clients of all kinds on one relay in real time: what the relay adds to their answers, and what each costs.

Overhead is the time from the sending of the last piece that a turn needs, plus the silence that ends it (none for what
is typed, captioned, recorded or echoed), to the first byte of the answer as its client gets it: the text of the diet
page, Socket.IO and streamed answers, the sound of a telephone, the whole answer of a native client and of a posted
question, a caption, a line on the call screen. The engines are scripted and take no time; the receiver's hop, there and
back, is in it, as it is in the control's (`bench.mixed_control`).
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.mixed_load import (
    TURN_SECONDS,
    ControlClient,
    CountingRecorder,
    CountingWebmRecorder,
    Speaker,
    script_of,
    talk,
)
from bench.processes import BenchError, Child, Cores
from bench.report import Figure, percentile
from tests.client_answers import Answers
from tests.kinds_of_clients import (
    BankPage,
    BankWebmPage,
    CallScreen,
    CaptionsPage,
    CaptionsWebmPage,
    DietPage,
    Echo,
    NativePage,
    NativeTypingPage,
    NativeWebmPage,
    PostingPage,
    QuestionPage,
    Telephone,
)

MIX: Mapping[type[Answers], int] = {
    NativePage: 12,
    NativeWebmPage: 12,
    NativeTypingPage: 5,
    DietPage: 8,
    BankPage: 4,
    BankWebmPage: 8,
    Telephone: 15,
    CallScreen: 5,
    CaptionsPage: 4,
    CaptionsWebmPage: 4,
    QuestionPage: 7,
    PostingPage: 5,
    CountingRecorder: 3,
    CountingWebmRecorder: 3,
    Echo: 5,
}

COSTED: tuple[type[Answers], ...] = (
    NativePage, NativeWebmPage, DietPage, BankPage, BankWebmPage, Telephone, CaptionsPage, CountingRecorder,
)  # fmt: skip

SILENCE_SECONDS = 0.5
"""Ends a turn. The next partial of the scripted recognition comes 1.5 s after a final, so it ends every turn."""

ANSWER_BYTES = 1_500
"""Length of the control's answers: the relay's with their sound."""

WAIT_SECONDS = 10.0
"""For the last answers."""

MAX_P99_MS = 50.0


@dataclass(frozen=True, slots=True)
class Plan:
    mix: Mapping[type[Answers], int] = field(default_factory=lambda: MIX)
    seconds: float = 12.0
    """Of measuring, in each run."""
    runs: int = 3
    costed: tuple[type[Answers], ...] = COSTED
    costed_clients: int = 20
    costed_seconds: float = 4.0


@dataclass(frozen=True, slots=True)
class Run:
    """ms of overhead by kind, and ms by which the load was late."""

    overheads: Mapping[str, list[float]]
    late: list[float]

    @property
    def answers(self) -> list[float]:
        """Of all that come from recognition or from the receiver."""
        left_out = {Echo.kind, CountingRecorder.kind, CountingWebmRecorder.kind}
        return [ms for kind, found in self.overheads.items() if kind not in left_out for ms in found]


async def measure(plan: Plan, cores: Cores, progress: Callable[[str], None]) -> list[Figure]:
    """Raises `BenchError`."""
    async with Child("bench.echo_receiver", core=cores.load) as receiver:
        address = f"tcp://127.0.0.1:{await receiver.port()}"
        relays, controls = [], []
        for number in range(1, plan.runs + 1):
            controls.append(await _control_run(plan, address, cores))
            relays.append(await _relay_run(plan, address, cores))
            progress(f"run {number} of {plan.runs}: {_in_short(relays[-1])}")
            progress(f"    control: {_in_short(controls[-1])}")
        for line in _by_kind(relays):
            progress(line)
        figures = _figures(plan, relays, controls)
        for kind in plan.costed:
            figures.append(await _cost(kind, plan, address, cores))
            progress(f"{figures[-1].name}: {figures[-1].value:.2f} ms")
    return figures


@asynccontextmanager
async def _relay(receiver: str, cores: Cores) -> AsyncIterator[tuple[Child, int]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = {
            "RELAY_PORT": "0",
            "RELAY_STT": "scripted",
            "RELAY_TTS": "scripted",
            "RELAY_SCRIPTED_EVERY_SECONDS": str(TURN_SECONDS),
            "RELAY_SILENCE_SECONDS": str(SILENCE_SECONDS),
            "RELAY_DRAFT_AFTER_SECONDS": "0.2",
            "RELAY_RECORDINGS": folder,
            "RELAY_RECEIVER": receiver,
        }
        async with Child("bench.relay_process", core=cores.server, environment=settings) as child:
            yield child, await child.port()


async def _relay_run(plan: Plan, receiver: str, cores: Cores) -> Run:
    async with _relay(receiver, cores) as (_, port), AsyncExitStack() as stack:
        return await _run(await _connect(plan.mix, port, stack), plan.seconds)


async def _control_run(plan: Plan, receiver: str, cores: Cores) -> Run:
    async with (
        Child("bench.mixed_control", receiver, core=cores.server) as child,
        AsyncExitStack() as stack,
    ):
        port = await child.port()
        speakers = []
        for client in _clients(plan.mix, 0):
            if isinstance(client, CallScreen):
                continue  # it says nothing
            script = script_of(type(client), SILENCE_SECONDS)
            control = ControlClient(port, client, script, ANSWER_BYTES)
            speakers.append(Speaker(await stack.enter_async_context(control), script))
        return await _run(speakers, plan.seconds)


async def _connect(mix: Mapping[type[Answers], int], port: int, stack: AsyncExitStack) -> list[Speaker]:
    """A call screen comes after the telephone that it watches, and has its turns."""
    speakers: list[Speaker] = []
    phones: dict[str, Speaker] = {}
    for client in _clients(mix, port):
        await stack.enter_async_context(client)
        if isinstance(client, CallScreen):
            phone = phones[client.user]
            speakers.append(Speaker(client, phone.script, phone.ended, watches=True))
            continue
        speakers.append(Speaker(client, script_of(type(client), SILENCE_SECONDS)))
        if isinstance(client, Telephone):
            phones[client.user] = speakers[-1]
    return speakers


def _clients(mix: Mapping[type[Answers], int], port: int) -> list[Any]:
    clients: list[Any] = []
    for kind, count in mix.items():
        for number in range(count):
            if issubclass(kind, Telephone | CallScreen):
                clients.append(kind(port, len(clients), user=f"user-{number}"))
            else:
                clients.append(kind(port, len(clients)))  # type: ignore[call-arg]
    return clients


async def _run(speakers: Sequence[Speaker], seconds: float) -> Run:
    gc.collect()
    gc.disable()  # the load's own pauses would count as the server's
    try:
        begin = time.monotonic() + TURN_SECONDS  # by then all of them talk
        await talk(speakers, TURN_SECONDS + seconds)
        until = time.monotonic() + WAIT_SECONDS
        while any(speaker.unanswered > 0 for speaker in speakers) and time.monotonic() < until:
            await asyncio.sleep(0.02)
    finally:
        gc.enable()
    for speaker in speakers:
        if speaker.client.errors or speaker.unanswered:
            what = f"{speaker.unanswered} turns without an answer, errors: {speaker.client.errors[:1]}"
            raise BenchError(f"{speaker.client.kind}: {what}")
    found: dict[str, list[float]] = {}
    for speaker in speakers:
        overheads = speaker.overheads(begin, begin + seconds)
        found.setdefault(speaker.client.kind, []).extend(1000 * overhead for overhead in overheads)
    return Run(found, [1000 * late for speaker in speakers for late in speaker.late])


async def _cost(kind: type[Answers], plan: Plan, receiver: str, cores: Cores) -> Figure:
    """Of clients of one kind alone, their answers included."""
    async with _relay(receiver, cores) as (child, port), AsyncExitStack() as stack:
        speakers = await _connect({kind: plan.costed_clients}, port, stack)
        talking = asyncio.create_task(_run(speakers, plan.costed_seconds))
        await asyncio.sleep(TURN_SECONDS)
        begin, cpu = time.monotonic(), child.cpu_seconds()
        await asyncio.sleep(plan.costed_seconds)
        cpu, took = child.cpu_seconds() - cpu, time.monotonic() - begin
        await talking
    name = f"CPU a second of audio and client, {kind.kind}"
    return Figure(name, "ms", 1000 * cpu / took / plan.costed_clients)


def _figures(plan: Plan, relays: list[Run], controls: list[Run]) -> list[Figure]:
    def both(percent: float, of: Callable[[Run], list[float]]) -> tuple[float, float]:
        relay, control = (median(percentile(of(run), percent) for run in runs) for runs in (relays, controls))
        return relay, control

    mixed = f"overhead, {sum(plan.mix.values())} mixed clients"
    echoes = "echo beside them"
    return [
        Figure(f"{mixed}, p50", "ms", *both(50, lambda run: run.answers)),
        Figure(f"{mixed}, p99", "ms", *both(99, lambda run: run.answers), max_value=MAX_P99_MS),
        Figure(f"{echoes}, p50", "ms", *both(50, lambda run: run.overheads[Echo.kind])),
        Figure(f"{echoes}, p99", "ms", *both(99, lambda run: run.overheads[Echo.kind])),
    ]


def _in_short(run: Run) -> str:
    return (
        f"{len(run.answers)} answers, p50 {percentile(run.answers, 50):.1f} ms, "
        f"p99 {percentile(run.answers, 99):.1f} ms; clients late by {percentile(run.late, 99):.1f} ms (p99)"
    )


def _by_kind(runs: Sequence[Run]) -> list[str]:
    lines = []
    for kind in runs[0].overheads:
        found = [ms for run in runs for ms in run.overheads[kind]]
        figures = ", ".join(f"p{percent} {percentile(found, percent):.1f} ms" for percent in (50, 99))
        lines.append(f"{kind}: {figures}, most {max(found):.1f} ms ({len(found)})")
    return lines
