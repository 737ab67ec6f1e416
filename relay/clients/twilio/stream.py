"""Telephone calls through Twilio Media Streams (`/ws/media-stream`, and `/ws/media-stream/TICKET`).

One conversation a call, left for good when the call is over. The caller's mu-law of 8 kHz becomes PCM of 16 kHz; an
answer goes out sentence by sentence, each second of it followed by a mark, which comes back when it has been played.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from protocol import client_messages as cm
from protocol.errors import (
    AtCapacity,
    InputError,
    MalformedMessage,
    SessionRefused,
    SpeechAtCapacity,
    VoiceError,
)
from protocol.messages import Message
from relay.calls import Call
from relay.clients.socket_client import SocketClient, parse_target
from relay.clients.twilio import messages as tm
from relay.clients.twilio.keys import Keys
from relay.clients.twilio.playback import TwilioPlayback
from relay.clients.twilio.signature import check_signature
from relay.clients.twilio.voice import STREAM_PATH
from relay.codecs import mulaw
from relay.codecs.resample import StreamResampler
from relay.conversation import Conversation
from relay.identity import Identity, as_named
from relay.services import Services
from relay.tts import PHONE
from relay.vad import TELEPHONE

log = structlog.get_logger(__name__)

START_SECONDS = 10.0
"""A connection that has not said `start` by then is closed."""

MAX_BAD_MESSAGES = 100
"""Messages of a call that could not be taken; each is left out and counted, and one more ends the call."""

MAX_NAME_CHARS = 80

TICKETS_ONLY = "Calls come to this relay through /twilio/voice."
REPLAYED = "This stream has been here before."
ANOTHER_CALL = "This address was given to another call."


class TwilioStream(SocketClient):
    """One stream of one call."""

    kind: ClassVar[str | None] = "phone"
    token_in_hello: ClassVar[bool] = True  # Twilio shows no token: it signs

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self.replies = "sentences"
        self.speech = PHONE
        self._has_place = False
        self._timer: asyncio.TimerHandle | None = None  # until `start`; then, until the call is too long
        self._call: Call | None = None
        self._playback = TwilioPlayback("")
        self._keys = Keys(self)
        self._resampler = StreamResampler(tm.RATE, 16_000)
        self._bad = 0
        self._rate = float(services.settings.call_chunks_per_second)
        self._allowance = self._rate  # pieces that may come now: a second's worth after a pause
        self._refilled = self._loop.time()

    # Before and after the call

    @classmethod
    async def admit(cls, request: Request, services: Services, identity: Identity) -> Identity:
        """Whose call it is. Raises `SignatureRefused`, `SessionRefused`, `AtCapacity`."""
        check_signature(services.settings, request.path, request.headers.raw_items(), websocket=True)
        if services.calls.full:
            raise AtCapacity
        if code := _ticket_code(parse_target(request.path)[0]):
            return services.tickets.use(code).identity
        if services.authenticator.required:
            # This address is signed once and for all; what is in `start` is not signed.
            raise SessionRefused(TICKETS_ONLY)
        return identity

    def begin(self) -> None:
        self.services.calls.take_place()
        self._has_place = True
        self._timer = self._loop.call_later(
            START_SECONDS, self.hang_up, MalformedMessage("No 'start' has come.")
        )

    async def ended(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._keys.finish()
        if self.conversation is not None and (rest := self._resampler.flush()):
            self.conversation.add_audio(rest)
        if self._call is not None:
            self.services.calls.end(self._call)
        if self._has_place:
            self.services.calls.give_place_back()

    def leave(self) -> None:
        if self.conversation is not None:
            self.services.sessions.leave(self.conversation, self, for_good=True)

    def on_joined(self, conversation: Conversation) -> None:
        super().on_joined(conversation)
        conversation.hearing.onset = TELEPHONE
        if self._call is not None:
            self._call.feed = conversation.hearing.feed

    # From Twilio

    def take_binary(self, data: bytes) -> None:
        raise MalformedMessage("A stream's messages are text.")

    def take_text(self, text: str) -> None:
        event, message = tm.parse(text)
        match event:
            case "media":
                self._take_media(message)
            case "start":
                self._take_start(message)
            case "mark":
                self._take_mark(tm.part(message, "mark").get("name"))
            case "dtmf":
                self._take_key(tm.part(message, "dtmf").get("digit"))
            case "stop":
                self.close(1000, "")
            case _:
                pass  # `connected`, and what is not known yet

    def _take_start(self, message: tm.Fields) -> None:
        if self._call is not None:
            raise MalformedMessage("There was a 'start' already.")
        try:
            start = tm.parse_start(message)
            self._check_call(start)
            if not self.services.authenticator.required:
                self.identity = as_named(self.identity, start.parameters.get("userId"))
            self._join_call(start)
        except InputError as error:
            self.hang_up(error)  # without a start there is no call

    def _check_call(self, start: tm.Start) -> None:
        """Raises `SessionRefused` for a call that this address was not given to, and for a stream that was here."""
        tickets = self.services.tickets
        ticket = tickets.used(code) if (code := _ticket_code(self.path)) else None
        if ticket is not None and ticket.call_sid != start.call_sid:
            raise SessionRefused(ANOTHER_CALL)
        if not tickets.first_time(start.call_sid, start.stream_sid):
            raise SessionRefused(REPLAYED)

    def _join_call(self, start: tm.Start) -> None:
        if self._timer is not None:
            self._timer.cancel()
        seconds = self.services.settings.call_hours * 3600
        self._timer = self._loop.call_later(seconds, self.close, 1000, "call_hours")
        self._playback = TwilioPlayback(start.stream_sid)
        hello = cm.Hello(
            session_id=f"{start.call_sid}.{start.stream_sid}",
            name=_name(start.parameters.get("name")),
            timezone=_name(start.parameters.get("timezone")),
            replies="sentences",
        )
        conversation, services = self.join(hello), self.services
        call = Call(start.call_sid, start.stream_sid, self.identity.user, conversation.hearing.feed)
        self._call = call
        services.calls.begin(call)
        services.sessions.when_over(conversation, partial(services.summaries.ask, call))

    def _take_media(self, message: tm.Fields) -> None:
        call = self._call
        if call is None or self.conversation is None:
            raise MalformedMessage("There was no 'start' yet.")
        now = self._loop.time()
        self._allowance = min(self._rate, self._allowance + (now - self._refilled) * self._rate)
        self._refilled = now
        if self._allowance < 1:
            call.dropped_chunks += 1
            return
        self._allowance -= 1
        chunk = tm.caller_audio(message)
        if chunk is None:
            return
        call.chunks += 1
        call.bytes += len(chunk)
        if pcm := self._resampler.feed(mulaw.decode(chunk)):
            self.conversation.add_audio(pcm)

    def _take_mark(self, name: object) -> None:
        place = self._playback.reached(name) if isinstance(name, str) else None
        if place is not None:
            self._tell_played(place.turn, place.seq, place.at_ms)

    def _take_key(self, key: object) -> None:
        if self._call is None or not isinstance(key, str) or not self._keys.press(key):
            raise MalformedMessage("There is no such key.")

    # The keys

    def on_digits(self, digits: str) -> None:
        if self.conversation is not None and self._call is not None:
            self.services.calls.say(self._call, "caller", digits, final=True, confidence=1.0)
            self.conversation.take(cm.TypedText(text=digits))

    def on_end(self) -> None:
        if self.conversation is not None:
            self.conversation.take(cm.Flush())

    def on_stop(self) -> None:
        if self.conversation is not None:
            self.conversation.take(cm.Interrupt())

    # To Twilio

    def deliver(self, message: Message) -> None:
        call = self._call
        if call is None:
            return
        match message:
            case cm.ReplyAudio(turn=turn, seq=seq, text=text, audio=audio):
                if audio:
                    self._play(turn, seq, audio)
                self.services.calls.say(call, "assistant", text, final=True, confidence=None)
            case cm.Stop():
                if (clear := self._playback.clear()) is not None:
                    self.drop_waiting()  # sound that `clear` would drop a moment later
                    self.send_json(clear)
            case cm.Transcript(text=text, final=final, confidence=confidence):
                self.services.calls.say(call, "caller", text, final=final, confidence=confidence)
            case cm.ErrorMessage(code=SpeechAtCapacity.code):
                self.hang_up(SpeechAtCapacity())  # nobody would hear what the caller says

    def _play(self, turn: int, seq: int, pcm: bytes) -> None:
        begins = self._playback.begins(turn)
        for piece in self._playback.play(turn, seq, pcm):
            self.send_json(piece)
        if begins:
            # From its first sound on the caller may speak over it.
            self._tell_played(turn, seq, 0)

    def _tell_played(self, turn: int, seq: int, at_ms: int) -> None:
        if self.conversation is not None:
            self.conversation.take(cm.Played(turn=turn, seq=seq, at_ms=at_ms))

    def report(self, error: VoiceError) -> None:
        """Twilio takes no errors: they are counted, and the call goes on until there are too many."""
        if not isinstance(error, InputError):
            return
        self._bad += 1
        if self._call is not None:
            self._call.bad_messages = self._bad
        if self._bad > MAX_BAD_MESSAGES:
            self.close(4400, error.code)


def _ticket_code(path: str) -> str:
    """The last part of `/ws/media-stream/TICKET`; empty for the plain address."""
    return path.removeprefix(STREAM_PATH).strip("/")


def _name(value: str | None) -> str | None:
    return value.strip()[:MAX_NAME_CHARS] or None if value is not None else None
