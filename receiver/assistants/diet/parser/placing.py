"""Which food was eaten when: every meal and day that was named takes the foods before or after it.

"For lunch soup, for dinner rice" and "soup for lunch and rice for dinner" hold the same words between the same
marks. A time takes the foods on one side of it; all times of a sentence are turned so that every food has one,
every named meal has a food, and as few as possible stand the other way round than the words around them say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.stretches import Timed
from receiver.assistants.diet.parser.tokens import at

MAX_TIMES = 8
"""Times of one turn that are weighed against each other; further ones are taken to stand before their foods."""

_NOTHING, _BEFORE, _AFTER = "", "takes what is before", "takes what is after"
_BREAKS = frozenset({".", ";", "then", "had", "ate", "drank", "but", "!", "?"})
_LATER = frozenset({"later", "then", "afterwards", "afterward", "after"})
"""What comes after one of these is no longer of the meal before."""

_LEADS = frozenset(
    {
        "for",
        "at",
        "my",
        "as",
        "a",
        "an",
        "on",
        "in",
        "around",
        "about",
        "during",
        "of",
        "the",
        "over",
        "until",
        "by",
    }
)


@dataclass(frozen=True, slots=True)
class _Mark:
    time: Timed
    leads: bool
    """Nothing but a link stands between it and what it follows: it begins something."""


def place(drafts: Sequence[Draft], times: Sequence[Timed], words: Sequence[str]) -> None:
    """Give each food its meal and its day."""
    _assign_days(drafts, times, words)
    named = [
        time
        for time in times
        if time.when.meal is not None and not time.denied and not _is_origin(time, words)
    ]
    marks = _without_doubled([_Mark(time, _leads(time, words)) for time in named], drafts)
    for draft, mark in _matched(drafts, marks, words):
        draft.meal = mark.time.when.meal


def _assign_days(drafts: Sequence[Draft], times: Sequence[Timed], words: Sequence[str]) -> None:
    days = [time for time in times if time.when.days_ago is not None and not _is_origin(time, words)]
    if len({time.when.days_ago for time in days}) == 1:
        for draft in drafts:
            draft.days_ago = days[0].when.days_ago
        return
    marks = [_Mark(time, _leads(time, words)) for time in days]
    for draft, mark in _matched(drafts, marks, words):
        draft.days_ago = mark.time.when.days_ago


def the_day(times: Sequence[Timed], words: Sequence[str]) -> int | None:
    """The day of the whole sentence, if it names one only."""
    days = {
        time.when.days_ago for time in times if time.when.days_ago is not None and not _is_origin(time, words)
    }
    return days.pop() if len(days) == 1 else None


def _is_origin(time: Timed, words: Sequence[str]) -> bool:
    """ "Leftover pizza from last night"."""
    return at(list(words), time.start - 1) == "from"


def _leads(time: Timed, words: Sequence[str]) -> bool:
    before = time.start - 1
    while before >= 0 and words[before] in _LEADS:
        before -= 1
    return (
        before < 0
        or not words[before].isalpha()
        or words[before] in ("and", "then", "but", "plus", "also", "well", "so")
    )


def _without_doubled(marks: list[_Mark], drafts: Sequence[Draft]) -> list[_Mark]:
    """Of a meal and a time of day side by side ("this morning for breakfast") the meal counts."""
    kept: list[_Mark] = []
    for mark in marks:
        if kept and not any(kept[-1].time.start < draft.start < mark.time.start for draft in drafts):
            if kept[-1].time.when.named and not mark.time.when.named:
                continue
            if mark.time.when.named and not kept[-1].time.when.named:
                kept[-1] = _Mark(mark.time, kept[-1].leads)
                continue
        kept.append(mark)
    return kept


def _matched(drafts: Sequence[Draft], marks: list[_Mark], words: Sequence[str]) -> list[tuple[Draft, _Mark]]:
    """Each food with the time that takes it."""
    if not marks or not drafts:
        return []
    gaps = [
        [draft for draft in drafts if (low < draft.start) and (draft.start < high)]
        for low, high in zip(
            [-1, *(mark.time.start for mark in marks)],
            [*(mark.time.start for mark in marks), len(words) + 1],
            strict=True,
        )
    ]
    weighed = marks[:MAX_TIMES]
    breaks = [_break_in(gap, words) for gap in gaps]
    best = min(product((_AFTER, _BEFORE, _NOTHING), repeat=len(weighed)), key=_weigher(weighed, gaps, breaks))
    turns = [*best, *[_AFTER] * (len(marks) - len(weighed))]
    matched = []
    for index, gap in enumerate(gaps):
        left = marks[index - 1] if index and turns[index - 1] == _AFTER else None
        right = marks[index] if index < len(marks) and turns[index] == _BEFORE else None
        split = breaks[index] if left and right else 0
        later = False
        for position, draft in enumerate(gap):
            if left and right:
                mark = left if position < split else right
            else:
                nearest = marks[index - 1] if index else marks[0]
                mark = left or right or nearest
                before = gap[position - 1].end if position else nearest.time.end
                later = later or (
                    not left and not right and bool(_LATER.intersection(words[before : draft.start]))
                )
                if later and not left and not right:
                    continue
            matched.append((draft, mark))
    return matched


def _break_in(gap: Sequence[Draft], words: Sequence[str]) -> int:
    """Where a run of foods falls in two: after the last "and I had" or full stop, else before its last food."""
    for position in range(len(gap) - 1, 0, -1):
        if _BREAKS.intersection(words[gap[position - 1].end : gap[position].start]):
            return position
    return max(len(gap) - 1, 1)


def _weigher(
    marks: Sequence[_Mark], gaps: Sequence[Sequence[Draft]], breaks: Sequence[int]
) -> Callable[[tuple[str, ...]], float]:
    def weight(turns: tuple[str, ...]) -> float:
        cost = 0.0
        for index, (mark, turn) in enumerate(zip(marks, turns, strict=True)):
            foods = gaps[index] if turn == _BEFORE else gaps[index + 1] if turn == _AFTER else ()
            if not foods:
                cost += 3.0 if mark.time.when.named else 1.0
            elif (turn == _AFTER) != mark.leads:
                cost += 1.0
            if index and turn != turns[index - 1]:
                cost += 0.4
        for index, gap in enumerate(gaps[: len(marks) + 1]):
            left = index > 0 and turns[index - 1] == _AFTER
            right = index < len(marks) and turns[index] == _BEFORE
            if gap and not left and not right:
                cost += 2.0
            if gap and left and right:
                cost += 4.0 if len(gap) == 1 else 0.8 if breaks[index] < len(gap) - 1 else 1.0
        return cost

    return weight
