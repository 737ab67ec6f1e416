"""The turn machine with a receiver that keeps its word, on a link that does not."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import SessionMoved, TurnConflict, VoiceError
from protocol.link_messages import Item
from relay import turn_events as ev
from tests.relay.turn_driver import Driver, check_replay, item
from tests.relay.turn_strategies import EVENTS, TROUBLES


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
