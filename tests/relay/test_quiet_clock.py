"""How long it has been quiet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relay.quiet_clock import MAX_PAUSE_SECONDS, QuietClock


def test_quiet_runs_from_the_last_words() -> None:
    clock = QuietClock()
    clock.restart(5.0)
    assert clock.after(3.0) == 8.0


def test_time_that_stood_still_does_not_count() -> None:
    clock = QuietClock()
    clock.restart(5.0)
    clock.stop(6.0)
    assert clock.after(3.0) is None
    clock.go_on(10.0)
    assert clock.after(3.0) == 12.0


def test_a_stop_before_the_words_counts_from_the_words() -> None:
    clock = QuietClock()
    clock.stop(1.0)
    clock.restart(5.0)
    clock.go_on(7.0)
    assert clock.after(3.0) == 10.0


def test_a_stop_ends_by_itself_once() -> None:
    clock = QuietClock()
    clock.restart(5.0)
    clock.stop(6.0)
    assert clock.resumes_at == 36.0
    clock.time_out()
    assert clock.resumes_at is None
    assert clock.after(3.0) == 38.0
    clock.stop(37.0)
    clock.go_on(37.5)
    assert clock.after(3.0) == 38.0, "it has stood for as long as it may"


def test_new_words_give_the_full_pause_again() -> None:
    clock = QuietClock()
    clock.stop(1.0)
    clock.time_out()
    clock.restart(40.0)
    assert clock.stands
    assert clock.resumes_at == 40.0 + MAX_PAUSE_SECONDS


times = st.integers(0, 800).map(lambda eighths: eighths / 8)


@given(st.lists(st.tuples(st.sampled_from(["stop", "go on", "rest"]), times), min_size=10, max_size=30))
def test_all_pauses_of_one_quiet_take_thirty_seconds_at_most(steps: list[tuple[str, float]]) -> None:
    clock = QuietClock()
    clock.restart(0.0)
    now, before = 0.0, 0.0
    for step, wait in steps:
        while (at := clock.resumes_at) is not None and at <= now + wait:
            clock.time_out()
        now += wait
        if step == "stop":
            clock.stop(now)
        elif step == "go on":
            clock.go_on(now)
        assert before <= clock.since <= MAX_PAUSE_SECONDS
        before = clock.since
    while clock.resumes_at is not None:
        clock.time_out()
    due = clock.after(3.0)
    assert due is not None
    assert due <= 3.0 + MAX_PAUSE_SECONDS
