"""Streamed answers (`/ws/llm-stream`): questions in, each answered with its text as it comes, then with its sound.

Every message has the keys of both generations of pages. `protocol/CLIENTS.md` has the tables.
"""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from typing import Any

from websockets.asyncio.server import ServerConnection

from protocol.errors import AccessError, BufferFull, CapacityError, Unsupported, VoiceError
from relay.clients.answers.asker import Asker
from relay.clients.answers.questions import Question, read_question
from relay.clients.socket_client import SocketClient
from relay.identity import Identity
from relay.services import Services

MAX_WAITING = 16
"""Questions that wait for the one before them; one more gets `buffer_full`."""

STARTED = "Processing your request..."
ENDED = "Response complete."
"""`message` of `start` and `end`."""


class StreamedAnswersClient(SocketClient):
    """One connection. Its questions are answered one after the other, each in the conversation of its session."""

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self._waiting: deque[Question] = deque()
        self._asker: Asker | None = None
        self._busy = False  # a question is being answered

    async def ended(self) -> None:
        self._waiting.clear()
        if self._asker is not None:
            self._asker.leave(for_good=False)

    # In

    def take_binary(self, data: bytes) -> None:
        raise Unsupported("Questions are sent as text.")

    def take_text(self, text: str) -> None:
        question = read_question(text)
        if len(self._waiting) >= MAX_WAITING:
            # Said here: raised, it would end the connection.
            self.report(BufferFull(f"{MAX_WAITING} questions wait already; please ask again in a moment."))
            return
        self._waiting.append(question)
        self._answer_next()

    def _answer_next(self) -> None:
        while self._waiting and not self._busy and not self.closing:
            question = self._waiting.popleft()
            try:
                asker = self._asker_for(question)
            except (AccessError, CapacityError) as error:
                self.report(error)  # costs this question, and not those after it
                continue
            self._busy = True
            self.send_json({"type": "start", "message": STARTED, "session_id": asker.session_id})
            asker.ask(question)

    def _asker_for(self, question: Question) -> Asker:
        """Whoever asks in the question's session.

        One that names none goes on in the session of the question before it, unless it tells by a history that it
        belongs elsewhere. Raises `AccessError`, `CapacityError`.
        """
        asker = self._asker
        if asker is not None and asker.session_id is not None:
            if question.session_id == asker.session_id:
                return asker
            if question.session_id is None and not question.chat_history:
                return asker
            asker.leave(for_good=True)
        self._asker = None
        asker = Asker(self.services, self.identity, self, "sentences")
        asker.join(question)
        self._asker = asker
        return asker

    # Out

    def on_piece(self, text: str, restart: bool) -> None:
        chunk: dict[str, Any] = {"type": "chunk", "content": text, "text": text, "is_complete": False}
        if restart:
            chunk["restart"] = True
        self.send_json(chunk)

    def on_text(self, text: str) -> None:
        assert self._asker is not None
        self.send_json({"type": "end", **finished(text, self._asker.session_id)})

    def on_sentence(self, text: str, audio: bytes) -> None:
        sound = {"audio": b64encode(audio).decode(), "format": "mp3"}
        self.send_json({"type": "audio", **sound, "sentence": text, "is_complete": False})

    def on_answered(self, audio: bytes | None, error: VoiceError | None) -> None:
        failed = {} if error is None else {"error": error.sentence, "code": error.code}
        self.send_json({"type": "audio_end", "is_complete": True, **failed})
        self._go_on()

    def on_failed(self, error: VoiceError) -> None:
        self.report(error)
        self._go_on()

    def _go_on(self) -> None:
        self._busy = False
        # Not within what the conversation is just telling: it may be about to end.
        self._loop.call_soon(self._answer_next)

    def report(self, error: VoiceError) -> None:
        about = {"code": error.code, "retryable": error.retryable}
        self.send_json({"type": "error", "error": error.sentence, "message": error.message, **about})


def finished(text: str, session_id: str | None) -> dict[str, Any]:
    """An answer that is there, by the names of both generations."""
    told = {"final_response": text, "text": text, "message": ENDED}
    return {**told, "is_complete": True, "session_id": session_id}
