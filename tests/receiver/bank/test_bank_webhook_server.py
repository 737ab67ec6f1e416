"""The listener for the bank's webhooks: only what the bank has signed for a user is passed on, and once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from protocol.errors import HookUnavailable, SecretsUnavailable
from receiver import hook
from receiver.bank import webhook_server
from receiver.bank.webhook_server import BankWebhookServer, told
from receiver.bank.webhooks import SIGNATURE_HEADER, BankEvent
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_history import SAM
from tests.processes import Process

SECRET = "the secret of one webhook"


class Deployment:
    """Secrets of users, and what was passed on."""

    def __init__(self) -> None:
        self.secrets = {"sam@example.com": SECRET, "auth0|7": SECRET}
        self.away = False
        self.fail: Exception | None = None
        self.hold = asyncio.Event()
        self.hold.set()
        self.tries = 0
        self.events: list[tuple[str, BankEvent]] = []
        self.server = BankWebhookServer(self, self.take)
        self.url = ""

    async def find(self, service: str, user: str) -> SecretStr | None:
        assert service == "bank-webhook"
        if self.away:
            raise SecretsUnavailable
        secret = self.secrets.get(user)
        return None if secret is None else SecretStr(secret)

    async def aclose(self) -> None:
        pass

    async def take(self, user: str, event: BankEvent) -> None:
        self.tries += 1
        await self.hold.wait()
        if self.fail is not None:
            raise self.fail
        self.events.append((user, event))


@pytest.fixture
async def deployment() -> AsyncIterator[Deployment]:
    deployment = Deployment()
    port = await deployment.server.start("127.0.0.1", 0)
    deployment.url = f"http://127.0.0.1:{port}/bank/webhooks"
    yield deployment
    await deployment.server.stop()


def event(kind: str = "TRANSACTION_CREATED", id: str = "e-1") -> bytes:
    relationships: dict[str, Any] = {"webhook": {"data": {"type": "webhooks", "id": "w-1"}}}
    if kind != "PING":
        relationships["transaction"] = {"data": {"type": "transactions", "id": "t-1"}}
    attributes = {"eventType": kind, "createdAt": "2026-11-18T15:00:00+11:00"}
    return json.dumps({"data": {"id": id, "attributes": attributes, "relationships": relationships}}).encode()


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def post(
    deployment: Deployment, body: bytes, user: str = "sam@example.com", signature: str | None = None
) -> tuple[int, str, dict[str, str]]:
    headers = {SIGNATURE_HEADER: sign(body) if signature is None else signature}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{deployment.url}/{user}", data=body, headers=headers) as response,
    ):
        return response.status, await response.text(), dict(response.headers)


async def status_of(*args: Any, **options: Any) -> int:
    return (await post(*args, **options))[0]


# What the bank sends


async def test_the_banks_own_events_come_through(deployment: Deployment, up_bank: UpBank) -> None:
    body = {"data": {"attributes": {"url": f"{deployment.url}/sam@example.com"}}}
    headers = {"Authorization": f"Bearer {SAM.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{up_bank.base_url}/webhooks", json=body) as response:
            data = (await response.json())["data"]
        deployment.secrets["sam@example.com"] = data["attributes"]["secretKey"]
        async with session.post(f"{up_bank.base_url}/webhooks/{data['id']}/ping") as response:
            assert response.status == 201
    bought = up_bank.purchase(up_bank.account(SAM, "Spending"), "Coles", 4210, category="groceries")
    up_bank.settle(bought)
    await up_bank.webhooks.idle()
    (webhook,) = up_bank.webhooks.all.values()
    assert [delivery.status for delivery in webhook.log] == ["DELIVERED"] * 3
    assert {(user, about.kind, about.transaction_id) for user, about in deployment.events} == {
        ("sam@example.com", "TRANSACTION_CREATED", bought.id),
        ("sam@example.com", "TRANSACTION_SETTLED", bought.id),
    }


async def test_an_event_that_is_not_taken_is_sent_again_by_the_bank(
    deployment: Deployment, up_bank: UpBank
) -> None:
    webhook = up_bank.webhooks.create(SAM, f"{deployment.url}/sam@example.com", None)
    deployment.secrets["sam@example.com"] = webhook.secret
    up_bank.webhooks.first_backoff = 0.02
    deployment.fail = HookUnavailable()
    up_bank.purchase(up_bank.account(SAM, "Spending"), "Coles", 4210)
    while deployment.tries < 2:
        await asyncio.sleep(0.005)
    deployment.fail = None
    await up_bank.webhooks.idle()
    assert len(deployment.events) == 1
    assert webhook.log[0].status == "DELIVERED"


# Who signed it


async def test_a_wrong_signature_and_an_unknown_user_are_refused_alike(deployment: Deployment) -> None:
    body = event()
    refused = [
        await post(deployment, body, signature=sign(body, "another secret")),
        await post(deployment, body, signature=""),
        await post(deployment, body, signature="x" * 64),
        await post(deployment, body + b" ", signature=sign(body)),
        await post(deployment, body, user="robin@example.com"),
        await post(deployment, body, user="robin@example.com", signature=sign(body, "nobody's")),
        await post(deployment, body, user="session:s-1"),
        await post(deployment, body, user="x" * 81),
        await post(deployment, body, user="%00"),
        await post(deployment, b"", signature=sign(b"", "nobody's")),
    ]
    assert {(status, text) for status, text, _ in refused} == {(401, "")}
    assert len({tuple(sorted(headers.keys() - {"Date"})) for _, _, headers in refused}) == 1
    assert deployment.events == []


async def test_two_signatures_are_none(deployment: Deployment) -> None:
    body = event()
    headers = [(SIGNATURE_HEADER, sign(body)), (SIGNATURE_HEADER, sign(body))]
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{deployment.url}/sam@example.com", data=body, headers=headers) as response,
    ):
        assert response.status == 401


async def test_a_user_is_found_however_the_address_is_written(deployment: Deployment) -> None:
    assert await status_of(deployment, event(id="1"), user="Sam@Example.com") == 200
    assert await status_of(deployment, event(id="2"), user="sam%40example.com") == 200
    assert await status_of(deployment, event(id="3"), user="auth0%7C7") == 200
    assert [user for user, _ in deployment.events] == ["sam@example.com", "sam@example.com", "auth0|7"]


# What it is


async def test_a_ping_is_answered_and_goes_no_further(deployment: Deployment) -> None:
    assert await status_of(deployment, event("PING")) == 200
    assert deployment.events == []


async def test_what_is_signed_and_no_event_is_a_bad_request(deployment: Deployment) -> None:
    for body in (b"", b"{}", b"[" * 5000, b"\xff"):
        assert await status_of(deployment, body) == 400
    assert await status_of(deployment, b"x" * (64 * 1024 + 1)) == 413
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{deployment.url}/sam@example.com") as response:
            assert response.status == 405
        async with session.post(deployment.url) as response:
            assert (response.status, "Server" in response.headers) == (404, False)
    assert deployment.events == []


# Once


async def test_the_same_event_is_passed_on_once_also_while_it_is_on_its_way(deployment: Deployment) -> None:
    deployment.hold.clear()
    posts = [asyncio.create_task(status_of(deployment, event())) for _ in range(5)]
    while not deployment.tries:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)
    deployment.hold.set()
    assert await asyncio.gather(*posts) == [200] * 5
    assert await status_of(deployment, event()) == 200
    assert (len(deployment.events), deployment.tries) == (1, 1)
    assert await status_of(deployment, event(), user="auth0%7C7") == 200, "another user's is another event"
    assert len(deployment.events) == 2


async def test_events_that_are_remembered_are_bounded(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_server, "MAX_REMEMBERED", 2)
    for id in ("1", "2", "3", "3", "1"):
        assert await status_of(deployment, event(id=id)) == 200
    assert [about.id for _, about in deployment.events] == ["1", "2", "3", "1"]


# What goes wrong


async def test_what_cannot_be_done_now_is_asked_for_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.away = True
    assert await status_of(deployment, event()) == 503
    deployment.away = False
    deployment.fail = HookUnavailable()
    status, _, headers = await post(deployment, event())
    assert (status, headers["Retry-After"]) == (503, "5")
    deployment.fail = None
    monkeypatch.setattr(webhook_server, "EVENT_SECONDS", 0.02)
    deployment.hold.clear()
    assert await status_of(deployment, event()) == 503
    deployment.hold.set()
    assert await status_of(deployment, event()) == 200
    assert len(deployment.events) == 1


async def test_a_defect_of_ours_is_noted_without_its_words(deployment: Deployment) -> None:
    deployment.fail = RuntimeError("what Sam bought")
    with structlog.testing.capture_logs() as records:
        assert await status_of(deployment, event()) == 500
    assert [record["event"] for record in records] == ["receiver_bug"]
    assert "Sam" not in str(records)


async def test_too_many_at_once_are_asked_to_come_back(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_server, "MAX_AT_ONCE", 2)
    deployment.hold.clear()
    posts = [asyncio.create_task(status_of(deployment, event(id=str(n)))) for n in range(2)]
    while deployment.tries < 2:
        await asyncio.sleep(0.005)
    assert await status_of(deployment, event(id="3")) == 503
    deployment.hold.set()
    assert await asyncio.gather(*posts) == [200, 200]


async def test_a_body_that_never_comes_is_not_waited_for(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_server, "BODY_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", int(deployment.url.split(":")[2].split("/")[0])
    )
    writer.write(b"POST /bank/webhooks/sam HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
    assert b"408" in await reader.readline()
    writer.close()


async def test_stopping_leaves_nothing_behind(deployment: Deployment) -> None:
    deployment.hold.clear()
    waiting = asyncio.create_task(status_of(deployment, event()))
    while not deployment.tries:
        await asyncio.sleep(0.005)
    before = asyncio.all_tasks()
    await deployment.server.stop()
    with pytest.raises(aiohttp.ClientError):
        await waiting
    assert [task for task in before if not task.done() and "webhook" in repr(task.get_coro())] == []


async def test_a_port_that_is_taken_is_an_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Deployment().server
        with pytest.raises(OSError, match="in use"):
            await server.start("127.0.0.1", taken.getsockname()[1])
        await server.stop()


# What is passed on


async def test_no_amount_and_no_account_is_told(deployment: Deployment) -> None:
    await post(deployment, event())
    ((user, about),) = deployment.events
    body, key = told(user, about)
    assert body == {
        "type": "bank_event", "user": "sam@example.com", "event": "TRANSACTION_CREATED", "transaction": "t-1",
        "at": "2026-11-18T15:00:00+11:00",
    }  # fmt: skip
    assert key.isascii()
    assert told(user, about)[1] == key != told("robin", about)[1]


async def test_a_receiver_passes_signed_events_on_to_the_deployers_hook(tmp_path: Path) -> None:
    (tmp_path / "secrets/bank-webhook").mkdir(parents=True)
    (tmp_path / "secrets/bank-webhook/sam@example.com").write_text(f"{SECRET}\n")
    passed: list[tuple[dict[str, Any], str]] = []

    async def take(request: web.Request) -> web.Response:
        raw_body = await request.read()
        timestamp = request.headers["X-Voice-Relay-Timestamp"]
        assert request.headers["X-Voice-Relay-Signature"] == hook.sign("a hook's", timestamp, raw_body)
        passed.append((json.loads(raw_body), request.headers["Idempotency-Key"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/events", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver = Process(
        "receiver", tmp_path, RECEIVER_PORT="0", XDG_STATE_HOME=str(tmp_path), RECEIVER_BANK_WEBHOOK_PORT="0",
        RECEIVER_SECRETS=f"folder:{tmp_path / 'secrets'}", RECEIVER_HOOK_SECRET="a hook's",
        RECEIVER_HOOK_URL=f"http://127.0.0.1:{runner.addresses[0][1]}/events",
    )  # fmt: skip
    try:
        line = await asyncio.to_thread(receiver.wait_for_line, "bank webhooks at ")
        await asyncio.to_thread(receiver.wait_for_line, "listening on")
        deployment = Deployment()
        deployment.url = line.partition("at ")[2].strip().removesuffix("/USER")
        for body, signature, status in (
            (event(), None, 200),
            (event(), None, 200),
            (event(id="e-2"), "x" * 64, 401),
        ):
            assert await status_of(deployment, body, signature=signature) == status
        assert await status_of(deployment, event(), user="robin@example.com") == 401
    finally:
        assert await asyncio.to_thread(receiver.stop) == 0
        await runner.cleanup()
    ((body, key),) = passed
    assert (body["type"], body["user"], body["transaction"]) == ("bank_event", "sam@example.com", "t-1")
    assert key.startswith("bank-")
    assert SECRET not in receiver.output
