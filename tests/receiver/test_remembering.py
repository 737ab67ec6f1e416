"""What a session gives its assistant to think from, and what becomes of an answer that begins anew."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from protocol.link_messages import Item
from receiver.assistants.assistant import RESTART, Assistant, Context, Effect, Restart, State
from receiver.history import History
from receiver.store import StoredTurn
from tests.receiver.raw_relay import RawRelay, items


class RememberingAssistant(Assistant):
    """Says how many turns there were, and the last thing said in them."""

    name = "remembering"
    version = 1

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | Restart]:
        yield f"{[(past.turn, past.text) for past in context.history]}"


class ChangingItsMind(Assistant):
    """Fails half-way, and begins anew."""

    name = "changing"
    version = 1

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | Restart]:
        yield {"count": 100}
        yield "Half an ans"
        yield RESTART
        yield {"count": 1}
        yield f"It is {state.get('count', 0)}"
        yield " so far."

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return {**state, "count": state.get("count", 0) + sum(effect["count"] for effect in effects)}


async def test_an_answer_that_begins_anew_keeps_nothing_of_its_first_half(serve: Any, connect: Any) -> None:
    relay: RawRelay = await connect(await serve(assistant="changing", more={"changing": ChangingItsMind()}))
    await relay.open()
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items("well"))
    pieces = [await relay.until("delta") for _ in range(3)]
    assert [(piece["text"], piece.get("restart", False)) for piece in pieces] == [
        ("Half an ans", False),
        ("It is 0", True),
        (" so far.", False),
    ]
    assert (await relay.until("committed"))["text"] == "It is 0 so far."
    assert (await relay.commit(2, "well"))["text"] == "It is 1 so far."


async def test_an_assistant_reads_what_was_said_before(serve: Any, connect: Any) -> None:
    relay: RawRelay = await connect(
        await serve(assistant="remembering", more={"remembering": RememberingAssistant()})
    )
    await relay.open()
    assert (await relay.commit(1, "first"))["text"] == "[]"
    assert (await relay.commit(2, "second"))["text"] == "[(1, 'first')]"
    assert (await relay.draft(3, "third"))["text"] == "[(1, 'first'), (2, 'second')]"


async def test_turns_that_another_receiver_stored_are_remembered_too(serve: Any, connect: Any) -> None:
    more = {"remembering": RememberingAssistant()}
    here: RawRelay = await connect(await serve(assistant="remembering", more=more))
    there: RawRelay = await connect(await serve(assistant="remembering", more=more))
    await here.open()
    epoch = (await there.open())["epoch"]
    await there.commit(1, "said elsewhere", epoch=epoch)
    assert (await here.commit(2, "said here", epoch=epoch))["text"] == "[(1, 'said elsewhere')]"


async def test_a_person_who_is_known_is_greeted_by_name_in_a_new_session(relay: RawRelay) -> None:
    await relay.open("s-1", user="ann@example.com", name="Ann Smith", timezone="America/New_York")
    greeting = (await relay.open("s-2", user="ann@example.com"))["greeting"]
    assert "Ann" in greeting
    assert "Smith" not in greeting


@pytest.mark.parametrize("format", ["csv", "json"])
async def test_the_page_gets_the_whole_diary_as_a_file(relay: RawRelay, format: str) -> None:
    await relay.open()
    await relay.commit(1, "For breakfast I had two eggs and a banana")
    await relay.commit(2, "yesterday I had a slice of pizza for dinner")
    done = await relay.ask(type="action", session="s-1", id="a-1", name="export", args={"format": format})
    assert done["type"] == "action_done"
    assert done["export"]["name"] == f"diary-2026-11-21.{format}"
    text = done["export"]["text"]
    rows = list(csv.DictReader(io.StringIO(text))) if format == "csv" else json.loads(text)["items"]
    assert [(row["date"], row["meal"]) for row in rows] == [
        ("2026-11-20", "dinner"),
        ("2026-11-21", "breakfast"),
        ("2026-11-21", "breakfast"),
    ]
    assert all(float(row["kcal"]) > 0 for row in rows)


async def test_an_export_in_no_known_format_is_refused_and_loses_nothing(relay: RawRelay) -> None:
    await relay.open()
    refused = await relay.ask(type="action", session="s-1", id="a-1", name="export", args={"format": "pdf"})
    assert (refused["type"], refused["code"], refused["id"]) == ("error", "malformed_message", "a-1")
    assert (await relay.commit(1, "an apple"))["type"] == "committed"


async def test_an_assistant_without_a_diary_exports_nothing(relay: RawRelay) -> None:
    await relay.open(assistant="echo")
    refused = await relay.ask(type="action", session="s-1", id="a-1", name="export", args={"format": "csv"})
    assert (refused["type"], refused["code"]) == ("error", "unsupported")


def test_a_history_never_has_a_gap_or_a_turn_twice() -> None:
    history = History([StoredTurn(number, f"turn {number}", "Noted.") for number in range(3)])
    history.add(StoredTurn(2, "turn 2", "Noted."))
    history.add(StoredTurn(5, "turn 5", "Noted."))
    assert [past.turn for past in history.before(9)] == [0, 1, 2]
    assert not history.reaches(5), "they are read from the store"
    history.add(StoredTurn(3, "turn 3", "Noted."))
    assert history.reaches(3)
