"""What the bank sends by itself: the check of its signature, and the event in it.

The header `X-Up-Authenticity-Signature` is the SHA-256 HMAC of the raw body, in hexadecimal, under the secret that the
bank gave out once, when the webhook was made (https://developer.up.com.au/#callback_post_webhookURL).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime

from protocol.errors import MalformedMessage

SIGNATURE_HEADER = "X-Up-Authenticity-Signature"

MAX_BODY_BYTES = 64 * 1024
"""An event has less than 1 KiB. Nobody needs to read on past this to know that it is none."""


@dataclass(frozen=True, slots=True)
class BankEvent:
    id: str
    """The same through all deliveries of one event."""
    kind: str
    """`TRANSACTION_CREATED`, `TRANSACTION_SETTLED`, `TRANSACTION_DELETED` or `PING`."""
    created_at: datetime
    webhook_id: str = field(repr=False)
    transaction_id: str | None = field(default=None, repr=False)


def verify(raw_body: bytes, header: str | None, secret: str) -> bool:
    """Whether `raw_body` was signed with `secret`. Takes as long for a near miss as for any other."""
    if not secret or header is None:
        return False
    expected = hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), header.strip().lower().encode(errors="replace"))


def read_event(raw_body: bytes) -> BankEvent:
    """The event, once its signature has been checked. Raises `MalformedMessage`."""
    try:
        if len(raw_body) > MAX_BODY_BYTES:
            raise ValueError
        data = json.loads(raw_body)["data"]
        relationships = data["relationships"]
        about = relationships.get("transaction")
        event = BankEvent(
            id=data["id"],
            kind=data["attributes"]["eventType"],
            created_at=datetime.fromisoformat(data["attributes"]["createdAt"]),
            webhook_id=relationships["webhook"]["data"]["id"],
            transaction_id=None if about is None else about["data"]["id"],
        )
        named = (event.id, event.kind, event.webhook_id, event.transaction_id or "")
        if not all(isinstance(name, str) for name in named) or event.created_at.tzinfo is None:
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        event = None
    if event is None:
        raise MalformedMessage("That is not an event of the bank.")
    return event
