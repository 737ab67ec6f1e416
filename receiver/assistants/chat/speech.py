"""A model's text as it may be read aloud: sentence by sentence while it comes, without the marks of a written page.

The prompt asks for plain speech. A model that formats all the same is not read out with asterisks, numbers of list
items, rules of tables, emoji or whole web addresses; lines of code are left out.
"""

from __future__ import annotations

import re

MAX_SENTENCE_CHARS = 400
"""A longer sentence is said up to a blank before this, so that nobody waits for an end that may not come."""

_MARK_CHARS = 8
"""As many tell what a line begins with."""

_FENCE = "```"
_MARK = re.compile(r"(?:#{1,6}|[-*+•–—>])\s+")
"""What a line of a page may begin with: of a heading, a list or a quotation."""

_NUMBER = re.compile(r"(\d{1,2})[.)]\s+")
_END = re.compile(r"""(?<=[.!?…])["'”“’)\]*_]*(?=\s)|(?<=[。！？])|\n""")

_WRITTEN = (
    (re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)"), r"\1"),  # a link, by its text
    (
        re.compile(r"https?://(?:www\.)?([\w.-]*\w)(?:[:/?#]\S*?)?(?=[.,;:!?)\]]*(?:\s|$))"),
        r"\1",
    ),  # by its host
    (re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>"), " "),
    (re.compile(r"\*\*|__|~~|`"), ""),
    (re.compile(r"(?<!\S)\*(?=\S)|(?<=\S)\*(?!\w)"), ""),
    (re.compile(r"(?<!\w)_(?=\S)|(?<=\S)_(?!\w)"), ""),
    (re.compile(r"\s*\|\s*"), ", "),  # cells of a table
    (
        re.compile(
            "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3]+"
        ),
        " ",
    ),  # pictures
)


class Speech:
    """Takes text in pieces, and gives the sentences that are whole."""

    def __init__(self) -> None:
        self._rest = ""
        self._begins_line = True
        self._in_code = False
        self._left_out = False
        """The line that we are in is not said."""
        self._number = 0
        """Of the last item of a list."""

    def feed(self, piece: str) -> list[str]:
        self._rest += piece
        return self._take(last=False)

    def flush(self) -> list[str]:
        """What is left, at the end of the text."""
        return self._take(last=True)

    def _take(self, *, last: bool) -> list[str]:
        said: list[str] = []
        while self._open_line(last=last):
            end = _END.search(self._rest)
            if self._left_out:
                _, newline, self._rest = self._rest.partition("\n")
                self._begins_line = bool(newline)
                continue
            if end is not None:
                cut = end.end()
                self._begins_line = end.group() == "\n"
            elif len(self._rest) > MAX_SENTENCE_CHARS:
                cut = self._rest.rfind(" ", 1, MAX_SENTENCE_CHARS) + 1 or MAX_SENTENCE_CHARS
            elif last:
                cut = len(self._rest)
            else:
                break
            sentence = _spoken(self._rest[:cut])
            if self._begins_line and sentence[-1:].isalnum():
                sentence += "."
            said += [sentence] if sentence else []
            self._rest = self._rest[cut:]
        return said

    def _open_line(self, *, last: bool) -> bool:
        """Take off what the line begins with. False where there is no text to go on with."""
        if not self._begins_line:
            return bool(self._rest)
        self._rest = self._rest.lstrip()
        if not self._rest or not (last or len(self._rest) >= _MARK_CHARS or "\n" in self._rest):
            return False
        self._begins_line = False
        self._left_out = self._in_code
        number = _NUMBER.match(self._rest)
        mark = _MARK.match(self._rest)
        if self._rest.startswith(_FENCE):
            self._in_code, self._left_out = not self._in_code, True
        elif number is not None and int(number[1]) in (1, self._number + 1):
            # "42. That is the answer." is no item: 41 did not come before it.
            self._number = int(number[1])
            mark = number
        if mark is not None:
            self._rest = self._rest[mark.end() :]
        return True


def _spoken(sentence: str) -> str:
    """Without marks; empty where there is nothing to say."""
    for written, said in _WRITTEN:
        sentence = written.sub(said, sentence)
    sentence = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(sentence.split())).strip(", ")
    return sentence if any(character.isalnum() for character in sentence) else ""
