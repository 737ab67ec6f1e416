"""A commit on its way to the store: lost, late, refused, renumbered, given up."""

from __future__ import annotations

import pytest

from protocol.errors import (
    AnswerFailed,
    InboxOverflow,
    InternalError,
    ReceiverTimeout,
    SessionMoved,
    SessionNotOpen,
    StoreUnavailable,
    TurnConflict,
    TurnFailed,
    VoiceError,
)
from relay import turn_events as ev
from relay.turn_states import Committing
from tests.relay.turn_driver import Driver, final, item, typed


def committing(**times: float | bool) -> Driver:
    """Turn 1, "two eggs", was sent at 1.0."""
    driver = Driver(**times)
    driver.at(1.0, typed("two eggs"))
    return driver


def test_a_commit_shows_its_turn_once_and_then_its_answer() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs", audio_until=16_000))
    driver.until(4.0)
    assert driver.all(ev.ShowTurn) == [(4.0, ev.ShowTurn(1, [item("two eggs")]))]
    assert driver.at(5.0, ev.Committed(1, "Noted.")) == [ev.Answer(1, "Noted.", 16_000)]
    assert driver.machine.settled


def test_a_turn_without_a_receiver_is_parked_and_sent_when_the_session_opens() -> None:
    driver = Driver(opened=False)
    driver.at(1.0, final("two eggs"))
    driver.until(100.0)
    assert driver.commands == []
    driver.at(100.0, ev.Opened(epoch=7, next_turn=12))
    [(at, commit)] = driver.all(ev.SendCommit)
    assert (at, commit.epoch, commit.turn) == (100.0, 7, 12)


def test_a_commit_whose_link_is_lost_is_sent_again_under_its_number() -> None:
    """The receiver may have stored it: its next turn is 2 already, and the commit is still turn 1."""
    driver = committing()
    driver.at(2.0, ev.LinkLost())
    driver.at(3.0, ev.Opened(epoch=2, next_turn=2))
    assert [(at, c.epoch, c.turn) for at, c in driver.all(ev.SendCommit)] == [(1.0, 1, 1), (3.0, 2, 1)]
    driver.at(4.0, ev.Committed(1, "Noted."))
    driver.at(5.0, typed("and toast"))
    assert driver.commits[-1] == (5.0, 2, "and toast")
    assert len(driver.all(ev.ShowTurn)) == 2


def test_a_turn_that_loses_its_link_three_times_is_given_up() -> None:
    driver = committing()
    driver.at(2.0, ev.LinkLost(), ev.Opened(2, 1))
    driver.at(3.0, ev.LinkLost(), ev.Opened(3, 1))
    [failed] = driver.at(4.0, ev.LinkLost())
    assert isinstance(failed, ev.FailTurn)
    assert (failed.turn, failed.items, type(failed.error)) == (1, [item("two eggs")], TurnFailed)
    driver.at(5.0, ev.Opened(4, 1))
    driver.until(700.0)
    assert len(driver.commits) == 3, "nothing resends it by itself"


def test_a_turn_five_minutes_old_is_given_up_and_the_session_opened_anew() -> None:
    driver = committing()
    driver.at(2.0, ev.Refused(StoreUnavailable(), turn=1, epoch=1))
    driver.at(2.5, ev.LinkLost())
    driver.until(400.0)
    assert [at for at, _ in driver.all(ev.FailTurn)] == [301.0]
    assert driver.machine.settled


def test_a_turn_five_minutes_old_opens_the_session_anew_while_the_link_is_up() -> None:
    """Its epoch keeps the commit from being stored after the person was told that it is not."""
    driver = Driver(opened=False)
    driver.at(1.0, typed("two eggs"))
    driver.at(290.0, ev.Opened(1, 1))
    driver.until(400.0)
    assert [(at, type(c)) for at, c in driver.commands if not isinstance(c, ev.Reject)] == [
        (290.0, ev.ShowTurn),
        (290.0, ev.SendCommit),
        (301.0, ev.FailTurn),
        (301.0, ev.Reopen),
    ]


def test_a_turn_that_was_never_sent_is_shown_before_it_fails() -> None:
    driver = Driver(opened=False)
    driver.at(1.0, final("two eggs"))
    driver.until(400.0)
    assert [(at, type(c)) for at, c in driver.commands] == [(304.0, ev.ShowTurn), (304.0, ev.FailTurn)]


def test_what_was_said_after_a_given_up_turn_is_still_answered() -> None:
    driver = Driver(opened=False)
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, typed("and toast"))
    driver.until(310.0)
    assert len(driver.all(ev.FailTurn)) == 1
    driver.at(310.0, ev.Opened(1, 1))
    assert driver.commits == [(310.0, 1, "and toast")]


