"""Sums of money in words, for a voice that reads "$42.50" as "dollar forty-two point five zero" (espeak-ng, and with it
Piper; measured 2026-11-21). Polly reads them well by itself."""

from __future__ import annotations

import re

_UNITS = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny")}
_SUM = re.compile(
    r"(?<![\w.])(?P<minus>[-−])?(?P<sign>[$€£])(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d{2}))?"
    r"(?![\d,.]*\d)(?: (?P<scale>thousand|million|billion|trillion)\b)?"
)


def money_in_words(text: str) -> str:
    """ "$42.50" as "42 dollars and 50 cents", "$1,234" as "1,234 dollars". Anything else stays as it is."""
    return _SUM.sub(_words, text) if any(sign in text for sign in _UNITS) else text


def _words(found: re.Match[str]) -> str:
    unit, small = _UNITS[found["sign"]]
    whole, part = found["whole"], found["part"] or "00"
    minus = "minus " if found["minus"] else ""
    if found["scale"]:
        number = whole if found["part"] is None else f"{whole}.{part}"
        return f"{minus}{number} {found['scale']} {unit}s"
    cents = int(part)
    pieces = f"{cents} {small if cents == 1 else 'pence' if small == 'penny' else f'{small}s'}"
    if whole == "0" and cents:
        return f"{minus}{pieces}"
    said = f"{minus}{whole} {unit}{'' if whole == '1' else 's'}"
    if not cents:
        return said
    return f"{said} and {pieces}"
