"""Calls placed by streamdouble, a simulator of Twilio Media Streams that is not ours, over good and bad lines.

It keeps real time, plays what it is sent, and sends marks back when they have been played.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from streamdouble.chaos import Impairments
from streamdouble.scenario import Dtmf, Expect, Hangup, Say, Scenario, Step, Wait, WaitFor
from streamdouble.session import Session, SessionConfig, SessionResult
from streamdouble.trace import Trace, TraceConfig

from relay.codecs import mulaw
from relay.server import Relay
from relay.stt.scripted import ScriptedEngine
from relay.tts import PHONE
from relay.tts.scripted import ScriptedVoice
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import LongVoice
from tests.twilio_caller import recording, silence

Until = Callable[..., Awaitable[None]]

BAD_LINE = Impairments(loss=0.05, jitter_ms=30)
"""A mobile telephone at the edge of its cell. streamdouble lets each piece wait for the one before: more than 20 ms on
average would slow the caller's speech down."""


class Late:
    """By how much this machine has been late: the control for what is measured on it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.005
            await asyncio.sleep(0.005)
            if (late := loop.time() - due) > 0.005:
                self.seconds += late


def frames(sound: bytes) -> list[bytes]:
    whole = sound + silence(0.02)
    return [whole[start : start + 160] for start in range(0, len(whole) - 159, 160)]


def from_first_sound(sound: bytes) -> bytes:
    """0.5 s of a recording, from where it is no more than 20 dB quieter than where it is loud."""
    samples = np.frombuffer(mulaw.decode(sound), "<i2").astype(np.float64)
    loudness = np.sqrt((samples[: len(samples) // 80 * 80].reshape(-1, 80) ** 2).mean(axis=1))
    first = int(np.argmax(loudness > np.percentile(loudness, 95) / 10)) * 80
    return sound[first : first + 4_000]


def say(sound: bytes) -> Say:
    return Say(Path("-"), frames(sound))


async def place(
    relay: Relay, steps: Sequence[Step], impairments: Impairments | None = None
) -> tuple[SessionResult, Trace]:
    """A whole call: what came of it, and all that was sent, with its time."""
    trace = Trace(TraceConfig(Path("-")))
    config = SessionConfig(
        response_timeout_s=30,
        quiet_period_s=0.1,
        max_drain_s=30,
        impairments=impairments or Impairments(),
        chaos_seed=7,
        trace=trace,
    )
    url = f"ws://127.0.0.1:{relay.port}/ws/media-stream"
    session = Session(url, scenario=Scenario("call", list(steps)), config=config)
    return await session.run(), trace


def check(result: SessionResult) -> None:
    """Nothing that Twilio would object to, and nothing that was expected and did not come."""
    assert result.violations == []
    assert result.unknown_events == []
    assert result.failed_expectations == []
    assert not result.timed_out
    assert result.closed_by is None


@pytest.fixture
async def late() -> AsyncIterator[Late]:
    late = Late()
    watching = asyncio.create_task(late.watch())
    yield late
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


@pytest.fixture
def heard() -> ScriptedEngine:
    """Hears a sentence when the caller has just finished speaking."""
    return ScriptedEngine("I had two eggs", every_seconds=1.7)


@pytest.mark.parametrize("impairments", [Impairments(), BAD_LINE], ids=["good line", "bad line"])
async def test_a_call_is_answered_with_speech(
    start_relay: StartRelay,
    heard: ScriptedEngine,
    receiver: ScriptedReceiver,
    impairments: Impairments,
    late: Late,
) -> None:
    relay = await start_relay(stt=heard)
    result, _ = await place(relay, [say(recording("all_for_today")), WaitFor("mark")], impairments)
    check(result)
    answer = "You said: I had two eggs."
    voice = mulaw.encode(await ScriptedVoice().synthesize(answer, PHONE))
    assert result.audio_received.startswith(voice)
    assert (result.frames_dropped > 0) is impairments.active
    # 1.7 s of audio, later where some of it is lost, and 0.2 s of silence; then the answer.
    assert result.time_to_first_audio_s is not None
    assert 1.9 <= result.time_to_first_audio_s < (2.4 if impairments.active else 2.2) + late.seconds
    assert set(result.marks_echoed) == set(result.marks_received)
    assert (await receiver.wait_for("heard"))[-1]["chars"] == len(answer)


@pytest.mark.parametrize("impairments", [Impairments(), BAD_LINE], ids=["good line", "bad line"])
async def test_speaking_over_the_answer_clears_it_within_200_ms(
    start_relay: StartRelay, receiver: ScriptedReceiver, impairments: Impairments, late: Late
) -> None:
    receiver.greeting = "This is the first sentence. This is the second one. This is the third and last."
    relay = await start_relay(tts=LongVoice(5))
    speech = say(from_first_sound(recording("breakfast")))
    result, trace = await place(relay, [WaitFor("audio"), Wait(0.3), speech, Expect("clear")], impairments)
    check(result)
    assert result.clears_received == 1
    sent = [record for record in trace.records if record["event"] == "media" and record["dir"] == "out"]
    first_sound = next(record["t"] for record in sent if record["sha256_8"] != sent[0]["sha256_8"])
    cleared = next(record["t"] for record in trace.records if record["event"] == "clear")
    assert 0.04 < cleared - first_sound < 0.2 + late.seconds
    assert result.marks_echoed == []  # nobody heard a whole second of it


async def test_keys_are_typed_text(start_relay: StartRelay, receiver: ScriptedReceiver) -> None:
    relay = await start_relay()
    result, _ = await place(relay, [Dtmf("250#"), WaitFor("audio")])
    check(result)
    assert receiver.turns()[0][0] == "250"


async def test_a_caller_whose_line_breaks_is_let_go(start_relay: StartRelay, until: Until) -> None:
    relay = await start_relay()
    result, _ = await place(relay, [Wait(0.1), Hangup()])
    assert result.closed_by == "caller"
    await until(lambda: len(relay.services.calls) == 0)
