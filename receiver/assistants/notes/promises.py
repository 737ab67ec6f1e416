"""What somebody said they would do or asked for: "I'll send the report by Friday", "could you call the plumber".

By the words that lead to it, as a stretch of what was said, so that nothing is in it that was not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["promise", "request"]

MAX_CLAUSE_CHARS = 300
"""A longer one, of speech without a stop, is cut at a word."""

_I = r"(?:i|we)"
_LEADS: tuple[tuple[Kind, str], ...] = (
    (
        "promise",
        rf"{_I}(?:'ll| will| shall)(?: also| just| then| definitely| try to| have to| need to"
        rf"| make sure to)*|"
        r"(?:i'm|i am|we're|we are)(?: also| just)? (?:going to|gonna)|"
        rf"{_I}(?: also| really| just| still)? (?:need to|have to|must|ought to|should|got to|gotta"
        rf"|promise to|promise i'll|"
        rf"want to remember to)|{_I}'ve(?: also| still)? got to|{_I} (?:can|could)(?= (?:send|call"
        rf"|bring|do|get|fix|book|write"
        r"|email|check|ask|pay|order|pick|prepare|organize|organise|arrange)\b)|"
        r"let's(?: also)?(?= (?:book|meet|call|send|do|make|plan|order|ask|get|set|fix|schedule"
        r"|organize|organise|arrange"
        r"|buy|check)\b)|let me(?= (?:check|send|ask|find|call|get back|look into)\b)",
    ),
    (
        "request",
        r"(?:could|can|would|will) you(?: please| also| maybe| just)*|"
        r"(?:please )?(?:don't|do not) forget to|(?:please )?(?:remember to|make sure (?:to|you|that you))|"
        r"you(?: also| really)? (?:need to|have to|should|must)|"
        rf"{_I}(?:'d| would)(?: really)? (?:like|want|need) you to|{_I} (?:need|want) you to|please(?= \w)",
    ),
)
_LEAD = re.compile(
    "|".join(rf"(?P<{kind}>\b(?:{words}))" for kind, words in _LEADS).replace("'", "['’]") + r"\b",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"(?i)\s*(?:not|never|be (?:right|fine|okay|there|back|on|in|at|late|honest|glad|happy)"
    r"|be\b(?! sure)|see\b|say\b|hear me"
    r"|hold\b|wait\b|repeat\b|speak up|help me\b|tell me\b|remind me\b|give you a hint|think so|guess"
    r"|bet|assume|admit"
    r"|have a (?:look at the menu|coffee)|talk (?:soon|later|to you)|speak (?:soon|to you)|go now"
    r"|let you go|run\b|love to"
    r"|like to\b|say that|add .+ list|put .+ list|take a note|make a note|note\b|set a reminder|imagine"
    r"|believe|know\b)"
)
"""What follows a lead and is no deed, or is asked of the assistant itself."""

_ASKED = re.compile(r"(?i)\b(?:what|when|where|who|which|why|how|if|whether|do|does|did)(?: [a-z]+)?\s*$")
"""Before a lead, it is a question: "when do I have to call mum"."""

_ASKED_CHARS = 100
"""So near to the lead; all that comes before it would be searched again for each lead."""

_STOP = re.compile(r"(?<![.?!;\n])[.?!;\n]++(?:\s|$)|(?<!\s)\s++[-–—]\s+")
_TRAILING = re.compile(
    r"(?i)(?:(?<![\s,])[\s,]++(?:and|but|so|then|or|also|because|well|okay|ok|yes|no|yeah|oh|um|uh|er|right|thanks"
    r"|thank you|please"
    r"|if that's okay|that's all|bye|goodbye))+[\s,]*$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    kind: Kind
    text: str
    """As it was said."""
    deed: str
    """The end of `text`, after the words that lead to it: "send the report by Friday"."""


def sentences(text: str) -> list[str]:
    """The text, parted where a sentence ends; each as it was said."""
    return [part.strip(" ,") for part in _STOP.split(text) if part and part.strip(" ,")]


def promises(text: str) -> list[Clause]:
    found: list[Clause] = []
    for sentence in sentences(text):
        leads = list(_LEAD.finditer(sentence))
        ends = [*(lead.start() for lead in leads[1:]), len(sentence)]
        for lead, end in zip(leads, ends, strict=False):
            deed = _cut(sentence[lead.end() : end])
            before = sentence[max(0, lead.start() - _ASKED_CHARS) : lead.start()]
            # "We need to, I'll do it": nothing follows the first lead.
            if len(deed.split()) < 2 or _IDLE.match(deed) or _ASKED.search(before):
                continue
            start = lead.start()
            clause = sentence[start : sentence.index(deed, lead.end()) + len(deed)]
            kind: Kind = "promise" if lead.lastgroup == "promise" else "request"
            found.append(Clause(kind, clause, deed))
    return found


def _cut(text: str) -> str:
    text = _TRAILING.sub("", text.strip(" ,")).strip(" ,")
    if len(text) <= MAX_CLAUSE_CHARS:
        return text
    return text[:MAX_CLAUSE_CHARS].rsplit(" ", 1)[0]
