"""What counts as said, and what a sentence about it may say."""

from __future__ import annotations

import pytest

from receiver.assistants.notes.secretary.quotes import bears_out, find_quote


@pytest.mark.parametrize(
    ("quote", "said", "found"),
    [
        ("I'll send the slides", "yes I'll send the slides", "I'll send the slides"),
        ("i'll SEND the slides.", "Yes, I’ll send the slides!", "I’ll send the slides"),
        ("I'll send the slides", "I'll, um, send the uh slides", "I'll, um, send the uh slides"),
        ("call Zoë at 9:30", "you could call Zoë at 9:30 today", "call Zoë at 9:30"),
        ("lock the door", "don't forget to lock the door", "lock the door"),
        ("I will bring it", "do not worry I will bring it", "I will bring it"),
        ("I will come", "Not me. I will come", "I will come"),
        ("send it", "I will not send it. No, I will send it", "send it"),
        ("send the slides", "I'll send, if I can, the slides", None),
        ("end the slides", "I'll send the slides", None),
        ("send the slide", "I'll send the slides", None),
        ("send the slides", "I will not send the slides", None),
        ("send the slides", "I won't send the slides", None),
        ("I will come", "I don't think I will come", None),
        ("send the slides", "I would never really send the slides", None),
        ("yes", "yes", None),
        ("", "yes", None),
        ("?!", "yes", None),
        ("send it", "", None),
    ],
)
def test_a_quote_is_a_stretch_of_what_was_said(quote: str, said: str, found: str | None) -> None:
    stretch = find_quote(quote, said)
    assert (stretch and stretch.text) == found
    if stretch is not None:
        assert said[stretch.start : stretch.end] == stretch.text


HEARD = "the rent is nine hundred euros from january because Tom's brother moved to the fourteenth floor\nAll right."


@pytest.mark.parametrize(
    "point",
    [
        "the rent is nine hundred euros from january",
        "The rent is 900 euros from January.",
        "Tom's brother moves to the 14th floor",
        "Moving to the fourteenth floor",
        "His rent is 900 euros",
        "14th floor is where he moved",
        "Rent goes up because the brother of Tom moved",
    ],
)
def test_a_point_that_says_what_was_heard_holds(point: str) -> None:
    assert bears_out(point, HEARD)


@pytest.mark.parametrize(
    "point",
    [
        "The rent is 950 euros from January.",
        "The rent is ninety euros from January",
        "The rent is 900 euros from February, says Tom's brother",
        "The rent of Jane's brother is 900 euros",
        "Jane moved to the fourteenth floor",
        "The rent is not 900 euros from January",
        "The deposit has been repaid in full today",
        "",
        "It is so.",
        "The rent is **900 euros** from January",
        "The rent is 900 euros, see https://rent.example",
        "The rent\nis\x00 900 euros",
        "The rent is 900 euros \ud800",
    ],
)
def test_a_point_that_says_something_else_does_not_hold(point: str) -> None:
    assert not bears_out(point, HEARD)
