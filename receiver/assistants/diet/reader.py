"""From the spans of a sentence to the foods in it, each with its amount, what it goes with and what was denied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from receiver.assistants.diet.drafts import Draft, amount_said_after, kind_said_after
from receiver.assistants.diet.food_index import food_named
from receiver.assistants.diet.gathered import Gathered
from receiver.assistants.diet.meal_times import When
from receiver.assistants.diet.spans import Kind, Span
from receiver.assistants.diet.talk import NOT_FOOD
from receiver.assistants.diet.tokens import at
from receiver.assistants.diet.unknown import may_be_a_food
from receiver.assistants.diet.vocabulary import (
    COMPOUND_HEADS,
    NO_MEASURES,
    NOT_AFTER_NOT,
    PLACES,
    PRAISE,
    RICHER_HEADS,
    SENTENCE_ENDS,
    STATES,
)
from receiver.assistants.diet.waiting import Waiting
from receiver.nutrition.units import GRAMS, UNITS

_MISHEARD_COST = 1.5
"""Names that cost more were not heard as they are: strange words beside them were misheard too."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A time that was named, where, and whether nothing was eaten then."""

    when: When
    start: int
    end: int
    denied: bool


class Reader:
    """One pass over the spans, left to right; each kind of span has a step of its own."""

    def __init__(self, words: Sequence[str], spans: Sequence[Span], expecting: bool) -> None:
        self.words = words
        self.spans = spans
        self.expecting = expecting
        self.so_far = Gathered()
        self.times: list[Timed] = []
        self._ate = False
        self._elsewhere = False
        self._read_to = 0
        self._flush_to = -1
        self._clear()

    def _clear(self) -> None:
        """Forget the amount and the words that wait for a food."""
        self._waiting = Waiting()

    def read(self) -> None:
        for index, span in enumerate(self.spans):
            _STEPS[span.kind](self, span, index)
        self._flush()

    # -- what a food is made of

    def food(self, span: Span, index: int) -> None:
        assert span.named is not None
        if span.doubtful and not self._is_told(
            self._waiting.quantity is not None or bool(self._waiting.unit)
        ):
            return  # Nothing says that this is food at all.
        said = (span.named.heard or " ".join(self.words[span.start : span.end])).split()
        last = self.so_far.drafts[-1] if self.so_far.drafts else None
        if last is not None and self._is_compound(last, span, said):
            # A "zorble smoothie" is a smoothie, whatever a zorble sounds like.
            last.modifiers += list(self.words[last.start : last.end]) if last.doubtful else last.said
            last.said, last.food, last.end = said, span.named.food, span.end
            last.doubtful = span.doubtful
            return
        kind = [
            word
            for word in self._waiting.kind
            if word not in PRAISE and not (word in NOT_FOOD and word in self._waiting.strange)
        ][-3:]
        if span.doubtful or span.named.cost > _MISHEARD_COST:
            kind = [word for word in kind if word not in self._waiting.strange]
        draft = Draft(
            said, span.named.food, span.start, span.end, kind, link=self.so_far.link, doubtful=span.doubtful
        )
        if self._waiting.strange and said[-1] in RICHER_HEADS and len(said) == 1:
            draft.doubtful = True
        draft.quantity, draft.unit, draft.article = self._waiting.amount_of(span.named.food)
        self._clear()
        self.so_far.place(draft)

    def _is_compound(self, last: Draft, span: Span, said: list[str]) -> bool:
        """Whether the last food's name was only the beginning of this one's: "banana" + "bread"."""
        return (
            said[-1] in COMPOUND_HEADS
            and last.end == span.start
            and not last.plural
            and self._waiting.quantity is None
            and self._waiting.unit is None
            and last.said[-1] not in COMPOUND_HEADS
        )

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
        if self._waiting.unit is not None and self._waiting.unit not in GRAMS:
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
        if self._waiting.unit in GRAMS:
            return  # "A 12 ounce can of".
        self._waiting.unit = span.text
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
            if at(self.words, span.start - 1) in ("eat", "have", "drink", "touch", "finish"):
                self.so_far.drafts[-1].denied = True  # "I ordered fries but I didn't eat them".
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
        if self.so_far.denied_one:
            self.so_far.denying = ""

    def time(self, span: Span, index: int) -> None:
        assert span.when is not None
        self._flush()
        if span.when != When():
            denied = bool(self.so_far.denying) and not self.so_far.denied_one
            self.times.append(Timed(span.when, span.start, span.end, denied))
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
        self.so_far.link = "" if self.words[span.start] == "but" else self.so_far.link

    def put_right(self, span: Span, index: int) -> None:
        self._flush()
        if any(not draft.denied for draft in self.so_far.drafts):
            self.so_far.repair = span.text
            self.so_far.link, self.so_far.denying = "", ""

    # -- where a stretch ends

    def _flush(self) -> None:
        """A stretch ends without a known food: what waits is an amount said afterwards, a kind, or a food not known."""
        quantity, unit, _ = self._waiting.amount()
        strange = [word for word in self._waiting.strange if word not in PRAISE]
        last = self.so_far.drafts[-1] if self.so_far.drafts else None
        if not strange and self._waiting.brand and self._is_maker_alone(quantity, unit):
            # "A bag of Doritos": the maker's name stands for the food.
            maker, start, article = list(self._waiting.brand), self._waiting.kind_at, self._waiting.article
            food = food_named(maker)
            if food is not None:
                self.so_far.place(
                    Draft(maker, food, start, start + 1, [], quantity, unit, article, self.so_far.link)
                )
                self._clear()
                return
            if not self._waiting.brand[-1].endswith("'s"):
                strange = self._waiting.kind = list(self._waiting.brand)
        if strange:
            self._unknown(strange, quantity, unit)
        elif (
            self._waiting.kind
            and self._is_food_by_itself(quantity, unit)
            and (food := food_named(self._waiting.kind)) is not None
        ):
            end = self._waiting.kind_at + len(self._waiting.kind)
            kind, start, article = self._waiting.kind, self._waiting.kind_at, self._waiting.article
            self.so_far.place(Draft(kind, food, start, end, [], quantity, unit, article, self.so_far.link))
        elif last is not None and not last.denied:
            if self._waiting.kind:
                kind_said_after(last, self._waiting.kind)
            if (quantity is not None and not self._waiting.article) or unit is not None:
                amount_said_after(last, quantity, unit, again=bool(self.so_far.repair))
                self.so_far.repair = ""
        self._clear()

    def _is_maker_alone(self, quantity: float | None, unit: str | None) -> bool:
        measured = unit is not None or (quantity is not None and not self._waiting.article)
        return not self._elsewhere and not self._waiting.kind and self._is_told(measured)

    def _is_food_by_itself(self, quantity: float | None, unit: str | None) -> bool:
        """Whether a word that mostly says what kind a food is ("sourdough") stands for one here."""
        measured = quantity is not None or unit is not None
        return (
            measured
            or self.so_far.link in ("and", "with", "on")
            or (not self.so_far.drafts and (self._ate or self.expecting))
        )

    def _unknown(self, strange: list[str], quantity: float | None, unit: str | None) -> None:
        kind = [word for word in self._waiting.kind if word not in PRAISE]
        measured = unit is not None or (quantity is not None and not self._waiting.article)
        state = not measured and at(self.words, self._waiting.kind_at - 1) in STATES
        if (
            self._is_told(measured)
            and not state
            and not self._elsewhere
            and may_be_a_food(kind, strange, measured)
        ):
            end = self._waiting.kind_at + len(kind)
            self.so_far.place(
                Draft(kind, None, self._waiting.kind_at, end, [], quantity, unit, link=self.so_far.link)
            )

    def _is_told(self, measured: bool) -> bool:
        """Whether the words around say that a food is named here: what was eaten, how much, or a row of foods."""
        if self.so_far.link == "with" and not self.so_far.drafts:
            return False  # "Lunch with Tom".
        in_a_row = bool(self.so_far.drafts) and self.so_far.link in ("and", "or", ",", "with")
        return measured or self._ate or in_a_row or self.expecting


_STEPS: dict[Kind, Callable[[Reader, Span, int], None]] = {
    Kind.FOOD: Reader.food, Kind.NUMBER: Reader.number, Kind.UNIT: Reader.unit, Kind.SIZE: Reader.size,
    Kind.WHEN: Reader.time, Kind.BRAND: Reader.maker, Kind.PREPARED: Reader.prepared, Kind.LINK: Reader.between,
    Kind.JOIN: Reader.join, Kind.WITHOUT: Reader.no, Kind.NOT: Reader.deny, Kind.BUT: Reader.but,
    Kind.ATE: Reader.ate, Kind.REPAIR: Reader.put_right, Kind.STOP: Reader.stop, Kind.COMMA: Reader.between,
    Kind.FILLER: Reader.filler, Kind.TALK: Reader.talk, Kind.WORD: Reader.word,
}  # fmt: skip
