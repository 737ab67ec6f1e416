"""Hears that a person has started to speak over the answer (barge-in), without waiting for a transcript."""

from __future__ import annotations

import webrtcvad

from protocol.audio import SAMPLE_BYTES, SAMPLE_RATE

FRAME_BYTES = SAMPLE_RATE * 30 // 1000 * SAMPLE_BYTES
"""30 ms, the longest frame that WebRTC's VAD takes."""

AGGRESSIVENESS = 3
"""0 to 3; 3 takes the least noise for speech, which matters while a loudspeaker plays."""

FRAMES_TO_START = 7
"""Voiced frames among the last ten (300 ms): about 200 ms of speech, longer than a cough or a click."""

WINDOW = 10


class VoiceDetector:
    """Feed it what the client sends while an answer is played; costs about 4 us a 30 ms frame."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._rest = b""
        self._voiced = 0  # one bit a frame, the newest lowest

    def reset(self) -> None:
        self._rest, self._voiced = b"", 0

    def hears_voice(self, pcm: bytes) -> bool:
        """Whether speech has started, `pcm` included (16 kHz, s16le, any length)."""
        data = self._rest + pcm
        end = len(data) - len(data) % FRAME_BYTES
        self._rest = data[end:]
        for start in range(0, end, FRAME_BYTES):
            voiced = self._vad.is_speech(data[start : start + FRAME_BYTES], SAMPLE_RATE)
            self._voiced = ((self._voiced << 1) | voiced) & ((1 << WINDOW) - 1)
            if self._voiced.bit_count() >= FRAMES_TO_START:
                return True
        return False
