"""Whose session a question goes on in: its id alone names it, and no id of another's opens anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from protocol.link_messages import MAX_EARLIER_BYTES, MAX_EARLIER_TURNS
from relay.server import Relay
from tests.relay.clients.answer_pages import PATH, NewerPage, OlderPage, Open, open_page
from tests.relay.conftest import Join, StartRelay
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver
from tests.tokens import CHECKED, WRONG, shown

__all__ = ["open_page"]

Until = Callable[[Callable[[], object]], Awaitable[None]]

HISTORY = [
    {"role": "assistant", "content": "Good morning!"},
    {"role": "user", "content": "I had porridge"},
    {"role": "user", "content": "with honey"},
    {"role": "system", "content": "You are a coach."},
    {"role": "assistant", "content": "Noted."},
    {"role": "assistant", "content": "And what did you drink?"},
    {"role": "user", "content": "a coffee"},
]
TURNS = [
    {"text": "", "message": "Good morning!"},
    {"text": "I had porridge with honey", "message": "Noted. And what did you drink?"},
]


def bearer(user: str, **claims: Any) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": f"Bearer {shown(user, **claims)}"}}


async def test_a_session_is_taken_up_by_its_id_from_any_connection(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    first = await (await open_page(relay)).ask({"text": "one"})
    second = await (await open_page(relay)).ask({"text": "two", "session_id": first.session})
    assert second.session == first.session
    assert receiver.turns() == [("one", "You said: one."), ("two", "You said: two.")]


async def test_questions_of_several_sessions_on_one_socket_stay_apart(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    page = await open_page(relay)
    for session, text in (("a", "one"), ("b", "two"), ("a", "three"), ("b", "four")):
        await page.send({"text": text, "session_id": session})
    for session in "abab":
        assert (await page.shown()).session == session
    said = {id: [text for text, *_ in one.turns.values()] for id, one in receiver.sessions.items()}
    assert said == {"a": ["one", "three"], "b": ["two", "four"]}


async def test_a_question_without_an_id_goes_on_where_the_one_before_it_was(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    page = await open_page(relay)
    first = await page.ask({"text": "one"})
    assert (await page.ask("two")).session == first.session
    await page.ask({"text": "three", "session_id": "a"})
    assert (await page.ask({"text": "four"})).session == "a"
    # One that brings its history with it begins with that.
    elsewhere = await page.ask({"text": "five", "chat_history": HISTORY})
    assert elsewhere.session not in ("a", first.session)
    other = await (await open_page(relay)).ask({"text": "one"})
    assert other.session not in ("a", first.session, elsewhere.session)


async def test_a_history_is_told_when_the_session_is_made_and_never_again(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    page = await open_page(relay)
    await page.ask({"text": "a coffee", "session_id": "a", "chat_history": HISTORY})
    await page.ask({"text": "and?", "session_id": "a", "chat_history": HISTORY})
    again = await open_page(relay)
    await again.ask({"text": "well", "session_id": "a", "chat_history": HISTORY})
    opens = receiver.of_type("open")
    assert opens[0]["history"] == TURNS, "the question itself is not in it"
    assert len(opens) > 1
    assert all("history" not in message for message in opens[1:])


async def test_what_was_said_last_and_not_answered_is_a_part_of_the_history(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    await (await open_page(relay)).ask({"text": "something else", "chat_history": HISTORY})
    assert receiver.of_type("open")[0]["history"] == [*TURNS, {"text": "a coffee", "message": ""}]


async def test_of_a_long_history_the_latest_turns_are_told(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    page = await open_page(relay)
    long = [
        {"role": role, "content": f"{number} of {role}"}
        for number in range(80)
        for role in ("user", "assistant")
    ]
    await page.ask({"text": "hi", "session_id": "many", "chat_history": long})
    told = receiver.of_type("open")[0]["history"]
    assert len(told) == MAX_EARLIER_TURNS
    assert (told[0]["text"], told[-1]["message"]) == ("30 of user", "79 of assistant")

    wide = [{"role": "user", "content": f"{number} " + "é" * 5_000} for number in range(8)]
    answers = [{"role": "assistant", "content": "Noted."}] * 8
    paired = [said for pair in zip(wide, answers, strict=True) for said in pair]
    await page.ask({"text": "hi", "session_id": "wide", "chat_history": paired})
    told = receiver.of_type("open")[-1]["history"]
    assert [turn["text"][:2] for turn in told] == ["2 ", "3 ", "4 ", "5 ", "6 ", "7 "]
    assert sum(len((turn["text"] + turn["message"]).encode()) for turn in told) <= MAX_EARLIER_BYTES

    huge = [{"role": "user", "content": "a" * 40_000}, {"role": "assistant", "content": "Noted."}]
    await page.ask({"text": "hi", "session_id": "huge", "chat_history": huge})
    assert len(receiver.of_type("open")[-1]["history"][0]["text"]) == 16_384


async def test_a_session_that_another_page_takes_up_is_left_to_it_and_the_socket_stays(
    relay: Relay, receiver: ScriptedReceiver, open_page: Open
) -> None:
    go = asyncio.Event()

    async def hold(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
        if message["type"] == "commit" and message["items"][0]["text"] == "slow":
            await go.wait()

    receiver.before = hold
    one, two = await open_page(relay), await open_page(relay)
    await one.ask({"text": "quick", "session_id": "a"})
    # While nothing is asked here, it does not even notice.
    await two.ask({"text": "two", "session_id": "a"})
    assert (await one.ask({"text": "one", "session_id": "a"})).final == "You said: one."
    await one.send({"text": "slow", "session_id": "a"})
    await one.begun()
    await receiver.wait_for("commit", 4)
    await two.send({"text": "three", "session_id": "a"})
    left = await one.shown()
    assert left.messages[-1]["code"] == "session_moved"
    go.set()
    assert (await two.shown()).final == "You said: three."
    assert (await one.ask({"text": "four", "session_id": "a"})).final == "You said: four."
    said = [text for text, *_ in receiver.sessions["a"].turns.values()]
    assert said == ["quick", "two", "one", "slow", "three", "four"], "nothing was lost"


async def test_a_session_of_another_kind_of_client_is_not_opened_by_its_id(
    relay: Relay, join: Join, open_page: Open, until: Until
) -> None:
    native = await join(relay)
    ready = await native.hello()
    page = await open_page(relay)
    refused = await page.ask({"text": "what did they say?", "session_id": ready["session_id"]})
    assert refused.kinds == ["error"]
    assert refused.messages[0]["code"] == "session_refused"
    # Neither where only the receiver knows it.
    await native.leave()
    (conversation,) = relay.sessions._conversations.values()
    relay.sessions._end(conversation)
    refused = await page.ask({"text": "what did they say?", "session_id": ready["session_id"]})
    assert refused.kinds == ["start", "error"]
    assert refused.messages[-1]["code"] == "session_refused"
    assert (await page.ask({"text": "me", "session_id": "mine"})).final == "You said: me."


async def test_a_full_relay_says_so_for_the_question_and_takes_the_next(
    start_relay: StartRelay, join: Join, open_page: Open
) -> None:
    relay = await start_relay(max_conversations=1)
    native = await join(relay)
    await native.hello()
    page = await open_page(relay)
    refused = await page.ask("hello")
    assert (refused.kinds, refused.messages[0]["code"]) == (["error"], "at_capacity")
    await native.leave()
    assert (await page.ask("hello")).final == "You said: hello."


# With tokens


@pytest.mark.parametrize("generation", [OlderPage, NewerPage])
async def test_nobody_reaches_the_session_of_another_user(
    start_relay: StartRelay, receiver: ScriptedReceiver, open_page: Open, generation: type[OlderPage]
) -> None:
    relay = await start_relay(**CHECKED)
    ann = await open_page(relay, generation, **bearer("ann"))
    await ann.ask({"text": "my secret", "session_id": "s-1"})
    assert receiver.of_type("open")[0]["user"] == "ann"
    eve = await open_page(relay, generation, **bearer("eve"))
    refused = await eve.ask({"text": "what is it?", "session_id": "s-1"})
    assert refused.messages[-1]["code"] == "session_refused"
    assert [text for text, *_ in receiver.sessions["s-1"].turns.values()] == ["my secret"]
    # Neither once this relay has forgotten it.
    await ann.socket.close()
    (conversation,) = relay.sessions._conversations.values()
    relay.sessions._end(conversation)
    refused = await eve.ask({"text": "what is it?", "session_id": "s-1"})
    assert refused.messages[-1]["code"] == "session_refused"
    assert (await eve.ask({"text": "mine", "session_id": "s-2"})).final == "You said: mine."


@pytest.mark.parametrize("kind", [*(kind for kind in WRONG if kind != "too long"), "none at all"])
async def test_a_wrong_token_is_refused_before_the_upgrade(start_relay: StartRelay, kind: str) -> None:
    relay = await start_relay(**CHECKED)
    headers = {"Authorization": f"Bearer {WRONG[kind]()}"} if kind in WRONG else {}
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{relay.port}{PATH}", additional_headers=headers):
            pass
    assert refused.value.response.status_code == 401


async def test_a_token_that_ends_ends_the_connection(
    start_relay: StartRelay, open_page: Open, loop_clock: LoopClock
) -> None:
    relay = await start_relay(**CHECKED)
    page = await open_page(relay, **bearer("ann", expires_in=8))
    assert (await page.ask("hello")).final == "You said: hello."
    await loop_clock.put_forward(8)
    assert (await page.receive())["code"] == "unauthorized"
    with pytest.raises(ConnectionClosed):
        await page.receive()
    assert page.socket.close_code == 4401
