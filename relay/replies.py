"""An answer as the client's messages: base64 MP3 in JSON, in the original's form."""

from __future__ import annotations

import base64

from protocol.client_messages import ReplyAudio, ServerResponse
from protocol.errors import TtsError


def reply_audio(turn: int, seq: int, text: str, audio: bytes | None) -> ReplyAudio:
    return ReplyAudio(turn=turn, seq=seq, text=text, audio=_base64(audio))


def server_response(turn: int, text: str, audio: bytes | None, error: TtsError | None) -> ServerResponse:
    return ServerResponse(
        turn=turn, message=text, audio=_base64(audio), audio_error=error.code if error else None
    )


def _base64(audio: bytes | None) -> str | None:
    return base64.b64encode(audio).decode("ascii") if audio else None
