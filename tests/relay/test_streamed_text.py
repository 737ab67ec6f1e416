"""An answer's text as it comes: never a draft's, never twice, and void where it begins anew."""

from __future__ import annotations

from protocol.link_messages import Delta
from relay.streamed_text import StreamedText


def delta(text: str, turn: int = 1, attempt: int | None = None, restart: bool | None = None) -> Delta:
    return Delta(session="s", turn=turn, attempt=attempt, text=text, restart=restart)


def test_what_is_thought_ahead_is_not_told_before_its_turn_is_committed() -> None:
    text = StreamedText()
    text.draft(1, 1)
    assert text.take(delta("Two ", attempt=1)) is None
    assert text.take(delta("eggs", attempt=1)) is None
    text.commit(1, 1)
    assert text.release() == "Two eggs"
    assert text.take(delta(", noted.", attempt=1)) == (", noted.", False)


def test_a_draft_that_was_discarded_is_never_told() -> None:
    text = StreamedText()
    text.draft(1, 1)
    text.take(delta("Two eggs", attempt=1))
    text.draft(1, 2)
    assert text.take(delta(" and", attempt=1)) is None
    text.take(delta("Toast", attempt=2))
    text.commit(1, 2)
    assert text.release() == "Toast"


def test_a_commit_without_its_draft_tells_its_own_pieces_from_the_first() -> None:
    text = StreamedText()
    text.draft(1, 1)
    text.take(delta("Two eggs", attempt=1))
    text.commit(1, None)
    assert text.release() == ""
    assert text.take(delta("Toast")) == ("Toast", False)
    assert text.take(delta(".")) == (".", False)


def test_a_commit_that_is_thought_out_anew_voids_what_its_draft_had_told() -> None:
    text = StreamedText()
    text.draft(1, 1)
    text.take(delta("Two eggs", attempt=1))
    text.commit(1, 1)
    text.release()
    assert text.take(delta("Toast")) == ("Toast", True)
    assert text.take(delta(" and jam")) == (" and jam", False)
    assert text.take(delta("late", attempt=1)) is None


def test_a_commit_that_is_sent_again_begins_its_answer_again() -> None:
    text = StreamedText()
    text.commit(1, None)
    text.take(delta("Two "))
    text.commit(1, None)
    assert text.take(delta("Two ")) == ("Two ", True)
    assert text.take(delta("eggs")) == ("eggs", False)


def test_a_restart_of_a_draft_drops_what_was_held_and_voids_nothing_that_was_not_told() -> None:
    text = StreamedText()
    text.draft(1, 1)
    text.take(delta("made up", attempt=1))
    text.take(delta("Two eggs", attempt=1, restart=True))
    text.commit(1, 1)
    assert text.release() == "Two eggs"
    text.draft(2, 2)
    text.commit(2, 2)
    assert text.take(delta("Soup", turn=2, attempt=2, restart=True)) == ("Soup", False)
    assert text.take(delta("Stew", turn=2, attempt=2, restart=True)) == ("Stew", True)


def test_pieces_of_another_turn_are_dropped() -> None:
    text = StreamedText()
    assert text.take(delta("nobody asked")) is None
    text.commit(2, None)
    assert text.take(delta("old", turn=1)) is None
