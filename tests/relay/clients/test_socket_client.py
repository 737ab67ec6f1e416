"""What all WebSocket clients have in common: a defect in one of them is logged, and costs nobody else anything."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.http11 import Request

from relay.clients.echo import EchoClient
from relay.identity import Identity
from relay.server import Relay
from relay.services import Services

Until = Callable[[Callable[[], object]], Awaitable[None]]


def taken(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The one error record, which is expected."""
    (record,) = [record for record in records if record["log_level"] == "error"]
    records.remove(record)
    return record


async def test_a_defect_when_a_client_goes_is_not_lost(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]], until: Until
) -> None:
    """`websockets` would note it in a log of its own that nobody sees."""

    async def ended(client: EchoClient) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(EchoClient, "ended", ended)
    async with connect(f"ws://127.0.0.1:{relay.port}/ws") as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"
    await until(lambda: [record for record in records if record["log_level"] == "error"])
    record = taken(records)
    assert (record["event"], record["client"]) == ("client failed", "EchoClient")


async def test_a_defect_at_the_door_is_an_internal_error_and_its_record_tells_no_address(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]
) -> None:
    async def admit(request: Request, services: Services, identity: Identity) -> Identity:
        raise RuntimeError("a defect")

    monkeypatch.setattr(EchoClient, "admit", admit)
    with pytest.raises(InvalidStatus) as caught:
        await connect(f"ws://127.0.0.1:{relay.port}/ws?ticket=secret")
    assert caught.value.response.status_code == 500
    assert json.loads(caught.value.response.body or b"")["code"] == "internal_error"
    assert "secret" not in str(taken(records))
