"""When a turn is over: silence, partials, speech recognition that is away or late, typed text, flush."""

from __future__ import annotations

import pytest

from protocol.errors import BufferFull
from protocol.messages import MAX_ITEMS
from relay import turn_events as ev
from relay.turn_states import Gathering
from tests.relay.turn_driver import Driver, final, item, typed


def test_a_turn_is_committed_exactly_at_three_seconds_of_silence() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.until(20.0)
    assert driver.commits == [(4.0, 1, "two eggs")]


def test_every_final_starts_the_silence_anew() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(3.9, final("and toast"))
    driver.until(20.0)
    assert driver.commits == [(6.9, 1, "two eggs and toast")]


def test_a_partial_never_enters_the_buffer() -> None:
    driver = Driver()
    driver.at(1.0, ev.Partial("two"))
    driver.at(1.5, ev.Partial("two eggs"))
    driver.until(20.0)
    assert len(driver.machine.buffer) == 0
    assert driver.commits == []


def test_a_partial_delays_and_holds_for_two_seconds_more() -> None:
    """Its final got lost: five seconds after its last new word the rest is committed all the same."""
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Partial("and"))
    driver.until(20.0)
    assert driver.commits == [(7.0, 1, "two eggs")]


def test_the_final_of_a_partial_ends_its_hold() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Partial("and"))
    driver.at(5.5, final("and toast"))
    driver.until(20.0)
    assert driver.commits == [(8.5, 1, "two eggs and toast")]


def test_a_partial_that_only_gets_punctuation_is_no_new_speech() -> None:
    driver = Driver()
    driver.at(1.0, final("hello"))
    driver.at(2.0, ev.Partial("and toast"))
    driver.at(3.0, ev.Partial("And toast."))
    driver.at(4.0, ev.Partial("and, toast!"))
    driver.until(20.0)
    assert [at for at, _, _ in driver.commits] == [7.0]


def test_a_partial_that_is_taken_back_holds_nothing() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Partial("and"))
    driver.at(3.0, ev.Partial(""))
    driver.until(20.0)
    assert [at for at, _, _ in driver.commits] == [5.0]


def test_a_partial_taken_back_after_the_silence_commits_at_once() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.5, ev.Partial("and"))
    driver.at(6.0, ev.Partial(""))
    assert driver.commits == [(6.0, 1, "two eggs")]


@pytest.mark.parametrize("speech", [final("and toast"), ev.Partial("and toast")])
def test_at_equal_times_speech_beats_the_timer(speech: ev.Event) -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(4.0, speech)
    assert driver.commits == []
    driver.until(20.0)
    assert driver.commits[0][0] > 4.0


def test_an_overdue_timer_fires_before_the_event_that_finds_it() -> None:
    """The event loop was busy from 2.0 to 6.0; what was said at 6.0 is the next turn's."""
    driver = Driver(drafts=False)
    machine = driver.machine
    machine.handle(final("two eggs"), 1.0)
    commands = machine.handle(final("and toast"), 6.0)
    assert [c.turn for c in commands if isinstance(c, ev.SendCommit)] == [1]
    assert machine.buffer.get_items() == [item("and toast")]
    # It fired at the time it was due: its 30 s for an answer count from 4.0.
    assert machine.deadline == 34.0


def test_silence_of_zero_commits_each_final_at_once() -> None:
    driver = Driver(silence=0.0)
    assert any(isinstance(c, ev.SendCommit) for c in driver.at(1.0, final("two eggs")))
    driver.at(1.2, ev.Committed(1, "Noted."))
    driver.at(1.5, ev.Partial("and"))
    driver.at(2.0, final("and toast"))
    assert driver.commits == [(1.0, 1, "two eggs"), (2.0, 2, "and toast")]
    assert driver.drafts == []


# Speech recognition that is away, or late


@pytest.mark.parametrize(
    ("stop", "go_on"),
    [(ev.SttLost(), ev.SttBack()), (ev.Behind(True), ev.Behind(False))],
    ids=["lost", "behind"],
)
def test_silence_stands_still_while_recognition_cannot_tell(stop: ev.Event, go_on: ev.Event) -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, stop)
    driver.at(12.0, go_on)
    driver.until(20.0)
    assert driver.commits == [(14.0, 1, "two eggs")]


