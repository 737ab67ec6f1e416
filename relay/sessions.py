"""All conversations of this relay: who may have one, who takes one up again, when one is let go."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence

from protocol.client_messages import Hello
from protocol.errors import AccessError, AtCapacity, CapacityError, SessionRefused
from protocol.link_messages import EarlierTurn, Open
from relay.clients import Client
from relay.conversation import Conversation, Participant
from relay.identity import ANYBODY, Identity
from relay.receiver_link import ReceiverLink
from relay.receiver_session import opening_of
from relay.settings import RelaySettings
from relay.stt import SttEngine
from relay.transcription_buffer import TranscriptionBuffer
from relay.tts import TtsEngine
from relay.turn import TurnMachine, TurnTimes

FINISH_SECONDS = 5.0
"""What was said and is not stored yet gets this long when the relay stops, or when nobody comes back for it."""

LOOK_SECONDS = 0.1
"""Between two looks whether a conversation that was left for good is finished."""


class Sessions:
    """Conversations by session id. `RELAY_MAX_CONVERSATIONS` bounds them; more get `at_capacity`."""

    def __init__(self, settings: RelaySettings, stt: SttEngine, tts: TtsEngine, link: ReceiverLink) -> None:
        self._settings = settings
        self._stt, self._tts, self._link = stt, tts, link
        self._conversations: dict[str, Conversation] = {}
        self._lingering: dict[str, asyncio.TimerHandle] = {}
        self._when_over: dict[Conversation, Callable[[Open], None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._places = 0  # taken by those who are heard without a conversation
        self._stopping = False

    def __len__(self) -> int:
        return len(self._conversations)

    def join(
        self,
        hello: Hello,
        client: Participant,
        identity: Identity = ANYBODY,
        history: Sequence[EarlierTurn] = (),
        *,
        proven: bool = True,
    ) -> Conversation:
        """The conversation that `hello` asks for, with `client` attached to it.

        A session that neither this relay nor the receiver knows begins with `history`, what was said before elsewhere.
        Credentials that were brought to a conversation stay with it for a client that brings none; not where it is not
        `proven` whose it is, as the resume token can be made up by whoever knows the session's id.
        Raises `SessionRefused` when it is another's (the receiver refuses those that this relay does not know),
        `AtCapacity` when there is no room for a new one.
        """
        session_id = hello.session_id or secrets.token_urlsafe(16)
        conversation = self._conversations.get(session_id)
        if conversation is not None:
            if conversation.user != identity.user:
                raise SessionRefused
            if not conversation.token_matches(hello.resume_token):
                if not conversation.confirmed:
                    # Only the receiver knows whose it is, and it is not there: nobody is turned away for good.
                    raise AtCapacity(
                        "This conversation cannot be taken up yet; please try again in a moment."
                    )
                raise SessionRefused
            if hello.credentials is None and proven:
                hello = hello.model_copy(update={"credentials": conversation.receiver.credentials})
        else:
            assistant = self._settings.assistant_for(client.kind)
            conversation = self._make(session_id, hello, identity.user, assistant, history)
        if timer := self._lingering.pop(session_id, None):
            timer.cancel()
        conversation.attach(client, hello)
        return conversation

    def leave(self, conversation: Conversation, client: Client, *, for_good: bool = False) -> None:
        """The client's connection is gone. The conversation waits for it a while, or, `for_good`, is finished."""
        if not conversation.detach(client):
            return  # another has taken its place, and may have left again: what is to come was settled then
        if self._conversations.get(conversation.session_id) is conversation:
            if for_good:
                conversation.finish()
                until = asyncio.get_running_loop().time() + FINISH_SECONDS
                self._linger(conversation, LOOK_SECONDS, until)
            else:
                self._linger(conversation, self._settings.resume_seconds)

    def when_over(self, conversation: Conversation, act: Callable[[Open], None]) -> None:
        """Call `act`, with how its session is opened, when `conversation` is over here and its session let go of.

        It is not called where the receiver has never opened the session. It must not raise.
        """
        self._when_over[conversation] = act

    def take_place(self) -> None:
        """A place for a client that is heard without a conversation. Raises `AtCapacity`."""
        if self._stopping or not self._room():
            raise AtCapacity
        self._places += 1

    def give_place_back(self) -> None:
        self._places -= 1

    async def close(self) -> None:
        """Let every conversation finish its turn, bounded, then end them all."""
        self._stopping = True
        loop = asyncio.get_running_loop()
        until = loop.time() + FINISH_SECONDS
        for conversation in self._conversations.values():
            conversation.finish()
        while loop.time() < until and not all(c.finished for c in self._conversations.values()):
            await asyncio.sleep(0.01)
        for timer in self._lingering.values():
            timer.cancel()
        self._lingering.clear()
        await asyncio.gather(*(c.close() for c in self._conversations.values()))
        for conversation in self._conversations.values():
            self._tell_over(conversation)
        self._conversations.clear()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _make(
        self,
        session_id: str,
        hello: Hello,
        user: str | None,
        assistant: str | None,
        history: Sequence[EarlierTurn],
    ) -> Conversation:
        if self._stopping or not self._room():
            raise AtCapacity
        settings = self._settings
        token = hello.resume_token or secrets.token_urlsafe(32)
        loop = asyncio.get_running_loop()
        times = TurnTimes(settings.silence_seconds, settings.draft_after_seconds, settings.drafts)
        conversation = Conversation(
            session_id=session_id,
            resume_token=token,
            opening=opening_of(session_id, token, user, hello, assistant, settings.language, history),
            machine=TurnMachine(TranscriptionBuffer(loop.time), times),
            stt=self._stt,
            tts=self._tts,
            link=self._link,
            on_end=self._end,
            on_moved=self._begin_anew,
        )
        self._conversations[session_id] = conversation
        conversation.start()
        return conversation

    def _begin_anew(self, conversation: Conversation, client: Participant, hello: Hello) -> None:
        """A client has come back, and its session was elsewhere meanwhile: take it from there."""
        self._end(conversation)
        try:
            self.join(hello, client, Identity(user=conversation.user))
        except (AccessError, CapacityError) as error:
            client.hang_up(error)

    def _room(self) -> bool:
        """Whether there is a place: the one who has been away the longest makes room, and can still come back."""
        if len(self._conversations) + self._places < self._settings.max_conversations:
            return True
        for session_id in self._lingering:
            if (conversation := self._conversations[session_id]).settled:
                self._end(conversation)
                return True
        return False

    def _linger(self, conversation: Conversation, seconds: float, until: float = 0.0) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._let_go, conversation, until)
        self._lingering[conversation.session_id] = timer

    def _let_go(self, conversation: Conversation, until: float) -> None:
        """End it if it is finished, or, after `until`, if at least all that was understood is stored."""
        self._lingering.pop(conversation.session_id, None)
        late = asyncio.get_running_loop().time() >= until
        if conversation.finished or (late and conversation.settled):
            self._end(conversation)
        else:
            # A turn is given up after five minutes, so this ends.
            self._linger(conversation, 1.0 if late else LOOK_SECONDS, until)

    def _end(self, conversation: Conversation) -> None:
        if self._conversations.get(conversation.session_id) is conversation:
            del self._conversations[conversation.session_id]
            if timer := self._lingering.pop(conversation.session_id, None):
                timer.cancel()
        conversation.let_go()
        self._tell_over(conversation)
        task = asyncio.get_running_loop().create_task(conversation.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _tell_over(self, conversation: Conversation) -> None:
        act = self._when_over.pop(conversation, None)
        if act is not None and conversation.confirmed:
            act(conversation.receiver.opening)
