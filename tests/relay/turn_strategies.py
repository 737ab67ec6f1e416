"""What Hypothesis makes happen to a turn machine."""

from __future__ import annotations

from hypothesis import strategies as st

from protocol.errors import AnswerFailed, InternalError, SessionNotOpen, StoreUnavailable
from relay import turn_events as ev
from tests.relay.turn_driver import item

EVENTS = {
    "partial": lambda text: ev.Partial(text),
    "final": lambda text: ev.Final(item(text), 0),
    "typed": lambda text: ev.Typed(item(text)),
    "flush": lambda _: ev.FlushAsked(),
    "drained": lambda _: ev.Drained(),
    "lost": lambda _: ev.SttLost(),
    "back": lambda _: ev.SttBack(),
    "behind": lambda _: ev.Behind(True),
    "caught up": lambda _: ev.Behind(False),
}
"""By their names in the examples that Hypothesis shows; each is made from the words that are said in it."""

finals = st.tuples(st.just("final"), st.sampled_from(["two eggs", "toast"]))
partials = st.tuples(st.just("partial"), st.sampled_from(["two", "two eggs", "and", ""]))
others = st.sampled_from(
    ["typed", "flush", "drained", "lost", "back", "back", "behind", "caught up", "caught up"]
)
speech = st.one_of(finals, finals, finals, partials, partials, st.tuples(others, st.just("tea")))

TROUBLES = {
    "busy store": StoreUnavailable(),
    "no answer": AnswerFailed(),
    "not open": SessionNotOpen(),
    "receiver bug": InternalError(),
}
"""With which a receiver refuses what it is sent."""
