"""Drives a `TurnMachine` under a fake clock, as a conversation does under a real one."""

from __future__ import annotations

from typing import TypeVar

from protocol.link_messages import Item, spoken_text
from relay import turn_events as ev
from relay.transcription_buffer import TranscriptionBuffer
from relay.turn import TurnMachine, TurnTimes

C = TypeVar("C", bound=ev.Command)

MAX_WAKES_AT_ONE_TIME = 20


def item(text: str, id: str | None = None) -> Item:
    return Item(text=text, timestamp="2026-01-01T08:00:00.000+00:00", id=id)


def final(text: str, audio_until: int = 0) -> ev.Final:
    return ev.Final(item(text), audio_until)


def typed(text: str, id: str | None = None) -> ev.Typed:
    return ev.Typed(item(text, id))


class Driver:
    """Holds the time, wakes the machine at its deadlines and keeps every command with its time."""

    def __init__(self, *, opened: bool = True, silence: float = 3.0, **times: float | bool) -> None:
        self.now = 0.0
        self.commands: list[tuple[float, ev.Command]] = []
        self.events: list[tuple[ev.Event, float]] = []
        self.times = TurnTimes(silence, **times)
        self.machine = TurnMachine(TranscriptionBuffer(lambda: self.now), self.times)
        if opened:
            self.at(0.0, ev.Opened(epoch=1, next_turn=1))

    def at(self, now: float, *events: ev.Event) -> list[ev.Command]:
        """Let time pass, then tell `events`; what comes of them. A timer that is due at `now` waits for them."""
        self._wake(now, including=False)
        self.now = now
        return [command for event in events for command in self._handle(event, now)]

    def until(self, now: float) -> list[ev.Command]:
        """Let time pass; what the timers do, those due at `now` included."""
        before = len(self.commands)
        self._wake(now, including=True)
        self.now = now
        return [command for _, command in self.commands[before:]]

    def all(self, kind: type[C]) -> list[tuple[float, C]]:
        return [(at, command) for at, command in self.commands if isinstance(command, kind)]

    @property
    def commits(self) -> list[tuple[float, int, str]]:
        """When, which turn, which words."""
        return [(at, commit.turn, spoken_text(commit.items)) for at, commit in self.all(ev.SendCommit)]

    @property
    def drafts(self) -> list[tuple[float, int, str]]:
        """When, which attempt, which words."""
        return [(at, draft.attempt, spoken_text(draft.items)) for at, draft in self.all(ev.SendDraft)]

    def _wake(self, now: float, *, including: bool) -> None:
        wakes = 0
        while (due := self.machine.deadline) is not None and (due < now or (including and due == now)):
            wakes = wakes + 1 if due <= self.now else 0
            assert wakes < MAX_WAKES_AT_ONE_TIME, f"the deadline {due} does not go away"
            self.now = max(self.now, due)
            self._handle(ev.Wake(), self.now)

    def _handle(self, event: ev.Event, now: float) -> list[ev.Command]:
        self.events.append((event, now))
        done = self.machine.handle(event, now)
        self.commands += [(now, command) for command in done]
        return done


def check_replay(driver: Driver) -> None:
    """The same events at the same times bring the same commands: the machine looks at no clock of its own."""
    again = TurnMachine(TranscriptionBuffer(lambda: 0.0), TurnTimes())
    replayed = [(now, command) for event, now in driver.events for command in again.handle(event, now)]
    assert [repr(c) for c in replayed] == [repr(c) for c in driver.commands]