def test_silence_stands_still_until_recognition_is_both_back_and_not_behind() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.SttLost())
    driver.at(3.0, ev.Behind(True))
    driver.at(4.0, ev.SttBack())
    driver.at(6.0, ev.Behind(False))
    driver.until(20.0)
    assert driver.commits == [(8.0, 1, "two eggs")]


def test_words_heard_while_behind_start_the_silence_anew() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Behind(True))
    driver.at(5.0, final("and toast"))
    driver.at(7.0, ev.Behind(False))
    driver.until(20.0)
    assert driver.commits == [(10.0, 1, "two eggs and toast")]


def test_recognition_that_never_comes_back_keeps_a_turn_for_thirty_seconds_only() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.SttLost())
    driver.until(50.0)
    assert driver.commits == [(34.0, 1, "two eggs")]


def test_recognition_that_comes_and_goes_keeps_a_turn_for_thirty_seconds_only() -> None:
    """A service that takes each new stream and kills it at once is lost and back, again and again."""
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    for second in range(2, 60):
        driver.at(second, ev.SttLost())
        driver.at(second + 0.9921875, ev.SttBack())
    assert len(driver.commits) == 1
    assert 34.0 <= driver.commits[0][0] <= 35.0


def test_recognition_that_is_late_but_still_brings_words_is_waited_for() -> None:
    """It is behind for 40 s and brings a final every 8 s: one turn, not five."""
    driver = Driver()
    driver.at(1.0, final("one"))
    driver.at(1.5, ev.Behind(True))
    for number, word in enumerate(("two", "three", "four", "five")):
        driver.at(9.0 + 8 * number, final(word))
    driver.at(41.0, final("six"))
    driver.at(42.0, ev.Behind(False))
    driver.until(60.0)
    assert driver.commits == [(45.0, 1, "one two three four five six")]


def test_a_partial_whose_stream_died_holds_nothing() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(2.0, ev.Partial("and"), ev.SttLost())
    driver.at(3.0, ev.SttBack())
    driver.until(20.0)
    assert [at for at, _, _ in driver.commits] == [6.0]


# Typed text


def test_typed_text_commits_at_once_after_what_was_said() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.5, typed("and toast"))
    assert driver.commits == [(1.5, 1, "two eggs and toast")]


def test_typed_text_is_not_drafted_first() -> None:
    """Nothing was said for a minute: the draft's time is long past, and would be sent in vain."""
    driver = Driver()
    driver.at(60.0, typed("two eggs"))
    driver.until(62.0)
    assert driver.drafts == []
    assert driver.commits == [(60.0, 1, "two eggs")]


def test_typed_text_waits_for_the_turn_before_it() -> None:
    driver = Driver()
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, typed("and toast"))
    driver.at(2.5, typed("and tea"))
    assert len(driver.commits) == 1
    driver.at(9.0, ev.Committed(1, "Noted."))
    assert driver.commits[1:] == [(9.0, 2, "and toast and tea")]
    assert driver.drafts == []


def test_too_much_text_is_refused_and_nothing_else_is_lost() -> None:
    driver = Driver(opened=False)
    driver.at(1.0, typed("first"))  # parked
    for number in range(MAX_ITEMS):
        driver.at(2.0, typed(f"{number}"))
    rejected = driver.at(3.0, typed("one too many", id="t-9"))
    assert [(type(c.error), c.id) for c in rejected if isinstance(c, ev.Reject)] == [(BufferFull, "t-9")]
    driver.at(4.0, ev.Opened(1, 1))
    driver.at(5.0, ev.Committed(1, "Noted."))
    assert driver.commits[-1][1:] == (2, " ".join(str(number) for number in range(MAX_ITEMS)))


def test_a_final_that_finds_no_room_is_refused_not_swallowed() -> None:
    driver = Driver(opened=False)
    driver.at(1.0, typed("first"))
    for number in range(MAX_ITEMS):
        driver.at(2.0, typed(f"{number}"))
    rejected = driver.at(3.0, final("two eggs", audio_until=16_000))
    assert [type(c.error) for c in rejected if isinstance(c, ev.Reject)] == [BufferFull]
    driver.at(4.0, ev.Opened(1, 1))
    driver.at(5.0, ev.Committed(1, "Noted."))
    assert driver.all(ev.SendCommit)[-1][1].audio_until == 0, "audio counted as stored that is not"


