"""Plans: what a draft found out, sealed, so that any receiver of the store can commit it without thinking again.

A plan is `HMAC-SHA256 (32 bytes) + msgpack map`. The key lives in the store, so a plan says that some
receiver of this store made it; the digest and the revision in it say for exactly which words and which
state. Only receivers read plans, and only of their own kind: relays pass them back as they came.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import msgpack

from protocol.link_messages import MAX_PLAN_BYTES, Item
from receiver.assistants.assistant import Assistant, Effect
from receiver.store import Snapshot

_MAC_BYTES = hashlib.sha256().digest_size
_PARTS = 5


@dataclass(frozen=True, slots=True)
class Thought:
    """A whole answer, what it would change, and what it was thought from."""

    digest: bytes
    """Of the words and of everything about the session, but its state, that an assistant may use."""
    revision: int
    """Of the state."""
    text: str
    effects: list[Effect]
    kept: str | None = None
    """What is stored in place of `text`. Plans hold both: no receiver stores them, and relays only in memory."""

    @property
    def stored(self) -> str:
        return self.text if self.kept is None else self.kept


def digest_of(assistant: Assistant, snapshot: Snapshot, turn: int, items: Sequence[Item]) -> bytes:
    """What has to be the same for a thought to hold, the state's revision apart. 32 bytes."""
    about = [
        assistant.name,
        assistant.version,
        snapshot.session,
        snapshot.user,
        snapshot.name,
        snapshot.timezone,
        snapshot.locale,
        turn,
        [[item.text, item.timestamp, item.confidence, item.speaker, item.id] for item in items],
    ]
    return hashlib.sha256(msgpack.packb(about)).digest()


def seal(key: bytes, thought: Thought) -> bytes | None:
    """The thought as a plan; None when it is longer than a plan may be."""
    body: bytes = msgpack.packb(
        [thought.digest, thought.revision, thought.text, thought.effects, thought.kept]
    )
    if _MAC_BYTES + len(body) > MAX_PLAN_BYTES:
        return None
    return hmac.digest(key, body, "sha256") + body


def unseal(key: bytes, plan: bytes) -> Thought | None:
    """The thought in a plan; None unless a receiver with this key sealed it, and in the form that is used now."""
    mac, body = plan[:_MAC_BYTES], plan[_MAC_BYTES:]
    if not hmac.compare_digest(mac, hmac.digest(key, body, "sha256")):
        return None
    parts = msgpack.unpackb(body)
    return Thought(*parts) if len(parts) == _PARTS else None


def told(key: bytes, plan: bytes, digest: bytes, stored: str) -> str | None:
    """The whole answer of a turn that was stored with `stored` as its answer; None where the plan is of another."""
    thought = unseal(key, plan)
    return (
        thought.text if thought is not None and (thought.digest, thought.stored) == (digest, stored) else None
    )
