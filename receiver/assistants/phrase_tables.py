r"""Tables of phrases that an assistant knows by their words, and the plain words that they are matched on.

A table is a text with one phrase a line, or several parted by "|", of plain words; a line that ends within a bracket
goes on in the next:

    (that|it) is all      one of them
    no more [food|snacks] may be left out; [very|so]* any number of times
    ...                   any words
    $                     the end of the sentence
    !(a|some)             none of these follows
    <to: tea|coffee>      remembered under a name
    starv\w+              a word may be a regular expression
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar

_SHORT = {
    "im": "i am", "ive": "i have", "thats": "that is", "whats": "what is", "hows": "how is", "its": "it is",
    "dont": "do not", "didnt": "did not", "doesnt": "does not", "havent": "have not", "wasnt": "was not",
    "isnt": "is not", "cant": "can not", "cannot": "can not", "can't": "can not", "won't": "will not",
    "wont": "will not", "let's": "let us", "lets": "let us", "gonna": "going to", "wanna": "want to",
    "nevermind": "never mind", "alright": "all right", "yep": "yes", "yup": "yes", "yeah": "yes", "yea": "yes",
    "nope": "no", "nah": "no", "ok": "okay", "dunno": "i do not know", "gotta": "got to",
    "kinda": "kind of", "sorta": "sort of",
    "um": "", "uh": "", "er": "", "erm": "", "hmm": "", "mm": "", "ah": "",
}  # fmt: skip
_IS = frozenset(["that", "what", "how", "it", "who", "where", "there", "here", "this", "everything"])
_ENDINGS = (
    ("n't", " not"),
    ("'m", " am"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'d", " would"),
)
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = str.maketrans("’‘`", "'''")


def plain(text: str) -> str:
    """What was said in lower-case words, without marks, fillers and short forms: "I'm done." is "i am done"."""
    return long_forms(_WORDS.findall(text.lower().translate(_APOSTROPHES)))


def long_forms(words: Iterable[str], more: Mapping[str, str] | None = None) -> str:
    """Lower-case words without fillers and short forms; `more` are an assistant's own."""
    return " ".join(word for word in (_long_form(word, more or {}) for word in words) if word)


def _long_form(word: str, more: Mapping[str, str]) -> str:
    if word in _SHORT:
        return _SHORT[word]
    if word in more:
        return more[word]
    for ending, words in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + words
    if word.endswith("'s") and word.removesuffix("'s") in _IS:
        return word.removesuffix("'s") + " is"
    return word


class Phrases:
    """A table of phrases; the head of this module says how it is written."""

    macros: ClassVar[Mapping[str, str]] = {}
    """Words that stand for a piece of a table, in a table of an assistant's own kind."""

    def __init__(self, *tables: str) -> None:
        text = "|".join(_in_one_line(table) for table in tables)
        for macro, words in self.macros.items():
            text = re.sub(rf"\b{macro}\b", words, text)
        pattern, end = _alternatives(text, 0)
        if end != len(text):
            raise ValueError(f"a table of phrases ends at {text[end : end + 40]!r}")
        # Every word is matched with the space before it, so that it is a whole word. One pattern does for all
        # that is asked here: to compile these is a good part of a start.
        self._here = re.compile(f"{pattern}(?= |$)")

    def are(self, said: str) -> bool:
        """One of them is all that was said."""
        return self._here.fullmatch(f" {said}") is not None

    def lead(self, said: str) -> bool:
        return self._here.match(f" {said}") is not None

    def within(self, said: str) -> bool:
        return self._here.search(f" {said}") is not None

    def end(self, said: str) -> bool:
        return self._at_the_end(f" {said}") is not None

    def rest(self, said: str) -> str | None:
        """What follows one of them at the beginning, or None if there is none."""
        found = self._here.match(f" {said}")
        return None if found is None else f" {said}"[found.end() :].strip()

    def before(self, said: str) -> str | None:
        """What comes before one of them at the end, or None if there is none."""
        start = self._at_the_end(f" {said}")
        return None if start is None else said[: max(0, start - 1)]

    def named(self, said: str) -> dict[str, str]:
        """What is remembered under names in the first of them."""
        found = self._here.fullmatch(f" {said}") or self._here.search(f" {said}")
        groups = found.groupdict() if found else {}
        return {name: words.strip() for name, words in groups.items() if words}

    def _at_the_end(self, text: str) -> int | None:
        """Where the longest of them begins that ends with the text."""
        starts = [space.start() for space in _SPACE.finditer(text)]
        return next((start for start in (*starts, len(text)) if self._here.fullmatch(text, start)), None)


_SPACE = re.compile(" ")
_CLOSING = {"(": ")", "[": "]", "<": ">"}
_WORD = re.compile(r"[^ ()\[\]<>|]+")
_NAME = re.compile(r"(\w+): ")


def _in_one_line(table: str) -> str:
    """Lines are phrases, but a line that ends within a bracket goes on in the next."""
    text, depth = "", 0
    for line in filter(None, map(str.strip, table.splitlines())):
        text += (" " if depth else "|" if text else "") + line
        depth += sum(line.count(opening) - line.count(closing) for opening, closing in _CLOSING.items())
    return text


def _alternatives(text: str, at: int) -> tuple[str, int]:
    """The regular expression of phrases parted by "|", up to a closing bracket."""
    sequences, sequence = [], ""
    while at < len(text) and text[at] not in ")]>":
        if text[at] == "|":
            sequences.append(sequence)
            sequence, at = "", at + 1
        elif text[at] == " ":
            at += 1
        else:
            part, at = _part(text, at)
            sequence += part
    return f"(?:{'|'.join([*sequences, sequence])})", at


def _part(text: str, at: int) -> tuple[str, int]:
    absent = text.startswith("!(", at)
    opening = text[at + absent]
    if opening not in _CLOSING:
        word = _WORD.match(text, at)
        assert word is not None
        special = {"...": r"(?: \S+)*", "$": "(?=$)"}
        return special.get(word.group(), f" {word.group()}"), word.end()
    at += absent + 1
    name = _NAME.match(text, at) if opening == "<" else None
    inner, at = _alternatives(text, name.end() if name else at)
    if text[at : at + 1] != _CLOSING[opening]:
        raise ValueError(f"a bracket is not closed in {text[:60]!r}")
    at += 1
    if opening == "[":
        many = text[at : at + 1] == "*"
        return f"{inner}{'*' if many else '?'}", at + many
    if absent:
        return f"(?!{inner}(?= |$))", at
    return (f"(?P<{name.group(1)}>{inner})" if name else inner), at
