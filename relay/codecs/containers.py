"""What browsers record, decoded while it is still being recorded. No thread and no event loop in here.

`MediaRecorder` writes one file in pieces. Chromium makes WebM (clusters of unknown size, Opus packets of 60 ms, and a
header only in the first piece), and so does Safari since 18.4 when it is asked to; Firefox makes Ogg unless it is
asked for WebM. FFmpeg demuxes both without seeking and holds nothing back, so one path serves them. The resampling
holds back 6 to 37 ms.

Safari's default, fragmented MP4, is recognised and refused. FFmpeg decodes it live just as well, but its demuxer trusts
the counts it finds in the boxes: of 50 KB with some bytes changed it made 900 MB of tables and took 3.5 s over
them, while those for WebM and Ogg never went beyond what they had read (measured 2026-11-21). What comes from
the network is not given to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import Literal, Protocol

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from protocol.audio import SAMPLE_RATE
from protocol.errors import BadAudio, Unsupported
from relay.codecs.resample import StreamResampler

Container = Literal["webm", "mp4", "ogg"]

OPUS_RATE = 48_000
"""Hz, of all that an Opus decoder gives (RFC 7845, 5.1)."""

HEADER_BYTES = 8
"""How much of a recording `container_of` wants to see."""

MAX_BARREN_BYTES = 64 * 1024
"""A recording is given up when so many bytes bring no sound: 4 s at Chromium's 128 kbit/s, headers included."""

SOUNDLESS_BYTES = 4096
"""A recording that ends after so many bytes without any sound is reported: it is longer than a header and a packet."""

_DEMUXERS: dict[Container, str] = {"webm": "matroska", "ogg": "ogg"}
_CODEC = "opus"
_OPTIONS = {
    # Look no further than the header. The flag `nobuffer`, often named with these, would lose the first packet.
    "probesize": "32",
    "analyzeduration": "0",
    # FFmpeg has hundreds of other decoders; none of them sees what a client sent.
    "codec_whitelist": _CODEC,
}
_READ_BYTES = 4096

_NO_HEADER = (
    "That is not the beginning of a WebM or Ogg recording; please stop the recorder and start it again."
)
_BROKEN_HEADER = "The header of the recording is broken or cut off; please start the recorder again."
_NO_SOUND = "No sound can be found in the recording any more; please start the recorder again."
_EBML = b"\x1a\x45\xdf\xa3"
_OGG = b"OggS"

_MP4 = (
    "MP4 recordings cannot be taken; please record with audio/webm;codecs=opus (Safari can since 18.4), use another "
    "browser, or type."
)
_WRONG_CODEC = "The recording holds no Opus sound; please record with audio/webm;codecs=opus."
_WITH_VIDEO = "The recording holds video; please record sound alone, with audio/webm;codecs=opus."


class Source(Protocol):
    """Where a recording comes from. Both methods block; at the end of the recording they give what is left."""

    barren: int
    """Bytes read since this was last set to 0."""

    def peek(self, count: int) -> bytes:
        """The first `count` bytes, which are read again later."""
        ...

    def read(self, count: int) -> bytes:
        """1 to `count` bytes; `b""` at the end."""
        ...


def container_of(first_bytes: bytes) -> Container | None:
    """The container that a recording begins with; None for anything else, the middle of a recording included.

    WebM by the EBML magic (RFC 8794, 8.1), Ogg by a page that begins a stream (RFC 3533, 6), MP4 by `ftyp` as the
    type of its first box (ISO/IEC 14496-12, 4.3). `HEADER_BYTES` are enough.
    """
    if first_bytes.startswith(_EBML):
        return "webm"
    if first_bytes.startswith(_OGG) and len(first_bytes) > len(_OGG) + 1 and first_bytes[5] & 2:
        return "ogg"
    if first_bytes[4:8] == b"ftyp":
        return "mp4"
    return None


