"""Calls as people hold them: each line is what the caller says, and what has to be in the answer."""

from __future__ import annotations

import time

import pytest

from tests.receiver.notes.call import Call

FRIDAY = "2026-11-20T14:10:00+00:00"

CALLS: dict[str, tuple[tuple[str, str], ...]] = {
    "an answer is heard again": (
        ("could you repeat that", "What can I note"),
        ("remind me tomorrow at nine to call Bob", "to call Bob tomorrow"),
        (
            "sorry what was that",
            "to call Bob tomorrow, Saturday the 21st of November, at nine in the morning.",
        ),
        ("pardon?", "to call Bob tomorrow"),
        ("what did I just say", "You said: pardon?"),
    ),
    "a question that was not heard still stands": (
        ("make a note", "What should I note?"),
        ("sorry, what did you say?", "What should I note?"),
        ("the wifi password is swordfish", "Noted: the wifi password is swordfish."),
    ),
    "was it set": (
        ("did you set the reminder", "nothing new"),
        ("remind me at five to leave", "to leave today at five in the afternoon"),
        ("did you set that?", "Yes. I'll remind you to leave today at five in the afternoon."),
        ("are you sure", "Yes. I'll remind you to leave"),
        ("add milk to my list", "I put milk"),
        ("is that done", "Yes, milk is on your list."),
    ),
    "no more of it": (
        ("remind me every weekday at eight to take my tablets", "every weekday at eight"),
        ("stop reminding me about the tablets", "I deleted the reminder to take your tablets."),
        ("remind me at five to call Bob", "to call Bob"),
        ("don't remind me to call Bob any more", "I deleted the reminder to call Bob."),
        ("don't remind me to call Bob", "no reminder like call Bob"),
        ("what reminders do I have", "You have no reminders."),
    ),
    "not to is a reminder all the same": (
        ("remind me at five not to call Bob", "I'll remind you not to call Bob today at five"),
    ),
    "is it on the list": (
        ("add milk, bread and butter to my list", "milk, bread and butter"),
        ("do I have bread on my list", "Yes, bread is on your list."),
        ("take it off", "I deleted bread."),
        ("is bread on my list", "No, bread is not on your list."),
        ("do I have anything on my list", "Two things on your list: milk and butter."),
    ),
    "a to-do with its day": (
        ("add call the plumber to my to do list by Friday", "I put call the plumber by Friday on your list."),
        ("mark call the plumber as done", "Ticked off call the plumber by Friday."),
        ("oh no undo that", "as before"),
        ("what's on my list", "call the plumber by Friday"),
    ),
    "a note gets another value and keeps what it is of": (
        ("note that Mary's number is 087 123 4567", "Noted"),
        ("change Mary's number to 086 765 4321", "Mary's number is 086 765 4321"),
        ("what's Mary's number", "You noted: Mary's number is 086 765 4321."),
    ),
    "before something of which nobody said when it is": (
        (
            "remind me an hour before my flight",
            "I don't know when that is. When should I remind you about your flight?",
        ),
        (
            "my flight is at three on Saturday",
            "about your flight tomorrow, Saturday the 21st of November, at three",
        ),
        ("an hour earlier", "at two in the afternoon"),
    ),
    "two reminders in one breath": (
        ("remind me to call mum at nine and dad at ten", "to call dad today at ten at night"),
        (
            "what are my reminders",
            "two reminders: to call mum today at nine in the evening; to call dad today at ten",
        ),
    ),
    "one reminder with an and": (
        ("remind me tomorrow to call mum and dad at ten", "to call mum and dad tomorrow"),
        ("what are my reminders", "You have one reminder"),
    ),
    "an appointment is no to-do": (
        (
            "I have a dentist appointment on Thursday at three",
            "Shall I remind you about a dentist appointment?",
        ),
        (
            "yes please",
            "I'll remind you about a dentist appointment on Thursday the 26th of November at three",
        ),
    ),
    "an appointment that is remembered already": (
        ("we've got a meeting tomorrow at ten", "Shall I remind you"),
        ("no thanks", "All right."),
        ("what are my reminders", "You have no reminders."),
    ),
    "a timer": (
        ("set a timer for twenty minutes", "today at half past two"),
        ("how long is left on my timer", "half past two"),
    ),
    "a message": (("take a message for John: I will be late on Tuesday", "Noted: message for John"),),
    "who is there": (
        ("who's this", "I am a computer"),
        ("are you a real person", "I am a computer"),
        ("how are you", "Fine, thank you."),
    ),
    "nothing is meant": (
        ("leave it", "All right."),
        ("never mind", "All right."),
    ),
    "in short": (
        ("can I get a summary", "nothing to sum up"),
        ("remind me at five to leave", "to leave"),
        ("give me a quick summary please", "One action item: to leave today at five in the afternoon."),
    ),
    "the other one is not put on a list": (
        ("add milk to my list", "milk"),
        ("and the other one", "did not get that"),
        ("and candles", "I put candles on your list."),
    ),
    "taken back, and back again": (
        ("remind me in one minute to eat", "to eat"),
        ("cancel that", "I deleted the reminder to eat."),
        ("undo", "I put back the reminder to eat"),
        ("undo", "I took out the reminder to eat"),
        ("undo", "nothing to take back"),
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_caller_is_answered(name: str) -> None:
    call = Call(FRIDAY, "Europe/Dublin")
    for said, expected in CALLS[name]:
        assert expected in await call.say(said), said


async def test_many_ands_take_no_time() -> None:
    call = Call(FRIDAY)
    began = time.process_time()
    await call.say("remind me to " + "eat at nine pm and " * 100)
    assert time.process_time() - began < 2
