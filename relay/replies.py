"""An answer as the client's messages: base64 MP3 in JSON, in the original's form."""

from __future__ import annotations

import base64

from protocol.client_messages import ReplyAudio, ServerResponse
from protocol.errors import TtsError
from relay.codecs import mp3
from relay.playback import Playback


def reply_audio(turn: int, seq: int, text: str, audio: bytes | None) -> ReplyAudio:
    return ReplyAudio(turn=turn, seq=seq, text=text, audio=_base64(audio))


def server_response(turn: int, text: str, audio: bytes | None, error: TtsError | None) -> ServerResponse:
    return ServerResponse(
        turn=turn, message=text, audio=_base64(audio), audio_error=error.code if error else None
    )


def whole_audio(playback: Playback) -> bytes | None:
    """All that was sent of an answer as one MP3, or None when there is a sentence without sound."""
    parts = [sentence.audio for sentence in playback.sentences]
    return mp3.join([part for part in parts if part]) if parts and all(parts) else None


def _base64(audio: bytes | None) -> str | None:
    return base64.b64encode(audio).decode("ascii") if audio else None
