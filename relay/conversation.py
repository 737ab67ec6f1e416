"""One person's conversation: wires hearing, turns, the receiver and speaking together, and decides nothing.

Everything here runs on the event loop, in plain calls: what happens becomes an event of the turn machine, and the
commands that it returns are performed at once. A conversation outlives its connection, so that a client may come back.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import structlog

from protocol import client_messages as cm
from protocol import link_messages as lm
from protocol.diary import Diary
from protocol.errors import InternalError, ReceiverUnavailable, SessionMoved, TtsError, VoiceError
from protocol.messages import Message
from relay import turn_events as ev
from relay.hearing import Hearing
from relay.latency import TurnLatency
from relay.receiver_link import ReceiverLink
from relay.replies import reply_audio, server_response
from relay.speaking import Speaking
from relay.stt import SttEngine, SttResult
from relay.tts import TtsEngine
from relay.turn import TurnMachine

log = structlog.get_logger(__name__)

HISTORY_TURNS = 50
"""Turns kept in memory for a client that comes back; the receiver keeps all of them."""

SEEN_IDS = 1_000
"""Ids of typed texts that are remembered, so that sending one again is harmless."""

ACK_SAMPLES = 16_000
"""An `ack` goes out after each second of audio, and when a turn becomes durable."""

OPEN_SECONDS = 30.0
"""Wait for `opened` before asking again."""


class Client(Protocol):
    """A connected client, whatever its wire. Plain calls; the client bounds what it queues."""

    replies: str
    """`whole` or `sentences`."""

    def deliver(self, message: Message) -> None: ...
    def hang_up(self, error: VoiceError) -> None:
        """Tell the client why, and close its connection."""
        ...


class Conversation:
    """Made by `relay.sessions`; `start` it once, `attach` a client, `close` it."""

    def __init__(
        self,
        *,
        session_id: str,
        resume_token: str,
        opening: lm.Open,
        machine: TurnMachine,
        stt: SttEngine,
        tts: TtsEngine,
        link: ReceiverLink,
        on_end: Callable[[Conversation], None],
    ) -> None:
        self.session_id = session_id
        self._token = resume_token
        self._opening = opening
        self._machine = machine
        self._link = link
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self.hearing = Hearing(stt, self)
        self._speaking = Speaking(tts, self)
        self._client: Client | None = None
        self._hearing_task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._open_timer: asyncio.TimerHandle | None = None
        self._state: cm.State | None = None
        self._history: deque[cm.PastTurn] = deque(maxlen=HISTORY_TURNS)
        self._shown: cm.Turn | None = None  # the turn that is being committed
        self._seen_ids: OrderedDict[str, None] = OrderedDict()
        self._latency: TurnLatency | None = None
        self._diary: Diary | None = None
        self._opened = False
        self._base = 0  # samples of the session before this conversation object
        self._durable = 0
        self._acked = 0
        self._received: tuple[int, int] | None = None  # of the client's hello
        self._closed = False

    def start(self) -> None:
        self._hearing_task = asyncio.create_task(self.hearing.run(), name=f"hearing {self.session_id}")
        self._hearing_task.add_done_callback(self._hearing_ended)
        self._link.attach(self)

    async def close(self) -> None:
        """End it and let go of everything; what is stored stays."""
        if self._closed:
            return
        self._closed = True
        for timer in (self._timer, self._open_timer):
            if timer is not None:
                timer.cancel()
        self._link.send(lm.Close(session=self.session_id))
        self._link.detach(self)
        if self._hearing_task is not None:
            self._hearing_task.cancel()
            await asyncio.gather(self._hearing_task, return_exceptions=True)
        await self._speaking.close()

    def finish(self) -> None:
        """The relay is about to stop: commit what was said as soon as recognition has it."""
        if not self._machine.settled:
            self._step(ev.FlushAsked())

    # The client

    @property
    def settled(self) -> bool:
        """Whether nothing that was said waits for an answer."""
        return self._machine.settled

    @property
    def attached(self) -> bool:
        return self._client is not None

    def token_matches(self, token: str | None) -> bool:
        return token is not None and hmac.compare_digest(self._token.encode(), token.encode())

    def attach(self, client: Client, received: tuple[int, int] | None = None) -> None:
        """`client` talks from now on; one that was there before is sent away."""
        if self._client is not None:
            self._client.hang_up(SessionMoved())
        self._client, self._received = client, received
        self._speaking.whole = client.replies == "whole"
        self._state = None
        self._step(ev.ClientPlays(False))
        if self._opened:
            self._welcome()

    def detach(self, client: Client) -> None:
        """The client's connection is gone. What it said is finished and committed all the same."""
        if self._client is client:
            self._client = None
            self.hearing.drain()

    def add_audio(self, chunk: bytes) -> None:
        """A checked piece of the client's audio (`protocol.audio`)."""
        self.hearing.add(chunk)
        if self.hearing.feed.received - self._acked >= ACK_SAMPLES:
            self._ack()

    def take(self, message: Message) -> None:
        """A client's message other than `hello` and `ping`."""
        match message:
            case cm.TypedText(text=text, id=id):
                if id is not None:
                    if id in self._seen_ids:
                        return
                    self._remember_id(id)
                if text := text.strip():
                    self._step(ev.Typed(lm.Item(text=text, timestamp=_now(), id=id)))
            case cm.Flush():
                self._step(ev.FlushAsked())
            case cm.Interrupt():
                self._step(ev.InterruptAsked())
            case cm.Played(turn=turn, seq=seq, at_ms=at_ms):
                self._step(ev.ClientPlays(True))
                self._watch_for_voice()
                self._speaking.played(turn, seq, at_ms / 1000)
            case cm.Action(id=id, name=name, args=args):
                action = lm.LinkAction(session=self.session_id, id=id, name=name, args=args)
                if not (self._opened and self._link.send(action)):
                    self._deliver(cm.ErrorMessage.of(ReceiverUnavailable(), id=id))

    def _deliver(self, message: Message) -> None:
        if self._client is not None:
            self._client.deliver(message)

    def _welcome(self) -> None:
        """`ready`, and whatever the client missed while it was away."""
        self._deliver(
            cm.Ready(
                session_id=self.session_id,
                resume_token=self._token,
                resume_at=self._base + self.hearing.feed.received,
                history=list(self._history),
            )
        )
        self._tell_state()
        if self._diary is not None:
            self._deliver(cm.DiaryUpdate(diary=self._diary))
        if self._shown is not None:
            self._deliver(self._shown)
        if self._received is None or not self._history:
            return
        turn, seq = self._received
        latest = self._history[-1]
        last = self._speaking.last
        if last is not None and last.turn == latest.turn:
            if last.turn > turn:
                seq = -1
            if last.turn >= turn:
                for number, sentence in last.after(seq):
                    self._deliver(reply_audio(last.turn, number, sentence.text, sentence.audio))
        elif latest.turn > turn:
            self._say(latest.turn, latest.message)

    def _say(self, turn: int, text: str) -> None:
        self._speaking.say(turn, text)
        self._step(ev.Speaks(turn))
        self._watch_for_voice()

    def _ack(self) -> None:
        self._acked = self.hearing.feed.received
        self._deliver(cm.Ack(received=self._base + self._acked, durable=self._durable))

    def _remember_id(self, id: str) -> None:
        self._seen_ids[id] = None
        if len(self._seen_ids) > SEEN_IDS:
            self._seen_ids.popitem(last=False)

    # The turn machine

    def _step(self, event: ev.Event) -> None:
        """Tell the machine, do what it says, and set the timer to its deadline."""
        for command in self._machine.handle(event, self._loop.time()):
            self._perform(command)
        self._tell_state()
        self.monitor_transcriptions()

    def monitor_transcriptions(self) -> None:
        """Wake the turn machine at its deadline: on time, where the original looked once a second."""
        deadline = self._machine.deadline
        if self._timer is not None:
            if not self._timer.cancelled() and self._timer.when() == deadline:
                return
            self._timer.cancel()
            self._timer = None
        if deadline is not None and not self._closed:
            self._timer = self._loop.call_at(deadline, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._step(ev.Wake())

    def _perform(self, command: ev.Command) -> None:
        match command:
            case ev.SendDraft(turn, attempt, items):
                self.send_to_receiver(
                    lm.Draft(session=self.session_id, turn=turn, attempt=attempt, items=items)
                )
            case ev.SendDiscard(turn, attempt):
                self.send_to_receiver(lm.Discard(session=self.session_id, turn=turn, attempt=attempt))
            case ev.SendCommit():
                self._commit(command)
            case ev.ShowTurn(turn, items):
                ids = [item.id for item in items if item.id is not None]
                self._shown = cm.Turn(turn=turn, text=lm.spoken_text(items), ids=ids)
                self._deliver(self._shown)
            case ev.Answer(turn, text, audio_until):
                self._answer(turn, text, audio_until)
            case ev.StopSpeaking():
                for stopped in self._speaking.stop():
                    self._deliver(cm.Stop(turn=stopped))
            case ev.Drain():
                self.hearing.drain()
            case ev.Reopen():
                self._open()
            case ev.FailTurn(turn, _, error):
                self._shown = None
                self._deliver(cm.ErrorMessage.of(error, turn=turn))
            case ev.Reject(error, id, turn):
                self._deliver(cm.ErrorMessage.of(error, turn=turn, id=id))

    def _commit(self, command: ev.SendCommit) -> None:
        now = self._loop.time()
        if self._latency is None or self._latency.turn != command.turn:
            silence = self._machine.buffer.time_since_last_addition()
            self._latency = TurnLatency(command.turn, silence, now)
        self.send_to_receiver(
            lm.Commit(
                session=self.session_id,
                epoch=command.epoch,
                turn=command.turn,
                items=command.items,
                attempt=command.attempt,
                plan=command.plan,
                audio_until=self._base + command.audio_until,
            )
        )

    def _answer(self, turn: int, text: str, audio_until: int) -> None:
        if self._latency is not None and self._latency.turn == turn:
            self._latency.committed = self._loop.time()
        shown, self._shown = self._shown, None
        said, ids = (shown.text, shown.ids) if shown is not None else ("", [])
        self._history.append(cm.PastTurn(turn=turn, text=said, message=text, ids=ids))
        self._durable = max(self._durable, self._base + audio_until)
        self._ack()
        self._speaking.say(turn, text)
        self._watch_for_voice()

    def _tell_state(self) -> None:
        if self._state != (state := self._machine.state):
            self._state = state
            self._deliver(cm.Status(state=state))

    def _watch_for_voice(self) -> None:
        self.hearing.watch_for_voice(self._machine.speaking is not None and self._machine.client_plays)

    # The receiver

    def send_to_receiver(self, message: Message) -> None:
        """Put one message on the link. One that finds no link is not lost: `on_link_down` parks its turn."""
        self._link.send(message)

    def _open(self) -> None:
        if self._link.send(self._opening):
            if self._open_timer is not None:
                self._open_timer.cancel()
            self._open_timer = self._loop.call_later(OPEN_SECONDS, self._open)

    def on_link_up(self) -> None:
        self._open()

    def on_link_down(self) -> None:
        if self._open_timer is not None:
            self._open_timer.cancel()
        self._step(ev.LinkLost())

    def on_link_message(self, message: Message) -> None:
        try:
            self._take_link_message(message)
        except Exception:
            # A defect of ours: it ends this conversation and must not end the link that carries the others.
            log.exception("conversation failed", session=self.session_id)
            self._end(InternalError())

    def _take_link_message(self, message: Message) -> None:
        match message:
            case lm.Opened():
                self._take_opened(message)
            case lm.Reply(turn=turn, attempt=attempt, plan=plan):
                self._step(ev.DraftReplied(turn, attempt, plan))
            case lm.Committed(turn=turn, text=text, diary=diary):
                self._step(ev.Committed(turn, text))
                self._tell_diary(diary)
            case lm.LinkActionDone(id=id, diary=diary):
                self._deliver(cm.ActionDone(id=id))
                self._tell_diary(diary)
            case lm.LinkErrorMessage(turn=turn, id=id) if turn is not None:
                self._step(ev.Refused(message.to_error(), turn, message.attempt, message.epoch))
            case lm.LinkErrorMessage(id=id) if id is not None:
                self._deliver(cm.ErrorMessage.of(message.to_error(), id=id))
            case lm.LinkErrorMessage():
                self._open_refused(message.to_error())

    def _take_opened(self, opened: lm.Opened) -> None:
        if self._open_timer is not None:
            self._open_timer.cancel()
        first, self._opened = not self._opened, True
        if first:
            self._base = self._durable = opened.audio_until
        self._history.clear()
        self._history.extend(opened.history)
        for id in (id for turn in opened.history for id in turn.ids):
            self._remember_id(id)
        self._diary = opened.diary
        self._step(ev.Opened(opened.epoch, opened.next_turn))
        if first:
            self._welcome()
            if opened.greeting is not None and self._received is None:
                self._say(0, opened.greeting)

    def _open_refused(self, error: VoiceError) -> None:
        if error.retryable:
            if self._open_timer is not None:
                self._open_timer.cancel()
            self._open_timer = self._loop.call_later(1.0, self._open)
        else:
            self._end(error)

    def _tell_diary(self, diary: Diary | None) -> None:
        if diary is not None:
            self._diary = diary
            self._deliver(cm.DiaryUpdate(diary=diary))

    # Hearing

    def on_result(self, result: SttResult, audio_until: int) -> None:
        if not result.text:
            if not result.final:
                self._step(ev.Partial(""))
            return
        transcript = cm.Transcript(
            text=result.text,
            final=result.final,
            turn=self._machine.gathering_turn,
            confidence=result.confidence,
        )
        self._deliver(transcript)
        if result.final:
            item = lm.Item(text=result.text, timestamp=_now(), confidence=result.confidence)
            self._step(ev.Final(item, audio_until))
        else:
            self._step(ev.Partial(result.text))

    def on_drained(self) -> None:
        self._step(ev.Drained())

    def on_behind(self, behind: bool) -> None:
        self._step(ev.Behind(behind))

    def on_stt_lost(self, error: VoiceError) -> None:
        self._deliver(cm.ErrorMessage.of(error))
        self._step(ev.SttLost())

    def on_stt_back(self) -> None:
        self._step(ev.SttBack())

    def on_voice(self) -> None:
        self._step(ev.VoiceHeard())
        self._watch_for_voice()

    def on_hearing_error(self, error: VoiceError) -> None:
        self._deliver(cm.ErrorMessage.of(error))

    def _hearing_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("hearing failed", session=self.session_id, exc_info=error)
            self._end(InternalError())

    # Speaking

    def on_sentence(self, turn: int, seq: int, text: str, audio: bytes | None) -> None:
        self._first_audio(turn)
        if self._client is not None and self._client.replies == "sentences":
            self._deliver(reply_audio(turn, seq, text, audio))

    def on_answer(self, turn: int, text: str, audio: bytes | None, error: TtsError | None) -> None:
        self._first_audio(turn)
        whole = self._client is not None and self._client.replies == "whole"
        self._deliver(server_response(turn, text, audio if whole else None, error))
        if self._latency is not None and self._latency.turn == turn:
            self._deliver(cm.Latency(turn=turn, stages=self._latency.stages(self._loop.time())))
            self._latency = None

    def on_spoken(self, turn: int) -> None:
        self._step(ev.SpeakingDone(turn))
        self._watch_for_voice()

    def on_heard(self, turn: int, chars: int) -> None:
        self.send_to_receiver(lm.Heard(session=self.session_id, turn=turn, chars=chars))

    def _first_audio(self, turn: int) -> None:
        if self._latency is not None and self._latency.turn == turn and self._latency.first_audio is None:
            self._latency.first_audio = self._loop.time()

    def _end(self, error: VoiceError) -> None:
        """The conversation cannot go on."""
        if self._client is not None:
            self._client.hang_up(error)
            self._client = None
        self._on_end(self)


def opening_of(
    session_id: str, resume_token: str, hello: cm.Hello, assistant: str | None, locale: str
) -> lm.Open:
    """The link's `open` for a client's `hello`. Only a digest of the resume token leaves the relay."""
    return lm.Open(
        session=session_id,
        key=hashlib.sha256(resume_token.encode()).hexdigest(),
        assistant=hello.assistant or assistant,
        name=hello.name,
        timezone=hello.timezone,
        locale=locale,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
