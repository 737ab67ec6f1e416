"""What a page is measured by, in the page itself."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

CONTRAST = """
() => {
  const parse = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    if (node === null) return [255, 255, 255];
    const colour = parse(getComputedStyle(node).backgroundColor);
    return colour[3] === 1 ? colour.slice(0, 3) : over(colour, ground(node.parentElement));
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== "");
    if (!text && node.localName !== "input" || node.localName === "option") continue;
    if (!node.checkVisibility({ visibilityProperty: true }) || node.closest(".visually-hidden, .skip, svg")) continue;
    const pseudo = node.localName === "input" && node.value === "" ? "::placeholder" : null;
    const under = ground(node);
    const ink = over(parse(getComputedStyle(node, pseudo).color), under);
    const [low, high] = [luminance(ink), luminance(under)].sort((a, b) => a - b);
    found.push({ what: node.textContent.trim().slice(0, 40) || node.id, ratio: (high + 0.05) / (low + 0.05) });
  }
  return found;
}
"""


async def contrasts(page: Page) -> list[dict[str, Any]]:
    """Of all that is shown, in both themes."""
    readings = []
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
        readings += [{"theme": theme, **reading} for reading in await page.evaluate(CONTRAST)]
    return readings


TARGETS = """
() => [...document.querySelectorAll("button, input, select, summary, a[href]")]
  .filter((node) => node.checkVisibility() && !node.classList.contains("skip") && !node.matches("p a"))
  .map((node) => [node, (node.closest("label") ?? node).getBoundingClientRect()])
  .map(([node, box]) => ({ what: node.id || node.textContent.trim(), ...box.toJSON() }))
"""
"""What is pressed, but for links in a sentence, which are as high as it (WCAG 2.2, 2.5.8)."""

NAMELESS = """
() => [...document.querySelectorAll("button, input, select, progress, dialog, section, aside, summary, [role]")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")
    || node.labels?.length || node.textContent.trim()))
  .map((node) => node.outerHTML.slice(0, 80))
"""
