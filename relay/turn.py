"""When a turn is drafted, committed, given up; when speech stops the answer. The core of the relay.

`TurnMachine.handle(event, now)` takes what happened and the time, and returns the commands to perform.
It does no I/O, knows no asyncio and no clock (`now` is in seconds and never goes back), so three seconds
of silence take microseconds to test, and a recorded list of events replays exactly. The vocabulary of
events and commands is `relay/turn_events.py`; `relay/conversation.py` performs the commands.

Rules
-----
1.  Only finals enter the buffer. A partial is shown, and delays. A full buffer ends the turn there and then.
2.  Silence starts at the last final, or at the last partial whose *words* changed. It stands still while
    STT reconnects or is more than 1 s behind, for 30 s of one silence at most (`relay/quiet_clock.py`).
3.  A partial whose final is still to come holds the flush for up to 2 s more.
4.  At equal times speech beats the timer. A timer that is overdue when an event arrives fires first, at
    the time it was due.
5.  Typed text commits at once, after anything buffered. A flush waits for STT to drain and for an
    outstanding partial, 2 s at most; with an empty buffer it does nothing.
6.  A first draft goes out after 0.7 s of quiet, a second after 1.5 s, never a third. More speech discards it.
7.  One uncommitted turn a session; what is said meanwhile grows the next one.
8.  A commit is sent again after a lost link, 30 s without an answer, or a failed answer. At the third such
    loss, or at the age of five minutes, it is given up: shown, and never sent again by itself. The session is
    then opened anew, whose epoch keeps the given-up commit from being stored late. A commit that is out when
    a newer epoch is told goes out again under it: that is nobody's loss. Nor is a receiver that cannot write
    or is full: it is asked again, after 1 to 30 s, up to that age. A given-up turn that the next `opened`
    shows to be stored is answered after all.
9.  `session_moved` and `turn_conflict` say that the turn is *not* stored under its number: the session
    is opened anew and the turn takes the next free number, which is shown. That counts as a loss, too.
10. Speech stops the answer only for a client that reports what it has `played`; another would hear itself.

What is being gathered, and what is being committed, are two small machines side by side; their table is in
`relay/turn_states.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.client_messages import State
from protocol.errors import AnswerFailed, BufferFull, ReceiverTimeout, TurnFailed, VoiceError
from protocol.link_messages import Item, spoken_text
from relay import turn_events as ev
from relay.endpointer import Endpointer
from relay.transcription_buffer import TranscriptionBuffer
from relay.turn_states import COMMITTING, GATHERING, Cause, Committing, Draft, Gathering, Pending

SECOND_DRAFT_SECONDS = 1.5
MAX_DRAFTS = 2
COMMIT_TIMEOUT_SECONDS = 30.0
MAX_LOSSES = 3
MAX_TURN_AGE_SECONDS = 300.0

Timer = tuple[float, int, Callable[[float, list[ev.Command]], None]]
"""When, a rank for equal times, and what it does."""


@dataclass(slots=True)
class TurnTimes:
    """The waits of the settings, in seconds."""

    silence: float = 3.0
    draft_after: float = 0.7
    drafts: bool = True


@dataclass(slots=True)
class TurnMachine:
    """One conversation's turns. Not thread-safe; `buffer` is."""

    buffer: TranscriptionBuffer = field(default_factory=TranscriptionBuffer)
    times: TurnTimes = field(default_factory=TurnTimes)

    gathering: Gathering = Gathering.EMPTY
    committing: Committing = Committing.FREE

    # What is being gathered.
    _endpointer: Endpointer = field(default_factory=Endpointer)
    _audio_until: int = 0  # of the finals in the buffer
    _drafts_made: int = 0  # of the turn being gathered
    _attempts: int = 0  # numbers given to drafts, over the whole session
    _draft: Draft | None = None

    _now: float = 0.0  # of the latest event, or of the timer that is firing

    # The receiver.
    _open: bool = False
    _known: bool = False  # whether we have heard from the link at all
    epoch: int = 0
    next_turn: int = 1
    _pending: Pending | None = None
    _given_up: Pending | None = None  # it may turn out to be stored after all

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
        if self._endpointer.stt_lost:
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
        return min((at for at, _, _ in self._timers()), default=None)

    def handle(self, event: ev.Event, now: float) -> list[ev.Command]:
        """Take one event at `now`; return what to do, in order."""
        out: list[ev.Command] = []
        self._fire_timers(now, out, including_now=isinstance(event, ev.Wake))
        self._take(event, now, out)
        self._fire_timers(now, out, including_now=False)
        return out

    # Timers

    def _timers(self) -> list[Timer]:
        timers: list[Timer] = []
        if (at := self._endpointer.quiet.resumes_at) is not None:
            timers.append((at, 0, lambda _now, _out: self._endpointer.quiet.time_out()))
        if self.gathering is Gathering.EMPTY and (at := self._endpointer.flush_due) is not None:
            # An empty flush does nothing, also not later.
            timers.append((at, 2, lambda _now, _out: self._endpointer.start_over()))
        if (at := self._commit_due()) is not None:
            timers.append((at, 2, self._commit))
        if (at := self._draft_due()) is not None:
            timers.append((at, 3, self._send_draft))
        if (pending := self._pending) is not None:
            timers.append(
                (pending.since + MAX_TURN_AGE_SECONDS, 1, lambda _, out: self._give_up(out, TurnFailed()))
            )
            if self.committing is Committing.SENT:
                timers.append((pending.sent_at + COMMIT_TIMEOUT_SECONDS, 4, self._no_answer))
            elif pending.retry_at is not None and self._open:
                timers.append((pending.retry_at, 5, self._send_commit))
        return timers

    def _fire_timers(self, now: float, out: list[ev.Command], *, including_now: bool) -> None:
        """Those that are due, in order, each at the time it was due or, if that had passed before, at once."""
        while due := [
            timer for timer in self._timers() if timer[0] < now or (including_now and timer[0] == now)
        ]:
            at, _, action = min(due, key=lambda timer: (max(timer[0], self._now), timer[1]))
            self._now = max(at, self._now)
            action(self._now, out)
        self._now = now

    def _commit_due(self) -> float | None:
        if self.gathering is Gathering.EMPTY or self.committing is not Committing.FREE:
            return None
        return self._endpointer.due(self.times.silence)

    def _draft_due(self) -> float | None:
        if (
            not self.times.drafts
            or self.gathering is not Gathering.HEARD
            or self.committing is not Committing.FREE
            or not self._open
            or self._drafts_made >= MAX_DRAFTS
        ):
            return None
        wait = self.times.draft_after
        if self._drafts_made > 0:
            wait = max(wait, SECOND_DRAFT_SECONDS)
        return self._endpointer.quiet_for(wait) if wait < self.times.silence else None

    # Events

    def _take(self, event: ev.Event, now: float, out: list[ev.Command]) -> None:
        match event:
            case ev.Wake():
                pass
            case ev.Partial(text):
                if self._endpointer.take_partial(text, now):
                    self._discard_draft(out)
            case ev.Final(item, audio_until):
                self._endpointer.take_final(now)
                if self._add(item, now, out):
                    self._audio_until = max(self._audio_until, audio_until)
                    if self.times.silence == 0:
                        self._endpointer.end_at_once()
            case ev.Typed(item):
                if self._add(item, now, out):
                    self._endpointer.end_at_once()
            case ev.FlushAsked():
                self._endpointer.flush(now)
                out.append(ev.Drain())
            case ev.Drained():
                self._endpointer.take_drained()
            case ev.SttLost() | ev.SttBack():
                self._endpointer.take_stt(lost=isinstance(event, ev.SttLost), now=now)
            case ev.Behind(behind):
                self._endpointer.take_behind(behind, now)
            case ev.Opened():
                self._take_opened(event, now, out)
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

    def _take_opened(self, opened: ev.Opened, now: float, out: list[ev.Command]) -> None:
        if self._open:
            if opened.epoch <= self.epoch:
                return  # overtaken by a newer one
            self._lose_draft()
            if self.committing is Committing.SENT:
                self._step_committing(Cause.LOST)
        self._open = self._known = True
        self.epoch, self.next_turn = opened.epoch, opened.next_turn
        given_up, self._given_up = self._given_up, None
        if given_up is not None and opened.stored is not None:
            turn, said, answer = opened.stored
            if (turn, said) == (given_up.turn, spoken_text(given_up.items)):
                self.speaking = turn
                out.append(ev.Answer(turn, answer, given_up.audio_until))
        if self.committing is Committing.PARKED:
            self._send_commit(now, out)

    def _add(self, item: Item, now: float, out: list[ev.Command]) -> bool:
        try:
            self.buffer.add_item(item)
        except BufferFull as error:
            if self.committing is not Committing.FREE or self.gathering is Gathering.EMPTY:
                out.append(ev.Reject(error, item.id))
                return False
            self._commit(now, out)  # somebody who never pauses: a turn of what there is, and on with the next
            return self._add(item, now, out)
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
        """The plan of the draft that is out, or of the commit that it became; another attempt's is dropped."""
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
        self._endpointer.start_over()
        self._drafts_made = 0
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
        if self._lose_commit(now, out, retry_at=now):
            out.append(ev.Reject(ReceiverTimeout(), None, self._pending.turn if self._pending else None))

    def _give_up(self, out: list[ev.Command], error: VoiceError) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        self._step_committing(Cause.GIVEN_UP)
        turn = pending.turn if pending.turn is not None else self.next_turn
        if not pending.shown:
            out.append(ev.ShowTurn(turn, pending.items))
        out.append(ev.FailTurn(turn, pending.items, error))
        self._given_up = pending
        self._reopen(out)

    def _reopen(self, out: list[ev.Command]) -> None:
        if self._open:
            self._open = False
            self._lose_draft()
            out.append(ev.Reopen())

    def _take_refusal(self, refusal: ev.Refused, now: float, out: list[ev.Command]) -> None:
        pending, draft, error = self._pending, self._draft, refusal.error
        if refusal.attempt is not None and refusal.epoch is None:  # a commit's refusal bears its epoch
            if draft is not None and (draft.turn, draft.attempt) == (refusal.turn, refusal.attempt):
                self._lose_draft()
            return
        if pending is None or self.committing is not Committing.SENT or pending.turn != refusal.turn:
            return
        if refusal.epoch is not None and refusal.epoch != self.epoch:
            return  # about a commit that was sent before the session was opened anew
        if error.code in ("session_moved", "turn_conflict", "session_not_open"):
            if self._lose_commit(now, out, retry_at=None):
                if error.code != "session_not_open":
                    pending.turn = pending.attempt = pending.plan = None
                    pending.shown = False
                self._reopen(out)
        elif error.retryable:
            retry_at = now + pending.next_wait()
            if isinstance(error, AnswerFailed):
                self._lose_commit(now, out, retry_at=retry_at)
            else:
                self._step_committing(Cause.LOST)
                pending.retry_at = retry_at
        else:
            self._give_up(out, error)

    # The table

    def _step_gathering(self, cause: Cause) -> None:
        self.gathering = GATHERING[self.gathering, cause]

    def _step_committing(self, cause: Cause) -> None:
        self.committing = COMMITTING[self.committing, cause]
