"""An MP3 decoder that is none of ours: the browser's."""

import array
import base64
import itertools
import shutil
from dataclasses import dataclass

from playwright.async_api import async_playwright

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


async def decode(*mp3s: bytes) -> list[Decoded]:
    """Each of `mp3s` decoded in Chromium, which raises for what it cannot decode."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        decoded = []
        for mp3 in mp3s:
            channels, pcm = await page.evaluate(_DECODE, [base64.b64encode(mp3).decode(), 16_000])
            decoded.append(Decoded(channels, base64.b64decode(pcm)))
        await browser.close()
    return decoded
