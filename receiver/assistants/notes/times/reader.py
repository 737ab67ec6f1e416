"""Find what is said of a time among the words of a sentence, and what is left without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from receiver.assistants.notes.times.clock import MORNING, NIGHT, read_clock, read_part
from receiver.assistants.notes.times.coordination import Match, Series, is_joint, series_of
from receiver.assistants.notes.times.dates import read_day, read_span_from_now
from receiver.assistants.notes.times.repeats import read_repeat
from receiver.assistants.notes.times.when import OTHER_WEEKDAY, TWO_TIMES, Scene, When
from receiver.assistants.notes.times.words import Words, word_set

_LEADS = word_set(
    "at on by for from around about approximately roughly exactly until till starting beginning first next then "
    "say like"
)
"""What may stand before a time and goes with it."""

_AT = word_set("at by for around about from until till")
"""A bare number after one of these is a time of day."""

_ON = word_set("on by for from until till next")
"""A bare "the third" after one of these is a day."""

_OWNERS = word_set("the a an my our your his her their its this that another before after since")
"""A time after one of these belongs to what is beside it: "my three o'clock call", "the day before Christmas"."""

_OWNED_BY_US = word_set("reminder alarm")

_REPAIRS = word_set("no wait sorry actually rather correction oh or well hold on i mean meant make that it")
_REPAIRING = word_set("no wait sorry actually rather correction mean meant make")
"""One of these among the words between two times takes the first of them back."""

_AFTERTHOUGHTS = word_set("or so ish sharp exactly please")


@dataclass(frozen=True, slots=True)
class Reading:
    when: When
    used: frozenset[int]
    """The indices of the words that say it."""
    more: tuple[When, ...] = ()
    """The other times, where `several` may be said."""


def read_when(
    words: Words, scene: Scene, *, expected: bool = False, head: int = 0, several: bool = False
) -> Reading:
    """Where a time is `expected`, a bare number is one. Where not `several` may be, two are trouble.

    The first `head` words are those of the request ("remind me at nine to"): what they say of a time counts, and
    of the others ("book the table for eight") only what they leave open, the last of it.
    """
    scanned = _scan(words, scene, expected=expected)
    series = series_of(scanned, words)
    matches, used = _repaired(_with_first_only(scanned, series), words)
    kept: list[Match] = []
    for match in (match for match in matches if match.end <= head):
        clash = match.when.slots & _slots(kept)
        if clash and "clock" in clash and match.when.clock is not None:
            kept.append(replace(match, when=When(trouble=TWO_TIMES)))
        elif not clash:
            kept.append(match)
    for match in reversed([match for match in matches if match.end > head]):
        if not match.when.slots & _slots(kept):
            kept.append(match)
    for match in matches:
        if match in kept or match.when.trouble is not None:
            used |= set(range(match.start, match.end))
    used |= {index for match in matches for index in _between(words, match, kept)}
    when = When()
    for match in sorted(kept, key=lambda one: one.start):
        when = _together(when, match.when)
    for match in matches:
        if match.when.trouble is not None:
            when = replace(when, trouble=match.when.trouble)
    more: tuple[When, ...] = ()
    for one in series:
        if any(match.end == one.first.end for match in kept):
            used |= one.words
            more += one.rest(when)
            if one.choice or not several:
                when = replace(when, trouble=TWO_TIMES)
    return Reading(when, frozenset(used), more if several else ())


def _with_first_only(matches: list[Match], series: list[Series]) -> list[Match]:
    """Each series as its first time; the others follow from what is made of that."""
    firsts = {one.groups[0][0]: one.first for one in series}
    in_series = {match for one in series for group in one.groups for match in group}
    return [firsts.get(match, match) for match in matches if match in firsts or match not in in_series]


def timed(words: Words, scene: Scene) -> frozenset[int]:
    """The indices of all words that might say something of a time."""
    matches = _scan(words, scene, expected=False)
    return frozenset(index for match in matches for index in range(match.start, match.end))


def _slots(kept: list[Match]) -> frozenset[str]:
    return frozenset().union(*(match.when.slots for match in kept))


def _together(when: When, more: When) -> When:
    """In one breath: "at 21:30 this evening" keeps its time."""
    if more.minutes is not None:
        return more
    both = replace(when.with_(replace(more, trouble=None)), trouble=when.trouble or more.trouble)
    return replace(both, clock=when.clock) if both.clock is None else both


def _scan(words: Words, scene: Scene, *, expected: bool) -> list[Match]:
    matches: list[Match] = []
    at = 0
    while at < len(words):
        match = _match(words, at, scene, matches, expected=expected)
        if match is None:
            at += 1
            continue
        matches.append(match)
        at = match.end
    return matches


def _match(words: Words, at: int, scene: Scene, before: list[Match], *, expected: bool) -> Match | None:
    """What begins at this word, with the "at" or "on" that leads to it."""
    start = at
    while words.at(at) in _LEADS and at - start < 2:
        if words.at(at) == "first" and words.at(at + 1) in ("on", "today", "tomorrow", "tonight"):
            at += 1  # "First on Monday".
            continue
        # "At night", "from Monday to Friday" and "next Friday" are read as a whole.
        whole = _read(words, at, scene, led=words[start:at], expected=expected, after=False)
        if whole is not None:
            return replace(whole, start=start)
        at += 1
    led = words[start:at]
    adjacent = _is_adjacent(words, start, before)
    found = _read(words, at, scene, led=led, expected=expected and (adjacent or start == 0), after=adjacent)
    if found is None:
        return None
    # "Set a daily reminder" says when; "my nine o'clock call" does not.
    owned = not led and words.at(start - 1) in _OWNERS and words.at(found.end) not in _OWNED_BY_US
    return None if owned else replace(found, start=start)


def _is_adjacent(words: Words, start: int, before: list[Match]) -> bool:
    """Right after another time, or after what takes it back or adds to it."""
    if not before:
        return False
    end = before[-1].end
    return end == start or _is_repair(words, end, start, strict=False) or is_joint(words[end:start])


def _read(
    words: Words, at: int, scene: Scene, *, led: Sequence[str], expected: bool, after: bool
) -> Match | None:
    fold = _fold(words, at)
    if fold is not None:
        return fold
    repeat = read_repeat(words, at)
    if repeat is not None:
        return Match(repeat.when, at, repeat.end)
    if expected and at == 0 and (whole := read_span_from_now(words, scene)) is not None:
        return Match(whole.when, at, whole.end)
    # "At five in the afternoon" begins a clock, "in five minutes" a day.
    clock = read_clock(words, at)
    day = read_day(words, at, scene)
    if day is not None and not day.certain and not _ON.intersection(led) and not expected:
        # "On the first and the fifteenth at noon".
        listed = after and (_closes(words, day.end) or words.at(day.end) in _AT)
        day = day if listed else None
    bare = bool(_AT.intersection(led)) or expected or (after and _closes(words, clock.end if clock else at))
    if clock is not None and not clock.certain and not bare and not _part_follows(words, clock.end):
        clock = None
    if day is not None and (clock is None or day.end >= clock.end) and not {"at", "around"}.intersection(led):
        return Match(day.when, at, day.end)
    if clock is not None:
        end = clock.end
        while words.at(end) in _AFTERTHOUGHTS and (words.at(end) != "or" or words.at(end + 1) == "so"):
            end += 1
        return Match(When(clock=clock.clock), at, end)
    if day is not None:
        return Match(day.when, at, day.end)
    part = read_part(words, at)
    if part is None:
        return None
    bare_part = part[1] == at + 1
    if bare_part and not after and not (expected and at == 0):
        return None
    name = part[0]
    if bare_part and words.at(at) == "night" and "at" in led:
        name = NIGHT
    return Match(When(part=name), at, part[1])


def _closes(words: Words, at: int) -> bool:
    """The sentence, or its task, goes on after a time: "tomorrow nine thirty to call mum"."""
    return at >= len(words) or words.at(at) in (
        "to",
        "about",
        "that",
        "remind",
        "please",
        "and",
        "every",
        "on",
    )


def _part_follows(words: Words, at: int) -> bool:
    """ "Nine in the morning", "nine tomorrow", "nine tonight"."""
    part = read_part(words, at)
    return part is not None and (part[1] > at + 1 or part[0] != MORNING)


def _fold(words: Words, at: int) -> Match | None:
    if words.at(at) in ("before", "after") and tuple(words[at + 1 : at + 5]) == (
        "the",
        "clocks",
        "go",
        "back",
    ):
        return Match(When(fold=0 if words.at(at) == "before" else 1), at, at + 5)
    return None


def _is_repair(words: Words, start: int, end: int, *, strict: bool = True) -> bool:
    between = words[start:end]
    return (
        0 < len(between) <= 6
        and all(word in _REPAIRS or word in _LEADS for word in between)
        and (not strict or any(word in _REPAIRING for word in between))
        and any(word in _REPAIRS for word in between)
    )


def _repaired(matches: list[Match], words: Words) -> tuple[list[Match], set[int]]:
    """Without the times that were taken back ("at nine, no wait, ten"), and the indices of their words.

    Days told twice are one.
    """
    kept: list[Match] = []
    dropped: set[int] = set()
    for match in matches:
        before = next((one for one in reversed(kept) if one.when.slots & match.when.slots), None)
        if before is not None:
            same = _same_day(before.when, match.when) if before.end == match.start else None
            repair = _repair_before(words, match.start)
            if same is not None:
                kept.remove(before)
                match = replace(match, when=same, start=before.start)
            elif before is kept[-1] and _is_repair(words, before.end, match.start):
                kept.pop()
                match = replace(match, start=before.start)
            elif repair is not None and repair >= kept[-1].end:
                # "Tomorrow at ten to call, I mean on Friday".
                kept.remove(before)
                dropped |= set(range(before.start, before.end)) | set(range(repair, match.start))
        kept.append(match)
    return kept, dropped


def _repair_before(words: Words, end: int) -> int | None:
    """Where words that take back what was said begin, if they lead up to this one."""
    start = end
    while start > 0 and words.at(start - 1) in _REPAIRS:
        start -= 1
    return start if set(words[start:end]) & (_REPAIRING - {"sorry"}) else None


def _same_day(one: When, other: When) -> When | None:
    """ "Tomorrow, Sunday the 22nd": one day told twice. "Next month on the fifth": one in two parts."""
    if one.within is not None and other.dates and other.slots == {"day"}:
        return one.with_(other)
    if not one.dates or not other.dates or other.slots != {"day"}:
        return None
    both = tuple(day for day in other.dates if day in one.dates)
    return replace(one, dates=both or other.dates, trouble=other.trouble if both else OTHER_WEEKDAY)


def _between(words: Words, match: Match, kept: list[Match]) -> set[int]:
    """Commas and "and"s that stood between two times belong to neither."""
    if match not in kept:
        return set()
    following = match.end
    if words.at(following) in ("and", "then") and any(one.start == following + 1 for one in kept):
        return {following}
    return set()
