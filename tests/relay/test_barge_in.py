"""Speaking over the answer: it stops for a client that tells what it plays, and for no other."""

from __future__ import annotations

import asyncio

import pytest

from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.relay.recordings import pcm
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import LongVoice
from tests.wire_client import WireClient

ANSWER = "This is the first sentence. This is the second one. This is the third and last."


@pytest.fixture
async def talkative(start_relay: StartRelay, receiver: ScriptedReceiver) -> Relay:
    """A relay whose answers take many seconds to play."""
    receiver.answer = lambda said: ANSWER
    return await start_relay(tts=LongVoice(5))


@pytest.fixture
async def client(talkative: Relay, join: Join) -> WireClient:
    return await join(talkative)


async def test_speech_stops_the_answer_and_what_was_heard_is_kept(
    client: WireClient, receiver: ScriptedReceiver
) -> None:
    await client.hello(replies="sentences")
    await client.ask("tell me something")
    await client.expect("status", state="speaking")
    await client.send("played", turn=1, seq=1, at_ms=100)
    await receiver.wait_for("heard")
    await client.speak(pcm=pcm("breakfast"))
    assert (await client.expect("stop"))["turn"] == 1
    await client.expect("status", after=1, state="listening")
    heard = receiver.of_type("heard")[-1]
    assert heard["turn"] == 1
    assert ANSWER[: heard["chars"]].strip() == "This is the first sentence."
    assert len(client.of("stop")) == 1


async def test_the_next_answer_is_spoken_again(client: WireClient, receiver: ScriptedReceiver) -> None:
    await client.hello(replies="sentences")
    await client.ask("tell me something")
    await client.send("played", turn=1, seq=0, at_ms=1_500)
    await receiver.wait_for("heard")
    await client.speak(pcm=pcm("breakfast"))
    await client.expect("stop", turn=1)
    await client.ask("something else")
    assert len(client.of("reply_audio", turn=2)) == 3


async def test_the_bare_client_does_not_interrupt_what_it_hears_of_itself(
    client: WireClient, receiver: ScriptedReceiver
) -> None:
    await client.speak(0.1)
    await client.expect("ready")
    answer = await client.ask("tell me something")
    assert answer["audio"]
    await client.speak(pcm=pcm("breakfast"))
    await client.send("ping")
    await client.expect("pong")
    await asyncio.sleep(0.1)
    assert client.of("stop") == []
    assert client.of("status")[-1]["state"] == "speaking"


async def test_silence_and_a_cough_do_not_stop_it(client: WireClient, receiver: ScriptedReceiver) -> None:
    await client.hello(replies="sentences")
    await client.ask("tell me something")
    await client.send("played", turn=1, seq=0, at_ms=1_500)
    await receiver.wait_for("heard")
    await client.speak(1)
    await client.speak(pcm=pcm("breakfast")[16_000 : 16_000 + 3_200])  # 100 ms
    await client.speak(1)
    await client.send("ping")
    await client.expect("pong")
    await asyncio.sleep(0.1)
    assert client.of("stop") == []


async def test_the_stop_button_works_for_every_client(client: WireClient) -> None:
    await client.hello()
    await client.ask("tell me something")
    await client.send("interrupt")
    assert (await client.expect("stop"))["turn"] == 1
    await client.send("interrupt")  # there is nothing to stop any more
    await client.send("ping")
    await client.expect("pong")
    assert len(client.of("stop")) == 1
    assert client.of("error") == []


async def test_a_whole_answer_is_placed_in_its_sentences(
    client: WireClient, receiver: ScriptedReceiver
) -> None:
    """For `whole`, `played` counts from the start of the one MP3."""
    await client.hello()
    await client.ask("tell me something")
    sentence_ms = 5 * (0.4 + 5 * 0.072) * 1000
    await client.send("played", turn=1, seq=0, at_ms=round(sentence_ms + 300))
    heard = (await receiver.wait_for("heard"))[-1]
    assert ANSWER[: heard["chars"]].strip() == "This is the first sentence."
