"""When a turn is drafted, committed, given up; when speech stops the answer. The core of the relay.

`TurnMachine.handle(event, now)` takes what happened and the time, and returns the commands to perform.
It does no I/O, knows no asyncio and no clock (`now` is in seconds and never goes back), so three seconds
of silence take microseconds to test, and a recorded list of events replays exactly. The vocabulary of
events and commands is `relay/turn_events.py`; `relay/conversation.py` performs the commands.

Rules
-----
1.  Only finals enter the buffer. A partial is shown, and delays.
2.  Silence starts at the last final, or at the last partial whose *words* changed. It stands still while
    STT reconnects or is more than 1 s behind (for 30 s at most: speech recognition that does not come
    back must not keep a turn for ever).
3.  A partial whose final is still to come holds the flush for up to 2 s more.
4.  At equal times speech beats the timer. A timer that is overdue when an event arrives fires first, at
    the time it was due.
5.  Typed text commits at once, after anything buffered. A flush waits for STT to drain and for an
    outstanding partial, 2 s at most; with an empty buffer it does nothing.
6.  A first draft goes out after 0.7 s of quiet, a second after 1.5 s, never a third. More speech discards it.
7.  One uncommitted turn a session; what is said meanwhile grows the next one.
8.  A commit is sent again after a lost link, 30 s without an answer, or a retryable error. At the third
    such loss, or at the age of five minutes, it is given up: shown, and never sent again by itself. The
    session is then opened anew, whose epoch keeps the given-up commit from being stored late.
9.  `session_moved` and `turn_conflict` say that the turn is *not* stored under its number: the session
    is opened anew and the turn takes the next free number. That counts as a loss, too.
10. Speech stops the answer only for a client that reports what it has `played`; another would hear itself.

What is being gathered, and what is being committed, are two small machines side by side:

    gathering   cause             becomes        committing  cause             becomes
    ---------   ---------------   --------       ----------  ---------------   -------
    EMPTY       heard             HEARD          FREE        due, receiver     SENT
    HEARD       heard             HEARD          FREE        due, no receiver  PARKED
    HEARD       draft due         DRAFTED        PARKED      opened or retry   SENT
    DRAFTED     heard, partial    HEARD (*)      SENT        lost              PARKED
    DRAFTED     draft lost        HEARD          SENT        committed         FREE
    HEARD       commit due        EMPTY          SENT        given up          FREE
    DRAFTED     commit due        EMPTY          PARKED      given up          FREE

    (*) with a `discard`. A partial in EMPTY and HEARD changes no state, only when the silence ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.client_messages import State
from protocol.errors import BufferFull, ReceiverTimeout, TurnFailed, VoiceError
from protocol.link_messages import Item
from relay import turn_events as ev
from relay.quiet_clock import QuietClock
from relay.transcription_buffer import TranscriptionBuffer
from relay.turn_states import COMMITTING, GATHERING, Cause, Committing, Draft, Gathering, Pending

PARTIAL_HOLD_SECONDS = 2.0
FLUSH_HOLD_SECONDS = 2.0
SECOND_DRAFT_SECONDS = 1.5
MAX_DRAFTS = 2
COMMIT_TIMEOUT_SECONDS = 30.0
RETRY_SECONDS = 1.0
MAX_LOSSES = 3
MAX_TURN_AGE_SECONDS = 300.0


@dataclass(slots=True)
class TurnTimes:
    """The waits of the settings, in seconds."""

    silence: float = 3.0
    draft_after: float = 0.7
    drafts: bool = True


def words(text: str) -> list[str]:
    """The words of a partial as rule 2 compares them: case and punctuation do not count."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.casefold())


