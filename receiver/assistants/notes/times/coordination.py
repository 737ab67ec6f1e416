"""Several times for one thing: "in half an hour and again in an hour", "Saturday and Sunday at ten", "five or six"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from receiver.assistants.notes.times.clock import Clock
from receiver.assistants.notes.times.when import When
from receiver.assistants.notes.times.words import Words, word_set

_JOINTS = word_set("and again then also plus once more another one")
_JOINING = word_set("and again also plus")
"""What may stand between two times that both count, and what of it must."""

_CHOICES = word_set("or maybe perhaps possibly")
_CHOOSING = word_set("or maybe perhaps")
"""The same of two times of which one counts."""

_AGAIN = (("and", "again"), ("then", "again"), ("and", "then", "again"), ("and", "once", "more"), ("again",))
"""At the end, these join a time to one that was said long before: "at five to call Tom and again at six"."""


@dataclass(frozen=True, slots=True)
class Match:
    when: When
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Series:
    """Times that are joined, each of matches that lie side by side."""

    groups: tuple[tuple[Match, ...], ...]
    joints: frozenset[int]
    """The indices of the words that join them."""
    choice: bool
    """One of them counts, and which is not known."""

    @property
    def first(self) -> Match:
        """The first time, as one match."""
        when = merged(self.groups[0])
        for group in self.groups[1:]:
            when = _completed(when, merged(group))
        return Match(when, self.groups[0][0].start, self.groups[0][-1].end)

    @property
    def words(self) -> frozenset[int]:
        """The indices of all its words."""
        matches = (match for group in self.groups for match in group)
        return self.joints.union(*(range(match.start, match.end) for match in matches))

    def rest(self, first: When) -> tuple[When, ...]:
        """The other times; what they leave out is as in the time before."""
        if self.choice:
            return ()
        times = [first]
        for group in self.groups[1:]:
            times.append(following(times[-1], merged(group)))
        return tuple(times[1:])


def merged(matches: Sequence[Match]) -> When:
    return reduce(When.with_, (match.when for match in matches), When())


def is_joint(between: Sequence[str]) -> bool:
    """A time before these words and one after them both count, or one of the two."""
    return _joins(between) or _chooses(between)


def series_of(matches: Sequence[Match], words: Words) -> list[Series]:
    """All series; no match is in two of them."""
    found: list[Series] = []
    at = 0
    while at < len(matches):
        groups, joints, choice, end = _series_at(matches, at, words)
        if len(groups) > 1:
            found.append(Series(tuple(groups), frozenset(joints), choice))
        at = end
    return found


def _series_at(
    matches: Sequence[Match], at: int, words: Words
) -> tuple[list[tuple[Match, ...]], set[int], bool, int]:
    """The groups from a match on, the words that join them, and the index of the match after them."""
    groups: list[tuple[Match, ...]] = [(matches[at],)]
    joints, choice = set[int](), False
    at += 1
    while at < len(matches):
        before, match = groups[-1][-1], matches[at]
        between = words[before.end : match.start]
        clash = _clash(merged(groups[-1]), match.when, joined=bool(between))
        if match.when.trouble is not None:
            break
        if not between and not (clash and _two_weekdays(before.when, match.when)):
            if clash:
                break
            groups[-1] = (*groups[-1], match)
        elif clash and not choice and (joint := _joint(between, match, matches, words)) is not None:
            groups.append((match,))
            joints |= set(range(match.start - joint, match.start))
        elif clash and _chooses(between):
            groups.append((match,))
            joints |= set(range(before.end, match.start))
            choice = True
        else:
            break
        at += 1
    return groups, joints, choice, at


def _joint(between: Sequence[str], match: Match, matches: Sequence[Match], words: Words) -> int | None:
    """How many words before the match join it to what was said before; None if they do not."""
    if not between or _joins(between):
        return len(between)
    if matches[-1].end == len(words):
        for again in sorted(_AGAIN, key=len, reverse=True):
            if tuple(between[-len(again) :]) == again:
                return len(again)
    return None


def _joins(between: Sequence[str]) -> bool:
    return 0 < len(between) <= 4 and set(between) <= _JOINTS and bool(_JOINING.intersection(between))


def _chooses(between: Sequence[str]) -> bool:
    return 0 < len(between) <= 3 and set(between) <= _CHOICES and bool(_CHOOSING.intersection(between))


def _clash(one: When, other: When, *, joined: bool) -> bool:
    """Both say the same of a time; "tomorrow and every Monday" are two, "Friday every week" is one."""
    days = {"day", "repeat"}
    return bool(one.slots & other.slots) or bool(joined and one.slots & days and other.slots & days)


def _two_weekdays(one: When, other: When) -> bool:
    """ "Monday Wednesday": with nothing between them, as lists are spoken."""
    days = one.dates, other.dates
    return all(len(two) == 2 and (two[1] - two[0]).days == 7 for two in days) and days[0] != days[1]


def _has_day(when: When) -> bool:
    return bool(when.dates) or when.within is not None or when.repeat is not None or when.minutes is not None


def _completed(first: When, later: When) -> When:
    """With what is said once, after the last: "Saturday and Sunday at ten", "nine and five in the afternoon"."""
    if first.minutes is not None or later.minutes is not None:
        return first
    changes = first
    repeat = later.repeat
    if (
        len(first.dates) > 1
        and first.repeat is None
        and repeat is not None
        and repeat.day
        and repeat.unit == "month"
    ):
        # "The first and the fifteenth of every month".
        changes = replace(changes, dates=(), repeat=replace(repeat, day=first.dates[0].day))
    if not _has_day(first) and _has_day(later):
        changes = replace(changes, dates=later.dates, within=later.within, repeat=later.repeat)
    if first.clock is None and first.part is None:
        return replace(changes, clock=later.clock, part=later.part)
    until = None if _has_day(first) and _has_day(later) else _known(later)
    if first.clock is not None and not first.clock.fixed and first.part is None and until is not None:
        halves = [half for half in first.clock.halves() if half < (until.hour, until.minute)]
        hour, minute = halves[-1] if halves else first.clock.halves()[0]
        changes = replace(changes, clock=Clock(hour, minute, fixed=True))
    return changes


def following(before: When, when: When) -> When:
    """With what is said once, before the first: "tomorrow at nine and at ten". Times are told in their order."""
    if when.minutes is not None or before.minutes is not None:
        return when
    changes, same_day = when, not _has_day(when)
    if same_day:
        changes = replace(changes, dates=before.dates, within=before.within, repeat=before.repeat)
    if when.clock is None and when.part is None:
        return replace(changes, clock=before.clock, part=before.part, same_time=before.same_time)
    return after_that(before, changes) if same_day else changes


def after_that(before: When, when: When) -> When:
    """A time of the same day, in the half of it that comes after the time before: "nine in the morning and five"."""
    since = _known(before)
    if when.clock is None or when.clock.fixed or when.part is not None or since is None:
        return when
    halves = [half for half in when.clock.halves() if half > (since.hour, since.minute)]
    hour, minute = halves[0] if halves else when.clock.halves()[-1]
    return replace(when, clock=Clock(hour, minute, fixed=True))


def _known(when: When) -> Clock | None:
    """Its time of day, if the half of the day is known."""
    if when.clock is None:
        return None
    clock = when.clock.in_part(when.part) if when.part is not None else when.clock
    return clock if clock.fixed else None
