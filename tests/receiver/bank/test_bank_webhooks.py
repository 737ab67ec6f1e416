"""Events of the bank: who signed them, and what is in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from protocol.errors import MalformedMessage
from receiver.bank.webhooks import SIGNATURE_HEADER, BankEvent, read_event, verify
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_history import ROBIN, SAM
from tests.emulators.up_bank_schema import EVENT, mistakes, one

HEADERS = {"Authorization": f"Bearer {SAM.token}"}


class Listener:
    """Where events are sent to; it accepts only what is signed."""

    def __init__(self) -> None:
        self.secret = ""
        self.url = ""
        self.events: list[BankEvent] = []
        self.refuse = 0
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.refuse:
            self.refuse -= 1
            self.refused += 1
            return web.Response(status=503)
        if not verify(body, request.headers.get(SIGNATURE_HEADER), self.secret):
            self.refused += 1
            return web.Response(status=401)
        assert mistakes(one(EVENT), json.loads(body)) == []
        self.events.append(read_event(body))
        return web.json_response({"ok": True})


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    application = web.Application()
    application.router.add_post("/hook", listener.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    listener.url = f"http://{host}:{port}/hook"
    yield listener
    await runner.cleanup()


async def create(bank: UpBank, listener: Listener) -> str:
    """Make a webhook as its owner would; gives its id."""
    body = {"data": {"attributes": {"url": listener.url, "description": "the relay"}}}
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.post(f"{bank.base_url}/webhooks", json=body) as response,
    ):
        assert response.status == 201
        data = (await response.json())["data"]
    listener.secret = data["attributes"]["secretKey"]
    return str(data["id"])


async def call(bank: UpBank, method: str, path: str) -> tuple[int, dict[str, object]]:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.request(method, f"{bank.base_url}/{path}") as response,
    ):
        return response.status, await response.json() if response.status != 204 else {}


async def test_a_purchase_is_told_when_it_is_made_settled_or_given_up(
    up_bank: UpBank, listener: Listener
) -> None:
    await create(up_bank, listener)
    joint = up_bank.account(SAM, "2Up")
    bought = up_bank.purchase(joint, "Coles", 4210, category="groceries")
    await up_bank.webhooks.idle()
    up_bank.settle(bought, 4190)
    await up_bank.webhooks.idle()
    up_bank.purchase(up_bank.account(ROBIN, "Spending"), "Mecca", 5000)  # is no business of Sam's
    held = up_bank.purchase(joint, "Hotel", 20_000)
    await up_bank.webhooks.idle()
    up_bank.delete(held)
    await up_bank.webhooks.idle()
    assert [(event.kind, event.transaction_id) for event in listener.events] == [
        ("TRANSACTION_CREATED", bought.id),
        ("TRANSACTION_SETTLED", bought.id),
        ("TRANSACTION_CREATED", held.id),
        ("TRANSACTION_DELETED", held.id),
    ]
    assert listener.refused == 0


async def test_a_ping_is_told_and_logged(up_bank: UpBank, listener: Listener) -> None:
    hook = await create(up_bank, listener)
    status, _ = await call(up_bank, "POST", f"webhooks/{hook}/ping")
    assert status == 201
    await up_bank.webhooks.idle()
    assert [(event.kind, event.webhook_id) for event in listener.events] == [("PING", hook)]
    _, log = await call(up_bank, "GET", f"webhooks/{hook}/logs")
    assert [entry["attributes"]["deliveryStatus"] for entry in log["data"]] == ["DELIVERED"]  # type: ignore[attr-defined]


async def test_a_delivery_that_fails_comes_again_as_the_same_event(
    up_bank: UpBank, listener: Listener
) -> None:
    hook = await create(up_bank, listener)
    up_bank.webhooks.first_backoff = 0.001
    listener.refuse = 2
    up_bank.purchase(up_bank.account(SAM, "2Up"), "Coles", 4210)
    await up_bank.webhooks.idle()
    assert len(listener.events) == 1
    _, log = await call(up_bank, "GET", f"webhooks/{hook}/logs")
    statuses = [entry["attributes"]["deliveryStatus"] for entry in log["data"]]  # type: ignore[attr-defined]
    assert statuses == ["DELIVERED", "BAD_RESPONSE_CODE", "BAD_RESPONSE_CODE"]
    events = {entry["relationships"]["webhookEvent"]["data"]["id"] for entry in log["data"]}  # type: ignore[attr-defined]
    assert events == {listener.events[0].id}


async def test_an_event_signed_with_another_secret_is_refused(up_bank: UpBank, listener: Listener) -> None:
    await create(up_bank, listener)
    listener.secret = "somebody else's"
    up_bank.webhooks.first_backoff = 0.001
    up_bank.purchase(up_bank.account(SAM, "2Up"), "Coles", 4210)
    await asyncio.wait_for(up_bank.webhooks.idle(), 30)
    assert listener.events == []
    assert listener.refused > 1


def test_the_signature_is_of_the_raw_body() -> None:
    body = b'{"data":{"type":"webhook-events"}}'
    secret = "EIY19vc8"
    # printf '%s' "$body" | openssl dgst -sha256 -hmac EIY19vc8
    good = "471b65228aee3dcf2e0226c0fb605b2a8cb3af5e768b5cca391a0e740206ddee"
    assert verify(body, good, secret)
    assert verify(body, f" {good.upper()} ", secret)
    assert not verify(body + b" ", good, secret)
    assert not verify(body, good, "EIY19vc9")
    for header in (None, "", good[:-1], good + "0", "é", "\ud800"):
        assert not verify(body, header, secret)
    assert not verify(body, good, "")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'{"data": null}', b'{"data": {"id": "1"}}', b"\xff", b"[" * 100_000, b" " * 70_000,
        b'{"data": {"id": 1, "attributes": {"eventType": "PING", "createdAt": "2026-01-01T00:00:00Z"},'
        b' "relationships": {"webhook": {"data": {"id": "1"}}}}}',
        b'{"data": {"id": "1", "attributes": {"eventType": "PING", "createdAt": "2026-01-01"},'
        b' "relationships": {"webhook": {"data": {"id": "1"}}}}}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_told_as_such(body: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_event(body)
