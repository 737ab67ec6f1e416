"""From a spoken sentence to the foods in it: how much of what, at which meal, on which day.

    text -> words (`tokens`) -> spans: foods, numbers, units, times, links (`readings`) -> one draft a food, with
    its amount and what was denied or put right (`reader`, `food_names`, `stretches`) -> parts of one food put
    together (`composites`) -> amounts of toppings (`toppings`) -> meals and days (`placing`) -> mentions

Speech has no reliable punctuation and words come misheard, so marks and capitals help but are never needed.
Words that are left over where foods are being named are a food that is not known, kept as said; a food that
only sounds like what was said is `doubtful`. Nothing is guessed away. Pure and deterministic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.diet.parser.chips import tell_chips
from receiver.assistants.diet.parser.composites import merge_parts
from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.idioms import without_idioms
from receiver.assistants.diet.parser.placing import place, the_day
from receiver.assistants.diet.parser.reader import Reader
from receiver.assistants.diet.parser.readings import read_spans
from receiver.assistants.diet.parser.repairs import without_restarts
from receiver.assistants.diet.parser.said_again import merge_said_again
from receiver.assistants.diet.parser.spans import Kind, Span
from receiver.assistants.diet.parser.talk import PLANNED
from receiver.assistants.diet.parser.tokens import MAX_WORDS, tokenize
from receiver.assistants.diet.parser.toppings import measure_toppings
from receiver.assistants.diet.parser.vocabulary import TALK
from receiver.assistants.diet.utterance import Mention, Utterance

__all__ = ["MAX_WORDS", "Mention", "Utterance", "parse", "tokenize"]

_ATE_SURELY = re.compile(
    r"\b(had|ate|eaten|eating|drank|drunk|finished|log|logged|add|added|went for|went with|settled for|settled on|"
    r"opted for|ended up|record|track|enter|note|put down)\b"
)
_ASKS = re.compile(
    r"^(and |so |but |um |uh |hey |ok |okay |well )*(what|how|why|who|when|where|which|do|does|did|can|could|should|is|"
    r"are|will|would|tell me|show)\b"
)
_TELLS = re.compile(
    r"\b(i|we|i've|we've) (just |only |also |already )*(had|ate|drank|made|finished)\b|"
    r"\b(log|add|record|track|enter|note)\b|^what i\b|^when i\b"
)


_SOMEBODY_ELSE = re.compile(
    r"\b(husband|wife|kids?|son|daughter|friends?|mom|mum|dad|brother|sister|boyfriend|girlfriend|partner|dog|cat|baby|"
    r"boss|roommate|everyone|everybody|others|coworkers?|he|she|they) "
    r"(just |only |also )?(had|ate|got|ordered|drank|has|eats|likes|loves)\b"
    r"(?!.*\b(i|we|i've|we've)\b)"
)
"""What somebody else ate; "my wife made soup" is likely mine too."""


_SWAPPED = re.compile(r"\b(swapped|switched|traded|substituted)( out)?\b")
_FOR = re.compile(r"\b(for|with|to)\b")
"""What stands between was not eaten: "I swapped the fries for a salad"."""


def parse(text: str, *, expecting: bool = False, weekday: int | None = None) -> Utterance:
    """`expecting`: a question about food was asked, so a bare name may be one that is not known.

    `weekday`: today's, 0 for Monday; without it "on Tuesday" names no day.
    """
    heard = tokenize(text)
    words = without_idioms(without_restarts(heard))
    spans = read_spans(words, weekday)
    bare = expecting and not any(word in TALK for word in words)
    reader = Reader(words, spans, bare)
    reader.read()
    merge_said_again(reader.so_far.drafts, reader.times, words)
    drafts = merge_parts(reader.so_far.drafts)
    tell_chips(drafts, words)
    measure_toppings(drafts)
    place(drafts, reader.times, words)
    _mark_planned(drafts, words, spans)
    mentions = tuple(draft.mention() for draft in drafts if draft.said)
    meals = tuple(time.when.meal for time in reader.times if time.when.named and time.when.meal is not None)
    return Utterance(tuple(heard), mentions, meals, the_day(reader.times, words))


def _mark_planned(drafts: Sequence[Draft], words: Sequence[str], spans: Sequence[Span]) -> None:
    """Tell what was wished for, planned or asked about from what was eaten, clause by clause."""
    ends = [span.start for span in spans if span.kind in (Kind.STOP, Kind.BUT)] + [len(words)]
    start = 0
    for end in ends:
        clause = words[start:end]
        whole = " ".join(clause)
        asks = bool(_ASKS.search(whole)) and not _TELLS.search(whole)
        for draft in drafts:
            if start <= draft.start < end:
                before = " ".join(clause[: draft.start - start])
                wished = PLANNED.search(before)
                swapped = _SWAPPED.search(before)
                draft.planned = (
                    asks
                    or (swapped is not None and not _FOR.search(before, swapped.end()))
                    or _SOMEBODY_ELSE.search(before) is not None
                    or (wished is not None and not _ATE_SURELY.search(before, wished.end()))
                )
                if draft.planned and draft.food is None:
                    draft.said = []
        start = end
