"""The turn machine by its table: every pair of state and cause, brought about by what really happens."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from protocol.errors import AnswerFailed, Unsupported
from relay import turn_events as ev
from relay import turn_states
from relay.turn_states import COMMITTING, GATHERING, Cause, Committing, Gathering
from tests.relay.turn_driver import Driver, final

G, C = Gathering, Committing


def nothing_said() -> Driver:
    return Driver()


def words_heard() -> Driver:
    driver = Driver()
    driver.at(1.0, final("two eggs"))
    return driver


def drafted() -> Driver:
    driver = words_heard()
    driver.until(1.7)
    return driver


def sent() -> Driver:
    driver = words_heard()
    driver.until(4.0)
    return driver


def parked() -> Driver:
    driver = Driver(opened=False)
    driver.at(1.0, final("two eggs"))
    driver.until(4.0)
    return driver


GATHERING_STATES = {G.EMPTY: nothing_said, G.HEARD: words_heard, G.DRAFTED: drafted}
COMMITTING_STATES = {C.FREE: nothing_said, C.PARKED: parked, C.SENT: sent}

GATHERING_CAUSES: dict[Cause, Callable[[Driver], object]] = {
    Cause.HEARD: lambda driver: driver.at(driver.now, final("and toast")),
    Cause.SPOKE: lambda driver: driver.at(driver.now, ev.Partial("and")),
    Cause.DRAFT_DUE: lambda driver: driver.until(1.7),
    Cause.DRAFT_LOST: lambda driver: driver.at(driver.now, ev.LinkLost()),
    Cause.COMMIT_DUE: lambda driver: driver.until(4.0),
}


def be_sent(driver: Driver) -> None:
    if driver.machine.committing is C.PARKED:
        driver.at(driver.now, ev.Opened(1, 1))
    else:
        driver.at(1.0, final("two eggs"))
        driver.until(4.0)


def be_parked(driver: Driver) -> None:
    driver.at(1.0, ev.LinkLost(), final("two eggs"))
    driver.until(4.0)


COMMITTING_CAUSES: dict[Cause, Callable[[Driver], object]] = {
    Cause.SEND: be_sent,
    Cause.PARK: be_parked,
    Cause.LOST: lambda driver: driver.at(driver.now, ev.LinkLost()),
    Cause.COMMITTED: lambda driver: driver.at(driver.now, ev.Committed(1, "Noted.")),
    Cause.GIVEN_UP: lambda driver: driver.until(driver.now + 300.0),
}


@pytest.mark.parametrize("pair", GATHERING, ids=str)
def test_what_is_gathered_changes_as_the_table_says(pair: tuple[Gathering, Cause]) -> None:
    state, cause = pair
    driver = GATHERING_STATES[state]()
    assert driver.machine.gathering is state
    GATHERING_CAUSES[cause](driver)
    assert driver.machine.gathering is GATHERING[pair]


@pytest.mark.parametrize("pair", COMMITTING, ids=str)
def test_what_is_committed_changes_as_the_table_says(pair: tuple[Committing, Cause]) -> None:
    state, cause = pair
    driver = COMMITTING_STATES[state]()
    assert driver.machine.committing is state
    COMMITTING_CAUSES[cause](driver)
    assert driver.machine.committing is COMMITTING[pair]


# More words while a draft is out do mean something: two steps, SPOKE and then HEARD.
IMPOSSIBLE = [
    pair
    for pair in [*product(G, GATHERING_CAUSES), *product(C, COMMITTING_CAUSES)]
    if pair not in {**GATHERING, **COMMITTING} and pair != (G.DRAFTED, Cause.HEARD)
]

AFTER_WHAT_CANNOT_HAPPEN: dict[Cause, ev.Event] = {
    Cause.SPOKE: ev.Partial("and"),
    Cause.DRAFT_DUE: ev.Wake(),
    Cause.DRAFT_LOST: ev.Refused(AnswerFailed(), turn=1, attempt=1),
    Cause.COMMIT_DUE: ev.Wake(),
    Cause.PARK: ev.Wake(),
    Cause.SEND: ev.Wake(),
    Cause.LOST: ev.Refused(AnswerFailed(), turn=1, epoch=1),
    Cause.COMMITTED: ev.Committed(1, "Noted."),
    Cause.GIVEN_UP: ev.Refused(Unsupported(), turn=1, epoch=1),
}


@pytest.mark.parametrize("pair", IMPOSSIBLE, ids=str)
def test_an_event_that_means_nothing_now_changes_nothing(pair: tuple[Gathering | Committing, Cause]) -> None:
    """The pairs that are not in the table: their event may come all the same, late or doubled."""
    state, cause = pair
    driver = GATHERING_STATES[state]() if isinstance(state, G) else COMMITTING_STATES[state]()
    machine = driver.machine
    before = (machine.gathering, machine.committing, machine.state, machine.buffer.get_items())
    assert state in before
    assert driver.at(driver.now, AFTER_WHAT_CANNOT_HAPPEN[cause]) == []
    assert (machine.gathering, machine.committing, machine.state, machine.buffer.get_items()) == before
    driver.until(driver.now + 400.0)
    assert machine.settled


def test_the_table_that_people_read_is_the_table_that_runs() -> None:
    read: set[tuple[object, Cause, object]] = set()
    for line in (turn_states.__doc__ or "").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 3 or cells[0] not in {*G.__members__, *C.__members__}:
            continue
        state, causes, becomes = cells
        kind = G if state in G.__members__ else C
        read |= {(kind[state], Cause[cause], kind[becomes]) for cause in causes.split(", ")}
    run = {(state, cause, becomes) for (state, cause), becomes in {**GATHERING, **COMMITTING}.items()}
    assert read == run
