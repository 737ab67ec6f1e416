"""What Twilio Media Streams says and is told: JSON both ways (twilio.com/docs/voice/media-streams/websocket-messages).

Lenient where senders differ: counters may be texts or numbers, and the caller's track is `inbound` or `inbound_track`.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from protocol.errors import BadAudio, MalformedMessage, Unsupported
from relay.clients.json_message import read_object

RATE = 8_000
"""Samples, and bytes of mu-law, a second."""

MAX_MESSAGE_CHARS = 16 * 1024
"""Longest message; Twilio's have 300 characters or so."""

MAX_CHUNK_BYTES = RATE // 2
"""Longest piece of the caller's audio: 0.5 s. Twilio's have 20 ms (160 bytes)."""

SID = re.compile(r"[A-Za-z0-9_.:-]{1,48}")
"""An id of a call or a stream; Twilio's have 34 letters and digits."""

MAX_PARAMETERS = 50

CALLERS_TRACKS = frozenset({"inbound", "inbound_track"})

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a stream."""

    call_sid: str
    stream_sid: str
    parameters: dict[str, str]
    """The `<Parameter>`s of the TwiML."""


def parse(text: str) -> tuple[str, Fields]:
    """The event of a message and all its fields. Raises `MalformedMessage`, `MessageTooLarge`."""
    message = read_object(text, MAX_MESSAGE_CHARS, "event")
    event = message.get("event")
    if not isinstance(event, str):
        raise MalformedMessage("A message is a map with a text field 'event'.")
    return event, message


def parse_start(message: Fields) -> Start:
    """Raises `MalformedMessage`; `Unsupported` for audio that is no mu-law of 8 kHz."""
    start = part(message, "start")
    stream_sid = _sid(start.get("streamSid", message.get("streamSid")))
    if stream_sid is None:
        raise MalformedMessage("A start has a 'streamSid'.")
    format = start.get("mediaFormat") or {}
    if not isinstance(format, dict) or (
        format.get("encoding", "audio/x-mulaw"),
        str(format.get("sampleRate", RATE)),
        str(format.get("channels", 1)),
    ) != ("audio/x-mulaw", str(RATE), "1"):
        raise Unsupported("Calls are taken in mu-law, 8,000 Hz, one channel.")
    parameters = start.get("customParameters") or {}
    if not isinstance(parameters, dict) or len(parameters) > MAX_PARAMETERS:
        raise MalformedMessage(f"'customParameters' is a map of at most {MAX_PARAMETERS} texts.")
    return Start(
        call_sid=_sid(start.get("callSid")) or stream_sid,
        stream_sid=stream_sid,
        parameters={name: value for name, value in parameters.items() if isinstance(value, str)},
    )


def caller_audio(message: Fields) -> bytes | None:
    """The mu-law in a `media` message; None when it is not the caller's. Raises `MalformedMessage`, `BadAudio`."""
    media = part(message, "media")
    track, payload = media.get("track", "inbound"), media.get("payload")
    if not isinstance(track, str) or not isinstance(payload, str):
        raise MalformedMessage("A media has a text 'payload', and its 'track' is a text.")
    if track not in CALLERS_TRACKS:
        return None  # what we said ourselves, in a stream of both tracks
    try:
        chunk = b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise BadAudio("A 'payload' is base64.") from None
    if not 0 < len(chunk) <= MAX_CHUNK_BYTES:
        raise BadAudio(f"A piece of a call has 1 to {MAX_CHUNK_BYTES} bytes.")
    return chunk


def part(message: Fields, name: str) -> Fields:
    """The map under `name`. Raises `MalformedMessage`."""
    value = message.get(name)
    if not isinstance(value, dict):
        raise MalformedMessage(f"There is no map '{name}' in this message.")
    return value


def media(stream_sid: str, mulaw: bytes) -> Fields:
    """Play `mulaw` after what is queued."""
    payload = b64encode(mulaw).decode("ascii")
    return {"event": "media", "streamSid": stream_sid, "media": {"payload": payload}}


def mark(stream_sid: str, name: str) -> Fields:
    """Asks to be told `name` when all that was sent before has been played, or dropped by a `clear`."""
    return {"event": "mark", "streamSid": stream_sid, "mark": {"name": name}}


def clear(stream_sid: str) -> Fields:
    """Drop what is queued. All marks that wait come back at once."""
    return {"event": "clear", "streamSid": stream_sid}


def _sid(value: object) -> str | None:
    return value if isinstance(value, str) and SID.fullmatch(value) else None
