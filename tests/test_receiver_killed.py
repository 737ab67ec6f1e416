"""kill -9 of the receiver at each point of a turn, as a caller of the diet coach lives through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from protocol.framing import Decoder
from relay import receiver_link
from relay.server import Relay
from relay.settings import RelaySettings
from relay.tts.scripted import ScriptedVoice
from tests.ports import next_port
from tests.receiver.forked import ForkedReceiver, forked_receiver
from tests.speech_doubles import TriggeredHearing, TriggeredStream
from tests.tcp_proxy import TcpProxy
from tests.wire_client import WireClient

DAY = [
    "For breakfast I had two eggs and a slice of toast",
    "For lunch I had a turkey sandwich and a coffee with milk",
    "That's all for today",
]

AFTERNOON = f"Etc/GMT{datetime.now(UTC).hour - 13:+d}"
"""Where it is past one o'clock now: what the assistant says depends on the hour, and of two days that are compared
neither may see it pass noon or midnight."""

POINTS = ["idle", "draft", "between draft and commit", "commit", "before-committed"]


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that has just been started is found at once, however long it took to start."""
    monkeypatch.setattr(receiver_link, "LAST_RETRY_SECONDS", 0.1)


@asynccontextmanager
async def receiver(database: Path, proxy: TcpProxy, point: str) -> AsyncIterator[ForkedReceiver]:
    """A receiver that dies at `point`, behind the proxy's address."""
    async with forked_receiver(f"sqlite:///{database}", point) as process:
        proxy.target = process.port
        yield process


@asynccontextmanager
async def caller(proxy: TcpProxy) -> AsyncIterator[tuple[WireClient, TriggeredStream]]:
    settings = RelaySettings(
        port=next_port(),
        receiver=(proxy.address,),
        silence_seconds=0.6,
        draft_after_seconds=0.1,
        stt="scripted",
    )
    hearing = TriggeredHearing()
    relay = Relay(settings, stt=hearing, tts=ScriptedVoice())
    await relay.start()
    try:
        async with WireClient(relay.port) as client:
            await client.hello(timezone=AFTERNOON)
            await client.speak()
            yield client, await hearing.stream()
    finally:
        await relay.stop()


async def told(client: WireClient, stream: TriggeredStream, turn: int) -> None:
    stream.final(DAY[turn - 1])
    await client.expect("server_response", turn=turn)


def outcome(client: WireClient) -> tuple[list[Any], dict[str, Any]]:
    """The answers in order, and the day without the random ids of its items."""
    assert client.of("error") == [], "the caller sees nothing but a wait"
    answers = [(message["turn"], message["message"]) for message in client.of("server_response")]
    diary = client.of("diary")[-1]
    for meal in diary["meals"]:
        for item in meal["items"]:
            item.pop("id")
    return answers, diary


class Passing:
    """The messages of one connection that pass the proxy one way. `react` is called before they are let on."""

    def __init__(self, react: Callable[[str], None]) -> None:
        self.types: list[str] = []
        self._react = react
        self._decoder = Decoder()

    def __call__(self, data: bytes) -> bytes:
        for message in self._decoder.feed(data):
            assert isinstance(message, dict)
            self.types.append(str(message["type"]))
            self._react(self.types[-1])
        return data


async def kill_between_draft_and_commit(
    proxy: TcpProxy, dying: ForkedReceiver, say: str, stream: TriggeredStream
) -> None:
    """Once the draft has its reply; until then nothing that comes after the draft reaches the receiver."""
    replied = asyncio.Event()
    asked = Passing(lambda kind: proxy.to_server.stall() if kind == "draft" else None)
    answered = Passing(lambda kind: replied.set() if kind == "reply" else None)
    proxy.to_server.change, proxy.to_client.change = asked, answered
    stream.final(say)
    async with asyncio.timeout(30):
        await replied.wait()
    dying.kill()
    await dying.wait()
    assert "draft" in asked.types
    assert "commit" not in asked.types
    proxy.cut()
    proxy.to_server.change = proxy.to_client.change = None
    proxy.to_server.resume()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], dict[str, Any]]:
    return asyncio.run(calm_day(tmp_path_factory.mktemp("calm") / "undisturbed.db"))


async def calm_day(database: Path) -> tuple[list[Any], dict[str, Any]]:
    async with (
        TcpProxy(0) as proxy,
        receiver(database, proxy, "none"),
        caller(proxy) as (client, stream),
    ):
        for turn in (1, 2, 3):
            await told(client, stream, turn)
        return outcome(client)


async def killed_at(point: str, database: Path) -> tuple[list[Any], dict[str, Any]]:
    by_itself = point in ("draft", "commit", "before-committed")
    async with (
        TcpProxy(0) as proxy,
        receiver(database, proxy, "none") as first,
        caller(proxy) as (client, stream),
    ):
        await told(client, stream, 1)
        heard = len(client.of("status", state="waiting_for_receiver"))
        first.kill()
        proxy.cut()
        await client.expect("status", after=heard, state="waiting_for_receiver")
        async with receiver(database, proxy, point if by_itself else "none") as dying:
            await client.expect(
                "status", after=len(client.of("status", state="listening")), state="listening"
            )
            if point == "idle":
                dying.kill()
            if point == "between draft and commit":
                await kill_between_draft_and_commit(proxy, dying, DAY[1], stream)
            else:
                stream.final(DAY[1])
            await dying.wait(30)
            proxy.cut()
        async with receiver(database, proxy, "none"):
            await client.expect("server_response", turn=2)
            await told(client, stream, 3)
            return outcome(client)


@pytest.mark.parametrize("point", POINTS)
async def test_a_receiver_killed_at_any_point_of_a_turn_costs_the_caller_only_a_wait(
    point: str, undisturbed: tuple[list[Any], dict[str, Any]], tmp_path: Path
) -> None:
    assert await killed_at(point, tmp_path / "killed.db") == undisturbed
