"""The step of the reader that takes a food's name: alone, with its kind, or as the rest of the name before it."""

from __future__ import annotations

from receiver.assistants.diet.parser.brands import brand_at
from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.modifiers import TELLING, is_modifier
from receiver.assistants.diet.parser.spans import Span
from receiver.assistants.diet.parser.stretches import Stretches
from receiver.assistants.diet.parser.talk import NOT_FOOD
from receiver.assistants.diet.parser.vocabulary import COMPOUND_HEADS, PRAISE, RICHER_HEADS

_MISHEARD_COST = 1.5
"""Names that cost more were not heard as they are: strange words beside them were misheard too."""


class FoodNames(Stretches):
    """Makes a draft of each name, with what waited for it."""

    def food(self, span: Span, index: int) -> None:
        assert span.named is not None
        if span.doubtful and not self._is_told(
            self._waiting.quantity is not None or bool(self._waiting.unit)
        ):
            return  # Nothing says that this is food at all.
        said = (span.named.heard or " ".join(self.words[span.start : span.end])).split()
        last = self.so_far.drafts[-1] if self.so_far.drafts else None
        if last is not None and self._is_adjacent(last, span) and self._goes_on(last, span, said):
            return
        waiting = self._waiting
        misheard = span.doubtful or span.named.cost > _MISHEARD_COST
        kind = [
            word
            for word in waiting.kind
            if word not in PRAISE
            and not (word in waiting.strange and (misheard or word in NOT_FOOD or word in TELLING))
        ]
        draft = Draft(
            said,
            span.named.food,
            span.start,
            span.end,
            kind[-3:],
            link=self.so_far.link,
            doubtful=span.doubtful,
        )
        draft.quantity, draft.unit, draft.article = waiting.amount_of(span.named.food)
        if not misheard and not all(map(is_modifier, waiting.strange)):
            # A "gromlish stew" is not known, however well known stews are.
            draft.said, draft.modifiers, draft.food, draft.start = [*kind, *said], [], None, waiting.kind_at
            draft.quantity, draft.unit, _ = waiting.amount()
        elif waiting.strange and said[-1] in RICHER_HEADS and len(said) == 1:
            draft.doubtful = True
        self._clear()
        self.so_far.place(draft)

    def _is_adjacent(self, last: Draft, span: Span) -> bool:
        """Whether a food follows right on the one before, with no amount of its own."""
        waits = self._waiting
        return last.end == span.start and waits.quantity is None and waits.unit is None and waits.size is None

    def _goes_on(self, last: Draft, span: Span, said: list[str]) -> bool:
        """Take a food's name as the rest of the one before: "banana" + "bread", "Aunt Jemima" + "syrup"."""
        assert span.named is not None
        food = span.named.food
        if last.food is None and said[-1] in COMPOUND_HEADS and last.said[-1] != said[-1]:
            last.said, last.end = [*last.said, *said], span.end
            return True
        made = brand_at(self.words, last.start) == last.end - last.start
        # "Babybel cheese" names the class that USDA puts gouda in.
        general = last.food is not None and said[-1] in last.food.usda.lower().split(",")[0].split()
        more = span.named.words == 1 and (made or general)
        if last.food is not None and (last.food is food or more):
            last.said, last.end = [*last.said, *said], span.end
            return True
        if span.named.words > 1 and last.quantity is None:
            return False  # "Toast, orange juice", without the comma.
        if not self._is_compound(last, said):
            return False
        # A "banana smoothie" is a smoothie, and a "zorble smoothie" none that is known.
        strange = last.doubtful or last.food is None
        last.modifiers += list(self.words[last.start : last.end]) if last.doubtful else last.said
        last.said, last.food, last.end = said, None if strange else food, span.end
        last.doubtful = span.doubtful and not strange
        self._take_up_before(last)
        return True

    def _take_up_before(self, last: Draft) -> None:
        """ "A turkey" + "cheese wrap", which had been "cheese" + "wrap"."""
        drafts = self.so_far.drafts
        before = drafts[-2] if len(drafts) > 1 else None
        if before is None or before.end != last.start or not before.article or before.plural or last.quantity:
            return
        last.modifiers = [*before.modifiers, *before.said, *last.modifiers]
        last.quantity, last.unit, last.article = before.quantity, before.unit, before.article
        last.start, last.link = before.start, before.link
        drafts.remove(before)

    def _is_compound(self, last: Draft, said: list[str]) -> bool:
        """Whether the last food's name was only the beginning of this one's: "banana" + "bread"."""
        return said[-1] in COMPOUND_HEADS and not last.plural and last.said[-1] not in COMPOUND_HEADS
