"""Makes the MP3 frames that `relay.tts.scripted` holds: `python tests/relay/tts/make_tone.py`.

A frame of 576 samples at 16 kHz holds exactly 16 periods of 444.4 Hz, so all frames of that tone have the same
content, and after a few that differ LAME's output is one frame over and over. Those few frames and that one
are enough to write a tone of any length just as LAME would have written it.
"""

import base64
import math
import struct
import textwrap

import lameenc

RATE = 16_000
KBPS = 16
FRAME_SAMPLES = 576
FRAME_BYTES = FRAME_SAMPLES // 8 * KBPS * 1000 // RATE
HERTZ = RATE / FRAME_SAMPLES * 16
AMPLITUDE = 3000


def frames(count: int) -> list[bytes]:
    """LAME's first `count` frames of the tone."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(RATE)
    encoder.set_bit_rate(KBPS)
    encoder.set_quality(2)
    samples = [
        round(AMPLITUDE * math.sin(2 * math.pi * HERTZ * i / RATE))
        for i in range((count + 8) * FRAME_SAMPLES)
    ]
    mp3 = bytes(encoder.encode(struct.pack(f"<{len(samples)}h", *samples)))
    return [mp3[i * FRAME_BYTES : (i + 1) * FRAME_BYTES] for i in range(count)]


if __name__ == "__main__":
    all_frames = frames(200)
    steady = all_frames[-1]
    first = all_frames.index(steady)
    assert all(frame == steady for frame in all_frames[first:])
    for name, data in [("_ONSET", b"".join(all_frames[:first])), ("_STEADY", steady)]:
        print(f"{name} = b64decode(")
        for line in textwrap.wrap(base64.b64encode(data).decode(), 96):
            print(f'    "{line}"')
        print(")")
