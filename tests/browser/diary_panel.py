"""Where the page shows the diary, and the form in which an item of it is changed."""

from __future__ import annotations

from playwright.async_api import Locator, Page


def row(page: Page, number: int) -> Locator:
    return page.locator(f"[data-item=item-{number}]")


def figure(page: Page, field: str) -> Locator:
    return page.locator(f"[data-figure={field}]")


async def open_editor(page: Page, number: int) -> Locator:
    await row(page, number).locator(".item-open").click()
    return row(page, number).get_by_role("form")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)
