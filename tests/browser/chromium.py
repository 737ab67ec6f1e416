"""Chromium for the tests, and what it hears and plays."""

from __future__ import annotations

import math
import os
import shutil
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Page

TONE_HZ = 440
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--autoplay-policy=user-gesture-required",
]


def chromium_path() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, (
        "Chromium is needed: install it with the system's package manager, or set CHROMIUM to its path"
    )
    return path


def write_tone(path: Path, seconds: float = 60.0, rate: int = 48_000) -> None:
    """A sine of `TONE_HZ` at -6 dB, 16-bit mono."""
    period = [
        struct.pack("<h", round(16_383 * math.sin(2 * math.pi * TONE_HZ * n / rate))) for n in range(rate)
    ]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(period) * round(seconds))


def silent_mp3(seconds: float) -> bytes:
    """Valid MP3 that decodes to silence: MPEG-1 layer III frames, 64 kbit/s, 48 kHz, mono, each 24 ms long."""
    header = bytes([0xFF, 0xFB, 0x54, 0xC0])
    frame_bytes = 144 * 64_000 // 48_000
    return (header + bytes(frame_bytes - len(header))) * round(seconds / 0.024)


def watch(page: Page, complain: Callable[[str], None]) -> None:
    """Tell what goes wrong in `page`; a lost connection is reported by the browser itself and is no fault."""

    def on_console(message: Any) -> None:
        lost = "WebSocket connection to" in message.text or "net::ERR_" in message.text
        if message.type in ("error", "warning") and not lost:
            complain(f"{message.type}: {message.text}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complain(f"exception: {error}"))


async def keep_titles(page: Page) -> None:
    """From now on the page remembers each state that it shows, however short: for `showed`."""
    await page.evaluate(
        """
        () => {
          const title = document.querySelector("[data-testid=state-title]");
          window.titles = [];
          const keep = () => window.titles.push(title.textContent);
          new MutationObserver(keep).observe(title, { childList: true, characterData: true, subtree: true });
        }
        """
    )


async def showed(page: Page, title: str) -> None:
    """Wait until the page has shown a state of this title, perhaps one that is over already."""
    await page.wait_for_function("title => window.titles.includes(title)", arg=title)


async def type_in(page: Page, text: str) -> None:
    await page.get_by_test_id("typed").fill(text)
    await page.keyboard.press("Enter")


async def only_by_hand(page: Page) -> None:
    """From now on the page comes back only when it is told to: its own retries would race with the test."""
    await page.evaluate("() => { window.setTimeout = () => 0; }")
