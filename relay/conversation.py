"""One person's conversation: wires hearing, turns, the receiver and speaking together, and decides nothing.

Everything here runs on the event loop, in plain calls: what happens becomes an event of the turn machine, and the
commands that it returns are performed at once. A conversation outlives its connection, so that a client may come back.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from typing import Protocol

import structlog

from protocol import client_messages as cm
from protocol import link_messages as lm
from protocol.diary import Diary
from protocol.errors import InternalError, ReceiverUnavailable, SessionMoved, TurnFailed, VoiceError
from protocol.messages import Message
from relay import turn_events as ev
from relay.answering import Answering
from relay.audience import Audience
from relay.clients import Client
from relay.hearing import Hearing
from relay.pending_actions import PendingActions
from relay.receiver_link import ReceiverLink
from relay.receiver_session import Opening, ReceiverSession
from relay.session_record import SessionRecord
from relay.streamed_text import StreamedText
from relay.stt import SttEngine, SttResult
from relay.transcripts import heard, item
from relay.tts import Speech, TtsEngine
from relay.turn import TurnMachine
from relay.typed_texts import TypedTexts

log = structlog.get_logger(__name__)

FOR_RECEIVER = (ev.SendDraft, ev.SendDiscard, ev.SendCommit, ev.Reopen)

ACK_SAMPLES = 16_000
"""An `ack` goes out after each second of audio, and when a turn becomes durable."""


class Participant(Client, Protocol):
    def on_joined(self, conversation: Conversation) -> None:
        """This is the client's conversation from now on."""


