"""A `WebmDecoder` and all that came out of it, and recordings of other kinds to feed it."""

from __future__ import annotations

import asyncio
import io
import threading

import av
import numpy as np

from protocol.errors import InputError
from relay.codecs.webm import WebmDecoder
from tests.relay.recordings import pcm
from tests.relay.webm_recording import pieces

SECONDS = 66 * 0.06
"""Of the recordings: so many packets of 60 ms."""


class Listener:
    """Hears what a decoder says, and can wait for it."""

    def __init__(self, **options: int) -> None:
        self.given: list[bytes] = []
        self.errors: list[InputError] = []
        self.decoder = WebmDecoder(self.given.append, self.errors.append, **options)

    @property
    def pcm(self) -> bytes:
        return b"".join(self.given)

    @property
    def seconds(self) -> float:
        return sum(map(len, self.given)) / 32_000

    async def feed(self, *fed: bytes) -> None:
        for piece in fed:
            if not self.decoder.feed(piece):
                await asyncio.wait_for(self.decoder.room(), 30)

    async def hear(self, seconds: float) -> None:
        """Wait until so much has been heard since the beginning."""
        async with asyncio.timeout(30):
            while self.seconds < seconds:
                await asyncio.sleep(0.001)

    async def rest(self) -> None:
        """Wait until all is decoded, and close."""
        self.decoder.finish()
        await asyncio.wait_for(self.decoder.finished(), 30)
        await asyncio.wait_for(self.decoder.close(), 30)


async def heard_of(*fed: bytes) -> Listener:
    listener = Listener()
    await listener.feed(*fed)
    await listener.rest()
    return listener


def threads() -> list[threading.Thread]:
    """Those of decoders."""
    return [thread for thread in threading.enumerate() if thread.name == "recording decoder"]


def likeness(decoded: bytes, name: str = "breakfast") -> float:
    """The highest correlation of a recording of tests/audio with any part of `decoded`: 1 for the same."""
    sound, wanted = (np.frombuffer(some, "<i2").astype(float) for some in (decoded, pcm(name)))
    if len(sound) < len(wanted):
        return 0.0
    length = 1 << (len(sound) + len(wanted)).bit_length()
    products = np.fft.irfft(np.fft.rfft(sound, length) * np.conj(np.fft.rfft(wanted, length)), length)
    at = int(products[: len(sound) - len(wanted) + 1].argmax())
    part = sound[at : at + len(wanted)]
    return float(products[at] / np.sqrt((part @ part) * (wanted @ wanted)))


def packets(recording: bytes) -> int:
    """How many are whole in what there is of a recording."""
    with av.open(io.BytesIO(recording)) as webm:
        return sum(packet.size > 0 for packet in webm.demux(audio=0))


def as_ogg() -> bytes:
    """The recording's own packets in an Ogg stream, as Firefox has it."""
    ogg = io.BytesIO()
    with av.open(io.BytesIO(b"".join(pieces()))) as webm, av.open(ogg, "w", "ogg") as out:
        source = webm.streams.audio[0]
        copy = out.add_stream_from_template(source)
        for packet in webm.demux(source):
            if packet.size:
                packet.stream = copy
                out.mux(packet)
    return ogg.getvalue()


def other_codec() -> bytes:
    """A Matroska file that holds PCM, as Chromium's audio/webm;codecs=pcm does."""
    file = io.BytesIO()
    with av.open(file, "w", "matroska") as out:
        stream = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), "s16", "mono")
        frame.sample_rate = 16_000
        out.mux(stream.encode(frame))
    return file.getvalue()


def with_video() -> bytes:
    file = io.BytesIO()
    with av.open(io.BytesIO(b"".join(pieces()))) as webm, av.open(file, "w", "matroska") as out:
        sound = out.add_stream_from_template(webm.streams.audio[0])
        picture = out.add_stream("mjpeg", rate=10, width=16, height=16, pix_fmt="yuvj420p")
        out.mux(picture.encode(av.VideoFrame(16, 16, "yuvj420p")))
        for packet in webm.demux(audio=0):
            if packet.size:
                packet.stream = sound
                out.mux(packet)
    return file.getvalue()
