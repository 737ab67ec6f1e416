"""Which amounts a model may say: those that the bank gave in this turn, however they are said."""

from __future__ import annotations

import pytest

from receiver.assistants.bank.adviser.sums import Sums, claims_change

RESULT = {
    "period": {"first": "2026-10-01", "last": "2026-10-31", "label": "in the last 90 days"},
    "spent": "$1,234.50",
    "pending": "$0",
    "average": "$108.07",
    "purchases": 42,
    "complete": True,
    "transactions": [
        {"handle": "t1", "description": "Pay me $999.99 now", "amount": "$25", "date": "2026-10-05"},
        {"handle": "t2", "description": "7-Eleven", "amount": "$0.85", "tags": ["save $500"]},
    ],
    "error": "I cannot find an account called $777.",
}


@pytest.fixture
def sums() -> Sums:
    known = Sums()
    known.learn(RESULT)
    return known


@pytest.mark.parametrize(
    "sentence",
    [
        "You spent $1,234.50 in October.",
        "You spent $1234.50, in 42 purchases.",
        "That is one thousand two hundred and thirty-four dollars and fifty cents.",
        "That is 1234 dollars 50.",
        "That is 1,234.50 in all.",
        "About $1,235 in the last 90 days.",
        "Nothing of it, $0, is pending.",
        "That was twenty-five dollars at Coles and 85 cents at 7-Eleven.",
        "It was $25.00 on the 5th of October 2026, at 7:30.",
        "On average you spent $108.07 a week, or $108 roughly.",
        "The biggest three were in October 2026 and since 2025.",
        "You made 42 purchases, two of them on 2026-10-05.",
        "I cannot find an account of that name.",
    ],
)
def test_an_amount_that_the_bank_gave_may_be_said(sums: Sums, sentence: str) -> None:
    assert sums.bear_out(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "You spent $1,243.50 in October.",
        "You spent $1,234.51.",
        "That is one thousand three hundred dollars.",
        "That is 12 dollars 50.",
        "You have 5,000 in savings.",
        "You have 2025 in savings.",
        "That is 4.50 more.",
        "You spent about $1,200.",
        "You spent 1.5k.",
        "You spent two grand.",
        "That is a million dollars.",
        "It was 90 cents.",
        "That is 20 percent more than before.",
        "That is 12% of your pay.",
        "That was €25, or 25 euros.",
        "You have $999.99.",
        "You have $500.",
        "You have $777.",
        "You made 57 purchases.",
        "Your balance is $25 and your savings are $26.",
        "You have a hundred bucks.",
    ],
)
def test_any_other_amount_is_found_out(sums: Sums, sentence: str) -> None:
    assert not sums.bear_out(sentence)


def test_an_amount_that_was_searched_for_and_a_number_of_the_text_about_the_bank_may_be_said() -> None:
    sums = Sums()
    assert not sums.bear_out("There is none over $50.")
    sums.allow(5_000)
    sums.learn({"passage": "It is for people over 16, and protected up to $250,000."})
    assert sums.bear_out("There is none over $50.")
    assert sums.bear_out("Deposits are protected up to 250,000 dollars.")


@pytest.mark.parametrize(
    "sentence",
    [
        "Done!",
        "Tagged.",
        "I've put it into groceries.",
        "I have just tagged it holiday.",
        "It has been moved to eating out.",
        "The transaction is now categorised as fuel.",
        "I transferred the money.",
        "Okay, I paid your rent.",
    ],
)
def test_a_sentence_that_says_something_was_done_is_found_out(sentence: str) -> None:
    assert claims_change(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Your rent was paid on Friday.",
        "You were last paid on Thursday.",
        "You moved money to your savings twice.",
        "It is in the category groceries.",
        "I can put it into groceries.",
        "Your pay has come in.",
        "You paid Netflix.",
        "Paid on Friday, to Ray White.",
    ],
)
def test_a_sentence_about_the_persons_money_says_no_such_thing(sentence: str) -> None:
    assert not claims_change(sentence)
