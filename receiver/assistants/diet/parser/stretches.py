"""What waits for a food while a sentence is read, and what becomes of it where the stretch ends without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from receiver.assistants.diet.parser.composites import split_counted
from receiver.assistants.diet.parser.drafts import Draft, amount_said_after, kind_said_after
from receiver.assistants.diet.parser.food_index import food_named
from receiver.assistants.diet.parser.gathered import Gathered
from receiver.assistants.diet.parser.meal_times import When
from receiver.assistants.diet.parser.spans import Span
from receiver.assistants.diet.parser.tokens import at, word_set
from receiver.assistants.diet.parser.toppings import is_topping
from receiver.assistants.diet.parser.unknown import may_be_a_food
from receiver.assistants.diet.parser.vocabulary import FILLED, PRAISE, STATES
from receiver.assistants.diet.parser.waiting import Waiting

_GOT = word_set("bought made cooked baked ordered got prepared picked fried boiled grilled brought opened")
_ATE_OF = word_set("ate eaten had drank finished")
_NEAR = 5
"""Words between a verb and its food."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A time that was named, where, and whether nothing was eaten then."""

    when: When
    start: int
    end: int
    denied: bool


class Stretches:
    """The words and spans of a sentence, the foods found so far, and what waits for the next."""

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
            ahead = self._waiting.ahead or (self._elsewhere and quantity is None)
            if not ahead and ((quantity is not None and not self._waiting.article) or unit is not None):
                self._amount_after(last, quantity, unit)
        self._clear()

    def _amount_after(self, last: Draft, quantity: float | None, unit: str | None) -> None:
        if unit:
            last = next(
                (each for each in reversed(self.so_far.drafts) if _is_measured_so(each, unit, last)), last
            )
        if unit is None and (part := split_counted(last, quantity)) is not None:
            self.so_far.drafts.append(part)
            last = last if last.plural or not part.plural else part
        if self.so_far.link == "and" and unit is None and quantity in (0.25, 0.5, 0.75) and last.quantity:
            quantity, last.article = last.quantity + quantity, True  # "A bagel and a half".
        again = bool(self.so_far.repair) or self.so_far.after_but or self._is_what_was_eaten_of(last)
        amount_said_after(last, quantity, unit, again=again)
        if self.so_far.after_but:
            last.start = last.end = self.so_far.but_at  # "Nearly ate the whole cake but only had a slice".
        self.so_far.repair, self.so_far.after_but = "", False

    def _is_what_was_eaten_of(self, last: Draft) -> bool:
        """ "I bought six eggs and ate two"."""
        bought = _GOT.intersection(self.words[max(0, last.start - _NEAR) : last.start])
        return bool(bought) and bool(_ATE_OF.intersection(self.words[last.end : last.end + _NEAR]))

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


def _is_measured_so(food: Draft, unit: str, last: Draft) -> bool:
    """ "Ranch on the salad, two tablespoons", "tea with sugar, three mugs", "a pizza with ham, two slices".

    The unit is not of the food that was named last.
    """
    if (
        food is last
        or food.food is None
        or last.food is None
        or food.denied
        or unit not in food.food.portions
    ):
        return False
    if unit not in last.food.portions and (is_topping(last.food) or last.link in ("on", "in")):
        return True
    bare = last.quantity is None and last.unit is None
    return bare and last.link == "with" and unit in ("slice", "wedge") and food.said[-1] in FILLED
