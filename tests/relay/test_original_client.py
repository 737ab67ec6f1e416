"""The bare original client: binary PCM in, and of what comes back it reads `server_response` alone."""

from __future__ import annotations

import asyncio
import base64
import json

from websockets.asyncio.client import connect

from relay.stt.scripted import ScriptedEngine
from tests.relay.conftest import StartRelay
from tests.relay.mp3_decoder import decode
from tests.relay.recordings import pcm
from tests.scripted_receiver import ScriptedReceiver


async def original_client(
    port: int, recording: bytes, chunk_bytes: int, answers: int
) -> list[dict[str, str]]:
    """Sends audio as a microphone delivers it, never anything else; returns the answers."""
    found: list[dict[str, str]] = []
    async with connect(f"ws://127.0.0.1:{port}") as socket:

        async def listen() -> None:
            async for message in socket:
                data = json.loads(message)
                if data["type"] == "server_response":
                    found.append(data)
                    if len(found) == answers:
                        return

        listening = asyncio.create_task(listen())
        for start in range(0, len(recording), chunk_bytes):
            await socket.send(recording[start : start + chunk_bytes])
            await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await listening
    return found


async def test_the_original_client_gets_text_and_one_whole_mp3(
    start_relay: StartRelay, receiver: ScriptedReceiver
) -> None:
    receiver.answer = lambda said: f"You said: {said}. That is fine. Anything else?"
    relay = await start_relay(stt=ScriptedEngine("two eggs and a slice of toast", 2))
    (answer,) = await original_client(relay.port, pcm("breakfast"), 4_096, 1)
    assert answer["message"] == "You said: two eggs and a slice of toast. That is fine. Anything else?"
    assert {"type", "message", "audio"} <= set(answer)
    (sound,) = await decode(base64.b64decode(answer["audio"], validate=True))
    assert sound.seconds > 3 * 0.4, "all three sentences are in it"
    assert sound.channels == 1


async def test_it_hears_the_greeting_and_every_answer_in_order(
    start_relay: StartRelay, receiver: ScriptedReceiver
) -> None:
    receiver.greeting = "Good morning."
    relay = await start_relay(stt=ScriptedEngine("one egg|two eggs|three eggs", 0.5), silence_seconds=0)
    found = await original_client(relay.port, bytes(3 * 16_000), 3_200, 4)
    assert [answer["message"] for answer in found] == [
        "Good morning.",
        "You said: one egg.",
        "You said: two eggs.",
        "You said: three eggs.",
    ]
    assert all(answer["audio"] for answer in found)


async def test_two_of_them_do_not_hear_each_other(start_relay: StartRelay) -> None:
    relay = await start_relay(stt=ScriptedEngine("one egg", 0.5))
    both = await asyncio.gather(
        original_client(relay.port, bytes(16_000), 640, 1), original_client(relay.port, bytes(16_000), 640, 1)
    )
    assert [[answer["message"] for answer in found] for found in both] == [["You said: one egg."]] * 2
    await asyncio.sleep(0.05)
    assert all(len(found) == 1 for found in both)
