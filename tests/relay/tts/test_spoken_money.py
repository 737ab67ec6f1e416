"""Piper's voice must not read "$42.50" as "dollar forty-two point five zero"."""

from __future__ import annotations

import pytest

from relay.tts.spoken_money import money_in_words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("You spent $42.50 there.", "You spent 42 dollars and 50 cents there."),
        ("It is $1,234.05, and -$20.", "It is 1,234 dollars and 5 cents, and minus 20 dollars."),
        ("$1 or $0.01 or $0.50 or $0", "1 dollar or 1 cent or 50 cents or 0 dollars"),
        ("€1.01 and £2.02.", "1 euro and 1 cent and 2 pounds and 2 pence."),
        ("$2 million, $1.50 billion", "2 million dollars, 1.50 billion dollars"),
        ("US$5, $5.5, $1.234, $x, a$b, 5$", "US$5, $5.5, $1.234, $x, a$b, 5$"),
        ("no money in it", "no money in it"),
        ("$5.", "5 dollars."),
        ("$16.77; $5", "16 dollars and 77 cents; 5 dollars"),
    ],
)
def test_a_sum_of_money_is_said_as_people_say_it(written: str, read: str) -> None:
    assert money_in_words(written) == read