def test_somebody_who_never_pauses_gets_turns_and_loses_no_word() -> None:
    driver = Driver()
    said = [f"sentence number {number} of a long story" for number in range(2_000)]
    for number, text in enumerate(said):
        before = len(driver.commits)
        driver.at(1.0 + 2 * number, final(text))
        if len(driver.commits) > before:
            driver.at(1.0 + 2 * number, ev.Committed(driver.commits[-1][1], "Noted."))
    driver.until(4_010.0)
    assert driver.all(ev.Reject) == []
    assert " ".join(text for _, _, text in driver.commits) == " ".join(said)
    assert 3 < len(driver.commits) < 20


# Flush


def test_an_empty_flush_does_nothing() -> None:
    driver = Driver()
    assert driver.at(1.0, ev.FlushAsked()) == [ev.Drain()]
    driver.at(1.1, ev.Drained())
    assert driver.machine.deadline is None
    driver.at(1.5, final("two eggs"))
    driver.until(20.0)
    assert driver.commits == [(4.5, 1, "two eggs")]


def test_an_empty_flush_does_nothing_later_either() -> None:
    """The partial it waited for is taken back; what is said next is a new turn of its own time."""
    driver = Driver()
    driver.at(1.0, ev.Partial("um"), ev.FlushAsked(), ev.Drained())
    driver.at(1.2, ev.Partial(""))
    driver.at(2.0, final("two eggs"))
    driver.until(20.0)
    assert driver.commits == [(5.0, 1, "two eggs")]


def test_a_flush_commits_as_soon_as_recognition_has_everything() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.2, ev.FlushAsked())
    driver.at(1.4, final("and toast"))
    assert driver.commits == []
    driver.at(1.5, ev.Drained())
    assert driver.commits == [(1.5, 1, "two eggs and toast")]


def test_a_flush_waits_for_an_outstanding_partial() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.1, ev.Partial("and"), ev.FlushAsked(), ev.Drained())
    assert driver.commits == []
    driver.at(2.0, final("and toast"))
    assert driver.commits == [(2.0, 1, "two eggs and toast")]


def test_a_flush_waits_for_the_final_of_the_only_words() -> None:
    driver = Driver()
    driver.at(1.0, ev.Partial("two"), ev.FlushAsked(), ev.Drained())
    driver.at(2.5, final("two eggs"))
    assert driver.commits == [(2.5, 1, "two eggs")]


def test_a_flush_waits_two_seconds_at_most() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.5, ev.Partial("and"), ev.FlushAsked())
    driver.until(20.0)
    assert driver.commits == [(3.5, 1, "two eggs")]


def test_a_flush_that_found_nothing_in_two_seconds_is_over() -> None:
    driver = Driver()
    driver.at(1.0, ev.FlushAsked())
    driver.at(3.5, final("two eggs"))
    driver.until(20.0)
    assert driver.commits == [(6.5, 1, "two eggs")]


def test_a_flush_does_not_wait_for_a_clock_that_stands() -> None:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    driver.at(1.5, ev.SttLost(), ev.FlushAsked())
    driver.until(20.0)
    assert driver.commits == [(3.5, 1, "two eggs")]


def test_a_flush_during_a_commit_takes_effect_when_it_is_done() -> None:
    driver = Driver()
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, final("and toast"), ev.FlushAsked(), ev.Drained())
    driver.at(2.5, ev.Committed(1, "Noted."))
    assert driver.commits[1:] == [(2.5, 2, "and toast")]


def test_the_drain_of_an_earlier_flush_does_not_end_a_later_one() -> None:
    driver = Driver()
    driver.at(1.0, ev.FlushAsked(), ev.Drained())
    driver.at(2.0, final("two eggs"), ev.FlushAsked())
    assert driver.commits == []
    driver.at(2.5, ev.Drained())
    assert driver.commits == [(2.5, 1, "two eggs")]


# What is said during a commit


def test_what_is_said_during_a_commit_grows_the_next_turn() -> None:
    driver = Driver()
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, final("and toast"))
    driver.at(3.0, final("and tea"))
    driver.until(20.0)
    assert len(driver.commits) == 1
    driver.at(20.0, ev.Committed(1, "Noted."))
    assert driver.commits[1:] == [(20.0, 2, "and toast and tea")]
    assert driver.machine.gathering is Gathering.EMPTY


def test_the_next_turn_still_gets_its_own_silence() -> None:
    driver = Driver()
    driver.at(1.0, typed("two eggs"))
    driver.at(2.0, final("and toast"))
    driver.at(4.0, ev.Committed(1, "Noted."))
    driver.until(20.0)
    assert driver.commits[1:] == [(5.0, 2, "and toast")]
