"""What a stream to Amazon Transcribe costs the relay, for each transport: `python -m bench.transcribe_cost`.

The streams run in a process of their own (this file, started anew for each run), the emulator in another, over TLS on
loopback. Each stream sends 100 ms of audio ten times a second and hears partials and finals. Reported is the CPU time
of the sending process in % of one core for each stream, start-up not counted; `untamed` is the amazon-transcribe
package as it comes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHUNK = bytes(3200)
CHUNK_SECONDS = 0.1
SETTLE_SECONDS = 1.0
"""After the last start, before the clock runs."""
TRANSPORTS = ("websocket", "http2", "untamed")
STREAMS = (1, 25)
BOUNDS = {"websocket": 1.0, "http2": 10.0}
"""% of a core for each stream, at any number."""

Send = Callable[[bytes], Awaitable[None]]
Close = Callable[[], Awaitable[None]]


class Count:
    results = 0
    failures = 0


async def _open_with_engine(transport: str, streams: int, count: Count) -> list[tuple[Send, Close]]:
    from relay.stt.transcribe import TranscribeEngine

    def result(_: object) -> None:
        count.results += 1

    def failure(_: object) -> None:
        count.failures += 1

    engine = TranscribeEngine("en-US", "eu-west-1", "http2" if transport == "http2" else "websocket")
    await engine.start()
    opened = await asyncio.gather(*(engine.open_stream(result, failure) for _ in range(streams)))
    return [(stream.process_audio_data, stream.close) for stream in opened]


async def _open_with_package(streams: int, count: Count) -> list[tuple[Send, Close]]:
    from amazon_transcribe.auth import StaticCredentialResolver
    from amazon_transcribe.client import TranscribeStreamingClient
    from amazon_transcribe.endpoints import StaticEndpointResolver

    credentials = StaticCredentialResolver(
        os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    )
    client = TranscribeStreamingClient(
        region="eu-west-1",
        endpoint_resolver=StaticEndpointResolver(os.environ["AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING"]),
        credential_resolver=credentials,
    )

    async def one() -> tuple[Send, Close]:
        stream = await client.start_stream_transcription(
            language_code="en-US", media_sample_rate_hz=16_000, media_encoding="pcm"
        )

        async def read() -> None:
            async for _ in stream.output_stream:
                count.results += 1

        reader = asyncio.create_task(read())

        async def close() -> None:
            await stream.input_stream.end_stream()
            await asyncio.wait_for(reader, 10)

        return stream.input_stream.send_audio_event, close

    return [await one() for _ in range(streams)]


async def _measure(transport: str, streams: int, seconds: float) -> dict[str, float]:
    count = Count()
    if transport == "untamed":
        opened = await _open_with_package(streams, count)
    else:
        opened = await _open_with_engine(transport, streams, count)
    stop = False

    async def talk(index: int, send: Send) -> None:
        # Callers do not speak in step.
        due = time.monotonic() + index * CHUNK_SECONDS / streams
        while not stop:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await send(CHUNK)
            due += CHUNK_SECONDS

    talking = [asyncio.create_task(talk(index, send)) for index, (send, _) in enumerate(opened)]
    await asyncio.sleep(SETTLE_SECONDS)
    count.results = 0
    cpu, clock = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    used, took = time.process_time() - cpu, time.monotonic() - clock
    results = count.results
    stop = True
    await asyncio.gather(*talking)
    await asyncio.gather(*(close() for _, close in opened))
    return {"percent": 100 * used / took / streams, "results": results, "failures": count.failures}


def _run(transport: str, streams: int, seconds: float, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.transcribe_cost", "--one", transport, str(streams)]
    output = subprocess.run(
        [*command, "--seconds", str(seconds)],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        timeout=seconds + 60,
    ).stdout
    measured: dict[str, float] = json.loads(output)
    if measured["failures"] or not measured["results"]:
        raise SystemExit(f"{transport}, {streams} streams: {measured}: not a run to count")
    return measured


def _all(seconds: float, repeats: int) -> bool:
    """Print the table. Returns whether every bound holds."""
    emulator = subprocess.Popen(
        [sys.executable, "-m", "tests.emulators.transcribe", "--every", "3"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert emulator.stdout is not None
        lines = [json.loads(emulator.stdout.readline()) for _ in range(3)]
        environments = {line["interface"]: line["environment"] for line in lines}
        print("CPU, % of a core a stream: median (lowest to highest)")
        print(
            f"{'transport':<12}"
            + "".join(f"{f'{streams} stream(s)':>26}" for streams in STREAMS)
            + f"{'bound':>9}"
        )
        good = True
        for transport in TRANSPORTS:
            environment = environments["websocket" if transport == "websocket" else "http2"]
            row = f"{transport:<12}"
            bound = BOUNDS.get(transport)
            for streams in STREAMS:
                shares = sorted(
                    _run(transport, streams, seconds, environment)["percent"] for _ in range(repeats)
                )
                median = statistics.median(shares)
                row += f"{f'{median:.2f} ({shares[0]:.2f} to {shares[-1]:.2f})':>26}"
                good = good and (bound is None or median <= bound)
            print(row + f"{'' if bound is None else f'<= {bound:g}':>9}", flush=True)
        print("every bound holds" if good else "A BOUND DOES NOT HOLD")
        return good
    finally:
        emulator.terminate()
        emulator.wait(10)
        if emulator.stdout is not None:
            emulator.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.transcribe_cost", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of one run")
    parser.add_argument("--repeats", type=int, default=3, help="runs for each cell")
    parser.add_argument("--one", nargs=2, metavar=("TRANSPORT", "STREAMS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        transport, streams = arguments.one
        print(json.dumps(asyncio.run(_measure(transport, int(streams), arguments.seconds))))
    else:
        sys.exit(0 if _all(arguments.seconds, arguments.repeats) else 1)


if __name__ == "__main__":
    main()
