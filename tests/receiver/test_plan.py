"""Plans: sealed by the store's key, and only good for what they were made from."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from protocol.link_messages import MAX_PLAN_BYTES, Item
from receiver.assistants.echo import EchoAssistant
from receiver.plan import Thought, digest_of, seal, unseal
from receiver.store import Snapshot

KEY = b"k" * 32
THOUGHT = Thought(
    b"d" * 32, 7, "Two eggs, noted.", [{"do": "add", "items": [{"food": "eggs", "kcal": 143.0}]}]
)
SNAPSHOT = Snapshot(session="s-1", assistant="echo", epoch=1, next_turn=1, revision=0, state={})
ITEMS = [Item(text="two eggs", timestamp="2026-11-21T08:00:00.000Z")]


def test_a_plan_comes_back_as_it_was() -> None:
    plan = seal(KEY, THOUGHT)
    assert plan is not None
    assert unseal(KEY, plan) == THOUGHT


@given(at=st.integers(min_value=0, max_value=10_000), flip=st.integers(min_value=1, max_value=255))
def test_no_changed_byte_gets_past_the_seal(at: int, flip: int) -> None:
    plan = bytearray(seal(KEY, THOUGHT) or b"")
    plan[at % len(plan)] ^= flip
    assert unseal(KEY, bytes(plan)) is None


@given(st.binary(max_size=200))
def test_rubbish_is_no_plan(rubbish: bytes) -> None:
    assert unseal(KEY, rubbish) is None


def test_another_stores_plan_is_no_plan_here() -> None:
    assert unseal(b"o" * 32, seal(KEY, THOUGHT) or b"") is None


def test_a_plan_over_the_limit_is_not_made() -> None:
    assert seal(KEY, replace(THOUGHT, effects=[{"filler": "x" * MAX_PLAN_BYTES}])) is None
    longest = seal(KEY, replace(THOUGHT, effects=[{"filler": "x" * (MAX_PLAN_BYTES - 200)}]))
    assert longest is not None
    assert len(longest) <= MAX_PLAN_BYTES


def test_everything_that_an_assistant_may_use_is_in_the_digest() -> None:
    assistant = EchoAssistant()
    digests = {
        digest_of(assistant, snapshot, turn, items)
        for snapshot, turn, items in [
            (SNAPSHOT, 1, ITEMS),
            (SNAPSHOT, 2, ITEMS),
            (replace(SNAPSHOT, session="s-2"), 1, ITEMS),
            (replace(SNAPSHOT, user="ann"), 1, ITEMS),
            (replace(SNAPSHOT, name="Ann"), 1, ITEMS),
            (replace(SNAPSHOT, timezone="Asia/Tokyo"), 1, ITEMS),
            (replace(SNAPSHOT, locale="de-DE"), 1, ITEMS),
            (SNAPSHOT, 1, [*ITEMS, *ITEMS]),
            (SNAPSHOT, 1, [ITEMS[0].model_copy(update={"text": "three eggs"})]),
            (SNAPSHOT, 1, [ITEMS[0].model_copy(update={"timestamp": "2026-11-21T09:00:00.000Z"})]),
            (SNAPSHOT, 1, [ITEMS[0].model_copy(update={"confidence": 0.5})]),
            (SNAPSHOT, 1, [ITEMS[0].model_copy(update={"speaker": "0"})]),
        ]
    }
    assert len(digests) == 12
    # A new link is a new epoch of the same session, and the plan still holds.
    assert digest_of(assistant, replace(SNAPSHOT, epoch=9), 1, ITEMS) == digest_of(
        assistant, SNAPSHOT, 1, ITEMS
    )
