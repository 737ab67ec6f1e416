"""Real recordings of Chromium's `MediaRecorder`, in the pieces in which a page gets and sends them.

`python -m tests.relay.webm_recording` records them anew (it takes 15 s of real time).
"""

from __future__ import annotations

import asyncio
import base64
import json
import tempfile
import wave
from pathlib import Path

AUDIO = Path(__file__).parent.parent / "audio"
SECONDS = 4.0
LEAD_SECONDS = 0.3
"""Silence before breakfast.wav."""

RECORDINGS = {
    "breakfast_100ms.webm": (100, "audio/webm;codecs=opus", None),
    "breakfast_1s.webm": (1000, "audio/webm;codecs=opus", None),
    "breakfast_100ms.mp4": (100, "audio/mp4;codecs=opus", 32_000),
}
"""Each with its timeslice (ms), MIME type and bit rate (None: the browser's choice)."""


def pieces() -> list[bytes]:
    """WebM/Opus of breakfast.wav at a timeslice of 100 ms: two or so packets of 60 ms in each piece."""
    return _pieces("breakfast_100ms.webm")


def one_second_pieces() -> list[bytes]:
    """The same at a timeslice of 1 s; each piece but the first begins with a cluster."""
    return _pieces("breakfast_1s.webm")


def mp4_pieces() -> list[bytes]:
    """Fragmented MP4 with Opus, at a timeslice of 100 ms."""
    return _pieces("breakfast_100ms.mp4")


def _pieces(name: str) -> list[bytes]:
    recording = (AUDIO / name).read_bytes()
    cut, begin = [], 0
    for length in json.loads((AUDIO / "pieces.json").read_text())[name]:
        cut.append(recording[begin : begin + length])
        begin += length
    assert begin == len(recording)
    return cut


_RECORD = """async ([timeslice, mimeType, audioBitsPerSecond, milliseconds]) => {
    const raw = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
    const stream = await navigator.mediaDevices.getUserMedia({audio: raw});
    const options = audioBitsPerSecond ? {mimeType, audioBitsPerSecond} : {mimeType};
    const recorder = new MediaRecorder(stream, options);
    const blobs = [];
    recorder.ondataavailable = (event) => { if (event.data.size) blobs.push(event.data); };
    const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.start(timeslice);
    setTimeout(() => recorder.stop(), milliseconds);
    await stopped;
    for (const track of stream.getTracks()) track.stop();
    return await Promise.all(blobs.map(async (blob) => {
        let text = "";
        for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
        return btoa(text);
    }));
}"""


async def _record(microphone: Path, timeslice: int, mime_type: str, bit_rate: int | None) -> list[bytes]:
    from playwright.async_api import async_playwright

    from tests.browser.chromium import FLAGS, chromium_path

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                *FLAGS,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}%noloop",
            ],
        )
        page = await browser.new_page()
        # A microphone is given to secure origins only.
        await page.route(
            "https://recorder.test/", lambda route: route.fulfill(body="", content_type="text/html")
        )
        await page.goto("https://recorder.test/")
        recorded = await page.evaluate(_RECORD, [timeslice, mime_type, bit_rate, SECONDS * 1000])
        await browser.close()
    return [base64.b64decode(piece) for piece in recorded]


async def _record_all() -> None:
    with tempfile.TemporaryDirectory() as folder:
        microphone = Path(folder) / "microphone.wav"
        with wave.open(str(AUDIO / "breakfast.wav")) as spoken, wave.open(str(microphone), "wb") as padded:
            padded.setparams(spoken.getparams())
            padded.writeframes(bytes(2 * int(LEAD_SECONDS * spoken.getframerate())))
            padded.writeframes(spoken.readframes(spoken.getnframes()))
            padded.writeframes(bytes(2 * int(SECONDS * spoken.getframerate())))
        lengths = {}
        for name, how in RECORDINGS.items():
            recorded = await _record(microphone, *how)
            (AUDIO / name).write_bytes(b"".join(recorded))
            lengths[name] = [len(piece) for piece in recorded]
        (AUDIO / "pieces.json").write_text(json.dumps(lengths) + "\n")


if __name__ == "__main__":
    asyncio.run(_record_all())