def test_the_age_of_a_turn_counts_from_its_own_commit() -> None:
    """The one before it held the place for five minutes; that is not the second one's age."""
    driver = Driver(opened=False)
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, final("and toast"))
    driver.machine.handle(ev.Wake(), 302.5)  # a little late
    assert driver.machine.deadline == 601.0


def test_a_commit_without_an_answer_in_thirty_seconds_is_sent_again() -> None:
    driver = committing()
    driver.until(40.0)
    assert [at for at, _, _ in driver.commits] == [1.0, 31.0]
    [(at, told)] = driver.all(ev.Reject)
    assert (at, type(told.error), told.turn) == (31.0, ReceiverTimeout, 1)


def test_a_receiver_that_never_answers_costs_one_turn() -> None:
    driver = committing()
    driver.at(50.0, final("and toast"))
    driver.until(91.0)
    assert [at for at, _, _ in driver.commits] == [1.0, 31.0, 61.0]
    assert [at for at, _ in driver.all(ev.FailTurn)] == [91.0]
    assert [at for at, _ in driver.all(ev.Reopen)] == [91.0]
    driver.at(92.0, ev.Opened(2, 1))
    assert driver.commits[-1] == (92.0, 1, "and toast")


def test_a_receiver_that_cannot_write_is_asked_again_later_and_later_up_to_five_minutes() -> None:
    driver = committing()
    now, waits = 1.0, []
    while not driver.all(ev.FailTurn):
        count = len(driver.commits)
        driver.at(now, ev.Refused(StoreUnavailable(), turn=1, epoch=1))
        while len(driver.commits) == count and not driver.all(ev.FailTurn):
            now += 0.5
            driver.until(now)
        waits.append(driver.commits[-1][0] - driver.commits[-2][0])
    assert waits[:7] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert [at for at, _ in driver.all(ev.FailTurn)] == [301.0]


def test_a_given_up_turn_that_was_stored_all_the_same_is_answered() -> None:
    driver = committing()
    driver.at(2.0, ev.LinkLost())
    driver.until(302.0)
    assert [at for at, _ in driver.all(ev.FailTurn)] == [301.0]
    commands = driver.at(310.0, ev.Opened(2, 2, (1, "two eggs", "Noted.")))
    assert commands == [ev.Answer(1, "Noted.", 0)]
    driver.at(311.0, ev.Opened(3, 2, (1, "two eggs", "Noted.")))
    assert len(driver.all(ev.Answer)) == 1


def test_a_given_up_turn_is_not_answered_with_what_another_said() -> None:
    driver = committing()
    driver.at(2.0, ev.LinkLost())
    driver.until(302.0)
    assert driver.at(310.0, ev.Opened(2, 2, (1, "a banana", "Noted."))) == []


def test_an_answer_that_fails_three_times_is_given_up() -> None:
    driver = committing()
    driver.at(2.0, ev.Refused(AnswerFailed(), turn=1, epoch=1))
    driver.until(3.0)
    driver.at(3.5, ev.Refused(AnswerFailed(), turn=1, epoch=1))
    driver.until(5.5)
    assert [at for at, _, _ in driver.commits] == [1.0, 3.0, 5.5]
    driver.at(6.0, ev.Refused(AnswerFailed(), turn=1, epoch=1))
    assert len(driver.all(ev.FailTurn)) == 1


@pytest.mark.parametrize("error", [InternalError(), InboxOverflow()], ids=lambda e: e.code)
def test_an_error_that_trying_again_does_not_mend_fails_the_turn_at_once(error: VoiceError) -> None:
    driver = committing()
    failed, reopen = driver.at(2.0, ev.Refused(error, turn=1, epoch=1))
    assert failed == ev.FailTurn(1, [item("two eggs")], error)
    assert reopen == ev.Reopen()


@pytest.mark.parametrize("error", [SessionMoved(), TurnConflict()], ids=lambda e: e.code)
def test_a_turn_that_is_not_stored_under_its_number_takes_the_next_free_one(error: VoiceError) -> None:
    driver = committing()
    assert driver.at(2.0, ev.Refused(error, turn=1, epoch=1)) == [ev.Reopen()]
    assert driver.machine.state == "waiting_for_receiver"
    driver.at(3.0, ev.Opened(epoch=5, next_turn=4))
    assert [(c.epoch, c.turn) for _, c in driver.all(ev.SendCommit)] == [(1, 1), (5, 4)]
    driver.at(4.0, ev.Committed(4, "Noted."))
    assert driver.machine.next_turn == 5


def test_an_answer_never_bears_a_number_that_the_client_was_not_shown() -> None:
    driver = committing()
    driver.at(2.0, ev.Refused(SessionMoved(), turn=1, epoch=1))
    driver.at(3.0, ev.Opened(epoch=5, next_turn=4))
    driver.at(4.0, ev.Committed(4, "Noted."))
    assert [c.turn for _, c in driver.all(ev.ShowTurn)] == [1, 4]


