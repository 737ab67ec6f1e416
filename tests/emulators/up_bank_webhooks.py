"""The emulated bank's webhooks: signed deliveries that are tried again, and a log of them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from tests.emulators.up_bank_ledger import Movement, Person
from tests.emulators.up_bank_resources import Resources, moment

MAX_WEBHOOKS = 10
MAX_ATTEMPTS = 4
ANSWER_SECONDS = 5.0


@dataclass
class Delivery:
    id: str
    event_id: str
    body: str
    at: datetime
    status: str
    response: tuple[int, str] | None = None


@dataclass
class Webhook:
    id: str
    owner: Person
    url: str
    description: str | None
    secret: str
    created: datetime
    log: list[Delivery] = field(default_factory=list)
    """Newest first."""


class Webhooks:
    def __init__(self, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._tasks: set[asyncio.Task[None]] = set()
        self.first_backoff = 0.05
        """Seconds; doubles with each attempt."""
        self.all: dict[str, Webhook] = {}

    def of(self, person: Person) -> list[Webhook]:
        return [hook for hook in self.all.values() if hook.owner == person]

    def create(self, owner: Person, url: str, description: str | None) -> Webhook:
        hook = Webhook(self._new_id(), owner, url, description, secrets.token_urlsafe(48), self._clock())
        self.all[hook.id] = hook
        return hook

    def tell(self, resources: Resources, kind: str, movement: Movement) -> None:
        """Send an event to everybody whose account it is about."""
        for hook in list(self.all.values()):
            if hook.owner in movement.account.owners:
                self.send(hook, event(resources, self._new_id(), self._clock(), hook, kind, movement))

    def send(self, hook: Webhook, document: dict[str, Any]) -> None:
        task = asyncio.create_task(self._deliver(hook, document))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Until everything has been delivered, or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, hook: Webhook, document: dict[str, Any]) -> None:
        body = json.dumps(document, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json",
            "X-Up-Authenticity-Signature": signature(hook.secret, body.encode()),
        }
        pause = self.first_backoff
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as session:
            for _ in range(MAX_ATTEMPTS):
                delivery = Delivery(
                    self._new_id(), document["data"]["id"], body, self._clock(), "UNDELIVERABLE"
                )
                try:
                    async with session.post(hook.url, data=body.encode(), headers=headers) as response:
                        delivery.response = (response.status, await response.text())
                        delivery.status = "DELIVERED" if response.status == 200 else "BAD_RESPONSE_CODE"
                except (aiohttp.ClientError, TimeoutError):
                    pass
                hook.log.insert(0, delivery)
                if delivery.status == "DELIVERED" or hook.id not in self.all:
                    return
                await asyncio.sleep(pause)
                pause *= 2


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def event(
    resources: Resources, identifier: str, at: datetime, hook: Webhook, kind: str, about: Movement | None
) -> dict[str, Any]:
    relationships: dict[str, Any] = {
        "webhook": {
            "data": {"type": "webhooks", "id": hook.id},
            "links": {"related": resources.link(f"webhooks/{hook.id}")},
        }
    }
    if about is not None:
        relationships["transaction"] = {"data": {"type": "transactions", "id": about.id}}
        if kind != "TRANSACTION_DELETED":
            relationships["transaction"]["links"] = {"related": resources.link(f"transactions/{about.id}")}
    return {
        "data": {
            "type": "webhook-events",
            "id": identifier,
            "attributes": {"eventType": kind, "createdAt": moment(at)},
            "relationships": relationships,
        }
    }


def webhook_resource(resources: Resources, hook: Webhook, *, with_secret: bool = False) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "url": hook.url,
        "description": hook.description,
        "createdAt": moment(hook.created),
    }
    if with_secret:
        attributes["secretKey"] = hook.secret
    return {
        "type": "webhooks",
        "id": hook.id,
        "attributes": attributes,
        "relationships": {"logs": {"links": {"related": resources.link(f"webhooks/{hook.id}/logs")}}},
        "links": {"self": resources.link(f"webhooks/{hook.id}")},
    }


def log_resource(delivery: Delivery) -> dict[str, Any]:
    response = delivery.response
    return {
        "type": "webhook-delivery-logs",
        "id": delivery.id,
        "attributes": {
            "request": {"body": delivery.body},
            "response": response and {"statusCode": response[0], "body": response[1]},
            "deliveryStatus": delivery.status,
            "createdAt": moment(delivery.at),
        },
        "relationships": {"webhookEvent": {"data": {"type": "webhook-events", "id": delivery.event_id}}},
    }
