"""An answer as the bank page gets it: its text piece by piece, then whole, and its sound in pieces that play."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from protocol import client_messages as cm
from relay.codecs import mp3

MAX_PIECES = 100
"""Pieces in which a text goes out that was not told while it was made; a long one has several words in each. So it
takes a fifth of what may wait for a client."""

Emit = Callable[[str, dict[str, Any] | bytes], None]

_WORD = re.compile(r"\s*\S+\s*|\s+")


class BankAnswer:
    """One client's answers, one turn after the other. `emit(event, data)` tells the client."""

    def __init__(self, emit: Emit, prebuffer_seconds: float) -> None:
        self._emit = emit
        self._prebuffer = prebuffer_seconds
        self._loop = asyncio.get_running_loop()
        self._turn: int | None = None
        self._said = ""  # what the client was told of the turn's text
        self._piece = ""  # the end of it, which waits to be sent
        self._restart = False  # whether that piece begins the text anew
        self._whole = False  # whether the client has the whole text
        self._held: list[bytes] = []  # the first sentences' sound
        self._playing = False  # whether some of the sound was sent
        self._seconds: list[float] = []  # length of each sentence

    def flush(self) -> None:
        """Send the text that waits. Whatever else the client is told comes after it."""
        if not self._piece and not self._restart:
            return
        chunk: dict[str, Any] = {"text": self._piece, "turn": self._turn}
        if self._restart:
            chunk["restart"] = True
        self._piece, self._restart = "", False
        self._emit("textChunk", chunk)

    def delta(self, message: cm.Delta) -> None:
        """The next piece of the text. Pieces that come together are sent as one."""
        self._begin(message.turn)
        if message.restart:
            self._start_text_anew()
        self._say(message.text)

    def answer(self, turn: int, text: str) -> None:
        """The stored text, which counts."""
        self._begin(turn)
        if self._whole:
            return
        self._whole = True
        if text.strip() != self._said.strip():
            if not text.startswith(self._said):
                self._start_text_anew()
            words = _WORD.findall(text, len(self._said))
            size = -(-len(words) // MAX_PIECES) or 1
            for first in range(0, len(words), size):
                self._say("".join(words[first : first + size]))
                self.flush()
        self.flush()
        self._emit("textResponse", {"text": text, "turn": turn})

    def sound(self, message: cm.ReplyAudio) -> None:
        """One sentence's. The first of an answer are held until there is enough to play without a gap."""
        self._begin(message.turn)
        if not self._whole:
            # Something that is said again, or the greeting: its text comes whole with its end.
            self._say(f"{' ' if self._said else ''}{message.text}")
        seconds = mp3.duration_seconds(message.audio) if message.audio else 0.0
        self._seconds.append(seconds)
        if message.audio:
            self._held.append(message.audio)
            if self._playing or sum(self._seconds) >= self._prebuffer:
                self._release()

    def end(self, message: cm.ServerResponse) -> None:
        """All of it has come."""
        self.answer(message.turn, message.message)
        self._release()
        end: dict[str, Any] = {"turn": message.turn}
        if message.audio_error is not None:
            end["error"] = message.audio_error
        self._emit("audioEnd", end)

    def stop(self, turn: int) -> None:
        """The person has begun to speak: what is held is not sent, and what was sent is not to be played on."""
        if turn == self._turn:
            self._held.clear()
        self.flush()
        self._emit("stopAudio", {"turn": turn})

    def locate(self, turn: int, at_ms: int) -> cm.Played | None:
        """What the client has played of an answer's sound, from the start, as the sentence it is in."""
        if turn != self._turn:
            return None
        left = at_ms / 1000
        for seq, seconds in enumerate(self._seconds):
            if left <= seconds or seq == len(self._seconds) - 1:
                return cm.Played(turn=turn, seq=seq, at_ms=round(min(left, seconds) * 1000))
            left -= seconds
        return None

    def _begin(self, turn: int) -> None:
        if turn != self._turn:
            self.flush()
            self._turn = turn
            self._said, self._whole, self._playing = "", False, False
            self._held, self._seconds = [], []

    def _start_text_anew(self) -> None:
        self._restart = self._restart or len(self._said) > len(
            self._piece
        )  # nothing to void if none was sent
        self._said = self._piece = ""

    def _say(self, text: str) -> None:
        if not self._piece:
            self._loop.call_soon(self.flush)
        self._said += text
        self._piece += text

    def _release(self) -> None:
        held, self._held = self._held, []
        if not held:
            return
        self._playing = True
        try:
            pieces = [mp3.join(held)] if len(held) > 1 else held
        except ValueError:  # of different sample rates: each plays by itself
            pieces = held
        self.flush()
        for piece in pieces:
            self._emit("audioResponse", piece)
