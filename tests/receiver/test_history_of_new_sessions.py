"""`open` with a `history`: what a client kept becomes the first turns of a new session, and of no other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from protocol.link_messages import MAX_EARLIER_BYTES
from receiver.assistants import make_assistants
from receiver.assistants.assistant import Assistant
from receiver.assistants.diet.coach.coach import Coach
from tests.emulators.model_brain import Conversation, Reply
from tests.receiver.diet.brain_model import BrainModel
from tests.receiver.raw_relay import RawRelay, foods
from tests.receiver.test_remembering import RememberingAssistant

KEPT = [
    {"text": "I had porridge with honey", "message": "Noted. And what did you drink?"},
    {"text": "a coffee", "message": "With milk?"},
]


def told(opened: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(past["turn"], past["text"], past["message"]) for past in opened["history"]]


async def test_what_the_client_kept_becomes_the_first_turns_of_a_new_session(relay: RawRelay) -> None:
    opened = await relay.open(history=KEPT, name="Ann")
    assert told(opened) == [
        (1, "I had porridge with honey", "Noted. And what did you drink?"),
        (2, "a coffee", "With milk?"),
    ]
    assert opened["next_turn"] == 3
    assert "greeting" not in opened, "nobody is greeted in the middle of a conversation"
    assert foods(opened["diary"]) == [], "what was eaten is written down only where it was told"
    committed = await relay.commit(3, "and two eggs")
    assert committed["type"] == "committed", committed
    assert foods(committed["diary"]) == [("breakfast", "eggs", 2)]
    again = await relay.open()
    assert [past["turn"] for past in again["history"]] == [1, 2, 3]


async def test_a_session_that_is_there_keeps_its_own_history(relay: RawRelay) -> None:
    first = await relay.open()
    await relay.commit(1, "two eggs")
    opened = await relay.open(history=KEPT)
    assert opened["type"] == "opened"
    assert told(opened)[0] == (0, "", first["greeting"])
    assert told(opened)[1][:2] == (1, "two eggs")
    assert opened["next_turn"] == 2
    filled = await relay.open("s-2", history=KEPT)
    other = [{"text": "something else", "message": "I see."}]
    assert told(await relay.open("s-2", history=other)) == told(filled)


async def test_two_relays_that_fill_a_session_at_once_fill_it_once(serve: Any, connect: Any) -> None:
    address = await serve()
    one, two = await connect(address), await connect(address)
    opened = await asyncio.gather(one.open(history=KEPT), two.open(history=KEPT))
    assert sorted(answer["epoch"] for answer in opened) == [1, 2]
    assert told(opened[0]) == told(opened[1])
    assert [answer["next_turn"] for answer in opened] == [3, 3]


async def test_a_kept_turn_is_a_stored_one_like_any_other(relay: RawRelay, store: Any) -> None:
    await relay.open(history=KEPT)
    answered = await relay.commit(2, "a coffee")
    assert answered["text"] == "With milk?", "the stored answer, and no new one"
    assert (await relay.commit(2, "a tea"))["code"] == "turn_conflict"
    assert (await store.read_turn("s-1", 2)).heard == len("With milk?")
    relay.send(type="heard", session="s-1", turn=2, chars=3)
    assert (await relay.commit(3, "an apple"))["type"] == "committed"
    assert (await store.read_turn("s-1", 2)).heard == len("With milk?"), "it never moves back"


async def test_the_assistant_reads_what_the_client_kept(serve: Any, connect: Any) -> None:
    more: dict[str, Assistant] = {"remembering": RememberingAssistant()}
    relay: RawRelay = await connect(await serve(assistant="remembering", more=more))
    await relay.open(history=KEPT)
    assert (await relay.commit(3, "well"))["text"] == ("[(1, 'I had porridge with honey'), (2, 'a coffee')]")


async def test_the_coach_is_shown_what_the_client_kept(serve: Any, connect: Any) -> None:
    seen: list[Conversation] = []

    def brain(conversation: Conversation) -> Reply:
        seen.append(conversation)
        return Reply("As I said, with milk.")

    diet = make_assistants(BrainModel(brain))
    assert isinstance(diet["diet"]._coach, Coach)  # type: ignore[attr-defined]
    relay: RawRelay = await connect(await serve(more=diet))
    # It begins with an answer, as a page's list does that begins with a greeting.
    await relay.open(history=[{"text": "", "message": "Good evening!"}, *KEPT])
    committed = await relay.commit(4, "what did you ask me")
    assert committed["text"] == "As I said, with milk."
    entries = [entry.text for entry in seen[0].entries]
    assert entries[1:6:2] == ["Good evening!", KEPT[0]["message"], KEPT[1]["message"]]
    assert "I had porridge with honey" in entries[2]
    assert "a coffee" in entries[4]


async def test_the_rules_repeat_what_the_client_was_told_before(relay: RawRelay) -> None:
    await relay.open(history=KEPT)
    assert (await relay.commit(3, "can you repeat that"))["text"] == "With milk?"


@pytest.mark.parametrize(
    "history",
    [
        [{"text": "a", "message": "b"}] * 51,
        [{"text": "a" * 16_000, "message": "b" * 5_000}] * 4,
        [{"text": "\N{CLINKING BEER MUGS}" * 16_000, "message": "b" * 2_000}],
        [{"text": "", "message": " "}],
        [{"text": "a"}],
        [{"text": "a" * 17_000, "message": "b"}],
        "two eggs",
    ],
    ids=["51 turns", "many bytes", "wide characters", "no words", "no answer", "long text", "no list"],
)
async def test_a_history_past_its_bounds_makes_no_session(relay: RawRelay, history: Any) -> None:
    refused = await relay.open(history=history)
    assert (refused["code"], refused["session"]) == ("malformed_message", "s-1")
    assert (await relay.open())["epoch"] == 1


async def test_a_history_at_its_bounds_is_taken_whole(relay: RawRelay) -> None:
    size = MAX_EARLIER_BYTES // 50
    history = [{"text": f"{number:02}", "message": "b" * (size - 2)} for number in range(50)]
    opened = await relay.open(history=history)
    assert [past["text"] for past in opened["history"]] == [turn["text"] for turn in history]
    assert opened["next_turn"] == 51
    assert (await relay.commit(51, "two eggs"))["type"] == "committed"
