"""`python -m bench`: all figures, and one table of them. Exits with 1 when a limit is missed."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace

from bench import answers, codecs, flush_lateness, mixed, overhead
from bench.processes import ROOT, BenchError, Cores
from bench.report import Figure, machine, table

PARTS = ("overhead", "flush", "answers", "codecs", "mixed", "transcribe")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure the relay on this machine, beside a bare server with the same traffic. Loopback only.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer and shorter runs: a look, not a measurement"
    )
    parser.add_argument("--only", choices=PARTS, help="one part (default: all)")
    parser.add_argument(
        "--conversations", type=int, default=150, metavar="N", help="at once, for the overhead (default: 150)"
    )
    return parser.parse_args()


def _progress(line: str) -> None:
    print(f"  {line}", flush=True)


async def _measure(arguments: argparse.Namespace, cores: Cores) -> list[Figure]:
    quick: bool = arguments.quick
    figures: list[Figure] = []
    if arguments.only in (None, "overhead"):
        print("overhead of the relay / of the control:", flush=True)
        plan = overhead.Plan(arguments.conversations)
        if quick:
            plan = replace(plan, chunks=((0.02, 4.0), (0.1, 4.0)), runs=1, warm_up=False)
        figures += await overhead.measure(plan, cores, _progress)
    if arguments.only in (None, "flush"):
        print("lateness of the flush:", flush=True)
        figures += await flush_lateness.measure(
            flush_lateness.Plan(turns=1 if quick else 2), cores, _progress
        )
    if arguments.only in (None, "answers"):
        print("answers and commits of the receiver:", flush=True)
        figures += await answers.measure(answers.Plan(sessions=5 if quick else 30), cores, _progress)
    if arguments.only in (None, "codecs"):
        print("WebM and mu-law:", flush=True)
        plan_codecs = codecs.Plan(decoders=3, mulaw_seconds=5, runs=1) if quick else codecs.Plan()
        figures += await codecs.measure(plan_codecs, _progress)
    if arguments.only in (None, "mixed"):
        print("clients of all kinds at once:", flush=True)
        plan_mixed = mixed.Plan(seconds=6.0, runs=1, costed_seconds=2.0) if quick else mixed.Plan()
        figures += await mixed.measure(plan_mixed, cores, _progress)
    return figures


def _measure_transcribe(quick: bool, cores: frozenset[int]) -> bool:
    """A table of its own, from a process that may use all cores. Returns whether its bounds hold."""
    print("cost of a stream to Transcribe:", flush=True)
    seconds, repeats = ("2", "1") if quick else ("4", "3")
    os.sched_setaffinity(0, cores)
    command = [sys.executable, "-m", "bench.transcribe_cost", "--seconds", seconds, "--repeats", repeats]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    arguments = _arguments()
    allowed = frozenset(os.sched_getaffinity(0))
    cores = Cores.choose()
    begin = time.monotonic()
    good = True
    try:
        if arguments.only in (None, "transcribe"):
            good = _measure_transcribe(arguments.quick, allowed)
        os.sched_setaffinity(0, {cores.load})
        figures = asyncio.run(_measure(arguments, cores))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"\n{machine(cores)}")
    if figures:
        print(f"\n{table(figures)}")
    print(f"\n{time.monotonic() - begin:.0f} s")
    return 0 if good and all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
