"""What was said, read as questions about one's money: with corrections, and what refers to the question before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from receiver.assistants.bank import kinds
from receiver.assistants.bank.ahead import balance_ahead, spending_ahead
from receiver.assistants.bank.following import MORE, ONE_BEFORE, following, is_single, more, refers
from receiver.assistants.bank.fresh import bare, fresh
from receiver.assistants.bank.money_words import COMING
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.question import Question, Span, today
from receiver.assistants.bank.relative_days import earlier, relative_days
from receiver.assistants.bank.slots import clean, read_slots, without_payday
from receiver.assistants.bank.wording import reworded
from receiver.bank.number_words import normalise
from receiver.bank.periods import period_of

MAX_QUESTIONS = 3
"""In one turn."""

MAX_CHARS = 600
"""What is said beyond that is not read: nobody asks for so long."""

CORRECTED = Pattern(
    r"\b(?:no wait|no sorry|wait no|sorry i meant|no i meant?|no actually|i meant?|or rather|scratch that"
    r"|make that"
    r"|no make (?:it|that)|(?<!on )(?:hang|hold) on(?! (?:the|my|our))|correction"
    r"|wait sorry|oh sorry|sorry no|no no|i should say|actually no"
    r"|(?<!what )(?:no |sorry )?i (?:said|asked (?:about|for)|was asking about|was after)"
    r"|oops|whoops"
    r"|(?:um+|uh+|erm?|ah)(?= (?:how (?:much|many|often)|what|when|which|where|who|did|have|has|show)\b)"
    r"|(?:my|the|i|a|we)(?= (?:how (?:much|many|often)|what (?:did|have|was|is)|when (?:did|was)|where did)\b))\b"
)

_BARE_NO = Pattern(
    r"(?P<name>\b(?:at|on|in|from|to|for) (?:\S+ ){1,2}?)(?:(?:uh|um|er|erm|oh|or|well|actually|sorry) )*no "
    r"(?=(?!more|less|longer|one|idea|later|wait|no|sorry|i|not|make|actually|refunds?|money|problem|worries)\w)"
)
""" "At Coles, no, Woolies": there it corrects, and needs no other word."""
_SAID_AND_NOT = Pattern(
    r"\b(?P<name>\w{3,})(?P<more>(?: \w+){0,2}?)(?: (?:well|actually|sorry|oh|uh|um|er|no"
    r"|wait))+ not (?:at |on |in )?(?P=name)\b"
)
""" "At Coles, well, not Coles, Aldi"."""
_NOT_OWN = Pattern(
    r"^(?:(?:so|hey|um|and|well) )*(?:how much (?:is|are|does|would|do) (?:an?|one) (?!week|month"
    r"|day|year|fortnight|typical"
    r"|average|normal|usual)(?!.*\b(?:my|our|i|we|me|us)\b)|what(?:'s| is) the (?:price|cost) of (?!my|our)"
    r"|how much (?:is|are) (?!my|our|the|that|this|it|left|there|in)(?:\S+ ){1,3}worth\b|remind me\b"
    r"|what(?:'s| is) \d+ )"
    r"|\bshould (?:i|we)\b"
)
"""Prices and advice: nothing that the bank knows of."""

_SPENDING_ACCOUNT = Pattern(
    r"(?:(?:no|not|just|only|and|what|how|about|in|the|my|is) )*spending(?: (?:one|1|account))?"
)
""" "Just the spending one", after a balance."""

_NET = Pattern(
    r"\b(?:am|are|was|were|did) (?:i|we) (?:up or down|ahead or behind|in the (?:black|red|green)"
    r"|in front|come out ahead)\b"
    r"|\b(?:earn\w*|income|came in|made|make|got paid)\b.*\b(?:than|minus|versus|vs|against|compared)\b.*"
    r"\b(?:spen[dt]|spending|went out|expenses)\b"
    r"|\b(?:spen[dt]|spending|went out|expenses)\b.*\b(?:than|minus|versus|vs|against|compared)\b.*"
    r"\b(?:earn\w*|income|came in|made|make|got paid)\b"
)
_SAVED = Pattern(
    r"\bhow much(?: money)? (?:did|do|have|had) (?:i|we)(?: \w+)? (?:save|saved|put away|set aside)\b"
    r"(?! (?:in|into|for)\b)|^(?:did|have) (?:i|we) (?:save|saved|put away|put aside) (?:any|much|some|anything)\b"
)
"""What was saved in some days is what came in, and what of it was spent."""
_CHANGED = Pattern(
    r"^(?:am|are|have|did) (?:i|we)\b(?: \w+)? (?:spending|spend|spent) (?:more"
    r"|less)\b(?!.*\b(?:than|or|usual|normal)\b)"
    r"|\b(?:cut|cutting) (?:down|back)\b|^(?:am|are|have) (?:i|we) (?:do|doing|done"
    r"|did) (?:any )?(?:better|worse) (?:on|with|at)\b"
)
""" "More", and nothing that it is more than."""
_NOT_BUT = Pattern(r"^(?:no )?not (?:the |at |on |in )?(?:\S+ ){1,4}?(?:just|but|only) ")
""" "Not Uber Eats, just Uber"."""
_BUT_THAT = Pattern(r"\b(?:well )?not (?:the |at |on |in |for )?(?:\S+ ){1,3}?but (?:rather |instead )?")
""" "On, well, not groceries but eating out"."""
_SAYS_NOT_WHAT = Pattern(
    r"\b(?:on|at|for) (?:(?:that|this|the|those|these) (?:thing|things|stuff|place|shop|one|1|other thing)|it|them)$"
)
""" "How much was spent on the thing", where nothing was talked about before: that is asked back."""
_GOES_ON = Pattern(r"(?:(?:um|uh|so|ok|okay|yes|yeah|right|great|thanks) )*(?:and|or|what about|how about)\b")
_NEXT = Pattern(
    r"\b(?:and|then|also)\b(?: also| then| please)? (?=(?:how (?:much|many|often)|what(?:'s)?|when (?:did"
    r"|was)"
    r"|which|show|list|do i|did i|have i|is my|is there|are there|any pending|any refunds)\b)"
)


def read_questions(text: str, last: Question | None, now: datetime, zone: ZoneInfo) -> list[Question]:
    """At most three; none where it is no question that could be made out. `last` is what was asked before."""
    said = normalise(text[:MAX_CHARS])
    if _NOT_OWN.search(said):
        return []
    questions: list[Question] = _in_and_out(said, now, zone)
    for part in _parts(said) if not questions else ():
        question = _read_corrected(part, questions[-1] if questions else last, now, zone)
        if question is not None and question not in questions:
            questions.append(question)
    # As they come back from a state: names that are too long are cut off.
    return [Question.from_json(question.as_json()) for question in questions[:MAX_QUESTIONS]]


def _in_and_out(said: str, now: datetime, zone: ZoneInfo) -> list[Question]:
    """ "Did I earn more than I spent" is two questions."""
    period = next(iter(read_slots(clean(said), now, zone).periods), None)
    if _NET.search(said) is None and (period is None or _SAVED.search(said) is None):
        return []
    return [
        Question("income", period=period or _this_month(now, zone), flow="in"),
        Question("spending", period=period),
    ]


def _this_month(now: datetime, zone: ZoneInfo) -> Span:
    return Span.of(period_of("month", now, zone), zone)


def _parts(said: str) -> list[str]:
    parts, start = [], 0
    for found in _NEXT.finditer(said):
        if kinds.kind_of(reworded(clean(said[start : found.start()]))) is not None:
            parts.append(said[start : found.start()])
            start = found.end()
    return [*parts, said[start:]]


def _read_corrected(said: str, last: Question | None, now: datetime, zone: ZoneInfo) -> Question | None:
    """ "at Coles, no wait, Aldi": what comes after the correction is read as of what came before it."""
    before: Question | None = last
    read = None
    said = _SAID_AND_NOT.sub(r"\g<name>\g<more> no wait", _BARE_NO.sub(r"\g<name>no wait ", said))
    pieces = [piece.strip() for piece in CORRECTED.split(said)]
    for piece in pieces:
        if not piece or piece in ("no", "sorry"):
            continue
        goes_on = _GOES_ON.match(piece) is not None
        found = _read(reworded(clean(piece)), before, now, zone, corrects=read is not None, goes_on=goes_on)
        if found is not None:
            before = read = found
    return read


def _read(
    said: str,
    last: Question | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    corrects: bool = False,
    goes_on: bool = False,
) -> Question | None:
    said = _BUT_THAT.sub("", _NOT_BUT.sub("", said))
    if not said:
        return None
    if last is not None and (MORE.fullmatch(said) or (is_single(last) and ONE_BEFORE.search(said))):
        return more(last)
    said, since_pay = without_payday(said)
    relative = None if since_pay else relative_days(said, last, now, zone)
    if relative is not None:
        span, said_rest = relative
    else:
        span, said_rest = None, said
    kind = kinds.kind_of(said_rest)
    if _is(last, "balance") and _SPENDING_ACCOUNT.fullmatch(said_rest):
        kind = None
    slots = read_slots(
        said_rest, now, zone, about_accounts=kind == "balance" or (kind is None and _is(last, "balance"))
    )
    slots = replace(slots, since_pay=since_pay)
    if span is not None:
        slots = replace(slots, periods=(*slots.periods, span))
    if last is not None and (
        kind is None
        or corrects
        or refers(
            said,
            slots,
            kind,
            goes_on=goes_on,
            last_has_subject=bool(last.merchant or last.categories or last.tag),
        )
    ):
        return following(said, kind, slots, last, now, zone)
    if kind is None:
        return bare(slots)
    if kind == "spending" and not slots.has_subject and _SAYS_NOT_WHAT.search(slots.rest):
        return None
    question = fresh(kind, slots)
    if question is None:
        return None
    if kind == "regular":
        return _expecting(question, said, now, zone)
    question = _than_before(spending_ahead(question, said), said, now, zone)
    return balance_ahead(question, said, today(now, zone))


def _expecting(question: Question, said: str, now: datetime, zone: ZoneInfo) -> Question:
    """What comes out by itself lies ahead; of days that are over, it is what came out."""
    on = today(now, zone)
    if question.period is not None and question.period.last < on:
        return replace(question, kind="transactions", flow="out")
    if (
        COMING.search(said)
        and not question.merchant
        and len(question.categories) != 1
        and question.period is None
        and question.flow != "salary"
    ):
        return replace(question, period=Span(on, on + timedelta(days=30), "in the next month"))
    return question


def _than_before(question: Question, said: str, now: datetime, zone: ZoneInfo) -> Question:
    """ "Have I cut down on eating out", "are we spending more": than in the days before these."""
    plain = question.against is None and question.by == "none" and question.per is None
    if question.kind != "spending" or not plain or _CHANGED.search(said) is None:
        return question
    span = question.period or _this_month(now, zone)
    return question if span.first is None else replace(question, period=span, against=earlier(span, None))


def _is(last: Question | None, kind: str) -> bool:
    return last is not None and last.kind == kind
