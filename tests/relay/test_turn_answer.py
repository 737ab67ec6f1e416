"""The answer being spoken, barge-in, and what the person is told."""

from __future__ import annotations

from relay import turn_events as ev
from tests.relay.turn_driver import Driver, final, typed


def answering(*, plays: bool) -> Driver:
    """The answer of turn 1 is being spoken."""
    driver = Driver()
    driver.at(1.0, ev.ClientPlays(plays), typed("two eggs"))
    driver.at(2.0, ev.Committed(1, "Noted."))
    return driver


def test_speech_stops_the_answer() -> None:
    driver = answering(plays=True)
    assert driver.at(2.5, ev.VoiceHeard()) == [ev.StopSpeaking(1)]
    assert driver.at(2.6, ev.VoiceHeard()) == [], "there is nothing left to stop"


def test_a_client_that_reports_nothing_would_hear_itself() -> None:
    assert answering(plays=False).at(2.5, ev.VoiceHeard()) == []


def test_the_stop_button_works_for_every_client() -> None:
    assert answering(plays=False).at(2.5, ev.InterruptAsked()) == [ev.StopSpeaking(1)]


def test_there_is_nothing_to_stop_while_nothing_is_spoken() -> None:
    driver = Driver()
    assert driver.at(1.0, ev.ClientPlays(True), ev.VoiceHeard(), ev.InterruptAsked()) == []


def test_an_answer_that_is_over_cannot_be_stopped() -> None:
    driver = answering(plays=True)
    driver.at(4.0, ev.SpeakingDone(1))
    assert driver.at(4.5, ev.VoiceHeard()) == []


def test_the_end_of_an_earlier_answer_is_not_the_end_of_this_one() -> None:
    driver = answering(plays=True)
    driver.at(3.0, typed("and toast"))
    driver.at(3.5, ev.Committed(2, "That too."))
    driver.at(4.0, ev.SpeakingDone(1))
    assert driver.at(4.5, ev.VoiceHeard()) == [ev.StopSpeaking(2)]


def test_the_greeting_can_be_stopped_too() -> None:
    driver = Driver()
    driver.at(1.0, ev.ClientPlays(True), ev.Speaks(0))
    assert driver.at(1.5, ev.VoiceHeard()) == [ev.StopSpeaking(0)]


def test_barge_in_touches_neither_the_turn_nor_its_silence() -> None:
    driver = answering(plays=True)
    driver.at(3.0, final("and toast"), ev.VoiceHeard())
    driver.until(20.0)
    assert driver.commits[1:] == [(6.0, 2, "and toast")]


def test_the_person_is_told_the_most_pressing_fact() -> None:
    driver = Driver(opened=False)
    told = []

    def then(*events: ev.Event) -> None:
        driver.at(driver.now + 0.125, *events)
        told.append(driver.machine.state)

    then()
    then(ev.LinkLost())
    then(ev.Opened(1, 1))
    then(ev.Speaks(0))
    then(typed("two eggs"))
    then(ev.SttLost())
    then(ev.LinkLost())
    then(ev.Opened(2, 1))
    then(ev.SttBack())
    then(ev.Committed(1, "Noted."))
    then(ev.SpeakingDone(1))
    assert told == [
        "connecting",
        "waiting_for_receiver",
        "listening",
        "speaking",
        "thinking",
        "reconnecting_stt",
        "waiting_for_receiver",
        "reconnecting_stt",
        "thinking",
        "speaking",
        "listening",
    ]
