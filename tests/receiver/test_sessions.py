"""Opening sessions: who may, what comes back, and that nobody can move somebody else's."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.receiver.raw_relay import RawRelay, foods, items


async def test_the_greeting_is_said_once_and_is_turn_0(relay: RawRelay) -> None:
    first = await relay.open(name="Ann Lee", timezone="Europe/Berlin")
    assert first["greeting"] == "Good morning, Ann! What did you have for breakfast?"
    assert first["history"] == [{"turn": 0, "text": "", "message": first["greeting"], "ids": []}]
    assert (first["epoch"], first["next_turn"], first["audio_until"]) == (1, 1, 0)

    second = await relay.open(name="Ann Lee", timezone="Europe/Berlin")
    assert "greeting" not in second
    assert second["history"] == first["history"]
    assert (second["epoch"], second["next_turn"]) == (2, 1)


async def test_the_greeting_follows_the_clock_of_the_persons_time_zone(relay: RawRelay) -> None:
    tokyo = await relay.open("s-tokyo", timezone="Asia/Tokyo")
    assert tokyo["greeting"] == "Good afternoon! What did you have for dinner?"
    assert tokyo["diary"]["date"] == "2026-11-21"
    honolulu = await relay.open("s-honolulu", timezone="Pacific/Honolulu")
    assert honolulu["greeting"].startswith("Good evening!")
    assert honolulu["diary"]["date"] == "2026-11-20"


async def test_a_time_zone_that_does_not_exist_costs_nobody_the_conversation(relay: RawRelay) -> None:
    for number, zone in enumerate(("Mars/Olympus", "../../etc/passwd", "\x00", "")):
        assert (await relay.open(f"s-{number}", timezone=zone))["greeting"].startswith("Good morning!")


async def test_a_stranger_cannot_move_somebody_elses_session(relay: RawRelay) -> None:
    await relay.open(key="a" * 64)
    for wrong in ({"key": "b" * 64}, {"key": "a"}, {}):
        refused = await relay.open(**wrong)
        assert (refused["code"], refused["session"]) == ("session_refused", "s-1")
    # The epoch has not moved: the owner's commit under it still holds.
    assert (await relay.commit(1, "two eggs", epoch=1))["type"] == "committed"
    assert (await relay.open(key="a" * 64))["epoch"] == 2


async def test_a_session_without_key_is_not_taken_by_one_with_a_key(relay: RawRelay) -> None:
    await relay.open()
    assert (await relay.open(key="a" * 64))["code"] == "session_refused"


async def test_a_session_stays_with_its_user(relay: RawRelay) -> None:
    await relay.open(user="ann")
    assert (await relay.open(user="bob"))["code"] == "session_refused"
    assert (await relay.open())["code"] == "session_refused"
    assert (await relay.open(user="ann"))["epoch"] == 2


async def test_an_assistant_that_is_not_there_is_named_in_the_error(relay: RawRelay) -> None:
    refused = await relay.open(assistant="weather")
    assert (refused["code"], refused["session"]) == ("unsupported", "s-1")
    assert "weather" in refused["message"]
    assert (await relay.open(assistant="echo"))["next_turn"] == 1


async def test_a_session_stays_with_the_assistant_that_began_it(relay: RawRelay) -> None:
    await relay.open(assistant="echo")
    await relay.open(assistant="diet")
    assert (await relay.commit(1, "hello", epoch=2))["text"] == "You said: hello"


async def test_history_comes_back_with_the_ids_of_typed_texts(relay: RawRelay) -> None:
    await relay.open()
    said = [*items("two eggs"), {**items("and toast")[0], "id": "typed-7"}]
    committed = await relay.ask(type="commit", session="s-1", epoch=1, turn=1, items=said, audio_until=48_000)
    again = await relay.open()
    assert again["history"][1] == {
        "turn": 1, "text": "two eggs and toast", "message": committed["text"], "ids": ["typed-7"],
    }  # fmt: skip
    assert (again["next_turn"], again["audio_until"]) == (2, 48_000)
    assert foods(again["diary"]) == [("breakfast", "eggs", 2.0), ("breakfast", "toast", 1.0)]


async def test_history_is_the_latest_fifty_turns(relay: RawRelay) -> None:
    await relay.open(assistant="echo")
    for turn in range(1, 56):
        await relay.commit(turn, f"number {turn}")
    history = (await relay.open())["history"]
    assert [past["turn"] for past in history] == list(range(6, 56))


async def test_a_history_of_very_long_turns_still_fits_into_a_frame(relay: RawRelay) -> None:
    await relay.open(assistant="echo")
    for turn in range(1, 41):
        # Four bytes a character in UTF-8: 40 turns of these and their echoes are over 5 MB.
        assert (await relay.commit(turn, "\N{CLINKING BEER MUGS}" * 16_000))["type"] == "committed"
    history = (await relay.open())["history"]
    assert 1 <= len(history) < 40
    assert history[-1]["turn"] == 40


async def test_two_links_opening_one_session_at_once_get_two_epochs(serve: Any, connect: Any) -> None:
    address = await serve()
    one, two = await connect(address), await connect(address)
    opened = await asyncio.gather(one.open(), two.open())
    assert sorted(answer["epoch"] for answer in opened) == [1, 2]
    assert sum("greeting" in answer for answer in opened) == 1
    assert all(len(answer["history"]) == 1 for answer in opened)


async def test_what_was_open_on_one_link_is_not_open_on_another(serve: Any, connect: Any) -> None:
    address = await serve()
    one, two = await connect(address), await connect(address)
    await one.open()
    refused = await two.commit(1, "two eggs")
    assert (refused["code"], refused["retryable"], refused["turn"]) == ("session_not_open", True, 1)


async def test_a_closed_session_has_to_be_opened_again(relay: RawRelay) -> None:
    await relay.open()
    relay.send(type="close", session="s-1")
    assert (await relay.commit(1, "two eggs"))["code"] == "session_not_open"
    assert (await relay.open())["epoch"] == 2
    assert (await relay.commit(1, "two eggs", epoch=2))["type"] == "committed"


async def test_heard_moves_forward_only_and_never_past_the_answer(relay: RawRelay, store: Any) -> None:
    await relay.open()
    answer = (await relay.commit(1, "two eggs"))["text"]
    for chars, expected in ((10, 10), (4, 10), (10_000, len(answer)), (11, len(answer))):
        relay.send(type="heard", session="s-1", turn=1, chars=chars)
        await relay.ask(type="action", session="s-1", id="no-such", name="dance")  # answered after it
        for _ in range(100):
            if (await store.read_turn("s-1", 1)).heard == expected:
                break
            await asyncio.sleep(0.01)
        assert (await store.read_turn("s-1", 1)).heard == expected
    assert (await relay.ask(type="heard", session="s-1", turn=9, chars=1))["code"] == "malformed_message"
    assert (await relay.open())["history"][1]["message"] == answer


async def test_ten_thousand_characters_of_session_id_are_malformed_and_nothing_else(relay: RawRelay) -> None:
    assert (await relay.open("x" * 10_000))["code"] == "malformed_message"
    assert (await relay.open("with space"))["code"] == "malformed_message"
    assert (await relay.open("fine"))["type"] == "opened"


async def test_a_relay_that_was_left_does_not_take_the_session_back(relay: RawRelay) -> None:
    assert (await relay.open(holder="first"))["epoch"] == 1
    assert (await relay.open(holder="first", again=True))["epoch"] == 2, "an `opened` that got lost"
    assert (await relay.open(holder="second"))["epoch"] == 3
    refused = await relay.open(holder="first", again=True)
    assert (refused["type"], refused["code"]) == ("error", "session_moved")
    assert (await relay.commit(1, "two eggs", epoch=3))["type"] == "committed", "the epoch stayed"


async def test_a_refusal_tells_nothing_of_the_session(relay: RawRelay) -> None:
    await relay.open(user="ann", name="Ann")
    for about in ({"user": "bob"}, {"user": "session:s-1"}, {}):
        refused = await relay.open(**about)
        assert set(refused) == {"type", "code", "message", "retryable", "session"}
        assert "Ann" not in refused["message"]


async def test_who_had_a_session_before_its_user_signed_in_sees_nothing_of_the_users(
    serve: Any, connect: Any
) -> None:
    """They still have it open on their link, and what was a session of nobody's is now full of somebody's meals."""
    address = await serve()
    before, ann = await connect(address), await connect(address)
    await before.open()
    await before.commit(1, "soup for lunch")
    await ann.open("s-ann", user="ann")
    await ann.commit(1, "two eggs for breakfast", session="s-ann")
    await ann.open(user="ann")

    export = {"type": "action", "session": "s-1", "name": "export"}
    asked = [
        await before.ask(**export, id="a-1", args={"format": "json"}),
        await before.ask(**export, id="a-2", args={"format": "csv"}),
        await before.ask(type="action", session="s-1", id="a-3", name="goal", args={"kcal": 1800}),
        await before.commit(1, "soup for lunch"),
        await before.commit(2, "what did I eat?"),
        await before.commit(2, "what did I eat?", epoch=2),
    ]
    assert [answer.get("code") for answer in asked] == ["session_moved"] * 6
    assert "egg" not in str(asked)
    assert foods((await ann.open(user="ann"))["diary"])[0][1:] == ("eggs", 2.0)