def is_cut_header(piece: bytes) -> bool:
    """Whether `piece` is the beginning of a WebM or Ogg header, and too short to tell.

    Chromium's `MediaRecorder` cuts wherever its time is over: the first piece may be one byte (seen 2026-11-21).
    """
    return bool(piece) and (
        (len(piece) < len(_EBML) and _EBML.startswith(piece))
        or (len(piece) < len(_OGG) + 2 and _OGG.startswith(piece[: len(_OGG)]))
    )


def decode(source: Source) -> Generator[bytes, None, None]:
    """The sound of one recording, 16 kHz mono s16le, a packet at a time and as soon as the packet is there.

    Times in the container are not looked at: what a recorder left out while it was paused is not filled with
    silence. A damaged packet is left out; whatever breaks off is decoded as far as it goes. Raises `BadAudio` when
    there is no header or no sound to be found, and `Unsupported` for MP4, a codec that is not Opus, and video.
    """
    container = container_of(source.peek(HEADER_BYTES))
    if container is None:
        raise BadAudio(_NO_HEADER)
    if container == "mp4":
        raise Unsupported(_MP4)
    limited = _Limited(source)
    try:
        opened = av.open(
            limited,
            "r",
            format=_DEMUXERS[container],
            buffer_size=_READ_BYTES,
            metadata_errors="ignore",
            options=_OPTIONS,
        )
    except av.FFmpegError:
        raise BadAudio(_BROKEN_HEADER) from None
    heard = False
    with opened:
        stream = _sound_of(opened)
        # FFmpeg's own resampler would be a filter graph, which starts as many threads as there are cores.
        resampler = StreamResampler(OPUS_RATE, SAMPLE_RATE, "HQ")
        with contextlib.suppress(av.FFmpegError):  # The demuxer lost its way; see below.
            for frame in _frames(opened.demux(stream), stream):
                heard, source.barren = True, 0
                if pcm := resampler.feed(_mono(frame)):
                    yield pcm
        if pcm := resampler.flush():
            yield pcm
    # At the end of the recording all is well, even if it was cut off. But FFmpeg may have stopped before.
    if limited.exceeded or source.read(1) or (not heard and source.barren >= SOUNDLESS_BYTES):
        raise BadAudio(_NO_SOUND)


def _frames(packets: Iterator[Packet[AudioStream]], stream: AudioStream) -> Iterator[AudioFrame]:
    for packet in packets:
        # An empty one is PyAV's mark of the end; Opus holds nothing back. A damaged one is left out, if FFmpeg's
        # parser has not done so before.
        if packet.size:
            with contextlib.suppress(av.FFmpegError):
                yield from stream.codec_context.decode(packet)


def _sound_of(opened: InputContainer) -> AudioStream:
    """The one stream. Raises `Unsupported` and `BadAudio`."""
    if any(stream.type == "video" for stream in opened.streams):
        raise Unsupported(_WITH_VIDEO)
    if not opened.streams.audio:
        raise BadAudio(_BROKEN_HEADER)
    stream = opened.streams.audio[0]
    # A stream of a codec that FFmpeg does not know has no context, whatever PyAV's types say.
    context = getattr(stream, "codec_context", None)
    if context is None or context.codec.canonical_name != _CODEC:
        raise Unsupported(_WRONG_CODEC)
    return stream


class _Limited:
    """The source as FFmpeg reads it, which ends when `MAX_BARREN_BYTES` have brought no sound.

    FFmpeg looks for the next thing that it knows in whatever it is given, and would look for ever.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.exceeded = False

    def read(self, count: int) -> bytes:
        if self._source.barren > MAX_BARREN_BYTES:
            self.exceeded = True
            return b""
        return self._source.read(count)


def _mono(frame: AudioFrame) -> bytes:
    """s16le of what the decoder gives: planes of floats, one for each channel."""
    mono = frame.to_ndarray().mean(axis=0) * 32_767
    pcm: bytes = mono.clip(-32_768, 32_767).astype("<i2").tobytes()
    return pcm
