"""What a language model is shown of a conversation that is over: the latest turns, bounded, and set off as data."""

from __future__ import annotations

from collections.abc import Sequence

from protocol.client_messages import PastTurn
from receiver.llm.prompt import enclosed
from receiver.llm.recall import tokens_of

MAX_TURNS = 200
"""Turns that are shown, the latest ones."""

MAX_SAID_CHARS = 4_000
MAX_ANSWERED_CHARS = 600
"""Of one turn; what is behind them is cut off."""

_TURN_TOKENS = 16
"""About what the tags of a turn take."""


def latest(turns: Sequence[PastTurn], budget: int) -> list[PastTurn]:
    """As many of the latest turns as the budget (tokens) has room for, oldest first; the last one in any case."""
    shown: list[PastTurn] = []
    for turn in reversed(turns[-MAX_TURNS:]):
        budget -= tokens_of(_said(turn)) + tokens_of(_answered(turn)) + _TURN_TOKENS
        if budget < 0 and shown:
            break
        shown.append(turn)
    return shown[::-1]


def transcript(turns: Sequence[PastTurn]) -> str:
    lines = [
        f'<turn number="{turn.turn}">{enclosed("said", _said(turn))}{enclosed("answered", _answered(turn))}</turn>'
        for turn in turns
    ]
    return "\n".join(["<conversation>", *lines, "</conversation>"])


def _said(turn: PastTurn) -> str:
    return _line(turn.text, MAX_SAID_CHARS)


def _answered(turn: PastTurn) -> str:
    return _line(turn.message, MAX_ANSWERED_CHARS)


def _line(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[:most]}…"
