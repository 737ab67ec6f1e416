"""What holds for every assistant: those that are registered, with and without a model, and those of the documentation.

A new assistant is held to all of this, and to the rest of this folder, as soon as `make_assistants` names it.
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from protocol.diary import Diary
from protocol.errors import MalformedMessage, Unsupported
from protocol.link_messages import Item, Open
from receiver.assistants import NAMES
from receiver.assistants.assistant import Assistant, Context
from receiver.plan import Thought, seal, unseal
from receiver.thinking import MAX_ANSWER_CHARS, think
from tests.receiver.assistants.all_assistants import ODD, REGISTERED, TALK, as_json
from tests.receiver.assistants.assistant_session import NOON, AssistantSession
from tests.receiver.raw_relay import RawRelay

# Who it is


def test_the_names_that_may_be_set_are_those_of_the_assistants_there_are() -> None:
    assert list(NAMES) == REGISTERED


def test_it_is_registered_under_a_name_that_a_relay_can_ask_for(assistant: Assistant, name: str) -> None:
    assert assistant.name == name
    assert re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name)
    assert Open.model_validate({"session": "s-1", "assistant": name}).assistant == name
    assert isinstance(assistant.version, int)
    assert assistant.version >= 1


def test_warming_up_may_be_done_twice(assistant: Assistant) -> None:
    assistant.warm_up()
    assistant.warm_up()


@pytest.mark.parametrize(
    "context",
    [
        Context(NOON),
        Context.of(NOON, "Ada", "America/New_York", "en-US"),
        Context.of(NOON, "x" * 80, "Nowhere/At All", "<b>"),
    ],
    ids=["nothing known", "all known", "nonsense"],
)
def test_a_session_begins_with_a_state_in_json_and_a_greeting_that_can_be_said(
    assistant: Assistant, context: Context
) -> None:
    beginning = assistant.begin(context)
    assert as_json(beginning.state) == beginning.state
    assert beginning.greeting is None or 0 < len(beginning.greeting.strip()) <= 1_000
    assert assistant.begin(context) == beginning
    diary = assistant.diary(beginning.state, context)
    assert diary is None or isinstance(diary, Diary)


# Thinking and changing


async def test_the_same_words_are_answered_the_same_and_thinking_changes_nothing(
    assistant: Assistant,
) -> None:
    session = AssistantSession(assistant)
    for text in TALK:
        before = copy.deepcopy(session.state)
        first, second = await session.think(text), await session.think(text)
        assert first.pieces == second.pieces, text
        assert session.state == before, text
        assert first.answer.strip(), text
        await session.say(text)


async def test_applying_is_pure_and_takes_and_gives_json(assistant: Assistant) -> None:
    session = AssistantSession(assistant)
    for text in TALK:
        effects = (await session.think(text)).effects
        state, told = copy.deepcopy(session.state), copy.deepcopy(effects)
        after = assistant.apply(session.state, effects)
        assert (session.state, effects) == (state, told), text
        assert as_json(after) == after, text
        # As they come back from a store and in a plan.
        assert as_json(effects) == effects, text
        assert assistant.apply(as_json(state), as_json(effects)) == after, text
        thought = Thought(b"d" * 32, 1, "fine", effects)
        plan = seal(b"k" * 32, thought)
        assert plan is None or unseal(b"k" * 32, plan) == thought, text
        assert assistant.apply(assistant.apply(after, []), []) == assistant.apply(after, []), text
        await session.say(text)
        diary = assistant.diary(session.state, session.context)
        assert diary is None or isinstance(diary, Diary)


@pytest.mark.parametrize("text", [pytest.param(text, id=kind) for kind, text in ODD.items()])
async def test_whatever_is_said_gets_an_answer(assistant: Assistant, text: str) -> None:
    session = AssistantSession(assistant)
    items = [Item(text=text, timestamp=NOON.isoformat())]
    began = time.process_time()
    answer, effects, _ = await think(assistant, session.state, session.context, items, lambda *_: None)
    assert time.process_time() - began < 5
    assert 0 < len(answer.strip()) <= MAX_ANSWER_CHARS
    answer.encode()
    after = assistant.apply(session.state, effects)
    assert as_json(after) == after
    assert len(json.dumps(after)) < 200_000


async def test_a_turn_of_many_items_is_one_turn(assistant: Assistant) -> None:
    session = AssistantSession(assistant)
    items = [Item(text=word, timestamp=NOON.isoformat()) for word in ("hello ", " there,", "how are", "you?")]
    whole = [Item(text="hello there, how are you?", timestamp=NOON.isoformat())]
    told = [
        await think(assistant, session.state, session.context, said, lambda *_: None)
        for said in (items, whole)
    ]
    assert told[0] == told[1]


async def test_it_can_be_thought_for_somebody_of_whom_nothing_is_known(assistant: Assistant) -> None:
    session = AssistantSession(assistant, name=None)
    session.history.clear()
    assert (await session.say("hello")).answer.strip()


# Changes by hand


@pytest.mark.parametrize("action", ["no_such_action", "", "export", "x" * 80])
def test_an_action_that_it_does_not_know_is_unsupported(assistant: Assistant, action: str) -> None:
    session = AssistantSession(assistant)
    for args in ({}, {"item": None}, {"id": ["x"] * 100}):
        with pytest.raises(Unsupported) as refused:
            assistant.act(session.state, session.context, action, args)
        assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    "action", ["edit", "delete", "undo", "goal", "show", "reset", "done", "add", "cancel"]
)
@pytest.mark.parametrize(
    "args",
    [{}, {"item": 7}, {"id": None, "text": "\x00"}, {"date": "never"}],
    ids=["none", "number", "null", "word"],
)
def test_an_action_with_strange_arguments_is_done_or_refused(
    assistant: Assistant, action: str, args: dict[str, Any]
) -> None:
    session = AssistantSession(assistant)
    before = copy.deepcopy(session.state)
    try:
        effects = assistant.act(session.state, session.context, action, args)
    except (Unsupported, MalformedMessage):
        effects = []
    assert session.state == before
    assert as_json(effects) == effects
    after = assistant.apply(session.state, effects)
    assert as_json(after) == after


# In a receiver


async def test_it_holds_a_session_over_the_link(
    assistant: Assistant, name: str, serve: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    address = await serve(assistant="echo", more={name: assistant})
    relay: RawRelay = await connect(address)
    opened = await relay.open(
        assistant=name, name="Ada", timezone="Europe/London", locale="en-GB", user="ada"
    )
    assert opened["type"] == "opened", opened
    drafted = await relay.draft(1, "hello there")
    assert drafted["type"] == "reply", drafted
    committed = await relay.commit(1, "hello there", attempt=1, plan=drafted.get("plan"))
    assert committed["type"] == "committed", committed
    assert committed["text"] == drafted["text"]
    assert await relay.commit(1, "hello there", attempt=1, plan=drafted.get("plan")) == committed
    refused = await relay.ask(type="action", session="s-1", id="a-1", name="no_such_action", args={})
    assert (refused["type"], refused["code"]) == ("error", "unsupported")

    # Another receiver's link takes it up: the session stays with its assistant, though nobody asks for it.
    other: RawRelay = await connect(address)
    again = await other.open(user="ada")
    assert again["type"] == "opened", again
    assert "greeting" not in again
    texts = [(turn["text"], turn["message"]) for turn in again["history"]]
    greeted = [("", opened["greeting"])] if opened.get("greeting") else []
    assert texts == [*greeted, ("hello there", committed["text"])]
    later = await other.commit(2, "and what now", epoch=2)
    assert later["type"] == "committed", later
    assert ("diary" in later) == ("diary" in again) == ("diary" in opened)
