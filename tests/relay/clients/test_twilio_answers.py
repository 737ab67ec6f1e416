"""Answers on the telephone: how far they were heard, and what a voice or the star key drops of them."""

from __future__ import annotations

import asyncio
import socket

from tests.relay.clients.conftest import Dial
from tests.relay.conftest import StartRelay, Until
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import LongVoice
from tests.twilio_caller import recording, silence

ANSWER = "This is the first sentence. This is the second one. This is the third and last."


async def test_a_long_sentence_is_known_to_be_heard_second_by_second(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    receiver.greeting = "One two three four."
    caller = await dial(await start_relay(tts=LongVoice(5)))
    await caller.start()
    last = round(5 * (0.4 + 4 * 0.072) * 1000)
    await caller.expect("mark", 4)
    assert caller.marks[:3] == ["0:0:1000", "0:0:2000", "0:0:3000"]
    assert abs(int(caller.marks[3].split(":")[2]) - last) < 150
    chars = [message["chars"] for message in await receiver.wait_for("heard", 3)]
    assert chars == sorted(chars)
    assert chars[-1] == len(receiver.greeting)


async def test_a_caller_who_speaks_stops_the_answer_from_its_first_sound_on(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver, until: Until
) -> None:
    receiver.greeting = ANSWER
    relay = await start_relay(tts=LongVoice(5))
    caller = await dial(relay)
    caller.echoes_marks = False
    await caller.start()
    await caller.expect("media")
    await caller.say(silence(0.5))
    assert caller.of("clear") == []
    await caller.say(recording("breakfast"))
    await caller.expect("clear")
    count = len(caller.of("media"))
    await caller.press("5", "#")  # the call goes on
    await until(lambda: len(caller.of("media")) > count)
    assert len(caller.of("clear")) == 1
    assert caller.marks[-1].startswith("1:")


async def test_the_marks_that_a_clear_brings_back_do_not_count_as_heard(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    """Twilio sends back all marks that waited when the sound before them is dropped."""
    receiver.greeting = ANSWER
    caller = await dial(await start_relay(tts=LongVoice(5)))
    caller.echoes_marks = False
    await caller.start()
    await caller.expect("mark", 12)
    first = [name for name in caller.marks if name.startswith("0:0:")]
    for name in first:
        await caller.echo(name)
    heard = (await receiver.wait_for("heard"))[-1]
    await caller.press("*")
    await caller.expect("clear")  # whose marks the caller has sent back by now
    await caller.press("1", "#")
    await receiver.wait_for("commit")
    assert receiver.of_type("heard")[-1] == heard
    assert ANSWER[: heard["chars"]].strip().startswith("This is the first sentence.")
    assert "second" not in ANSWER[: heard["chars"]]


async def test_a_clear_does_not_wait_behind_the_sound_that_it_drops(
    start_relay: StartRelay, dial: Dial, receiver: ScriptedReceiver
) -> None:
    """On a slow line minutes of an answer may wait to be sent."""
    receiver.greeting = ANSWER
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    relay = await start_relay(tts=LongVoice(80))
    assert relay._server is not None
    for listening in relay._server.sockets:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)  # those it accepts have it from it
    narrow.connect(("127.0.0.1", relay.port))
    caller = await dial(relay, sock=narrow)
    caller.socket.transport.pause_reading()
    await caller.start()
    await receiver.wait_for("open")
    await asyncio.sleep(0.2)
    await caller.press("*")
    await asyncio.sleep(0.1)
    caller.socket.transport.resume_reading()
    await caller.expect("clear")
    assert len(caller.heard) < 60 * 8_000  # of 187 s
    assert caller.messages[-1]["event"] == "clear"
