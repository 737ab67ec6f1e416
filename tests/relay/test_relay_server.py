"""The relay as a server and as a process: how it starts, how it stops, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import SettingsError
from relay.clients.diet.pages import DietPages
from relay.server import Relay
from relay.settings import RelaySettings
from relay.tts.scripted import ScriptedVoice
from tests.processes import Process
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing


async def test_what_is_half_said_is_committed_before_the_relay_stops(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing
) -> None:
    relay = await start_relay(silence_seconds=30, drafts=False)
    client = await join(relay)
    await client.hello()
    await client.speak()
    (await hearing.stream()).final("I had two eggs")
    await client.expect("transcript", final=True)
    await relay.stop()
    assert receiver.turns() == [("I had two eggs", "You said: I had two eggs.")]
    assert (await client.closed())[0] == 1001


async def test_a_sentence_still_being_spoken_is_committed_before_the_relay_stops(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, hearing: TriggeredHearing
) -> None:
    relay = await start_relay(silence_seconds=30, drafts=False)
    client = await join(relay)
    await client.hello()
    await client.speak()
    stream = await hearing.stream()
    stream.partial("I had")
    stream.final_on_drain = "I had two eggs"
    await client.expect("transcript", final=False)
    await relay.stop()
    assert receiver.turns() == [("I had two eggs", "You said: I had two eggs.")]


async def test_a_receiver_that_is_away_does_not_keep_the_relay_from_stopping(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.sessions.FINISH_SECONDS", 0.3)
    relay = await start_relay()
    client = await join(relay)
    await client.hello()
    receiver.mute = {"commit"}
    await client.send("text", text="unheard")
    await receiver.wait_for("commit")
    started = time.monotonic()
    await relay.stop()
    assert 0.25 < time.monotonic() - started < 5


async def test_clients_that_do_not_answer_are_let_go_together(start_relay: StartRelay, join: Join) -> None:
    """Each has 2 s for the closing handshake: one after the other, twenty would take 40 s."""
    relay = await start_relay()
    clients = [await join(relay) for _ in range(20)]
    for client in clients:
        await client.hello()
        client.socket.transport.pause_reading()
    started = time.monotonic()
    await relay.stop()
    assert time.monotonic() - started < 20
    for client in clients:
        client.socket.transport.abort()


async def test_a_connection_that_never_says_anything_does_not_hold_up_the_stop(relay: Relay) -> None:
    """Browsers open spare connections; the handshake's own time-out is 10 s."""
    _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    await asyncio.sleep(0.05)
    started = time.monotonic()
    await relay.stop()
    assert time.monotonic() - started < 8
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_client_that_joins_while_the_relay_stops_is_sent_away(
    start_relay: StartRelay, join: Join, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.sessions.FINISH_SECONDS", 0.3)
    relay = await start_relay()
    first, second = await join(relay), await join(relay)
    await first.hello()
    receiver.mute = {"commit"}
    await first.send("text", text="keeps it busy")
    await receiver.wait_for("commit")
    stopping = asyncio.create_task(relay.stop())
    await asyncio.sleep(0.05)
    await second.send("hello")
    assert (await second.expect("error"))["code"] == "at_capacity"
    await stopping


async def test_stopping_twice_and_stopping_what_never_started_is_fine(
    relay: Relay, receiver: ScriptedReceiver
) -> None:
    await relay.stop()
    await relay.stop()
    never = Relay(RelaySettings(port=0), stt=TriggeredHearing(), tts=ScriptedVoice())
    await never.stop()


class StartlessVoice(ScriptedVoice):
    async def start(self) -> None:
        raise SettingsError("There is no voice; install one.")


async def test_an_engine_that_cannot_start_stops_the_start(receiver: ScriptedReceiver) -> None:
    relay = Relay(RelaySettings(port=0), stt=TriggeredHearing(), tts=StartlessVoice())
    with pytest.raises(SettingsError, match="install one"):
        await relay.start()


async def test_a_port_in_use_is_said_in_one_line(relay: Relay) -> None:
    second = Relay(RelaySettings(port=relay.port), stt=TriggeredHearing(), tts=ScriptedVoice())
    with pytest.raises(SettingsError, match=f"Port {relay.port} on 127.0.0.1 is in use; .*RELAY_PORT"):
        await second.start()


# As a process

SCRIPTED = {
    "RELAY_PORT": "0",
    "RELAY_STT": "scripted",
    "RELAY_TTS": "scripted",
    "RELAY_SCRIPTED_TEXT": "hello you",
}


@pytest.fixture
def silent_receiver() -> Iterator[str]:
    """An address at which connections are refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_process_cleanly_with_what_was_said_committed(
    receiver: ScriptedReceiver, join: Join, tmp_path: Path, number: signal.Signals
) -> None:
    process = Process(
        "relay", tmp_path, **SCRIPTED, RELAY_RECEIVER=receiver.address, RELAY_SCRIPTED_EVERY_SECONDS="0.5"
    )
    try:
        await asyncio.to_thread(process.wait_for_line, "health")
        client = await join(process.port())
        await client.hello()
        await client.speak(0.6)
        await client.expect("transcript", final=True)
        process.send_signal(number)
        assert await asyncio.to_thread(process.wait, 60) == 0
        assert receiver.turns() == [("hello you", "You said: hello you.")]
        assert (await client.closed())[0] == 1001
        assert "Traceback" not in process.output
        assert "destroyed" not in process.output
    finally:
        process.kill()


def test_a_signal_during_the_start_stops_it_too(silent_receiver: str, tmp_path: Path) -> None:
    process = Process("relay", tmp_path, **SCRIPTED, RELAY_RECEIVER=silent_receiver)
    try:
        process.wait_for_line("loading")
        assert process.stop() == 0
        assert "Traceback" not in process.output
    finally:
        process.kill()


def test_a_port_in_use_ends_the_process_with_one_line(tmp_path: Path, silent_receiver: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "relay"],
            env={**SCRIPTED, "RELAY_PORT": str(port), "RELAY_RECEIVER": silent_receiver},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"Port {port} on 127.0.0.1 is in use" in line
    assert "RELAY_PORT" in line


async def test_the_process_says_where_everything_is_and_how_it_is(
    receiver: ScriptedReceiver, tmp_path: Path
) -> None:
    process = Process("relay", tmp_path, **SCRIPTED, RELAY_RECEIVER=receiver.address)
    try:
        await asyncio.to_thread(process.wait_for_line, "relay: receiver")
        where = f"127.0.0.1:{process.port()}"
        for address in (f"http://{where}/", f"ws://{where}/", f"http://{where}/healthz", receiver.address):
            assert address in process.output
        await receiver.wait_for("hello")
        health = await asyncio.to_thread(_health, where)
        assert health == {
            "status": "ok",
            "protocol": "1.0",
            "receiver": "connected",
            "stt": "scripted",
            "tts": "scripted",
            "conversations": 0,
            "diet": DietPages().health(),
        }
    finally:
        process.kill()


def _health(where: str) -> Any:
    with urllib.request.urlopen(f"http://{where}/healthz", timeout=30) as response:
        return json.load(response)
