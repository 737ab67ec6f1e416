"""The turn machine against a second, slower account of its rules, that counts ticks."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from relay import turn_events as ev
from tests.relay.turn_driver import Driver
from tests.relay.turn_strategies import EVENTS, speech

# The rules of silence, drafts and flush, told in ticks of 1/8 s: what is counted there is computed here.

TICKS = 8
HOLD, FLUSH_HOLD, SECOND_DRAFT, PAUSE = 2 * TICKS, 2 * TICKS, 12, 30 * TICKS


@dataclass
class Ticking:
    """Rules 1 to 7, one tick after another. The receiver is there and answers every commit in the end."""

    silence: int
    draft_after: int
    buffer: list[str] = field(default_factory=list)
    partial: str = ""
    quiet: int = 0
    stood: int = 0
    lost: bool = False
    behind: bool = False
    given_up_waiting: bool = False
    at_once: bool = False
    flush_left: int | None = None
    drained: bool = False
    busy: bool = False
    drafts: int = 0
    attempts: int = 0
    out: int | None = None
    log: list[tuple[str, int | None, str]] = field(default_factory=list)

    def tell(self, kind: str, text: str) -> None:
        paused = self.lost or self.behind
        match kind:
            case "final":
                self.partial = ""
                self.words()
                self.hear(text)
                self.at_once |= self.silence == 0
            case "typed":
                self.hear(text)
                self.at_once = True
            case "partial":
                if text not in ("", self.partial):
                    self.words()
                    self.discard()
                self.partial = text
            case "flush":
                self.flush_left, self.drained = FLUSH_HOLD, False
            case "drained":
                self.drained = True
            case "lost" | "back":
                self.lost = kind == "lost"
                if self.lost:
                    self.partial = ""
            case "behind" | "caught up":
                self.behind = kind == "behind"
            case "committed":
                self.busy = False
        if (self.lost or self.behind) != paused:
            self.given_up_waiting = self.stood >= PAUSE and not paused
        self.look(overdue_only=True)

    def words(self) -> None:
        self.quiet = self.stood = 0
        self.given_up_waiting = False

    def hear(self, text: str) -> None:
        self.discard()
        self.buffer.append(text)

    def discard(self) -> None:
        if self.out is not None:
            self.log.append(("discard", self.out, ""))
            self.out = None

    @property
    def stands(self) -> bool:
        return (self.lost or self.behind) and not self.given_up_waiting

    def look(self, *, overdue_only: bool) -> None:
        """Whether something is due, now or (`overdue_only`) already before now."""
        late = 1 if overdue_only else 0
        if self.stood >= PAUSE and not overdue_only:
            self.given_up_waiting = True
        flushed = self.flush_left is not None and (
            (self.drained and not self.partial) or self.flush_left + late <= 0
        )
        hold = HOLD if self.partial else 0
        over = not self.stands and self.quiet >= self.silence + hold + late
        if not self.buffer:
            if flushed:
                self.flush_left = None
        elif not self.busy and (self.at_once or flushed or over):
            self.log.append(("commit", self.out, " ".join(self.buffer)))
            self.buffer, self.out, self.drafts = [], None, 0
            self.at_once, self.flush_left, self.busy = False, None, True
        elif not (self.busy or self.partial or self.stands or self.out is not None) and self.drafts < 2:
            wait = SECOND_DRAFT if self.drafts else self.draft_after
            if wait < self.silence and self.quiet >= wait + late:
                self.drafts += 1
                self.attempts += 1
                self.out = self.attempts
                self.log.append(("draft", self.out, " ".join(self.buffer)))

    def tick(self) -> None:
        if self.stands:
            self.stood += 1
        else:
            self.quiet += 1
        if self.flush_left is not None:
            self.flush_left -= 1


# Around the waits of the rules: a draft after 6 and 12, a commit after 8, 24 or 40, a flush after 16, a pause of 240.
gaps = st.sampled_from([*(0, 1, 5, 6, 7, 11, 12, 13, 15, 16, 17, 22, 23, 24, 25, 39, 40, 41) * 2, 239, 240])

# Hypothesis draws lists little longer than their least length; an example needs some length to say anything.
script = st.lists(st.tuples(gaps, st.lists(speech, max_size=2)), min_size=12, max_size=16)


@settings(max_examples=200, deadline=None)
@given(script, st.sampled_from([3.0, 3.0, 1.0, 0.0]), st.sampled_from([1, 5, 30, 60]))
def test_the_machine_does_what_counting_ticks_does(
    script: list[tuple[int, list[tuple[str, str]]]], silence: float, answer_ticks: int
) -> None:
    driver = Driver(silence=silence, draft_after=0.75)
    model = Ticking(int(silence * TICKS), 6)
    now, answer_at = 0, None
    for gap, events in [*script, (400, [])]:
        for _ in range(gap + 1):
            if answer_at == now:
                driver.at(now / TICKS, ev.Committed(driver.commits[-1][1], "Noted."))
                model.tell("committed", "")
                answer_at = None
            if _ == gap:
                for kind, text in events:
                    driver.at(now / TICKS, EVENTS[kind](text))
                    model.tell(kind, text)
            driver.until(now / TICKS)
            model.look(overdue_only=False)
            if model.busy and answer_at is None:
                answer_at = now + answer_ticks
            model.tick()
            now += 1
    assert told(driver) == model.log


def told(driver: Driver) -> list[tuple[str, int | None, str]]:
    log: list[tuple[str, int | None, str]] = []
    for _, command in driver.commands:
        match command:
            case ev.SendDraft(_, attempt, items):
                log.append(("draft", attempt, " ".join(i.text for i in items)))
            case ev.SendDiscard(_, attempt):
                log.append(("discard", attempt, ""))
            case ev.SendCommit(items=items, attempt=attempt):
                log.append(("commit", attempt, " ".join(i.text for i in items)))
    return log
