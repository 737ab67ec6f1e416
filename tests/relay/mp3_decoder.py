"""An MP3 decoder that is none of ours: the browser's."""

import array
import asyncio
import base64
import itertools
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Playwright, sync_playwright

# decodeAudioData resamples to the rate of its context.
_DECODE = """async ([data, rate]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes.buffer);
    const pcm = Int16Array.from(decoded.getChannelData(0), (x) => Math.max(-1, Math.min(1, x)) * 32767);
    const raw = new Uint8Array(pcm.buffer);
    let text = "";
    for (let i = 0; i < raw.length; i += 0x8000) text += String.fromCharCode(...raw.subarray(i, i + 0x8000));
    return [decoded.numberOfChannels, btoa(text)];
}"""


@dataclass
class Decoded:
    channels: int
    pcm: bytes
    """16 kHz, 16-bit, the first channel."""

    @property
    def samples(self) -> array.array:
        return array.array("h", self.pcm)

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 32_000

    def hertz(self) -> float:
        """Pitch of a tone: the zero crossings of its middle half."""
        samples = self.samples
        middle = samples[len(samples) // 4 : 3 * len(samples) // 4]
        crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(middle))
        return crossings / 2 / (len(middle) / 16_000)


class _Browser:
    """One for all tests of this process, in a thread of its own: it outlives their event loops."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "mp3 decoder")
        self._playwright: Playwright | None = None
        self._page: Page | None = None

    async def decode(self, mp3: bytes) -> tuple[int, bytes]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._decode, mp3)

    def _decode(self, mp3: bytes) -> tuple[int, bytes]:
        if self._page is None:
            self._playwright = sync_playwright().start()
            self._page = self._playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                args=["--no-sandbox"],
            ).new_page()
        channels, pcm = self._page.evaluate(_DECODE, [base64.b64encode(mp3).decode(), 16_000])
        return channels, base64.b64decode(pcm)

    def close(self) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _close(self) -> None:
        if self._page is not None and self._playwright is not None:
            self._page.context.browser.close()
            self._playwright.stop()


_browser = _Browser()


@pytest.fixture(scope="session", autouse=True)
def close_browser() -> Iterator[None]:
    yield
    _browser.close()


async def decode(*mp3s: bytes) -> list[Decoded]:
    """Each of `mp3s` decoded in Chromium, which raises for what it cannot decode."""
    return [Decoded(*await _browser.decode(mp3)) for mp3 in mp3s]
