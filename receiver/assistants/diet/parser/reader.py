"""From the spans of a sentence to the foods in it, each with its amount, what it goes with and what was denied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from receiver.assistants.diet.parser.food_names import FoodNames
from receiver.assistants.diet.parser.meal_times import When
from receiver.assistants.diet.parser.spans import Kind, Span
from receiver.assistants.diet.parser.stretches import Timed
from receiver.assistants.diet.parser.tokens import at, word_set
from receiver.assistants.diet.parser.vocabulary import (
    NO_MEASURES,
    NOT_AFTER_NOT,
    PLACES,
    SENTENCE_ENDS,
)
from receiver.nutrition.units import GRAMS, UNITS

_EXACT = frozenset({*GRAMS, "milliliter", "centiliter", "deciliter", "liter", "fluid ounce"})
"""Units that leave no room for another: "a 500 ml bottle" is one amount."""

_HAVING = word_set(
    "eat have drink touch finish brought bring got get ate had tried try touched opened finished"
)
_OF_THESE = word_set("it them those these that each")
_GIVEN_AWAY = word_set("sent gave threw tossed returned binned")
_GOES_ON_WITH = word_set("i we it just then only my the a an some ate had instead he she they")


class Reader(FoodNames):
    """One pass over the spans, left to right; each kind of span has a step of its own."""

    def read(self) -> None:
        for index, span in enumerate(self.spans):
            _STEPS[span.kind](self, span, index)
        self._flush()

    # -- how much

    def number(self, span: Span, index: int) -> None:
        if span.end <= self._read_to:
            return
        if self._waiting.kind:
            self._flush()
        if at(self.words, span.end) in NO_MEASURES:
            return
        if (
            self._waiting.quantity is not None
            and not self._waiting.article
            and self._waiting.unit is None
            and span.number != self._waiting.quantity
        ):
            self._waiting.each = self._waiting.quantity
        if self.so_far.denying and not self.so_far.denied_one and self.words[span.start - 1] == "no":
            self.so_far.denying, self.so_far.repair = "", "no"
        if self._waiting.unit is not None and self._waiting.unit not in _EXACT:
            self._waiting.unit = None  # "A stack of three".
        if self._is_said_after(span, index):
            self._flush_to = index + 1
        self._waiting.quantity, self._waiting.article = span.number, span.text == "a"

    def _is_said_after(self, span: Span, index: int) -> bool:
        """ "Chicken 200 grams rice 150 grams": foods first, each amount after its food, to the end."""
        if (
            not self.so_far.drafts
            or self.so_far.drafts[-1].end != span.start
            or self.so_far.drafts[-1].quantity is not None
        ):
            return False
        kinds = [following.kind for following in self.spans[index : index + 5]]
        if kinds[:2] != [Kind.NUMBER, Kind.UNIT] or self.words[self.spans[index + 1].end - 1] == "of":
            return False
        return kinds[2:] == [Kind.FOOD, Kind.NUMBER, Kind.UNIT]

    def unit(self, span: Span, index: int) -> None:
        last = self.so_far.drafts[-1] if self.so_far.drafts else None
        follows_food = (
            last is not None
            and last.end == span.start
            and self._waiting.quantity is None
            and self._waiting.size is None
        )
        if follows_food and last is not None and self.words[span.end - 1] != "of":
            if last.food is not None and span.text in last.food.portions and last.unit is None:
                last.unit = span.text
            last.end = span.end
            return
        if self._waiting.strange:
            self._flush()
        self._waiting.kind = []  # "Two thick slices".
        if span.text == "":
            self._waiting.quantity = None if self._waiting.article else self._waiting.quantity
            self._waiting.size = None
            return
        if self._waiting.unit in _EXACT:
            return  # "A 12 ounce can of".
        self._waiting.unit = span.text
        self._waiting.ahead = (
            "of" in self.words[span.start : span.end] and at(self.words, span.end) not in _OF_THESE
        )
        if self._flush_to == index:
            self._flush()

    def size(self, span: Span, index: int) -> None:
        if not self._waiting.kind:
            self._waiting.size = span.text

    def prepared(self, span: Span, index: int) -> None:
        self._waiting.kind_at = self._waiting.kind_at if self._waiting.kind else span.start
        self._waiting.kind += self.words[span.start : span.end]

    def word(self, span: Span, index: int) -> None:
        if self.words[span.start] in NO_MEASURES:
            self._clear()
            return
        self._waiting.kind_at = self._waiting.kind_at if self._waiting.kind else span.start
        self._waiting.kind += self.words[span.start : span.end]
        self._waiting.strange += self.words[span.start : span.end]

    def filler(self, span: Span, index: int) -> None:
        word = self.words[span.start]
        if word in PLACES and self._waiting.quantity is None:
            self._flush()
            self._elsewhere = True
        elif word in ("i", "we") or (word == "my" and self._waiting.strange):
            self._flush()
            self.so_far.denying = "" if self.so_far.denied_one and word != "my" else self.so_far.denying
        elif word == "so" and at(self.words, span.end) in _GOES_ON_WITH:
            self._flush()
            self.so_far.denying = ""  # "I wasn't hungry so I had soup".
        elif word in ("was", "were") and self.times and self.times[-1].end == span.start:
            # "I skipped lunch and dinner was a burger".
            self.times[-1] = replace(self.times[-1], denied=False)
            self.so_far.denying = ""
        elif (
            word in ("it", "them")
            and self.so_far.denying == "not"
            and self.so_far.drafts
            and not self.so_far.denied_one
        ):
            if at(self.words, span.start - 1) in _HAVING:
                self.so_far.drafts[-1].denied = True  # "I ordered fries but I didn't eat them".
        elif word in ("it", "them") and at(self.words, span.start - 1) in _GIVEN_AWAY and self.so_far.drafts:
            self.so_far.drafts[-1].denied = True  # "I ordered a steak but sent it back".
        elif word in ("it", "it's", "they", "that's") and self.so_far.denied_one:
            self._flush()
            self.so_far.denying = ""
        elif word == "of" and self._waiting.strange and self._waiting.quantity is not None:
            self._waiting.kind, self._waiting.strange = [], []  # "Two pots of": a measure that is not known.
        elif (
            word == "each"
            and self.so_far.drafts
            and self._waiting.quantity is not None
            and self._waiting.unit is not None
        ):
            self._waiting.each = self.so_far.drafts[-1].quantity

    # -- what stands between foods

    def join(self, span: Span, index: int) -> None:
        word = self.words[span.start]
        if word == "and" and self._and_a_fraction(index):
            return
        self._flush()
        if at(self.words, span.start - 1) in ("nothing", "none"):
            self.so_far.denying = ""
        self.so_far.link = "or" if word in ("or", "nor") else "and"
        self.so_far.repair = ""
        self._elsewhere = False

    def _and_a_fraction(self, index: int) -> bool:
        """ "A cup and a half of", "two pounds and a quarter"."""
        if (
            self._waiting.unit is None
            or self._waiting.kind
            or self._waiting.quantity is None
            or self._waiting.quantity != int(self._waiting.quantity)
        ):
            return False
        if index + 1 >= len(self.spans) or at(self.words, self.spans[index].start - 1) not in UNITS:
            return False
        after = self.spans[index + 1]
        if after.kind is not Kind.NUMBER or after.number not in (0.5, 0.25, 0.75):
            return False
        self._waiting.quantity, self._waiting.article = self._waiting.quantity + after.number, False
        self._read_to = after.end
        return True

    def between(self, span: Span, index: int) -> None:
        self._flush()
        if span.text == "with" and self.so_far.denied_one:
            self.so_far.denying = ""  # "Hold the onions, with ranch".
        self.so_far.link = span.text or ","
        self._elsewhere = span.text in ("in", "on")

    def stop(self, span: Span, index: int) -> None:
        self._flush()
        self.so_far.link, self.so_far.denying, self._elsewhere = "", "", False
        if self.words[span.start] in SENTENCE_ENDS:
            self._ate = self._ate and self.words[span.start] in ".;"

    def ate(self, span: Span, index: int) -> None:
        self._flush()
        self._ate, self.so_far.link, self._elsewhere = True, "", False
        if self.so_far.denied_one or at(self.words, span.start - 1) in ("i", "we"):
            self.so_far.denying = ""

    def time(self, span: Span, index: int) -> None:
        assert span.when is not None
        self._flush()
        if span.when != When():
            denied = bool(self.so_far.denying) and not self.so_far.denied_one
            when = span.when
            if when.either and any(time.when.meal in ("lunch", "dinner") for time in self.times):
                when = replace(when, meal="dinner")
            elif self.words[span.end - 1] == "afternoon" and any(
                time.when.meal == "lunch" for time in self.times
            ):
                when = replace(when, meal="snack")
            self.times.append(Timed(when, span.start, span.end, denied))
            if denied and span.when.meal is not None:
                self.so_far.denied_one = True
        self.so_far.link, self._elsewhere = "", False

    def talk(self, span: Span, index: int) -> None:
        if self.words[span.start] in NO_MEASURES:
            self._clear()
        self._flush()
        self.so_far.link = ""

    def maker(self, span: Span, index: int) -> None:
        self._waiting.brand = self.words[span.start : span.end]
        self._waiting.kind_at = self._waiting.kind_at if self._waiting.kind else span.start

    # -- what takes back

    def deny(self, span: Span, index: int) -> None:
        self._flush()
        if at(self.words, span.end) not in NOT_AFTER_NOT:
            self.so_far.denying, self.so_far.denied_one = "not", False

    def no(self, span: Span, index: int) -> None:
        word, after = self.words[span.start], at(self.words, span.end)
        self._flush()
        follows = self.spans[index + 1].kind if index + 1 < len(self.spans) else Kind.STOP
        if word == "no" and follows in (Kind.COMMA, Kind.STOP, Kind.ATE, Kind.TALK, Kind.REPAIR, Kind.JOIN):
            return
        if (
            word == "no" and after in ("i", "it", "that", "more", "problem", "idea", "one", "my", "we")
        ) or after == "on":
            return
        self.so_far.denying = "without" if self.so_far.drafts else "not"
        self.so_far.denied_one = False

    def but(self, span: Span, index: int) -> None:
        self._flush()
        self.so_far.denying, self._elsewhere = "", False
        if at(self.words, span.start - 1) in ("everything", "all"):
            self.so_far.denying, self.so_far.denied_one = "not", False
        elif self.words[span.start] == "but":
            self.so_far.link, self.so_far.after_but, self.so_far.but_at = "", True, span.end

    def put_right(self, span: Span, index: int) -> None:
        self._flush()
        if any(not draft.denied for draft in self.so_far.drafts):
            self.so_far.repair = span.text
            self.so_far.link, self.so_far.denying = "", ""


_STEPS: dict[Kind, Callable[[Reader, Span, int], None]] = {
    Kind.FOOD: Reader.food, Kind.NUMBER: Reader.number, Kind.UNIT: Reader.unit, Kind.SIZE: Reader.size,
    Kind.WHEN: Reader.time, Kind.BRAND: Reader.maker, Kind.PREPARED: Reader.prepared, Kind.LINK: Reader.between,
    Kind.JOIN: Reader.join, Kind.WITHOUT: Reader.no, Kind.NOT: Reader.deny, Kind.BUT: Reader.but,
    Kind.ATE: Reader.ate, Kind.REPAIR: Reader.put_right, Kind.STOP: Reader.stop, Kind.COMMA: Reader.between,
    Kind.FILLER: Reader.filler, Kind.TALK: Reader.talk, Kind.WORD: Reader.word,
}  # fmt: skip
