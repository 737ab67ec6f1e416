"""Calls with the notes assistant: what is said, what is answered, and what is kept."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.assistants.notes.dialogue.dialogue import respond
from receiver.assistants.notes.state import empty_state
from tests.receiver.notes.call import Call

WORDS = """
remind me to call mum tomorrow at nine add milk to my list note that delete the reminder undo make it ten what is on
move that friday yes no all every day done tick off read notes second one about i'll send please and then
"""


async def test_a_reminder_is_said_back_in_full() -> None:
    call = Call("2026-11-21T20:00:00Z")
    answer = await call.say("remind me at nine to call my mum")
    assert answer == "I'll remind you to call your mum today at nine in the evening."
    call = Call("2026-11-21T22:00:00Z")
    answer = await call.say("remind me at nine to call my mum")
    assert (
        answer
        == "I'll remind you to call your mum tomorrow, Sunday the 22nd of November, at nine in the morning."
    )


async def test_what_is_missing_is_asked_one_after_the_other() -> None:
    call = Call()
    assert await call.say("remind me to buy stamps") == "When should I remind you to buy stamps?"
    assert "at what time" in await call.say("tomorrow")
    assert "eight in the morning" in await call.say("half past eight")
    assert call.reminders == [("buy stamps", "Sun 22 Nov 2026 08:30")]


@pytest.mark.parametrize(
    ("answer", "there"),
    [("in the evening", "18:00"), ("evening", "18:00"), ("the morning", "06:00"), ("p.m.", "18:00"),
     ("six a m", "06:00"), ("no, seven thirty", "07:30"), ("make it noon", "12:00")],
)  # fmt: skip
async def test_a_doubtful_hour_is_settled_by_the_answer(answer: str, there: str) -> None:
    call = Call()
    await call.say("remind me to run tomorrow at six")
    await call.say(answer)
    assert call.reminders == [("run", f"Sun 22 Nov 2026 {there}")]


async def test_next_week_and_then_its_day() -> None:
    call = Call()
    await call.say("remind me next month at ten to pay")
    await call.say("the third")
    assert call.reminders == [("pay", "Thu 03 Dec 2026 10:00")]


async def test_first_when_and_then_what() -> None:
    call = Call()
    assert await call.say("remind me tomorrow at ten") == "What should I remind you of?"
    await call.say("to feed the fish")
    assert call.reminders == [("feed the fish", "Sun 22 Nov 2026 10:00")]


async def test_an_answer_that_is_no_time_is_asked_for_again_and_then_left() -> None:
    call = Call()
    await call.say("remind me to sing")
    assert "did not catch a time" in await call.say("hm the blue one")
    assert "leave it" in await call.say("well you know")
    assert call.state["pending"] is None
    assert call.reminders == []


async def test_another_request_instead_of_an_answer_is_done_and_the_loss_is_said() -> None:
    call = Call()
    await call.say("remind me to sing")
    answer = await call.say("add milk to my list")
    assert answer == "I put milk on your list. I have not set the reminder to sing."
    assert call.state["pending"] is None


async def test_never_mind_drops_the_question() -> None:
    call = Call()
    await call.say("remind me to sing")
    await call.say("never mind")
    await call.say("at ten")
    assert call.reminders == []


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("make that ten o'clock", "Sun 22 Nov 2026 10:00"),
        ("no, at ten", "Sun 22 Nov 2026 10:00"),
        ("sorry I meant half past ten", "Sun 22 Nov 2026 10:30"),
        ("move it to Friday", "Fri 27 Nov 2026 09:00"),
        ("change it to Friday at noon", "Fri 27 Nov 2026 12:00"),
        ("move the reminder to call mum to eleven", "Sun 22 Nov 2026 11:00"),
        ("move mum to the day after tomorrow", "Mon 23 Nov 2026 09:00"),
        ("an hour later", "Sun 22 Nov 2026 10:00"),
        ("push it back by twenty minutes", "Sun 22 Nov 2026 09:20"),
        ("half an hour earlier", "Sun 22 Nov 2026 08:30"),
        ("make it in two hours", "Sat 21 Nov 2026 14:00"),
        ("make it the evening", "Sun 22 Nov 2026 19:00"),
    ],
)
async def test_a_reminder_gets_another_time(said: str, there: str) -> None:
    call = Call()
    await call.say("remind me to call mum tomorrow at nine")
    await call.say(said)
    assert call.reminders == [("call mum", there)]
    await call.say("undo")
    assert call.reminders == [("call mum", "Sun 22 Nov 2026 09:00")]


async def test_make_that_ten_stays_in_the_evening() -> None:
    call = Call()
    await call.say("remind me to lock up at nine p.m.")
    await call.say("make that ten")
    assert call.reminders == [("lock up", "Sat 21 Nov 2026 22:00")]


async def test_what_repeats_gets_another_day_or_time() -> None:
    call = Call()
    await call.say("every monday at half past eight remind me to put the bins out")
    assert "every Monday at nine" in await call.say("make it nine")
    assert "every Tuesday at nine" in await call.say("move it to Tuesday")
    assert "every weekday at nine" in await call.say("make it every weekday")
    assert call.reminders == [("put the bins out", "Mon 23 Nov 2026 09:00")]


async def test_reminders_are_read_back() -> None:
    call = Call()
    assert await call.say("what are my reminders") == "You have no reminders."
    await call.say("remind me to call mum tomorrow at nine")
    await call.say("remind me at two to eat")
    await call.say("every friday at five remind me to go home")
    said = await call.say("what are my reminders")
    assert said.startswith(
        "You have three reminders: to eat today at two in the afternoon; to call mum tomorrow"
    )
    assert await call.say("what do I have tomorrow") == (
        "You have one reminder tomorrow, Sunday the 22nd of November: to call mum at nine in the morning."
    )
    assert "to eat" in await call.say("what is my next reminder")
    assert "tomorrow" in await call.say("when do I have to call mum")
    assert "go home" in await call.say("when will you remind me to go home")


async def test_reminders_are_deleted_and_brought_back() -> None:
    call = Call()
    await call.say("remind me to call mum tomorrow at nine")
    await call.say("remind me to call Anna tomorrow at ten")
    assert await call.say("delete the reminder to call mum") == "I deleted the reminder to call mum."
    assert [text for text, _ in call.reminders] == ["call Anna"]
    assert await call.say("undo") == "All right. I put back the reminder to call mum."
    assert len(call.reminders) == 2
    await call.say("cancel that")
    assert "Which one" in await call.say("delete the call")
    await call.say("the one for Anna")
    assert [text for text, _ in call.reminders] == ["call mum"]


async def test_deleting_all_is_asked_first() -> None:
    call = Call()
    for said in ("note that it rains", "note that it snows"):
        await call.say(said)
    assert await call.say("delete all my notes") == "Shall I delete both notes?"
    await call.say("no")
    assert len(call.notes) == 2
    await call.say("delete all my notes")
    await call.say("yes please")
    assert call.notes == []
    await call.say("undo")
    assert call.notes == ["it rains", "it snows"]


async def test_the_list() -> None:
    call = Call()
    assert await call.say("what is on my list") == "Your list is empty."
    assert await call.say("add milk to my to-do list") == "I put milk on your list."
    await call.say("put eggs, bread and two lemons on the shopping list")
    await call.say("add call Tom and Anna to my list")
    assert call.todos == ["milk", "eggs", "bread", "two lemons", "call Tom and Anna"]
    assert await call.say("add Milk to my list") == "Milk is on your list already."
    assert await call.say("tick off milk") == "Ticked off milk. Four things left."
    await call.say("I bought the eggs and the bread")
    await call.say("I have done the lemons")
    assert await call.say("what's on my list") == "One thing on your list: call Tom and Anna."
    assert await call.say("I called Tom and Anna") == "Ticked off call Tom and Anna. Your list is empty now."
    await call.say("undo")
    assert call.todos == ["call Tom and Anna"]
    assert "don't see" in await call.say("tick off the moon")


async def test_and_candles_goes_on_the_list_too() -> None:
    call = Call()
    await call.say("put batteries on the list")
    assert await call.say("and candles") == "I put candles on your list."


async def test_a_thing_to_be_reminded_of_is_no_deed() -> None:
    call = Call()
    await call.say("remind me in ten minutes")
    assert (
        await call.say("the oven")
        == "I'll remind you about the oven today at ten past twelve in the afternoon."
    )


async def test_also_on_friday_does_not_move_what_was_set() -> None:
    call = Call()
    await call.say("remind me to call mum tomorrow at nine")
    await call.say("and also on Friday")
    assert call.reminders == [("call mum", "Sun 22 Nov 2026 09:00"), ("call mum", "Fri 27 Nov 2026 09:00")]


async def test_the_time_of_day_is_told() -> None:
    call = Call("2026-11-21T23:10:00Z", "Europe/Berlin")
    assert await call.say("what time is it") == "It is ten past midnight."
    assert await call.say("what day is it") == "It is Sunday the 22nd of November."


async def test_the_dishes_that_were_done() -> None:
    call = Call()
    await call.say("add the dishes to my list")
    assert "Ticked off" in await call.say("I have done the dishes")


async def test_notes() -> None:
    call = Call()
    assert await call.say("read my notes") == "You have no notes."
    assert await call.say("note that the code of the door is blue") == "Noted: the code of the door is blue."
    await call.say("Make a note. The wifi password is swordfish.")
    await call.say("take a note")
    await call.say("Anna arrives on the fourth at nine")
    assert call.notes == [
        "the code of the door is blue", "The wifi password is swordfish", "Anna arrives on the fourth at nine",
    ]  # fmt: skip
    assert call.reminders == []
    assert await call.say("what did I say about the door") == "You noted: the code of the door is blue."
    assert "swordfish" in await call.say("what's the wifi password")
    assert "no note about the cat" in await call.say("what did I say about the cat")
    assert (await call.say("read my notes")).startswith("You have three notes, the newest first. Anna")
    await call.say("delete the note about the wifi")
    assert len(call.notes) == 2


async def test_two_requests_in_one_turn() -> None:
    call = Call()
    answer = await call.say("add oranges to my list and remind me to go shopping tomorrow at ten")
    assert answer.startswith("I put oranges on your list. I'll remind you to go shopping tomorrow")
    await call.say("undo")
    assert (call.todos, call.reminders) == ([], [])


async def test_of_two_requests_the_one_that_needs_an_answer_waits() -> None:
    call = Call()
    answer = await call.say("remind me to call Bob and remind me to call Jim at four")
    assert answer.endswith("When should I remind you to call Bob?")
    await call.say("at five")
    assert sorted(text for text, _ in call.reminders) == ["call Bob", "call Jim"]


async def test_a_promise_is_offered_for_the_list() -> None:
    call = Call()
    assert (
        await call.say("I'll send the report by Friday")
        == "Shall I put that on your list: send the report by Friday?"
    )
    await call.say("yes please")
    assert call.todos == ["send the report by Friday"]


async def test_nothing_to_take_back_is_said() -> None:
    assert await Call().say("undo that") == "There is nothing to take back."


async def test_somebody_in_need_is_not_given_a_list() -> None:
    assert "crisis line" in await Call().say("note that I want to die")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=12))
def test_no_order_of_its_own_words_breaks_the_dialogue(words: list[str]) -> None:
    call = Call()
    state = empty_state()
    for said in (
        "remind me to call mum tomorrow at nine",
        "note that it rains",
        " ".join(words),
        " ".join(words[::-1]),
    ):
        answer, effects = respond(state, call._context(), said)
        assert answer.strip()
        state = dict(call.assistant.apply(state, effects))


@pytest.mark.parametrize(
    "text",
    ["remind me " * 1638, "add milk to my list and " * 682, "i'll do it " * 1489, "a" * 16_384, "note that " * 1638,
     "what is on my list " * 862, "move it to " * 1489, "nine to " * 2048, "is done " * 2048, ". " * 8192,
     " " * 16_383 + "a",
     "tick off of my list " * 819, "what reminders " * 1092],
)  # fmt: skip
async def test_the_longest_turn_is_answered_in_bounded_time(text: str) -> None:
    started = time.process_time()
    assert await Call().say(text)
    assert time.process_time() - started < 4.0  # thought out twice
