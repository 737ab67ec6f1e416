"""The turn machine against a second, slower account of its rules, and against a receiver on a bad link."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import (
    AnswerFailed,
    InternalError,
    SessionMoved,
    SessionNotOpen,
    StoreUnavailable,
    TurnConflict,
    VoiceError,
)
from protocol.link_messages import Item
from relay import turn_events as ev
from relay.transcription_buffer import TranscriptionBuffer
from relay.turn import TurnMachine, TurnTimes
from relay.turn_states import Committing
from tests.relay.turn_driver import Driver, item

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

finals = st.tuples(st.just("final"), st.sampled_from(["two eggs", "toast"]))
partials = st.tuples(st.just("partial"), st.sampled_from(["two", "two eggs", "and", ""]))
others = st.sampled_from(
    ["typed", "flush", "drained", "lost", "back", "back", "behind", "caught up", "caught up"]
)
speech = st.one_of(finals, finals, finals, partials, partials, st.tuples(others, st.just("tea")))

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


# A receiver that keeps its word, on a link that does not.


@dataclass
class Receiver:
    """Stores each turn once, as `receiver/` does, and loses whatever is under way when the link is cut."""

    epoch: int = 0
    stored: dict[int, list[Item]] = field(default_factory=dict)
    up: bool = False
    inbox: deque[ev.Command | str] = field(default_factory=deque)
    outbox: deque[ev.Event] = field(default_factory=deque)

    @property
    def next_turn(self) -> int:
        return max(self.stored, default=0) + 1

    def send(self, command: ev.Command | str) -> None:
        if self.up:
            self.inbox.append(command)

    def work(self, trouble: VoiceError | None = None) -> None:
        """Take one message; with `trouble`, refuse it."""
        if not self.inbox:
            return
        match self.inbox.popleft():
            case "open":
                self.epoch += 1
                self.outbox.append(ev.Opened(self.epoch, self.next_turn))
            case ev.SendDraft(turn, attempt, _):
                refused = ev.Refused(trouble, turn, attempt) if trouble else None
                self.outbox.append(refused or ev.DraftReplied(turn, attempt, b"plan of %d" % attempt))
            case ev.SendCommit() as commit:
                self.outbox.append(self.commit(commit, trouble))

    def commit(self, commit: ev.SendCommit, trouble: VoiceError | None) -> ev.Event:
        if trouble is None:
            stored = self.stored.get(commit.turn)
            if stored == commit.items:
                return ev.Committed(commit.turn, "Noted.")
            if stored is not None:
                trouble = TurnConflict()
            elif commit.epoch < self.epoch:
                trouble = SessionMoved()
            else:
                assert commit.turn == self.next_turn, "the relay left a number out"
                self.stored[commit.turn] = commit.items
                return ev.Committed(commit.turn, "Noted.")
        return ev.Refused(trouble, commit.turn, commit.attempt, commit.epoch)


TROUBLES = {
    "busy store": StoreUnavailable(),
    "no answer": AnswerFailed(),
    "not open": SessionNotOpen(),
    "receiver bug": InternalError(),
}

STEPS = [
    "rest", "final", "final", "final", "typed", "partial", "flush", "drained", "lost", "back", "behind", "caught up",
    "voice", "serve", "serve", "serve", "serve", "work", "deliver", "link up", "link up", "link down", "open again",
    "other relay", *TROUBLES,
]  # fmt: skip
waits = st.sampled_from([0.0, 0.0, 0.25, 0.75, 1.0, 2.0, 3.0, 3.0, 5.0, 31.0, 301.0])
chaos = st.lists(st.tuples(st.sampled_from(STEPS), waits), min_size=40, max_size=60)


class World:
    """A machine, its receiver and what was said to it."""

    def __init__(self) -> None:
        self.driver = Driver(opened=False)
        self.receiver = Receiver()
        self.said: list[Item] = []
        self.seen = 0

    def do(self, step: str, wait: float) -> None:
        self.tell(None, self.driver.now + wait)
        receiver = self.receiver
        if step in ("final", "typed"):
            words = item(f"word {len(self.said)}")
            self.said.append(words)
            self.tell(ev.Final(words, len(self.said)) if step == "final" else ev.Typed(words))
        elif step in EVENTS:
            self.tell(EVENTS[step](step))
        elif step == "link up" and not receiver.up:
            receiver.up = True
            receiver.send("open")
        elif step == "link down":
            receiver.up = False
            receiver.inbox.clear()
            receiver.outbox.clear()
            self.tell(ev.LinkLost())
        elif step == "open again":
            receiver.send("open")
        elif step == "other relay":
            receiver.epoch += 1
            receiver.stored[receiver.next_turn] = [item("from elsewhere")]
        elif step == "voice":
            self.tell(ev.VoiceHeard())
        elif step == "deliver" and receiver.outbox:
            self.tell(receiver.outbox.popleft())
        elif step in ("work", *TROUBLES):
            receiver.work(TROUBLES.get(step))
        elif step == "serve":
            while receiver.inbox or receiver.outbox:
                self.do("work", 0.0)
                self.do("deliver", 0.0)

    def tell(self, event: ev.Event | None, now: float | None = None) -> None:
        if event is not None:
            self.driver.at(self.driver.now, event)
        if now is not None:
            self.driver.until(now)
        for _, command in self.driver.commands[self.seen :]:
            self.seen += 1
            if isinstance(command, ev.SendDraft | ev.SendDiscard | ev.SendCommit):
                self.receiver.send(command)
            elif isinstance(command, ev.Reopen):
                self.receiver.send("open")

    def recover(self) -> None:
        """Everything works again, and some time passes."""
        self.do("back", 0.0)
        self.do("caught up", 0.0)
        self.do("link down", 0.0)
        self.do("link up", 0.0)
        for _ in range(40):
            self.do("serve", 1.0)


@settings(max_examples=250, deadline=None)
@given(chaos)
def test_nothing_said_is_lost_doubled_or_mixed_up_whatever_the_link_does(
    steps: list[tuple[str, float]],
) -> None:
    world = World()
    for step, wait in [("link up", 0.0), ("serve", 0.0), *steps]:
        world.do(step, wait)
    world.recover()
    driver, receiver = world.driver, world.receiver
    assert driver.machine.settled, "it never comes to rest"

    # What was said ends in exactly one turn, answered or failed, in order.
    ended: list[Item] = []
    out: ev.SendCommit | None = None
    for _, command in driver.commands:
        match command:
            case ev.SendCommit():
                assert out is None or out.items == command.items, "two uncommitted turns"
                out = command
            case ev.FailTurn(items=items):
                ended += items
                out = None
            case ev.Answer(turn=turn):
                assert out is not None
                assert out.turn == turn
                ended += out.items
                out = None
    assert ended == world.said

    # No word is stored twice, and what is answered is stored.
    stored = [
        i for turn in sorted(receiver.stored) for i in receiver.stored[turn] if i.text != "from elsewhere"
    ]
    assert [i for i in world.said if i in stored] == stored
    answered = {command.turn for _, command in driver.all(ev.Answer)}
    assert answered <= set(receiver.stored)

    # Every number that the client is told was shown to it before.
    shown: dict[int, list[Item]] = {}
    for _, command in driver.commands:
        match command:
            case ev.ShowTurn(turn, items):
                shown[turn] = items
            case ev.FailTurn(turn, items):
                assert shown[turn] == items
            case ev.Answer(turn):
                assert shown[turn] == receiver.stored[turn]

    check_drafts(driver)
    check_replay(driver)


def check_drafts(driver: Driver) -> None:
    """At most two drafts a turn, a discard only for the draft that is out, a plan only from its own draft."""
    out: int | None = None
    made = 0
    for _, command in driver.commands:
        match command:
            case ev.SendDraft(attempt=attempt):
                assert out is None or attempt > out
                out, made = attempt, made + 1
                assert made <= 2
            case ev.SendDiscard(attempt=attempt):
                assert attempt == out
                out = None
            case ev.SendCommit(attempt=attempt, plan=plan):
                assert plan in (None, b"plan of %d" % (attempt or 0))
                out, made = None, 0
            case ev.FailTurn():
                made = 0  # it may never have been sent


def check_replay(driver: Driver) -> None:
    again = TurnMachine(TranscriptionBuffer(lambda: 0.0), TurnTimes())
    replayed = [(now, command) for event, now in driver.events for command in again.handle(event, now)]
    assert [repr(c) for c in replayed] == [repr(c) for c in driver.commands]


# Nonsense: whatever comes, in whatever order, from a peer that keeps no rule at all.

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
