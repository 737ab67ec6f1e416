"""What stands around the foods that are told: courtesies of a request, and thinking aloud.

"Can you put me down for a bagel" is no plan and "what was it, ah yes, a wrap" is no question. Both are said as
the plain sentence they stand for, but only where that tells of a food; a real question stays one.
"""

from __future__ import annotations

import re

from receiver.assistants.diet.parser.parser import parse
from receiver.assistants.diet.utterance import Utterance

_GAP = r"[\s,.?!…-]+"
_WRITE_DOWN = r"(?:write|put|note|jot|mark|pop|stick|get|take)"
_ON_THE_LIST = (
    r"(?:on|in|into|onto|to) (?:(?:my|the|your) (?:list|diary|log|record|day|tally|food diary)|there)"
)

_BEFORE = r"(?:hey|hi|hello|okay|ok|so|well|oh|and|also|then|now|please|sorry|coach|yes|no|um|uh|erm|er|hmm|ah|wait)"

_POLITE = re.compile(
    rf"(?i)^(?P<lead>(?:{_BEFORE}{_GAP})*)"
    r"(?:(?:can|could|would|will|may|might) (?:you|we|i)(?! mind\b| (?:get|ask) you\b)|(?:do|would) you mind|"
    r"i(?:'d| would) like (?:you )?to|i (?:want|need) (?:you )?to|(?:can|could) i (?:get|ask) you to)"
    r"(?: (?:please|just|also|maybe|possibly|quickly|kindly|then))* (?P<asked>.+)$"
)
_DOWN = rf"(?:{_WRITE_DOWN}|writing|putting|noting|jotting|marking)"
_COMMAND = re.compile(
    rf"(?i)^(?:{_DOWN} (?:me )?down(?: for)? (?P<down>.+)"
    rf"|{_DOWN} (?P<parted>.+?) down(?P<after_down>\b.*)"
    rf"|(?:put|pop|stick|chuck|enter|get|putting|popping) (?P<listed>.+?) {_ON_THE_LIST}(?P<after_list>\b.*)"
    r"|(?:have|get) (?!(?:you|i|we|they)\b)(?P<done>.+?) "
    r"(?:logged|added|noted|recorded|written down|put down|entered|tracked)(?P<after_done>\b.*)"
    r"|(?:log|add|record|track|enter|note|register|logging|adding|recording|tracking|entering|"
    r"noting) (?!up\b)(?:in )?(?P<logged>.+))$"
)

_THINKING = re.compile(
    rf"(?i)(?:^|(?<=[\s,.])(?=what\b))(?:{_BEFORE}{_GAP})*"
    r"(?:what (?:was (?:it|that|it called|the other thing|the name)|(?:did|have) (?:i|we) (?:have|had|eat|eaten)|"
    r"do you call it|(?:is|'s) it called|(?:is|'s) the word)|what's it called|how do you say|"
    r"let me (?:think|see|remember)|let's see)"
    rf"(?: (?:again|now|today|then|i think|there|for (?:breakfast|lunch|dinner)))*{_GAP}"
)
_FOUND = re.compile(
    rf"(?i)^(?:(?:oh|ah|aha|yes|yeah|um|uh|erm|er|hmm|right|well|okay|ok|i know|i remember|that's it|got it|of course|"
    rf"i think|it was|that was|i had){_GAP})+"
)
_AGAIN = re.compile(r"(?i)\b(?:again|now|let me (?:think|see|remember)|let's see)[\s,.?!…-]+$")
_ASKS_ON = re.compile(
    r"(?i)^(?:that|which|who|i|we|for|with|in|on|at|from|about|after|before|did|do|was|is|are)\b"
)
_NO_IT_WAS = re.compile(
    r"(?i)^(?:(?:no|nope|nah)[\s,]+)+(?=(?:the|my|those) \w+(?: \w+)? (?:was|were) (?!not (?!\S+ but\b)))"
)
""" "No the eggs were three" puts the eggs right; "no eggs" denies them."""
_ASKS_FOR = re.compile(r"(?i)\b(?:how|what|whether|if|which|calories|protein|carbs|fat in)\b")


def as_meant(text: str, *, expecting: bool) -> Utterance:
    """What the sentence says, as it is meant."""
    text = _NO_IT_WAS.sub("", text)
    for reworded in (_requested(text), _thought(text)):
        if reworded is not None:
            said = parse(reworded, expecting=expecting)
            if any(mention.food and not mention.planned for mention in said.mentions):
                return said
    return parse(text, expecting=expecting)


def _requested(text: str) -> str | None:
    """ "Log a bagel", of "would you please put me down for a bagel"."""
    polite = _POLITE.match(text)
    command = _COMMAND.match(polite["asked"] if polite else text)
    if command is None or _ASKS_FOR.search(command.group()):
        return None
    parts = [part.strip() for part in command.groups() if part and part.strip()]
    told = " ".join(parts)
    if re.match(r"(?i)(?:that )?(?:i|we)\b", told):
        # "Note that I had eggs": the rest is a sentence by itself.
        return f"{polite['lead'] if polite else ''}{told.removeprefix('that ')}"
    return f"{polite['lead'] if polite else ''}log {told}"


def _thought(text: str) -> str | None:
    """What came to mind: "a chicken wrap", of "what was it, ah yes, a chicken wrap"."""
    lead = _THINKING.search(text)
    if lead is None:
        return None
    rest = text[lead.end() :]
    found = _FOUND.match(rest)
    if found is not None:
        rest = rest[found.end() :]
    elif not _AGAIN.search(lead.group()) or _ASKS_ON.match(rest):
        return None
    return f"{text[: lead.start()]} {rest}".strip()