@dataclass(slots=True)
class TurnMachine:
    """One conversation's turns. Not thread-safe; `buffer` is."""

    buffer: TranscriptionBuffer = field(default_factory=TranscriptionBuffer)
    times: TurnTimes = field(default_factory=TurnTimes)

    gathering: Gathering = Gathering.EMPTY
    committing: Committing = Committing.FREE

    # What is being gathered.
    _partial: list[str] = field(default_factory=list)  # words of the outstanding partial
    _quiet: QuietClock = field(default_factory=QuietClock)
    _audio_until: int = 0  # of the finals in the buffer
    _at_once: bool = False  # commit as soon as the slot is free
    _flush_until: float | None = None
    _drained: bool = False
    _drafts_made: int = 0  # of the turn being gathered
    _attempts: int = 0  # numbers given to drafts, over the whole session
    _draft: Draft | None = None

    # What stops the clock.
    _stt_lost: bool = False
    _behind: bool = False

    _now: float = 0.0

    # The receiver.
    _open: bool = False
    _known: bool = False  # whether we have heard from the link at all
    epoch: int = 0
    next_turn: int = 1
    _pending: Pending | None = None

    # The answer.
    speaking: int | None = None
    client_plays: bool = False

    # What the shell asks

    @property
    def gathering_turn(self) -> int:
        """Number that what is being said now will have, as far as can be known."""
        if self._pending is None:
            return self.next_turn
        return (self._pending.turn if self._pending.turn is not None else self.next_turn) + 1

    @property
    def state(self) -> State:
        """What the person should be told: the most pressing fact first."""
        if not self._open:
            return "waiting_for_receiver" if self._known else "connecting"
        if self._stt_lost:
            return "reconnecting_stt"
        if self.committing is not Committing.FREE:
            return "thinking"
        if self.speaking is not None:
            return "speaking"
        return "listening"

    @property
    def settled(self) -> bool:
        """Whether nothing that was said waits for anything: the conversation may be let go."""
        return self.gathering is Gathering.EMPTY and self.committing is Committing.FREE

    @property
    def deadline(self) -> float | None:
        """When `Wake` is due, or None. Ask again after every `handle`."""
        timers = self._timers()
        return min(timers)[0] if timers else None

    def handle(self, event: ev.Event, now: float) -> list[ev.Command]:
        """Take one event at `now`; return what to do, in order."""
        out: list[ev.Command] = []
        self._fire_timers(now, out, including_now=isinstance(event, ev.Wake))
        self._now = now
        self._take(event, now, out)
        self._fire_timers(now, out, including_now=False)
        if self._due_at_once():
            self._commit(now, out)
        return out

    # Timers

    def _timers(self) -> list[tuple[float, int, Callable[[float, list[ev.Command]], None]]]:
        """Each running timer: when, a rank for equal times, and what it does."""
        timers: list[tuple[float, int, Callable[[float, list[ev.Command]], None]]] = []
        if (at := self._quiet.resumes_at) is not None:
            timers.append((at, 0, lambda now, _out: self._quiet.time_out(now)))
        if self._flush_until is not None and self.gathering is Gathering.EMPTY:
            timers.append((self._flush_until, 2, self._end_flush))
        if (at := self._commit_due()) is not None:
            timers.append((at, 2, self._commit))
        if (at := self._draft_due()) is not None:
            timers.append((at, 3, self._send_draft))
        if (pending := self._pending) is not None:
            timers.append((pending.since + MAX_TURN_AGE_SECONDS, 1, self._too_old))
            if self.committing is Committing.SENT:
                timers.append((pending.sent_at + COMMIT_TIMEOUT_SECONDS, 4, self._no_answer))
            elif pending.retry_at is not None and self._open:
                timers.append((pending.retry_at, 5, self._send_commit))
        return timers

    def _fire_timers(self, now: float, out: list[ev.Command], *, including_now: bool) -> None:
        while timers := self._timers():
            at, _, action = min(timers, key=lambda timer: timer[:2])
            if at > now or (at == now and not including_now):
                return
            action(max(at, self._now), out)

    def _due_at_once(self) -> bool:
        """Rule 5, and a silence of 0 s."""
        if self.gathering is Gathering.EMPTY or self.committing is not Committing.FREE:
            return False
        return self._at_once or (self._flush_until is not None and self._drained and not self._partial)

    def _commit_due(self) -> float | None:
        if self.gathering is Gathering.EMPTY or self.committing is not Committing.FREE:
            return None
        due = self._quiet.after(self.times.silence + (PARTIAL_HOLD_SECONDS if self._partial else 0.0))
        if self._flush_until is not None:
            due = self._flush_until if due is None else min(due, self._flush_until)
        return due

    def _draft_due(self) -> float | None:
        if (
            not self.times.drafts
            or self.gathering is not Gathering.HEARD
            or self.committing is not Committing.FREE
            or not self._open
            or self._partial
            or self._drafts_made >= MAX_DRAFTS
        ):
            return None
        wait = self.times.draft_after if self._drafts_made == 0 else SECOND_DRAFT_SECONDS
        return self._quiet.after(wait) if wait < self.times.silence else None

    # Events

    def _take(self, event: ev.Event, now: float, out: list[ev.Command]) -> None:
        match event:
            case ev.Wake():
                pass
            case ev.Partial(text):
                self._take_partial(words(text), now, out)
            case ev.Final(item, audio_until):
                self._partial = []
                self._quiet.restart(now)
                if self._add(item, out):
                    self._audio_until = max(self._audio_until, audio_until)
                    if self.times.silence == 0:
                        self._at_once = True
            case ev.Typed(item):
                if self._add(item, out):
                    self._at_once = True
            case ev.FlushAsked():
                self._flush_until = now + FLUSH_HOLD_SECONDS
                self._drained = False
                out.append(ev.Drain())
            case ev.Drained():
                self._drained = True
                if self.gathering is Gathering.EMPTY and not self._partial:
                    self._flush_until = None  # an empty flush does nothing, also not later
            case ev.SttLost() | ev.SttBack() | ev.Behind():
                self._take_hearing(event, now)
            case ev.Opened(epoch, next_turn):
                self._open = self._known = True
                self.epoch, self.next_turn = epoch, next_turn
                if self.committing is Committing.PARKED:
                    self._send_commit(now, out)
            case ev.LinkLost():
                self._open, self._known = False, True
                self._lose_draft()
                if self.committing is Committing.SENT:
                    self._lose_commit(now, out, retry_at=None)
            case ev.DraftReplied():
                self._take_reply(event)
            case ev.Committed(turn, text):
                if self.committing is Committing.SENT and self._pending and self._pending.turn == turn:
                    self._step_committing(Cause.COMMITTED)
                    until, self._pending = self._pending.audio_until, None
                    self.next_turn = turn + 1
                    self.speaking = turn
                    out.append(ev.Answer(turn, text, until))
            case ev.Refused():
                self._take_refusal(event, now, out)
            case ev.ClientPlays(plays):
                self.client_plays = plays
            case ev.VoiceHeard() | ev.InterruptAsked():
                if self.speaking is not None and (self.client_plays or isinstance(event, ev.InterruptAsked)):
                    out.append(ev.StopSpeaking(self.speaking))
                    self.speaking = None
            case ev.Speaks(turn):
                self.speaking = turn
            case ev.SpeakingDone(turn):
                if self.speaking == turn:
                    self.speaking = None

    def _take_partial(self, spoken: list[str], now: float, out: list[ev.Command]) -> None:
        if spoken == self._partial:
            return
        self._partial = spoken
        if not spoken:
            return  # taken back by the engine: no speech, but nothing holds the flush any more
        self._quiet.restart(now)
        self._discard_draft(out)

    def _take_hearing(self, event: ev.SttLost | ev.SttBack | ev.Behind, now: float) -> None:
        if isinstance(event, ev.Behind):
            self._behind = event.behind
        else:
            self._stt_lost = isinstance(event, ev.SttLost)
            if self._stt_lost:
                self._partial = []  # its final will not come; the ring brings the words again
        if self._stt_lost or self._behind:
            self._quiet.stop(now)
        else:
            self._quiet.go_on(now)

    def _end_flush(self, _now: float, _out: list[ev.Command]) -> None:
        """Nothing came of what the flush waited for."""
        self._flush_until = None

    def _add(self, item: Item, out: list[ev.Command]) -> bool:
        try:
            self.buffer.add_item(item)
        except BufferFull as error:
            out.append(ev.Reject(error, item.id))
            return False
        self._discard_draft(out)
        self._step_gathering(Cause.HEARD)
        return True

    # Drafts

    def _send_draft(self, now: float, out: list[ev.Command]) -> None:
        self._step_gathering(Cause.DRAFT_DUE)
        self._drafts_made += 1
        self._attempts += 1
        self._draft = Draft(self.next_turn, self._attempts)
        out.append(ev.SendDraft(self.next_turn, self._attempts, self.buffer.get_items()))

    def _discard_draft(self, out: list[ev.Command]) -> None:
        if self._draft is not None:
            out.append(ev.SendDiscard(self._draft.turn, self._draft.attempt))
            self._draft = None
            self._step_gathering(Cause.SPOKE)

    def _lose_draft(self) -> None:
        if self._draft is not None:
            self._draft = None
            self._step_gathering(Cause.DRAFT_LOST)

    def _take_reply(self, reply: ev.DraftReplied) -> None:
        """Keep the plan of the draft that is out, or of the commit that it became; drop another attempt's."""
        for holder in (self._draft, self._pending):
            if holder is not None and (holder.turn, holder.attempt) == (reply.turn, reply.attempt):
                holder.plan = reply.plan

    # Commits

    def _commit(self, now: float, out: list[ev.Command]) -> None:
        """The turn is over."""
        draft, self._draft = self._draft, None
        self._step_gathering(Cause.COMMIT_DUE)
        self._pending = Pending(self.buffer.take_items(), now, self._audio_until)
        if draft is not None:
            self._pending.attempt, self._pending.plan = draft.attempt, draft.plan
        self._at_once, self._flush_until, self._drained, self._drafts_made = False, None, False, 0
        if self._open:
            self._send_commit(now, out)
        else:
            self._step_committing(Cause.PARK)

    def _send_commit(self, now: float, out: list[ev.Command]) -> None:
        pending = self._pending
        assert pending is not None
        self._step_committing(Cause.SEND)
        if pending.turn is None:
            pending.turn = self.next_turn
        pending.sent_at, pending.retry_at = now, None
        if not pending.shown:
            pending.shown = True
            out.append(ev.ShowTurn(pending.turn, pending.items))
        out.append(
            ev.SendCommit(
                self.epoch, pending.turn, pending.items, pending.attempt, pending.plan, pending.audio_until
            )
        )

    def _lose_commit(self, now: float, out: list[ev.Command], retry_at: float | None) -> bool:
        """Count a loss. True while the turn may be sent again: at `retry_at`, or once the session is open."""
        pending = self._pending
        assert pending is not None
        pending.losses += 1
        if pending.losses >= MAX_LOSSES:
            self._give_up(out, TurnFailed())
            return False
        self._step_committing(Cause.LOST)
        pending.retry_at = retry_at
        return True

    def _no_answer(self, now: float, out: list[ev.Command]) -> None:
        turn = self._pending.turn if self._pending else None
        if self._lose_commit(now, out, retry_at=now):
            out.append(ev.Reject(ReceiverTimeout(), None, turn))

    def _too_old(self, now: float, out: list[ev.Command]) -> None:
        self._give_up(out, TurnFailed())

    def _give_up(self, out: list[ev.Command], error: VoiceError) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        self._step_committing(Cause.GIVEN_UP)
        turn = pending.turn if pending.turn is not None else self.next_turn
        if not pending.shown:
            out.append(ev.ShowTurn(turn, pending.items))
        out.append(ev.FailTurn(turn, pending.items, error))
        self._reopen(out)

    def _reopen(self, out: list[ev.Command]) -> None:
        if self._open:
            self._open = False
            self._lose_draft()
            out.append(ev.Reopen())

    def _take_refusal(self, refusal: ev.Refused, now: float, out: list[ev.Command]) -> None:
        pending, error = self._pending, refusal.error
        if self._draft is not None and (self._draft.turn, self._draft.attempt) == (
            refusal.turn,
            refusal.attempt,
        ):
            self._lose_draft()
        if pending is None or self.committing is not Committing.SENT or pending.turn != refusal.turn:
            return
        if refusal.epoch is not None and refusal.epoch != self.epoch:
            return  # about a commit that was sent before the session was opened anew
        if error.code in ("session_moved", "turn_conflict", "session_not_open"):
            if self._lose_commit(now, out, retry_at=None):
                if error.code != "session_not_open":
                    pending.turn = pending.attempt = pending.plan = None
                self._reopen(out)
        elif error.retryable:
            self._lose_commit(now, out, retry_at=now + RETRY_SECONDS * 2**pending.losses)
        else:
            self._give_up(out, error)

    # The table

    def _step_gathering(self, cause: Cause) -> None:
        self.gathering = GATHERING[self.gathering, cause]

    def _step_committing(self, cause: Cause) -> None:
        self.committing = COMMITTING[self.committing, cause]
