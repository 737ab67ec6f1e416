"""A scripted voice: a fixed tone, for tests, demonstrations and load runs. No dependency, no CPU."""

from __future__ import annotations

import math
import struct
from base64 import b64decode

from relay.tts import PCM_SAMPLE_RATE, Speech

FRAME_SECONDS = 0.036
FRAME_BYTES = 72
FRAMES_PER_WORD = 2

# LAME's MP3 of 444.4 Hz at 16 kHz, 16 kbit/s, as tests/relay/tts/make_tone.py makes it: the frames in which
# it begins, one a line, and the frame that it repeats from then on for as long as the tone lasts.
_ONSET = b64decode(
    "//MoxAAKIAK9v0EYAlgAXJQNtgAD4Pg+D58QOB8HwQBA5Lg+D4Pvwxwf///w/yjuH+U9/R71MEEaUsN//5dZPX3p+MGDCJxC"
    "//MoxBIRwPaEKZuYANDhEYsyg0DOzLAEvDEogqFpoxWArwiiY5QuYXMTP+XSZMi8Xv/MS6XUkjL9YKiI9/BURHgV////eJiS"
    "//MoxAYOgGowAd4QAboucYAICRgSgKBYBcwPgvTF2HtMZSvEz7SBDFlCMMDwJkwfgUTCuAjMEgDkHASs1ZVA04r//hHu5BiB"
    "//MoxAcHksX8ALgL5D4RBxQYIxf///////r//////+otf/1DFf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxX//hHu"
    "//MoxCMHksX8ALgL5OQYgT4RBxQYIxf///////r//////+otf/1DFf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxX/"
    "//MoxD8HksX8ALgL5P4R7uQYgT4RBxQYIxf///////r//////+otf/1DFf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9"
    "//MoxFsHksX8ALgL5EMV//4R7uQYgT4RBxQYIxf///////r//////+otf/1DFf/+Ee7kGIE+EQcUGCMX///////6///////q"
    "//MoxHcHksX8ALgL5C1//UMVTEFNRf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxVMQU1FNC4wVVVVVVVVVVVVVVVV"
    "//MoxJMHksX8ALgL5FVVVVVVVVVVVf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxVMQU1FNC4wVVVVVVVVVVVVVVVV"
    "//MoxK8HksX8ALgL5FVVVVVVVVVVVf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxVMQU1FNC4wVVVVVVVVVVVVVVVV"
    "//MoxMsHksX8ALgL5FVVVVVVVVVVVf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxVMQU1FNC4wVVVVVVVVVVVVVVVV"
)
_STEADY = b64decode(
    "//MoxOMHksX8ALgL5FVVVVVVVVVVVf/+Ee7kGIE+EQcUGCMX///////6///////qLX/9QxVMQU1FNC4wVVVVVVVVVVVVVVVV"
)


# One period of the same tone at 8 kHz; a frame is 16 of them.
_PERIOD_SAMPLES = 18
_PERIODS_PER_FRAME = round(FRAME_SECONDS * PCM_SAMPLE_RATE) // _PERIOD_SAMPLES
_PERIOD = struct.pack(
    f"<{_PERIOD_SAMPLES}h",
    *(round(3000 * math.sin(2 * math.pi * i / _PERIOD_SAMPLES)) for i in range(_PERIOD_SAMPLES)),
)


class ScriptedVoice:
    """`RELAY_TTS=scripted`. The tone lasts 0.4 s and 72 ms more for each word of the text, whatever the voice."""

    name = "scripted"

    async def start(self) -> None:
        """There is nothing to load."""

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        frames = FRAMES_PER_WORD * len(text.split())
        if speech.encoding == "pcm":
            return _PERIOD * (_PERIODS_PER_FRAME * (len(_ONSET) // FRAME_BYTES + frames))
        return _ONSET + _STEADY * frames

    async def close(self) -> None:
        """There is nothing to let go of."""