class Conversation:
    """Made by `relay.sessions`; `start` it once, `attach` a client, `close` it."""

    def __init__(
        self,
        *,
        session_id: str,
        resume_token: str,
        opening: Opening,
        machine: TurnMachine,
        stt: SttEngine,
        tts: TtsEngine,
        link: ReceiverLink,
        on_end: Callable[[Conversation], None],
        on_moved: Callable[[Conversation, Participant, cm.Hello], None],
    ) -> None:
        self.session_id = session_id
        self.user = opening.message.user
        self._token = resume_token
        self._machine = machine
        self.receiver = ReceiverSession(opening, link, self)
        self._on_end = on_end
        self._on_moved = on_moved
        self._loop = asyncio.get_running_loop()
        self.hearing = Hearing(stt, self)
        self._answering = Answering(tts, self)
        self._audience = Audience[Participant]()
        self._hearing_task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._record = SessionRecord()
        self._texts = TypedTexts(self._audience.refuse)
        self._actions = PendingActions(self._audience.refuse)
        self._streamed = StreamedText()
        self._acked = 0
        self._draining = False  # recognition has yet to finish what was said before `finish`
        self._deaf: VoiceError | None = None  # why recognition is lost, and there is nothing to wait for
        self._closed = False

    def start(self) -> None:
        self._hearing_task = asyncio.create_task(self.hearing.run(), name=f"hearing {self.session_id}")
        self._hearing_task.add_done_callback(self._hearing_ended)
        self.receiver.start()

    def let_go(self) -> None:
        """Leave the session at once, so that another conversation of this relay may have it."""
        if self._closed:
            return
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._texts.release()
        self._actions.close()
        self.receiver.close()

    async def close(self) -> None:
        """End it and let go of everything; what is stored stays."""
        self.let_go()
        if self._hearing_task is not None:
            self._hearing_task.cancel()
            await asyncio.gather(self._hearing_task, return_exceptions=True)
        await self._answering.close()

    def finish(self) -> None:
        """The relay is about to stop: commit what was said as soon as recognition has it, `finished` says when."""
        self._draining = self._deaf is None
        self._step(ev.FlushAsked())

    @property
    def finished(self) -> bool:
        """Whether all that was said before `finish` is stored."""
        return self.settled and not self._draining

    # The client

    @property
    def settled(self) -> bool:
        """Whether nothing that was said waits for an answer."""
        return self._machine.settled and not self._texts

    @property
    def confirmed(self) -> bool:
        """Whether the receiver has accepted the session's key."""
        return self._record.opened

    def token_matches(self, token: str | None) -> bool:
        return token is not None and hmac.compare_digest(self._token.encode(), token.encode())

    def attach(self, client: Participant, hello: cm.Hello) -> None:
        """`client` talks from now on; one that was there before is sent away.

        The session is opened again before `ready`: it may have been taken up by another relay meanwhile.
        """
        self._audience.attach(client, hello)
        client.on_joined(self)
        self._step(ev.ClientPlays(False))
        if not self.receiver.bring(hello.credentials) and self._record.opened:
            self.receiver.open()

    def detach(self, client: Client) -> bool:
        """The client's connection is gone; what it said is committed. False when another has taken its place."""
        if gone := self._audience.detach(client):
            self.hearing.drain()
        return gone

    def add_audio(self, chunk: bytes) -> None:
        """A checked piece of the client's audio (`protocol.audio`)."""
        self.hearing.add(chunk)
        if self.hearing.feed.received - self._acked >= ACK_SAMPLES:
            self._ack()

    def take(self, message: Message) -> None:
        """A client's message other than `hello` and `ping`."""
        match message:
            case cm.TypedText():
                self._take_text(message)
            case cm.Flush():
                self._step(ev.FlushAsked())
            case cm.Interrupt():
                self._step(ev.InterruptAsked())
            case cm.Played(turn=turn, seq=seq, at_ms=at_ms):
                self._step(ev.ClientPlays(True))
                self._watch_for_voice()
                self._answering.played(turn, seq, at_ms / 1000)
            case cm.Action(id=id, name=name, args=args):
                action = lm.LinkAction(session=self.session_id, id=id, name=name, args=args)
                if not (self._record.opened and self.receiver.send_to_receiver(action)):
                    self._audience.refuse(id, ReceiverUnavailable())
                else:
                    self._actions.start(id)

    def _take_text(self, typed: cm.TypedText) -> None:
        if typed.id is not None and not self._record.opened:
            # It may be stored already, by a relay that was there before this one.
            self._texts.hold(typed)
        elif (typed.id is None or self._record.take_id(typed.id)) and (text := typed.text.strip()):
            self._step(ev.Typed(item(text, id=typed.id)))

    def deliver(self, message: Message) -> None:
        self._audience.deliver(message)

    def _welcome(self) -> None:
        """`ready`, and whatever the client missed while it was away."""
        for message in self._record.welcome(self.session_id, self._token, self.hearing.feed.received):
            self.deliver(message)
        if self._deaf is not None:
            self.deliver(cm.ErrorMessage.of(self._deaf))
        if (received := self._audience.hello.received) is not None:
            self._answering.say_again(self._record, *received)

    def _ack(self) -> None:
        self._acked = self.hearing.feed.received
        self.deliver(cm.Ack(received=self._record.base + self._acked, durable=self._record.durable))

    # The turn machine

    def _step(self, event: ev.Event, transcript: cm.Transcript | None = None) -> None:
        """Tell the machine, do what it says, and set the timer to its deadline."""
        self.contain(self._take_step, event, transcript)

    def _take_step(self, event: ev.Event, transcript: cm.Transcript | None) -> None:
        """What is for the receiver goes first: it works while the client is told, of `transcript` before the rest."""
        commands = self._machine.handle(event, self._loop.time())
        for command in commands:
            if isinstance(command, FOR_RECEIVER):
                self._perform(command)
        if transcript is not None:
            self.deliver(transcript)
        for command in commands:
            if not isinstance(command, FOR_RECEIVER):
                self._perform(command)
        self._audience.tell_state(self._machine.state)
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
            case ev.SendDraft() | ev.SendDiscard():
                if isinstance(command, ev.SendDraft):
                    self._streamed.draft(command.turn, command.attempt)
                self.receiver.think(command)
            case ev.SendCommit(turn=turn):
                self._streamed.commit(turn, command.attempt)
                self._answering.expect(turn, self._machine.buffer.time_since_last_addition())
                self.receiver.commit(command, self._record.base)
            case ev.ShowTurn(turn, items):
                ids = [item.id for item in items if item.id is not None]
                self._record.shown = cm.Turn(turn=turn, text=lm.spoken_text(items), ids=ids)
                self.deliver(self._record.shown)
                if text := self._streamed.release():
                    self._audience.tell_delta(turn, text)
            case ev.Answer(turn, text, audio_until):
                self._answer(turn, text, audio_until)
            case ev.StopSpeaking():
                self._answering.stop()
            case ev.Drain():
                self.hearing.drain()
            case ev.Reopen():
                self.receiver.open()
            case ev.FailTurn(turn, items, error):
                self._record.shown = None
                self._record.forget_ids(item.id for item in items)
                self.deliver(cm.ErrorMessage.of(error, turn=turn))
            case ev.Reject(error, id, turn):
                self._record.forget_ids([id])
                self.deliver(cm.ErrorMessage.of(error, turn=turn, id=id))

    def _answer(self, turn: int, text: str, audio_until: int) -> None:
        self._record.answer(turn, text, audio_until)
        self._ack()
        self._audience.tell_answer(turn, text)
        self._answering.answer(turn, text)
        self._watch_for_voice()

    def _watch_for_voice(self) -> None:
        self.hearing.watch_for_voice(self._machine.speaking is not None and self._machine.client_plays)

    # The receiver

    def on_receiver_lost(self) -> None:
        self._actions.lose()
        self._step(ev.LinkLost())

    def contain(self, act: Callable[..., None], *args: object) -> None:
        """`act`; a defect of ours in it ends this conversation, and not the link that carries the others."""
        try:
            act(*args)
        except Exception:
            log.exception("conversation failed", session=self.session_id)
            self.end(InternalError())

    def on_receiver_message(self, message: Message) -> None:
        match message:
            case lm.Delta():
                if piece := self._streamed.take(message):
                    self._audience.tell_delta(message.turn, *piece)
            case lm.Reply(turn=turn, attempt=attempt, plan=plan):
                self._step(ev.DraftReplied(turn, attempt, plan))
            case lm.Committed(turn=turn, text=text, diary=diary):
                self._step(ev.Committed(turn, text))
                self._tell_diary(diary)
            case lm.LinkActionDone(id=id, diary=diary, export=export):
                self._actions.end(id)
                self.deliver(cm.ActionDone(id=id, export=export))
                self._tell_diary(diary)
            case lm.LinkErrorMessage(turn=turn) if turn is not None:
                self._step(ev.Refused(message.to_error(), turn, message.attempt, message.epoch))
            case lm.LinkErrorMessage(id=str(id)):
                self._actions.end(id)
                self._audience.refuse(id, message.to_error())

    def on_opened(self, opened: lm.Opened) -> None:
        first = not self._record.opened
        changed = self._record.diary != opened.diary
        self._record.open(opened)
        if self._audience.waits:
            self._audience.waits = False
            self._welcome()
        elif changed:
            self._tell_diary(opened.diary)
        last = opened.history[-1] if opened.history else None
        stored = (last.turn, last.text, last.message) if last is not None else None
        self._step(ev.Opened(opened.epoch, opened.next_turn, stored))
        if first:
            if opened.greeting is not None and self._audience.hello.received is None:
                self._answering.say(0, opened.greeting)
            for typed in self._texts.release():
                self._take_text(typed)

    def _tell_diary(self, diary: Diary | None) -> None:
        if diary is not None:
            self._record.diary = diary
            self.deliver(cm.DiaryUpdate(diary=diary))

    # Hearing

    def on_result(self, result: SttResult, audio_until: int) -> None:
        event, caption = heard(result, audio_until, self._machine.gathering_turn)
        if event is not None:
            self._step(event, caption)

    def on_drained(self) -> None:
        self._draining = False
        self._step(ev.Drained())

    def on_behind(self, behind: bool) -> None:
        self._step(ev.Behind(behind))

    def on_stt_lost(self, error: VoiceError) -> None:
        self._deaf, self._draining = error, False
        self.deliver(cm.ErrorMessage.of(error))
        self._step(ev.SttLost())

    def on_stt_back(self) -> None:
        self._deaf = None
        self._step(ev.SttBack())

    def on_voice(self) -> None:
        self._step(ev.VoiceHeard())
        self._watch_for_voice()

    def on_hearing_error(self, error: VoiceError) -> None:
        self.deliver(cm.ErrorMessage.of(error))

    def _hearing_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("hearing failed", session=self.session_id, exc_info=error)
            self.end(InternalError())

    # Answers

    @property
    def replies(self) -> str | None:
        return self._audience.replies

    @property
    def speech(self) -> Speech:
        return self._audience.speech

    def on_speaks(self, turn: int) -> None:
        self._step(ev.Speaks(turn))
        self._watch_for_voice()

    def on_spoken(self, turn: int) -> None:
        self._step(ev.SpeakingDone(turn))
        self._watch_for_voice()

    def on_heard(self, turn: int, chars: int) -> None:
        self.receiver.heard(turn, chars)

    def end(self, error: VoiceError) -> None:
        """The conversation cannot go on here."""
        client = self._audience.take()
        if isinstance(error, SessionMoved):
            if not self.settled:  # its words come again there, from the audio that the client kept
                log.warning("session moved before its turn was stored", session=self.session_id)
            if self._audience.waits and client is not None:
                self._on_moved(self, client, self._audience.hello)
                return
        if client is not None:
            if self._record.shown is not None:
                client.deliver(cm.ErrorMessage.of(TurnFailed(), turn=self._record.shown.turn))
            client.hang_up(error)
        self._on_end(self)
