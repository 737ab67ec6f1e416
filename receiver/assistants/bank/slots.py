"""The parts of a question that its words name: days, amounts, tag, account, category, merchant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from receiver.assistants.bank.leaving_out import without
from receiver.assistants.bank.question import By, Span
from receiver.assistants.bank.slot_words import CATEGORY_STOPS, JOINING, STOPS
from receiver.bank.amounts import find_bounds
from receiver.bank.category_words import find_category, part_of
from receiver.bank.number_words import normalise
from receiver.bank.periods import find_periods
from receiver.bank.weekdays import FoundWeekdays, Weekdays, find_weekdays

_COURTESIES = re.compile(
    r"^(?:(?:so|um+|uh+|erm?|ah|oh|hmm+|well|okay|ok|right|hey|hi|hello|now|then|and|also|please|yeah|yes"
    r"|like|just|sorry|oops|righto|rightio|righty|listen|look|g'day|excuse me|no worries"
    r"|good (?:morning|afternoon|evening)|(?:i was |i am |i'm )?(?:just )?wondering(?: if)?|do you know"
    r"|any idea"
    r"|(?:can|could|would|will) (?:you|i)(?: (?:please|just|quickly|maybe|possibly))?"
    r" (?:tell me|show me|check|find out|look up|see|know|let me know|give me|have a look(?: at)?"
    r"|work out|say)"
    r"|(?:can|could|would|will) you(?: please)?|(?:i'd|i would) (?:like|love) to (?:know|see|hear|find out)"
    r"|i (?:want|need|wanna) to (?:know|see|hear|find out)|i wanna (?:know|see)|tell me|let me know"
    r"|you know|quick question"
    r"|actually|alright|all right|mate|thanks|thank you|cheers|up|computer|bank) )+"
)
_ENDINGS = re.compile(
    r"(?: (?:please|thanks|thank you|cheers|mate|um+|uh+|ok|okay|you know|do you know|if you can|for me"
    r"|then))+$"
)
_SPELT_OUT = re.compile(r"(?<![\w'$])[a-z](?: [a-z])+(?![\w'])")
_INNER = re.compile(
    r"\b(?:um+|uh+|erm?|hmm+|you know|i mean like|sort of|kind of|actually|basically|roughly)\b ?"
)

_TAG = re.compile(
    r"\b(?:(?:i |we |that (?:are|were|is) |is |are |which i )*(?:have |has |had )?tagged(?: as| with)?"
    r"|\bdid (?:i|we) tag(?: as| with)?|(?:with|under|for|by) (?:the|my) tag"
    r"|the tag|hashtag|hash tag) (?P<after>(?:called |named )?.+?)(?= (?:cost|costs|since|in|on|at|from"
    r"|over|under|so far)\b|$)"
    r"|\b(?:the |my )(?P<before>[\w' ]{1,30}?) tag\b"
)
_ACCOUNT = re.compile(
    r"\b(?:from|out of|in|into|on|with|using|for|of|to|leave|left|leaving|via) (?:(?:my|the|our) )?"
    r"(?P<name>(?:[\w']+ ){0,3}?(?:accounts?|savers?|savings?|funds?|2 ?up"
    r"|(?<=joint )card|(?<=shared )card|(?<=debit )card|(?<=everyday )card)(?: spending| accounts?)?)\b"
    r"(?! (?:rate|rates|interest))"
)

_SINCE_PAY = re.compile(
    r"\b(?:(?:ever )?since|from|after) (?:(?:my|the|our|i|we|i've|last|latest|most recent|got|get|was|were|been) )*"
    r"(?:paid|pay ?day|pay ?che(?:ck|que)|pay|salary|wages?)(?: day)?(?: (?:came|went) in)?\b(?! (?:before|rise|for))"
    r"|\bthis pay (?:cycle|period|run)\b"
)
_BESIDE = re.compile(r" (?:versus|vs|or|against|than|compared (?:to|with)|as opposed to|rather than) ")
""" "Woolies versus Aldi"."""

_PREPOSITIONS = r"at|from|with|to|on|for|in|of|by|into|via"


_MAX_MERCHANT_WORDS = 5

_WHO_GAVE = re.compile(
    r"\b(?:did|has|have|does) (?P<who>(?!i\b|we\b|you\b).+?) (?:send|sent|pay|paid|give|gave|given"
    r"|transfer(?:red)?|owed?) (?:me|us)\b"
)
_LEFT_OUT = re.compile(
    r"\b(?:of all|in all|all up|in total|so far|at all|on average|at the moment|right now|by now)\b"
)


@dataclass(frozen=True, slots=True)
class Slots:
    text: str
    """All that was said, normalised, without courtesies."""
    rest: str
    """The same without the days, amounts, tag and account."""
    periods: tuple[Span, ...] = ()
    least: int | None = None
    most: int | None = None
    weekdays: Weekdays = ()
    by: By = "none"
    """Days of the week that are set against each other: "on weekends or weekdays"."""
    since_pay: bool = False
    tag: str | None = None
    account: str | None = None
    several: bool = False
    """More than one merchant, or category, to be set side by side."""
    categories: tuple[str, ...] = ()
    part: str | None = None
    """Of the category: `Question.part`."""
    merchant: str | None = None
    beside: str | None = None
    but_categories: tuple[str, ...] = ()
    but_merchant: str | None = None

    @property
    def has_subject(self) -> bool:
        return bool(self.categories or self.merchant or self.tag)

    @property
    def empty(self) -> bool:
        return not (
            self.has_subject
            or self.periods
            or self.weekdays
            or self.since_pay
            or self.account
            or self.but_categories
            or self.but_merchant
            or self.least is not None
            or self.most is not None
        )


_LONG = {
    "whats": "what's", "hows": "how's", "wheres": "where's", "whens": "when's", "whos": "who's", "ive": "i've",
    "im": "i'm", "id": "i'd", "what'd": "what did", "how'd": "how did", "where'd": "where did", "when'd": "when did",
    "havent": "haven't", "hasnt": "hasn't", "didnt": "didn't", "dont": "don't", "isnt": "isn't", "doesnt": "doesn't",
    "nah": "no", "youse": "you", "yous": "you", "ya": "you",
    "gimme": "give me", "lemme": "let me", "dunno": "do not know", "wanna": "want to", "gonna": "going to",
    "what're": "what are", "what've": "what have", "where've": "where have", "how've": "how have",
}  # fmt: skip


def clean(text: str) -> str:
    """Normalised, and without what is said before and after a question out of courtesy."""
    said = " ".join(_LONG.get(word, word) for word in normalise(text).split())
    said = _INNER.sub("", f"{said} ").strip()
    said = _COURTESIES.sub("", f"{said} ").strip()
    said = re.sub(r"^(?:run|walk|take) (?:me|us) through ", "show ", said)
    said = re.sub(r"^(?:give|get|read|fetch|pull up|bring up) (?:me |us |out )?(?=\w)", "show ", said)
    return _SPELT_OUT.sub(_letters_joined, _ENDINGS.sub("", said).strip())


def _letters_joined(found: re.Match[str]) -> str:
    """ "r a c v" is one name; "i" and "a" before it are words."""
    letters = found[0].split()
    words = []
    while len(letters) > 1 and letters[0] in ("i", "a") and (len(letters) == 2 or letters[0] == "i"):
        words.append(letters.pop(0))
    return " ".join([*words, "".join(letters)])


def without_payday(said: str) -> tuple[str, bool]:
    """Without "since payday", and whether that was said."""
    found = _SINCE_PAY.search(said)
    return (said, False) if found is None else (_without(said, found), True)


def read_slots(said: str, now: datetime, zone: ZoneInfo, *, about_accounts: bool = False) -> Slots:
    """`said` is `clean`. `about_accounts`: what is left names an account, not a merchant."""
    weekdays = find_weekdays(said)
    found, rest = find_periods(said if weekdays is None else weekdays.rest, now, zone)
    rest = " ".join(
        word for word in rest.split() if word not in ("'s", "s")
    )  # "last month's" without its days
    slots = Slots(said, rest, tuple(Span.of(period, zone) for period in found))
    if weekdays is not None:
        slots = replace(slots, weekdays=_all_or(weekdays.days), by=_set_against(weekdays, said))
    rest, left_out = without(rest)
    if left_out is not None:
        one = _with_one_subject(slots, left_out)
        slots = replace(slots, but_categories=one.categories, but_merchant=one.merchant)
    amounts = find_bounds(rest)
    if amounts is not None and not re.search(r"\b(?:7 11|seven eleven)\b", rest):
        slots = replace(slots, least=amounts.bounds.least, most=amounts.bounds.most)
        rest = amounts.rest
    tag = _TAG.search(rest)
    if tag is not None:
        name = _bare(tag["after"] or tag["before"] or "", frozenset({"called", "named", "the", "my", "as"}))
        if name:
            slots = replace(slots, tag=name)
            rest = _without(rest, tag)
    account = _ACCOUNT.search(rest)
    if account is not None:
        # "My account" is all there are.
        named = account["name"] if account["name"] not in ("account", "accounts") else None
        slots = replace(slots, account=named)
        rest = _without(rest, account)
    slots = replace(slots, rest=rest)
    return slots if about_accounts or slots.tag else _with_subject(slots, rest)


def _all_or(days: Weekdays) -> Weekdays:
    return () if len(days) == 7 else days


def _set_against(found: FoundWeekdays, said: str) -> By:
    if found.parts_of_the_week:
        return "weekpart"
    against = re.search(r"\b(?:or|than|versus|vs|against|compared?)\b", said)
    return "weekday" if len(found.groups) > 1 and against else "none"


def _with_subject(slots: Slots, rest: str) -> Slots:
    """One merchant or some categories; or several of either, one beside the other."""
    sides = [_with_one_subject(slots, side) for side in _BESIDE.split(f" {rest} ")]
    if len(sides) > 1:
        categories = tuple(dict.fromkeys(one for side in sides for one in side.categories))
        if all(side.categories for side in sides) and len(categories) > 1:
            return replace(slots, categories=categories, several=True)
        if all(side.merchant for side in sides):
            return replace(slots, merchant=" and ".join(side.merchant or "" for side in sides), several=True)
    found = _with_one_subject(slots, rest)
    return replace(found, part=part_of(found.categories, rest))


def _with_one_subject(slots: Slots, rest: str) -> Slots:
    """By what follows a preposition; else by what is left when all words are away that name nothing."""
    rest = _LEFT_OUT.sub(" ", rest)
    giver = _WHO_GAVE.search(rest)
    if giver is not None:
        return replace(slots, merchant=_merchant(giver["who"]))
    for preposition, phrase in _phrases(rest):
        categories = _categories(phrase, whole=preposition in ("at", "from", "to", "with"))
        if categories:
            return replace(slots, categories=categories)
        merchant = _merchant(phrase)
        if merchant is not None:
            return replace(slots, merchant=merchant)
    categories = _categories(rest, whole=False)
    if categories:
        return replace(slots, categories=categories, beside=_left_over(_without_category(rest)))
    return replace(slots, merchant=_left_over(rest))


def _without_category(rest: str) -> str:
    found = find_category(rest)
    return rest if found is None else found.rest


def _phrases(rest: str) -> list[tuple[str, str]]:
    """Each preposition and what follows it up to the next one; "at" first, then in their order."""
    pieces = re.split(rf"(?:^| )({_PREPOSITIONS})(?= )", f" {rest}")
    found = [(pieces[at], pieces[at + 1].strip()) for at in range(1, len(pieces) - 1, 2)]
    return sorted(found, key=lambda pair: pair[0] != "at")


def _categories(phrase: str, *, whole: bool) -> tuple[str, ...]:
    """All that it names; `whole`: only where it is nothing else besides."""
    ids: list[str] = []
    rest = phrase
    for _ in range(4):
        found = find_category(rest)
        if found is None:
            break
        ids += [one for one in found.ids if one not in ids]
        rest = found.rest
    if whole and [word for word in rest.split() if word not in CATEGORY_STOPS and word not in STOPS]:
        return ()
    return tuple(ids)


def _merchant(phrase: str) -> str | None:
    words = _bare(phrase, STOPS).split()
    return " ".join(words[:_MAX_MERCHANT_WORDS]) or None


def _bare(phrase: str, stops: frozenset[str]) -> str:
    """Without stop words at its ends; what comes after one in the middle is something else, unless "and" joins it."""
    words = phrase.split()
    while words and words[0] in stops:
        words.pop(0)
    while words and words[-1] in stops:
        words.pop()
    for at, word in enumerate(words):
        if word in stops and word not in JOINING:
            return " ".join(words[:at])
    return " ".join(words)


def _left_over(rest: str) -> str | None:
    """The longest run of words that mean nothing else."""
    best: list[str] = []
    run: list[str] = []
    for word in [*rest.split(), ""]:
        if word and word not in STOPS and word not in _PREPOSITIONS.split("|") and word != "$":
            run.append(word)
        else:
            best, run = (run if len(run) > len(best) else best), []
    if not best or len(best) > _MAX_MERCHANT_WORDS or (len(best) == 1 and best[0].isdigit()):
        return None
    return " ".join(best)


def _without(text: str, found: re.Match[str]) -> str:
    return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
