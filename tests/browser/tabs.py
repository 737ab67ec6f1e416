"""Pages that one test after another opens in the same browser.

A page of its own costs a test a context, a window and two or three processes: more than all that it does then. What a
page of this project keeps, it keeps for its origin, and each relay of the tests has a port that no other test had
(`tests/ports.py`): a page that was used before knows nothing of the next test's relay.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from playwright.async_api import Browser, Page

from tests.browser.chromium import watch
from tests.browser.scripted_relay import WAIT_SECONDS

UNTOUCHED = """
() => [Date, WebSocket, fetch, setTimeout]
  .every((made) => Function.prototype.toString.call(made).includes("[native code]"))
"""
"""False where a test has given the page another clock or other sockets: these outlast what it shows."""


class Tab:
    """A page in a context of its own, and what the console says during the test that has it."""

    def __init__(self, page: Page, options: str) -> None:
        self.page = page
        self.options = options
        self.complaints: list[str] = []
        self._size = page.viewport_size
        self._scheme = json.loads(options).get("color_scheme", "light")
        watch(page, lambda complaint: self.complaints.append(complaint))

    async def leave(self) -> bool:
        """Whether it is as it was at first: nothing in it, nothing beside it, nothing pointed at."""
        page = self.page
        if page.is_closed():
            return False
        for other in page.context.pages:
            if other is not page:
                await other.close()
        await page.goto("about:blank")
        if page.viewport_size != self._size and self._size is not None:
            await page.set_viewport_size(self._size)
        await page.emulate_media(color_scheme=self._scheme)
        await page.mouse.move(0, 0)
        return bool(await page.evaluate(UNTOUCHED))


class Tabs:
    """Of one browser. Those that are free are kept by the options of their contexts."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Tab]] = defaultdict(list)

    async def take(self, complaints: list[str], **options: Any) -> Tab:
        """A tab with nothing in it, for this test alone. The keywords are its context's."""
        key = json.dumps(options, sort_keys=True)
        tab = self._free[key].pop() if self._free[key] else await self._open(key, options)
        tab.complaints = complaints
        return tab

    async def give_back(self, tab: Tab) -> None:
        if await tab.leave():
            self._free[tab.options].append(tab)
        else:
            await tab.page.context.close()

    async def _open(self, key: str, options: dict[str, Any]) -> Tab:
        context = await self._browser.new_context(permissions=["microphone"], **options)
        context.set_default_timeout(WAIT_SECONDS * 1000)
        return Tab(await context.new_page(), key)
