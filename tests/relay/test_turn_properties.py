"""The turn machine under nonsense and late timers: whatever comes, in whatever order, it comes to rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import SessionMoved, TurnConflict
from relay import turn_events as ev
from relay.transcription_buffer import TranscriptionBuffer
from relay.turn import TurnMachine, TurnTimes
from relay.turn_states import Committing
from tests.relay.turn_driver import Driver, check_replay
from tests.relay.turn_strategies import EVENTS, TROUBLES, speech

# Whatever comes, in whatever order, from a peer that keeps no rule at all.

small = st.integers(0, 4)
errors = st.sampled_from([*TROUBLES.values(), SessionMoved(), TurnConflict()])
nonsense = st.one_of(
    speech.map(lambda event: EVENTS[event[0]](event[1])),
    st.builds(ev.Opened, small, small),
    st.just(ev.LinkLost()),
    st.builds(ev.DraftReplied, small, small, st.just(b"plan")),
    st.builds(ev.Committed, small, st.just("Noted.")),
    st.builds(ev.Refused, errors, small, st.none() | small, st.none() | small),
    st.builds(ev.ClientPlays, st.booleans()),
    st.sampled_from([ev.VoiceHeard(), ev.InterruptAsked(), ev.Wake()]),
    st.builds(ev.Speaks, small),
    st.builds(ev.SpeakingDone, small),
)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(
        st.tuples(nonsense, st.sampled_from([0.0, 0.0, 0.3, 0.7, 1.5, 3.0, 31.0, 301.0])),
        min_size=30,
        max_size=60,
    )
)
def test_no_order_of_events_breaks_the_machine_or_keeps_it_busy(steps: list[tuple[ev.Event, float]]) -> None:
    driver = Driver(opened=False)
    for event, wait in steps:
        driver.until(driver.now + wait)
        driver.at(driver.now, event)
        assert (driver.machine.committing is Committing.FREE) == (driver.machine._pending is None)
    driver.until(driver.now + 2_000.0)
    assert driver.machine.settled
    assert driver.machine.deadline is None
    check_replay(driver)


@pytest.mark.parametrize("late", [0.0, 0.001, 7.0])
@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(speech, st.sampled_from([0.1, 0.7, 1.3, 3.0])), min_size=10, max_size=20))
def test_no_commit_is_early_however_late_the_timer_is(
    late: float, steps: list[tuple[tuple[str, str], float]]
) -> None:
    """The event loop may be late with a wake; never early, and never with words that came after."""
    machine = TurnMachine(TranscriptionBuffer(lambda: 0.0), TurnTimes(drafts=False))
    machine.handle(ev.Opened(1, 1), 0.0)
    now, last_words = 0.0, 0.0
    for (kind, text), wait in steps:
        until = now + wait
        while (due := machine.deadline) is not None and due + late < until:
            now = max(now, due + late)
            check(machine.handle(ev.Wake(), now), now, last_words, machine)
        now = until
        if kind in ("typed", "flush"):
            continue
        check(machine.handle(EVENTS[kind](text), now), now, last_words, machine)
        if kind == "final":
            last_words = now


def check(commands: list[ev.Command], now: float, last_words: float, machine: TurnMachine) -> None:
    for command in commands:
        if isinstance(command, ev.SendCommit):
            assert now - last_words >= 3.0 - 1e-9
            machine.handle(ev.Committed(command.turn, "Noted."), now)
