"""Numbers as tones: what a client sends says whose it is, and so does what it hears.

A tone of its own for each number survives Opus, mu-law, MP3 and resampling. The engines here understand tones and
nothing else: a piece of sound that went to the wrong conversation is heard there as what it is.
"""

from __future__ import annotations

import io
import re
from functools import cache

import av
import lameenc
import numpy as np
import numpy.typing as npt

from protocol.audio import SAMPLE_RATE
from relay.codecs import mulaw
from relay.codecs.resample import StreamResampler
from relay.stt import OnFailure, OnResult, SttResult
from relay.tts import PCM_SAMPLE_RATE, Speech

NUMBERS = 100
LOWEST_HERTZ, STEP_HERTZ = 330, 30
"""The highest is 3,300 Hz, which the telephone still carries."""

WINDOW_SECONDS = 0.1
LOUD = 1000.0
"""Root mean square of a window that has a tone in most of it; a tone's own is 5,700."""

VOICE_SECONDS = 0.3
"""What `ToneVoice` says of each sentence."""

OPUS_SECONDS = 0.06
"""A packet, as in Chromium's recordings."""

_AMPLITUDE = 8000
_NUMBER = re.compile(r"tone (\d+)")


def tone(number: int, seconds: float, rate: int = SAMPLE_RATE) -> bytes:
    """s16le, mono."""
    hertz = LOWEST_HERTZ + STEP_HERTZ * number
    moments = np.arange(round(seconds * rate)) / rate
    return (_AMPLITUDE * np.sin(2 * np.pi * hertz * moments)).astype("<i2").tobytes()


def numbers_in(pcm: bytes, rate: int = SAMPLE_RATE) -> list[int]:
    """The number of each tenth of a second that is not quiet."""
    size = round(WINDOW_SECONDS * rate)
    samples = np.frombuffer(pcm, "<i2")
    windows = (samples[at : at + size] for at in range(0, len(samples) - size + 1, size))
    return [number for window in windows if (number := _number(window, rate)) is not None]


def number_in(text: str) -> int:
    """Of the first tone that a text names."""
    found = _NUMBER.search(text)
    assert found is not None, f"no tone in {text!r}"
    return int(found[1])


def all_numbers_in(text: str) -> set[int]:
    return {int(number) for number in _NUMBER.findall(text)}


def _number(window: npt.NDArray[np.int16], rate: int) -> int | None:
    sound = window.astype(float)
    if np.sqrt(np.mean(sound**2)) < LOUD:
        return None
    # Eight times as many points as samples: a third of a step between two of them.
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 8 * len(sound)))
    hertz = int(spectrum.argmax()) * rate / (8 * len(sound))
    return round((hertz - LOWEST_HERTZ) / STEP_HERTZ)


# On the wire


def pcm_pieces(pcm: bytes, seconds: float = 0.1) -> list[bytes]:
    size = 2 * round(seconds * SAMPLE_RATE)
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]


def mulaw_pieces(pcm: bytes) -> list[bytes]:
    """Twilio's, of 20 ms."""
    down = StreamResampler(SAMPLE_RATE, 8_000, "HQ")
    codes = mulaw.encode(down.feed(pcm) + down.flush())
    return [codes[at : at + 160] for at in range(0, len(codes), 160)]


def webm_pieces(pcm: bytes, timeslice: float, bit_rate: int = 64_000) -> list[bytes]:
    """A recording in the pieces of a recorder that hands over what it has each `timeslice` seconds."""
    written = _Written()
    options = {"live": "1", "cluster_time_limit": "60", "flush_packets": "1"}
    with av.open(written, "w", format="webm", options=options) as webm:
        stream = webm.add_stream("libopus", 48_000, {"frame_duration": str(round(1000 * OPUS_SECONDS))})
        stream.layout = "mono"
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2").reshape(1, -1), "s16", "mono")
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler("s16", "mono", 48_000, round(48_000 * OPUS_SECONDS))
        for part in resampler.resample(frame) + resampler.resample(None):
            webm.mux(stream.encode(part))
        webm.mux(stream.encode(None))
    header, *clusters = written.parts  # a packet in each
    pieces: dict[int, bytes] = {}
    for number, cluster in enumerate(clusters):
        slot = int(number * OPUS_SECONDS / timeslice)
        pieces[slot] = pieces.get(slot, b"" if pieces else header) + cluster
    return list(pieces.values())


class _Written:
    """A file that cannot seek."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)


def mp3_to_pcm(mp3: bytes) -> bytes:
    """At 16 kHz."""
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    with av.open(io.BytesIO(mp3), format="mp3") as opened:
        frames = [part for frame in opened.decode(audio=0) for part in resampler.resample(frame)]
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


# Engines


class ToneHearing:
    """An `SttEngine`: 0.2 s of quiet after a tone make it a sentence, "tone 7 for 12 tenths"."""

    name = "tones"
    wants_silence = False
    can_fail = False

    def __init__(self) -> None:
        self.streams: list[ToneStream] = []

    async def start(self) -> None:
        """There is nothing to load."""

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> ToneStream:
        self.streams.append(ToneStream(on_result))
        return self.streams[-1]

    async def close(self) -> None:
        """There is nothing to let go of."""


class ToneStream:
    """Of one client."""

    behind = 0

    def __init__(self, on_result: OnResult) -> None:
        self._on_result = on_result
        self._window = b""
        self._samples = 0
        self._heard: list[int] = []  # since the last sentence
        self._quiet = 0  # windows since the last tone
        self.numbers: set[int] = set()
        """All that were ever heard."""
        self.closed = False

    async def process_audio_data(self, pcm: bytes) -> None:
        self._window += pcm
        self._samples += len(pcm) // 2
        size = 2 * round(WINDOW_SECONDS * SAMPLE_RATE)
        while len(self._window) >= size and not self.closed:
            window, self._window = self._window[:size], self._window[size:]
            self._take(_number(np.frombuffer(window, "<i2"), SAMPLE_RATE))

    async def drain(self) -> None:
        self._say()

    async def close(self) -> None:
        self.closed = True

    def _take(self, number: int | None) -> None:
        if number is None:
            self._quiet += 1
            if self._quiet == 2:
                self._say()
            return
        self._quiet = 0
        self._heard.append(number)
        self.numbers.add(number)
        if len(self._heard) == 3:
            self._on_result(SttResult(sentence(self._heard), False, self._samples))

    def _say(self) -> None:
        heard, self._heard = self._heard, []
        if heard and not self.closed:
            self._on_result(SttResult(sentence(heard), True, self._samples, 1.0))


def sentence(heard: list[int]) -> str:
    """All numbers that were heard, in their order, each with the tenths of a second that it lasted."""
    counts: list[list[int]] = []
    for number in heard:
        if counts and counts[-1][0] == number:
            counts[-1][1] += 1
        else:
            counts.append([number, 1])
    return " and ".join(f"tone {number} for {count} tenths" for number, count in counts)


class ToneVoice:
    """A `TtsEngine` that says each sentence as the tone that it names."""

    name = "tones"

    async def start(self) -> None:
        """There is nothing to load."""

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        number = number_in(text)
        return tone(number, VOICE_SECONDS, PCM_SAMPLE_RATE) if speech.encoding == "pcm" else _mp3(number)

    async def close(self) -> None:
        """There is nothing to let go of."""


@cache
def _mp3(number: int) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(32)
    encoder.set_in_sample_rate(SAMPLE_RATE)
    encoder.set_channels(1)
    encoder.set_quality(7)
    return bytes(encoder.encode(tone(number, VOICE_SECONDS)) + encoder.flush())
