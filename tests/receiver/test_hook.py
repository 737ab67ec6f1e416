"""Events that leave: signed, at most a bounded while each, and what fails says whether it may come again."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from protocol.errors import HookRefused, HookUnavailable, SettingsError
from receiver.hook import SEND_SECONDS, Hook, sign
from tests.receiver.webhook import Webhook
from tests.relay.loop_clock import LoopClock

EVENT = {
    "type": "reminder",
    "key": "k-1",
    "user": "ann",
    "text": "call José",
    "at": "2026-11-21T09:00:00+00:00",
}


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with Webhook() as running:
        yield running


@pytest.fixture
def records() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


async def test_an_event_comes_signed_with_its_key_and_its_time(webhook: Webhook) -> None:
    hook = Hook(webhook.url, SecretStr("s3cret"), clock=lambda: 1_795_000_000.9)
    await hook.send(EVENT, "k-1")
    await hook.aclose()
    (request,) = webhook.requests
    assert json.loads(request.body) == EVENT
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == "k-1"
    assert request.headers["X-Voice-Relay-Timestamp"] == "1795000000"
    assert request.headers["X-Voice-Relay-Signature"] == sign("s3cret", "1795000000", request.body)


def test_the_signature_is_of_the_time_too() -> None:
    # Checked with `openssl dgst -sha256 -hmac s3cret` over `1795000000.{}`.
    assert (
        sign("s3cret", "1795000000", b"{}")
        == "sha256=5d1b28e97f344abce663f0b406ce8f791d7c2d7bc113586192049f10b0318f44"
    )
    assert sign("s3cret", "1795000000", b"{}") != sign("s3cret", "1795000001", b"{}")
    assert sign("s3cret", "1795000000", b"{}") != sign("other", "1795000000", b"{}")


async def test_without_a_secret_nothing_claims_to_be_signed(webhook: Webhook) -> None:
    hook = Hook(webhook.url)
    await hook.send(EVENT, "k-1")
    await hook.aclose()
    assert "X-Voice-Relay-Signature" not in webhook.requests[0].headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_one(webhook: Webhook, status: int) -> None:
    webhook.answer = web.Response(status=status)
    hook = Hook(webhook.url)
    await hook.send(EVENT, "k-1")
    await hook.aclose()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 599])
async def test_what_may_work_later_may_come_again(webhook: Webhook, status: int) -> None:
    webhook.answer = web.Response(status=status)
    hook = Hook(webhook.url)
    with pytest.raises(HookUnavailable) as caught:
        await hook.send(EVENT, "k-1")
    await hook.aclose()
    assert caught.value.retryable
    assert len(webhook.requests) == 1


@pytest.mark.parametrize("status", [300, 400, 401, 404, 410, 422])
async def test_what_is_refused_for_good_does_not_come_again(
    webhook: Webhook, records: list[Any], status: int
) -> None:
    webhook.answer = web.Response(status=status, text="No, " * 1_000)
    hook = Hook(webhook.url)
    with pytest.raises(HookRefused) as caught:
        await hook.send(EVENT, "k-1")
    await hook.aclose()
    assert not caught.value.retryable
    (record,) = records
    assert (record["event"], record["status"]) == ("hook_failed", status)
    assert "José" not in str(records)
    assert webhook.url not in str(records)


async def test_a_redirect_is_not_followed(webhook: Webhook) -> None:
    async with Webhook() as elsewhere:
        webhook.answer = web.Response(status=307, headers={"Location": elsewhere.url})
        hook = Hook(webhook.url, SecretStr("s3cret"))
        with pytest.raises(HookRefused):
            await hook.send(EVENT, "k-1")
        await hook.aclose()
        assert elsewhere.requests == []


async def test_what_stays_on_this_machine_goes_through_no_proxy(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Webhook() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.endpoint)
        hook = Hook(webhook.url)
        await hook.send(EVENT, "k-1")
        await hook.aclose()
        assert proxy.requests == []
    assert len(webhook.requests) == 1


async def test_one_that_does_not_answer_is_left_in_time(webhook: Webhook) -> None:
    webhook.holds = True
    hook = Hook(webhook.url)
    clock = LoopClock()
    sending = asyncio.create_task(hook.send(EVENT, "k-1"))
    await webhook.wait_for(1)
    await clock.put_forward(SEND_SECONDS)
    async with asyncio.timeout(30):
        with pytest.raises(HookUnavailable):
            await sending
    await hook.aclose()


async def test_one_that_answers_without_end_is_not_read(webhook: Webhook) -> None:
    webhook.endless = True
    hook = Hook(webhook.url, seconds=60)
    async with asyncio.timeout(30):
        await hook.send(EVENT, "k-1")
        await hook.aclose()


async def test_one_that_is_not_there_may_be_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hook = Hook(f"http://127.0.0.1:{port}/")
    with pytest.raises(HookUnavailable):
        await hook.send(EVENT, "k-1")
    await hook.aclose()


async def test_without_an_address_the_log_has_a_line_without_peoples_words(records: list[Any]) -> None:
    hook = Hook()
    await hook.send(EVENT, "k-1")
    await hook.aclose()
    assert records == [
        {"event": "reminder_due", "log_level": "warning", "key": "k-1", "user": "ann", "at": EVENT["at"]}
    ]


@pytest.mark.parametrize(
    "url", ["http://example.com/", "ftp://127.0.0.1/", "https://", "example.com", "", "file:///x"]
)
def test_an_address_that_would_show_peoples_words_to_the_network_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="RECEIVER_HOOK_URL"):
        Hook(url)


def test_addresses_that_are_fine() -> None:
    for url in (
        "https://example.com/reminders?key=1",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://localhost/x",
    ):
        Hook(url)


def test_a_secret_is_not_shown() -> None:
    hook = Hook("https://example.com/", SecretStr("s3cret"))
    assert "s3cret" not in repr(hook) + repr(vars(hook))


def test_it_costs_nothing_at_the_start() -> None:
    program = "import sys, receiver.hook; sys.exit('httpx2' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
