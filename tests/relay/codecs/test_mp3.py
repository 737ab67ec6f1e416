import array
import contextlib
import math

import lameenc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.codecs.mp3 import duration_seconds, join
from relay.tts import MP3
from relay.tts.scripted import ScriptedVoice
from tests.relay.mp3_decoder import decode


def encode(
    seconds: float,
    hertz: float = 440.0,
    rate: int = 22_050,
    kbps: int = 48,
    channels: int = 1,
    vbr: bool = False,
) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(channels)
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    if vbr:
        encoder.set_vbr(4)
    else:
        encoder.set_bit_rate(kbps)
    tone = (round(8000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(int(seconds * rate)))
    pcm = array.array("h", (sample for sample in tone for _ in range(channels)))
    return bytes(encoder.encode(pcm.tobytes())) + bytes(encoder.flush())


def id3v2(payload: bytes, footer: bool = False) -> bytes:
    size = len(payload)
    length = bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    tag = b"ID3\x04\x00" + (b"\x10" if footer else b"\x00") + length + payload
    return tag + (b"3DI" + tag[3:10] if footer else b"")


def table(frame: bytes, name: bytes) -> bytes:
    """A frame like `frame` (mono, MPEG-2) that holds a table in place of sound."""
    header, side_info = frame[:4], bytes(9)
    return (header + side_info + name).ljust(len(frame), b"\0")


def first_frame(mp3: bytes) -> bytes:
    """22.05 kHz, 48 kbit/s: 156 bytes, 157 with padding."""
    return mp3[: 72 * 48_000 // 22_050 + (mp3[2] >> 1 & 1)]


FORMATS = [
    (44_100, 128, 2),  # MPEG-1
    (48_000, 64, 1),
    (32_000, 320, 2),
    (22_050, 48, 1),  # MPEG-2
    (24_000, 160, 2),
    (16_000, 16, 1),
    (11_025, 16, 1),  # MPEG-2.5
    (8_000, 8, 1),
]


@pytest.mark.parametrize(("rate", "kbps", "channels"), FORMATS)
def test_every_format_is_taken_apart_without_losing_a_byte(rate, kbps, channels):
    mp3 = encode(1.0, rate=rate, kbps=kbps, channels=channels)
    assert join([mp3]) == mp3
    frame = (1152 if rate >= 32_000 else 576) / rate
    assert 1.0 <= duration_seconds(mp3) <= 1.0 + 5 * frame


def test_a_variable_bit_rate_is_taken_apart_without_losing_a_byte():
    mp3 = encode(1.0, vbr=True)
    assert join([mp3]) == mp3
    assert duration_seconds(mp3) == pytest.approx(1.1, abs=0.1)


async def test_a_browser_plays_joined_sentences_to_their_end():
    first, second = encode(1.0, 440.0), encode(0.5, 880.0)
    tone = await ScriptedVoice().synthesize("one two three", MP3)
    tagged = (
        id3v2(b"\xff\xfb\x90\x00" * 50)
        + table(first_frame(first), b"Info")
        + first
        + b"TAG".ljust(128, b"\0")
    )
    decoded = await decode(first, second, join([tagged, second]), join([tone, tone]))
    assert decoded[2].seconds == pytest.approx(decoded[0].seconds + decoded[1].seconds, abs=0.1)
    assert decoded[2].seconds == pytest.approx(duration_seconds(join([first, second])), abs=0.1)
    assert decoded[0].hertz() == pytest.approx(440, rel=0.01)
    assert decoded[1].hertz() == pytest.approx(880, rel=0.01)
    assert decoded[3].seconds == pytest.approx(2 * duration_seconds(tone), abs=0.1)


@pytest.mark.parametrize("name", [b"Xing", b"Info"])
def test_the_table_of_a_part_does_not_end_up_in_the_middle(name):
    mp3 = encode(0.3)
    whole = table(first_frame(mp3), name) + mp3
    assert join([whole, whole]) == mp3 + mp3
    assert duration_seconds(whole) == duration_seconds(mp3)


def test_a_vbri_table_is_dropped_too():
    mp3 = encode(0.3)
    frame = first_frame(mp3)
    whole = (frame[:4] + bytes(32) + b"VBRI").ljust(len(frame), b"\0") + mp3
    assert join([whole]) == mp3


@pytest.mark.parametrize(
    "tag",
    [id3v2(b"title"), id3v2(b"title", footer=True), id3v2(bytes(300)) + id3v2(b""), id3v2(bytes(20_000))],
)
def test_tags_are_dropped_on_both_ends(tag):
    mp3 = encode(0.2)
    assert join([tag + mp3 + b"TAG".ljust(128, b" "), mp3]) == mp3 + mp3


def test_nothing_joined_is_nothing():
    assert join([]) == b""


def test_parts_of_different_formats_are_refused():
    with pytest.raises(ValueError, match="different formats"):
        join([encode(0.2), encode(0.2, rate=16_000, kbps=16)])
    with pytest.raises(ValueError, match="different formats"):
        join([encode(0.2), encode(0.2, channels=2)])


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"hello",
        b"RIFF....WAVEfmt ",
        b"ID3",
        b"ID3\x04\x00\x00\x00\x00\x7f\x7f",
        b"ID3\x04\x00\x00\xff\xff\xff\xff",
        b"TAG".ljust(128, b"\0"),
        b"\xff\xf3",
        b"\xff\xfd\x90\x00" + bytes(500),  # Layer II
        b"\xff\xfb\x00\x00" + bytes(500),  # free bit rate
        b"\xff\xfb\xf0\x00" + bytes(500),  # no bit rate
        b"\xff\xfb\x9c\x00" + bytes(500),  # no sample rate
        b"\xff\xeb\x90\x00" + bytes(500),  # no version
    ],
)
def test_what_is_no_mp3_is_refused(garbage):
    with pytest.raises(ValueError):
        join([garbage])
    with pytest.raises(ValueError):
        duration_seconds(garbage)


def test_a_truncated_mp3_and_one_with_garbage_inside_are_refused():
    mp3 = encode(0.3)
    with pytest.raises(ValueError, match="ends inside"):
        join([mp3[:-1]])
    with pytest.raises(ValueError, match="no MP3 frame"):
        join([mp3 + b"trailing"])


@given(st.binary(max_size=400))
def test_any_bytes_are_parsed_or_refused(data):
    with contextlib.suppress(ValueError):
        assert duration_seconds(data) >= 0
