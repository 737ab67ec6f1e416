"""Whatever is said gets an answer, the same one twice, and what is remembered of it is a question."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receiver.assistants.bank import BankAssistant
from receiver.assistants.bank.question import Question, Span
from receiver.bank.client import BankClient
from receiver.bank.periods import find_periods
from tests.emulators.up_bank_history import ZONE
from tests.receiver.bank_assistant.bank_call import CONVERSATION, BankCall

# Whatever is said


async def test_the_same_said_twice_is_thought_the_same(bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    for said in CONVERSATION:
        before = json.dumps(call.state)
        first, second = await call.think(said), await call.think(said)
        assert (first.text, first.effects, first.kept) == (second.text, second.effects, second.kept)
        assert json.dumps(call.state) == before
        await call.say(said)


WORDS = st.lists(
    st.sampled_from(
        [
            "how",
            "much",
            "did",
            "i",
            "spend",
            "on",
            "at",
            "in",
            "groceries",
            "woolworths",
            "last",
            "month",
            "week",
            "the",
            "biggest",
            "and",
            "what",
            "about",
            "no",
            "wait",
            "put",
            "that",
            "tag",
            "it",
            "yes",
            "is",
            "my",
            "rent",
            "paid",
            "when",
            "was",
            "balance",
            "savings",
            "transfer",
            "fifty",
            "dollars",
            "$5",
            "seven",
            "eleven",
            "over",
            "average",
            "per",
            "up",
            "fees",
            "before",
            "that",
            "more",
            "than",
            "between",
            "31st",
            "of",
            "february",
            "2026",
            "99999999999",
            "coffee",
            "pending",
            "by",
            "category",
            "compare",
        ]
    ),
    max_size=14,
).map(lambda words: " ".join(words) or "um")


@pytest.fixture
def no_bank() -> BankAssistant:
    return BankAssistant()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=WORDS, then=WORDS | st.text(min_size=1, max_size=60))
async def test_any_words_get_an_answer(no_bank: BankAssistant, first: str, then: str) -> None:
    call = BankCall(no_bank)
    for said in (first, then):
        heard = await call.say(said)
        assert heard.text.strip()
        assert json.loads(json.dumps(call.state)) == call.state
        if call.state["last"] is not None:
            Question.from_json(call.state["last"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(WORDS, min_size=1, max_size=3))
async def test_any_words_get_an_answer_of_the_bank(bank_client: BankClient, said: list[str]) -> None:
    call = BankCall(BankAssistant(bank_client), deliver=False)
    for words in said:
        heard: Any = await call.say(words)
        assert heard.text.strip()
        if call.state["last"] is not None:
            asked = Question.from_json(call.state["last"]).as_json()
            assert {**asked, "on": "2026-11-18"} == call.state["last"]


# A question as JSON


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "transfer"},
        {"kind": "spending", "categories": "groceries"},
        {"kind": "spending", "categories": [7]},
        {"kind": "spending", "period": {"first": "2026-02-30", "last": "2026-03-01"}},
        {"kind": "spending", "period": {"first": "2026-03-02", "last": "2026-03-01"}},
        {"kind": "spending", "period": "last week"},
        {"kind": "transactions", "limit": 0},
        {"kind": "transactions", "limit": True},
        {"kind": "transactions", "least": -1},
        {"kind": "transactions", "merchant": ["Coles"]},
        {"kind": "transactions", "order": "random"},
        {"kind": "transactions", "held": "yes"},
        [],
        None,
    ],
    ids=str,
)
def test_what_is_no_question_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Question.from_json(data)


def test_hours_become_the_days_that_they_are_in() -> None:
    now = datetime(2026, 11, 18, 1, 0, tzinfo=ZONE)
    found, _ = find_periods("in the last three hours", now, ZONE)
    span = Span.of(found[0], ZONE)
    assert (str(span.first), str(span.last), span.label) == ("2026-11-17", "2026-11-18", "since yesterday")
    assert Span.from_json(span.as_json()) == span
