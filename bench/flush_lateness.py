"""How late a turn ends: from the speech engine's final to the commit at the receiver, less the 3 s of silence.

Both ends look at the same clock (`time.monotonic()`, one for all processes of a machine): the emulated Transcribe just
before it writes a final to its socket, the receiver when it has read the `commit` from its own. What lies between is
the relay: the final's way in, the timer, the commit's way out. A negative figure would be a turn ended too early.
"""

from __future__ import annotations

import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import Load
from bench.processes import BenchError, Child, Cores
from bench.report import Figure, percentile

SILENCE_SECONDS = 3.0

FINAL_EVERY_SECONDS = 8.0
"""Audio between two finals of a stream. The emulator's next partial comes half-way, after the turn has ended."""

CHUNK_SECONDS = 0.1
P99_MS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    conversations: int = 100
    turns: int = 3
    """Of each conversation."""


async def measure(plan: Plan, cores: Cores, progress: Callable[[str], None]) -> list[Figure]:
    """Raises `BenchError`."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        finals, commits = Path(folder, "finals"), Path(folder, "commits")
        until = await _run(plan, cores, progress, finals, commits)
        late = _lateness(_read(finals), _read(commits), until)
    if len(late) < plan.conversations * plan.turns:
        raise BenchError(f"only {len(late)} of {plan.conversations * plan.turns} turns were committed")
    progress(f"{len(late)} turns of {plan.conversations} conversations")
    milliseconds = [1000 * seconds for seconds in late]
    return [
        Figure("flush lateness p50", "ms", percentile(milliseconds, 50)),
        Figure("flush lateness p99", "ms", percentile(milliseconds, 99), max_value=P99_MS),
        Figure("flush lateness, most", "ms", max(milliseconds)),
        Figure("flush lateness, least", "ms", min(milliseconds), min_value=0.0),
    ]


async def _run(
    plan: Plan, cores: Cores, progress: Callable[[str], None], finals: Path, commits: Path
) -> float:
    """Returns when the callers stopped talking (`time.monotonic()`)."""
    every = str(FINAL_EVERY_SECONDS)
    async with (
        Child("bench.echo_receiver", "--commits", str(commits), core=cores.load) as receiver,
        # One word, so that it names the turn and has a single partial.
        Child(
            "tests.emulators.transcribe", "--every", every, "--text", "{stream}-{n}", "--sent-log", str(finals),
            core=cores.load,
        ) as transcribe,
    ):  # fmt: skip
        settings = {
            "RELAY_PORT": "0",
            "RELAY_STT": "transcribe",
            "RELAY_TTS": "scripted",
            "RELAY_SILENCE_SECONDS": str(SILENCE_SECONDS),
            "RELAY_RECEIVER": f"tcp://127.0.0.1:{await receiver.port()}",
            **await _environment(transcribe),
        }
        async with Child("bench.relay_process", core=cores.server, environment=settings) as relay:
            url = f"ws://127.0.0.1:{await relay.port()}/"
            seconds = plan.turns * FINAL_EVERY_SECONDS + SILENCE_SECONDS + 1.0
            progress(f"{plan.conversations} conversations for {FINAL_EVERY_SECONDS + seconds:.0f} s")
            load = Load(url, plan.conversations, CHUNK_SECONDS, FINAL_EVERY_SECONDS)
            gc.collect()
            gc.disable()
            try:
                await load.start()
                await asyncio.sleep(seconds)
                until = time.monotonic()
                await load.stop()
            finally:
                gc.enable()
    return until


async def _environment(transcribe: Child) -> dict[str, str]:
    """What leads the relay to the emulator's WebSocket interface, TLS included."""
    while True:
        line: dict[str, Any] = json.loads(await transcribe.line())
        if line["interface"] == "websocket":
            environment: dict[str, str] = line["environment"]
            return environment


def _read(path: Path) -> dict[str, float]:
    """Moments by text; each text is said once."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {line["text"]: line["at"] for line in lines}


def _lateness(finals: dict[str, float], commits: dict[str, float], until: float) -> list[float]:
    """Seconds after the end of the silence, of each turn that was said before `until`.

    Whoever hangs up after that ends what it said since then, however short the silence was.
    """
    return [
        commits[text] - at - SILENCE_SECONDS for text, at in finals.items() if at < until and text in commits
    ]
