"""Three calls and their summaries: every action item was said, word for word."""

from __future__ import annotations

import json

import pytest

from receiver.assistants.notes.promises import promises
from receiver.assistants.notes.summary import Summary, summarize
from tests.receiver.notes.call import Call

LANDLORD = (
    ("Hi, this is Tom from number nine.", "Hello Tom."),
    (
        "the heating in the flat has been off since monday because the boiler broke and i'll send you photos tonight",
        "Thank you, that helps.",
    ),
    ("Could you call the plumber? We need to fix it before the weekend.", "Yes, I will."),
    ("How much will the repair cost?", "I don't know, I'll check."),
    ("The rent is 900 euros from January. Please send me the new contract.", "Of course."),
    ("I'll be right back. Let's see. Thanks, bye!", "Goodbye."),
)
MEETING = (
    ("we decided to move the launch to the twelfth of march", "Good."),
    ("the launch depends on the Berlin team, they need three weeks for the tests", "I see."),
    ("So I will write the announcement and you should book a room for the launch", "All right."),
    ("We still have to decide who talks to the press.", "Right."),
    ("um and I have to ask Jane about the budget okay", "Fine. Is there anything else?"),
)


def transcript(turns: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> str:
    return "\n".join(said for said, _ in turns)


def check_all_was_said(summary: Summary, turns: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> None:
    assert summary.action_items
    for item in summary.action_items:
        assert item.text in turns[item.turn][0]
    for point in summary.key_points:
        assert point in transcript(turns)
    for question in summary.open_questions:
        assert question in transcript(turns) or question in turns[-1][1]
    assert json.loads(json.dumps(summary.to_json())) == summary.to_json()


def test_a_call_with_a_landlord() -> None:
    summary = summarize(LANDLORD)
    check_all_was_said(summary, LANDLORD)
    assert [(item.kind, item.text) for item in summary.action_items] == [
        ("promise", "i'll send you photos tonight"),
        ("request", "Could you call the plumber"),
        ("promise", "We need to fix it before the weekend"),
        ("request", "Please send me the new contract"),
    ]
    assert summary.key_points == (
        "the heating in the flat has been off since monday because the boiler broke",
        "The rent is 900 euros from January",
    )
    assert summary.open_questions == ("How much will the repair cost",)


def test_a_call_about_a_launch() -> None:
    summary = summarize(MEETING)
    check_all_was_said(summary, MEETING)
    assert [(item.kind, item.text) for item in summary.action_items] == [
        ("promise", "I will write the announcement"),
        ("request", "you should book a room for the launch"),
        ("promise", "I have to ask Jane about the budget"),
    ]
    assert "we decided to move the launch to the twelfth of march" in summary.key_points
    assert summary.open_questions == (
        "We still have to decide who talks to the press",
        "Is there anything else",
    )


async def test_a_call_with_the_assistant() -> None:
    call = Call()
    for said in (
        "Hello!",
        "Remind me to call mum tomorrow at nine.",
        "make that ten o'clock",
        "remind me to buy stamps",
        "on Monday at eight",
        "remind me at four to sing",
        "cancel that",
        "Add milk and eggs to my shopping list.",
        "note that the code of the door is blue",
        "What did I say about the cat?",
        "uh I'll send the report by Friday",
        "no thanks",
        "what are my reminders",
    ):
        await call.say(said)
    summary = summarize(call.turns)
    check_all_was_said(summary, call.turns)
    assert [(item.kind, item.text) for item in summary.action_items] == [
        ("reminder", "Remind me to call mum tomorrow at nine"),
        ("reminder", "remind me to buy stamps"),
        ("todo", "Add milk and eggs to my shopping list"),
        ("promise", "I'll send the report by Friday"),
    ]
    called, stamps = summary.action_items[:2]
    assert (
        called.answer
        == "I'll remind you to call mum tomorrow, Sunday the 22nd of November, at ten in the morning."
    )
    assert "Monday the 23rd of November at eight" in stamps.answer
    assert summary.key_points == ("note that the code of the door is blue",)
    assert summary.open_questions == ("What did I say about the cat",)
    said = await call.say("sum up the call")
    assert said.startswith(
        "Four action items: to call mum tomorrow, Sunday the 22nd of November, at ten in the morning"
    )


def test_a_call_in_which_nothing_was_said_has_an_empty_summary() -> None:
    assert summarize([]) == Summary((), (), ())
    assert summarize([("", "Hello!"), ("hi", "")]).action_items == ()


@pytest.mark.parametrize(
    "said",
    [
        "I'll be there at nine", "let's see what happens", "can you hear me", "could you repeat that please",
        "when do I have to call mum", "I will not do it", "I think so", "will you marry", "please hold on",
        "I'd like a coffee",
    ],
)  # fmt: skip
def test_what_is_no_promise_is_not_taken_for_one(said: str) -> None:
    assert promises(said) == []


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Yes, and I’ll send the report by Friday, okay?", "I’ll send the report by Friday"),
        ("so um we've got to tell Peter", "we've got to tell Peter"),
        ("don't forget to lock the door", "don't forget to lock the door"),
        ("would you please water the plants thanks", "would you please water the plants"),
        ("I'm going to pay the bill tomorrow and then go", "I'm going to pay the bill tomorrow and then go"),
    ],
)
def test_a_promise_is_cut_out_as_it_was_said(said: str, text: str) -> None:
    assert [clause.text for clause in promises(said)] == [text]
