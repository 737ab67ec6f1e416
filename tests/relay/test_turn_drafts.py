"""Thinking ahead: when a draft goes out, when it is discarded, whose reply counts."""

from __future__ import annotations

import pytest

from protocol.errors import AnswerFailed, InternalError, TurnConflict, VoiceError
from relay import turn_events as ev
from tests.relay.turn_driver import Driver, final, typed


def test_a_draft_goes_out_after_seven_tenths_of_quiet() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.until(20.0)
    assert driver.drafts == [(1.7, 1, "two eggs")]


def test_a_second_draft_waits_a_second_and_a_half_and_there_is_no_third() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, final("and toast"))
    driver.at(4.0, final("and tea"))
    driver.until(20.0)
    assert driver.drafts == [(1.7, 1, "two eggs"), (3.5, 2, "two eggs and toast")]
    assert [(at, c.attempt) for at, c in driver.all(ev.SendDiscard)] == [(2.0, 1), (4.0, 2)]
    [(at, commit)] = driver.all(ev.SendCommit)
    assert (at, commit.attempt, commit.plan) == (7.0, None, None)


@pytest.mark.parametrize("speech", [final("and toast"), ev.Partial("and")], ids=["final", "partial"])
def test_more_speech_discards_a_draft(speech: ev.Event) -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    assert driver.at(2.0, speech) == [ev.SendDiscard(turn=1, attempt=1)]


def test_a_partial_without_words_discards_no_draft() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Partial(" ... "))
    driver.until(20.0)
    assert driver.all(ev.SendDiscard) == []
    assert driver.commits == [(4.0, 1, "two eggs")]


def test_no_draft_while_words_are_outstanding() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"), ev.Partial("and"))
    driver.at(4.0, final("and toast"))
    driver.until(20.0)
    assert driver.drafts == [(4.7, 1, "two eggs and toast")]


def test_no_draft_while_recognition_cannot_tell() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.5, ev.Behind(True))
    driver.at(4.5, ev.Behind(False))
    driver.until(20.0)
    assert [at for at, _, _ in driver.drafts] == [pytest.approx(4.7)]


def test_drafts_can_be_switched_off() -> None:
    driver = Driver(drafts=False)
    driver.at(1.0, final("two eggs"))
    driver.until(20.0)
    assert driver.drafts == []
    assert len(driver.commits) == 1


def test_a_draft_that_would_come_no_sooner_than_the_commit_is_not_sent() -> None:
    driver = Driver(silence=0.7)
    driver.at(1.0, final("two eggs"))
    driver.until(20.0)
    assert driver.drafts == []


def test_a_draft_whose_turn_is_due_already_is_not_sent() -> None:
    driver = Driver()
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, final("and toast"))
    driver.at(9.0, ev.Committed(1, "Noted."))
    driver.until(20.0)
    assert driver.drafts == []
    assert driver.commits[1:] == [(9.0, 2, "and toast")]


def test_no_draft_during_a_commit_or_without_a_receiver() -> None:
    driver = Driver(opened=False)
    driver.at(1.0, final("two eggs"))
    driver.until(3.0)
    assert driver.drafts == []
    driver.at(3.5, ev.Opened(1, 1))
    driver.at(3.75, ev.LinkLost())
    driver.at(5.0, final("and toast"))
    driver.until(20.0)
    assert [at for at, _, _ in driver.drafts] == [3.5]


def test_the_commit_bears_the_attempt_and_the_plan_of_its_draft() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.DraftReplied(1, 1, b"plan"))
    driver.until(4.0)
    [(_, commit)] = driver.all(ev.SendCommit)
    assert (commit.attempt, commit.plan) == (1, b"plan")


def test_another_attempts_reply_is_dropped() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, final("and toast"))
    driver.at(3.75, ev.DraftReplied(1, 1, b"of two eggs alone"), ev.DraftReplied(2, 2, b"of another turn"))
    driver.until(10.0)
    [(_, commit)] = driver.all(ev.SendCommit)
    assert (commit.attempt, commit.plan) == (2, None)


def test_a_reply_that_comes_after_the_commit_helps_a_resend() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.until(4.0)
    driver.at(4.5, ev.DraftReplied(1, 1, b"plan"))
    driver.at(5.0, ev.LinkLost(), ev.Opened(2, 1))
    first, again = (commit for _, commit in driver.all(ev.SendCommit))
    assert (first.attempt, first.plan) == (1, None)
    assert (again.attempt, again.plan) == (1, b"plan")


def test_attempts_are_not_numbered_anew_in_the_next_turn() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(5.0, ev.Committed(1, "Noted."))
    driver.at(6.0, final("and toast"))
    driver.until(8.0)
    assert [attempt for _, attempt, _ in driver.drafts] == [1, 2]
    assert driver.drafts[1][0] == 6.7, "a turn's first draft waits 0.7 s"


def test_a_draft_that_the_link_lost_is_made_again_once() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.LinkLost())
    driver.at(2.25, ev.Opened(2, 1))
    driver.at(2.625, ev.LinkLost(), ev.Opened(3, 1))
    driver.until(20.0)
    assert [at for at, _, _ in driver.drafts] == [1.7, 2.5]
    [(_, commit)] = driver.all(ev.SendCommit)
    assert commit.attempt is None
    assert driver.all(ev.SendDiscard) == [], "a lost draft needs no discard"


@pytest.mark.parametrize("error", [AnswerFailed(), TurnConflict(), InternalError()], ids=lambda e: e.code)
def test_a_refused_draft_is_tried_once_more_and_harms_nothing(error: VoiceError) -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Refused(error, turn=1, attempt=1))
    driver.until(10.0)
    assert [at for at, _, _ in driver.drafts] == [1.7, 2.5]
    assert driver.commits == [(4.0, 1, "two eggs")]
    assert driver.all(ev.FailTurn) == []


@pytest.mark.parametrize("error", [AnswerFailed(), InternalError()], ids=lambda e: e.code)
def test_a_draft_refused_after_its_commit_does_not_refuse_the_commit(error: VoiceError) -> None:
    """A commit's refusal bears the commit's epoch, a draft's has none; the commit is still thought about."""
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(4.5, ev.Refused(error, turn=1, attempt=1))
    driver.until(10.0)
    driver.at(10.0, ev.Committed(1, "Noted."))
    assert len(driver.commits) == 1
    assert driver.all(ev.FailTurn) == []
    assert [c.turn for _, c in driver.all(ev.Answer)] == [1]


def test_a_new_epoch_forgets_the_draft_of_the_old_one() -> None:
    """The session was opened twice; the draft of turn 1 must not become the plan of turn 2."""
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Opened(2, 2), ev.DraftReplied(1, 1, b"plan of turn 1"))
    driver.until(10.0)
    [(_, commit)] = driver.all(ev.SendCommit)
    assert (commit.turn, commit.plan) == (2, None)