def test_a_failure_never_bears_a_number_that_the_client_was_not_shown() -> None:
    driver = committing()
    driver.at(2.0, ev.Refused(SessionMoved(), turn=1, epoch=1))
    driver.at(3.0, ev.Opened(epoch=5, next_turn=4))
    driver.at(4.0, ev.Refused(SessionMoved(), turn=4, epoch=5))
    driver.at(5.0, ev.Opened(epoch=7, next_turn=6))
    driver.at(6.0, ev.Refused(SessionMoved(), turn=6, epoch=7))
    [(_, failed)] = driver.all(ev.FailTurn)
    assert failed.turn == [c.turn for _, c in driver.all(ev.ShowTurn)][-1] == 6


def test_a_moved_turn_does_not_take_the_old_drafts_plan_along() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.DraftReplied(1, 1, b"plan"))
    driver.until(4.0)
    driver.at(5.0, ev.Refused(SessionMoved(), turn=1, epoch=1), ev.Opened(2, 3))
    assert [(c.turn, c.attempt, c.plan) for _, c in driver.all(ev.SendCommit)] == [
        (1, 1, b"plan"),
        (3, None, None),
    ]


def test_a_session_that_is_not_open_is_opened_and_the_turn_keeps_its_number() -> None:
    driver = committing()
    assert driver.at(2.0, ev.Refused(SessionNotOpen(), turn=1, epoch=1)) == [ev.Reopen()]
    driver.at(3.0, ev.Opened(epoch=2, next_turn=2))
    assert driver.commits[-1] == (3.0, 1, "two eggs")


def test_sessions_that_fight_over_a_turn_give_it_up_at_the_third_time() -> None:
    driver = committing()
    for number in range(3):
        driver.at(2.0 + number, ev.Refused(SessionMoved(), driver.commits[-1][1], epoch=number + 1))
        driver.at(2.5 + number, ev.Opened(number + 2, number + 2))
    assert len(driver.commits) == 3
    assert len(driver.all(ev.FailTurn)) == 1


def test_a_refusal_of_an_older_epoch_is_not_about_the_commit_that_is_out() -> None:
    driver = committing()
    driver.at(2.0, ev.LinkLost(), ev.Opened(2, 1))
    assert driver.at(3.0, ev.Refused(SessionMoved(), turn=1, epoch=1)) == []
    assert driver.machine.committing is Committing.SENT


def test_a_commit_on_its_way_when_the_epoch_changes_is_sent_again() -> None:
    """The session was opened twice, as the first answer was late. Without it the turn waits 30 s for nothing."""
    driver = committing()
    driver.at(1.1, ev.Opened(2, 1))
    driver.at(1.2, ev.Refused(SessionMoved(), turn=1, epoch=1))
    driver.until(2.0)
    assert [(c.epoch, c.turn) for _, c in driver.all(ev.SendCommit)] == [(1, 1), (2, 1)]
    assert driver.machine.committing is Committing.SENT


def test_an_opening_that_was_overtaken_does_not_bring_its_old_epoch_back() -> None:
    driver = Driver()
    driver.at(1.0, ev.Opened(3, 2), ev.Opened(2, 2))
    driver.at(2.0, typed("two eggs"))
    assert [c.epoch for _, c in driver.all(ev.SendCommit)] == [3]


def test_the_late_answer_of_a_given_up_turn_is_not_the_answer_of_the_next() -> None:
    driver = committing()
    driver.until(91.0)
    driver.at(92.0, typed("and toast"))
    assert driver.at(93.0, ev.Committed(1, "Two eggs noted.")) == []
    driver.at(94.0, ev.Opened(2, 2))
    assert driver.commits[-1] == (94.0, 2, "and toast")


def test_an_answer_is_taken_once() -> None:
    driver = committing()
    assert len(driver.at(2.0, ev.Committed(1, "Noted."))) == 1
    assert driver.at(2.1, ev.Committed(1, "Noted.")) == []
    assert driver.at(2.2, ev.Refused(AnswerFailed(), turn=1, epoch=1)) == []


def test_audio_is_durable_up_to_the_last_final_of_the_committed_turn() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs", audio_until=8_000), final("and toast", audio_until=24_000))
    driver.until(4.0)
    driver.at(5.0, final("and tea", audio_until=90_000))
    driver.at(6.0, ev.Committed(1, "Noted."))
    assert [c.audio_until for _, c in driver.all(ev.Answer)] == [24_000]


def test_the_number_of_what_is_being_said_counts_the_turn_before_it() -> None:
    driver = Driver(opened=False)
    machine = driver.machine
    assert machine.gathering_turn == 1
    driver.at(1.0, typed("two eggs"))
    assert machine.gathering_turn == 2
    driver.at(2.0, ev.Opened(1, 7))
    assert machine.gathering_turn == 8
    driver.at(3.0, ev.Committed(7, "Noted."))
    assert machine.gathering_turn == 8
