"""What the codecs cost, with a real recording: WebM/Opus of Chromium decoded live, and mu-law both ways.

WebM comes at the pace of its recorder, 100 ms a piece, to several decoders at once; the control decodes the same bytes
as a file, without threads or waiting. Lateness is the time from a piece to the last sound that it holds, so it counts
what the resampler holds back. Mu-law comes in Twilio's pieces of 20 ms; the control resamples without the tables.
"""

from __future__ import annotations

import asyncio
import io
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import av
from av.audio.resampler import AudioResampler

from bench.report import Figure, percentile
from protocol.audio import BYTES_PER_SECOND, SAMPLE_RATE
from protocol.errors import InputError
from relay.codecs import mulaw
from relay.codecs.resample import StreamResampler
from relay.codecs.webm import WebmDecoder
from tests.relay.recordings import pcm
from tests.relay.webm_recording import SECONDS, pieces

MAX_WEBM_CPU, MAX_WEBM_LATENESS, MAX_MULAW_CPU = 15.0, 150.0, 0.5
"""ms a second of audio, ms, ms a second of audio in each direction."""

PHONE_RATE = 8000
PHONE_PIECE = PHONE_RATE // 50
PIECE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    decoders: int = 10
    """WebM decoders at once."""
    mulaw_seconds: float = 30.0
    runs: int = 5


@dataclass(frozen=True, slots=True)
class Live:
    """One run of all decoders."""

    cpu: float
    """ms a second of audio."""
    lateness: array[float]
    """ms, of each piece that completes some sound."""


async def measure(plan: Plan, progress: Callable[[str], None]) -> list[Figure]:
    live: list[Live] = []
    file_cpu: list[float] = []
    phone: list[tuple[float, float, float, float]] = []
    for number in range(plan.runs + 1):
        file = _decode_file()
        found = await _decode_live(plan.decoders)
        mu = _phone(plan.mulaw_seconds)
        if number:  # the first warms up
            file_cpu.append(file)
            live.append(found)
            phone.append(mu)
        name = f"run {number} of {plan.runs}" if number else "warm-up"
        progress(
            f"{name}: WebM {found.cpu:.2f} / {file:.2f} ms/s, late "
            f"{max(found.lateness):.1f} ms at most; "
            f"mu-law in {mu[0]:.2f} / {mu[1]:.2f}, out {mu[2]:.2f} / {mu[3]:.2f} ms/s"
        )
    inward, inward_control, outward, outward_control = (median(column) for column in zip(*phone, strict=True))
    late = [percentile(run.lateness, 99) for run in live]
    return [
        Figure(
            f"WebM decoding, CPU a second of audio, {plan.decoders} at once",
            "ms",
            median(run.cpu for run in live),
            median(file_cpu),
            max_value=MAX_WEBM_CPU,
        ),
        Figure("WebM decoding, lateness p99", "ms", median(late), max_value=MAX_WEBM_LATENESS),
        Figure(
            "mu-law to 16 kHz, CPU a second of audio", "ms", inward, inward_control, max_value=MAX_MULAW_CPU
        ),
        Figure(
            "16 kHz to mu-law, CPU a second of audio", "ms", outward, outward_control, max_value=MAX_MULAW_CPU
        ),
    ]


def _decode_file() -> float:
    recording = io.BytesIO(b"".join(pieces()))
    begin = time.process_time()
    resampler = AudioResampler("s16", "mono", SAMPLE_RATE)
    with av.open(recording) as opened:
        for frame in opened.decode(audio=0):
            resampler.resample(frame)
    return 1000 * (time.process_time() - begin) / SECONDS


async def _decode_live(decoders: int) -> Live:
    cut = pieces()
    completed, held_back = await _completed(cut)
    lateness = array("d")
    begin = time.process_time()
    await asyncio.gather(*(_follow(cut, completed, lateness, n / decoders) for n in range(decoders)))
    cpu = 1000 * (time.process_time() - begin) / SECONDS / decoders
    return Live(cpu, array("d", (late + held_back for late in lateness)))


async def _completed(cut: list[bytes]) -> tuple[list[int], float]:
    """Bytes of PCM that come when all pieces up to each have, and the ms of sound that come only at the end."""
    totals, sound = [], bytearray()
    decoder = WebmDecoder(sound.extend, _fail)
    for piece in cut:
        decoder.feed(piece)
        await asyncio.sleep(0.02)
        totals.append(len(sound))
    decoder.finish()
    await decoder.finished()
    await decoder.close()
    return totals, 1000 * (len(sound) - totals[-1]) / BYTES_PER_SECOND


async def _follow(cut: list[bytes], completed: list[int], lateness: array[float], offset: float) -> None:
    """One client at its recorder's pace. Callers do not speak in step: `offset` is in pieces."""
    fed: list[float] = []
    sound = 0

    def on_pcm(some: bytes) -> None:
        nonlocal sound
        now, before, sound = time.monotonic(), sound, sound + len(some)
        for at, total in zip(fed, completed, strict=False):
            if before < total <= sound:
                lateness.append(1000 * (now - at))

    decoder = WebmDecoder(on_pcm, _fail)
    due = time.monotonic() + offset * PIECE_SECONDS
    for piece in cut:
        await asyncio.sleep(due - time.monotonic())
        fed.append(time.monotonic())
        decoder.feed(piece)
        due += PIECE_SECONDS
    decoder.finish()
    await decoder.finished()
    await decoder.close()


def _fail(error: InputError) -> None:
    raise error


def _phone(seconds: float) -> tuple[float, float, float, float]:
    """ms of CPU a second of audio: to 16 kHz, that without the table, from 16 kHz, that without the table."""
    spoken = pcm("breakfast")
    wide = (spoken * (1 + int(seconds * BYTES_PER_SECOND / len(spoken))))[: int(seconds) * BYTES_PER_SECOND]
    narrow = StreamResampler(SAMPLE_RATE, PHONE_RATE).feed(wide)
    called = mulaw.encode(narrow)
    codes = [called[begin : begin + PHONE_PIECE] for begin in range(0, len(called), PHONE_PIECE)]
    narrow_pieces = [
        narrow[begin : begin + 2 * PHONE_PIECE] for begin in range(0, len(narrow), 2 * PHONE_PIECE)
    ]
    wide_pieces = [wide[begin : begin + 4 * PHONE_PIECE] for begin in range(0, len(wide), 4 * PHONE_PIECE)]

    def cost(work: Callable[[bytes], object], on: list[bytes]) -> float:
        begin = time.thread_time()
        for piece in on:
            work(piece)
        return 1000 * (time.thread_time() - begin) / int(seconds)

    up, down = StreamResampler(PHONE_RATE, SAMPLE_RATE), StreamResampler(SAMPLE_RATE, PHONE_RATE)
    return (
        cost(lambda piece: up.feed(mulaw.decode(piece)), codes),
        cost(StreamResampler(PHONE_RATE, SAMPLE_RATE).feed, narrow_pieces),
        cost(lambda piece: mulaw.encode(down.feed(piece)), wide_pieces),
        cost(StreamResampler(SAMPLE_RATE, PHONE_RATE).feed, wide_pieces),
    )
