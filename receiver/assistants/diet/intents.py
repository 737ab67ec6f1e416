"""What an utterance wants beside naming foods: phrases, matched on its words without punctuation."""

from __future__ import annotations

import re
from enum import Enum

from receiver.assistants.diet.utterance import Utterance


class Intent(Enum):
    """The value is the pattern."""

    DONE = (
        r"\b(that's (all|it|everything)|that is (all|it|everything)|that('ll| will) be all|nothing (else|more)|no more|"
        r"(i'm|i am|we're|all) (all )?(done|finished)|i'm good|that's about it|sum (it |that |this )?up|"
        r"done for (today|the day|now))\b|^(no|nope|nah|done|finished|no (thanks|thank you))$"
    )
    NO_MEAL = (
        r"\b(skipped|skip|nothing|none|not yet|(did not|didn't|haven't|have not) (have|had|eat|eaten)|"
        r"no (breakfast|lunch|dinner|supper|snacks?))\b|^(no|nope|nah)$"
    )
    HOW_MUCH = (
        r"\b(how (many|much) (calories|protein|carbs|fat|kcal|(have|did|do) i)|(my|the|today's) totals?|"
        r"(calories|total) (so far|today)|(where|how) am i( doing)?)\b"
    )
    HOW_MUCH_IN = r"\bhow (many|much) (calories|protein|carbs|fat)\b.*\b(in|does|do|has|have|is|are)\b"
    WHAT_WAS = (
        r"\b(what (did i|have i|i) (have|had|eat|eaten|ate|log|logged)|what('s| is) (in|on) my (diary|list|log)|"
        r"what do you have|read (it|that|them|my diary) back|list (what|my|everything))\b"
    )
    REMOVE = r"\b(remove|delete|erase|take (off|out|away)|cross (off|out)|get rid of|take .* (off|out))\b"
    UNDO = r"\b(undo|scratch that|take (that|it) back|forget (that|the last one))\b"
    CORRECT = (
        r"^(no|nope|sorry|wait|actually|oops|correction|make (it|that)|change (it|that)|it was)\b|"
        r"\b(i meant?|make (it|that)|not .* but)\b"
    )
    REPLACE = r"\b(i meant?|instead of|change (it|that) to)\b"
    LEAVE_IT = r"\b(leave it|never ?mind|skip it|i don't know|no idea|not sure|doesn't matter|forget it)\b"
    HELLO = r"^(hello|hi|hey|good (morning|afternoon|evening))( there| coach)?$"
    THANKS = (
        r"^((ok|okay|great|perfect) )?(thanks|thank you)( a lot| very much| so much)?( bye)?$|^(good)?bye$"
    )


_COMPILED = {intent: re.compile(intent.value) for intent in Intent}


def wants(utterance: Utterance, intent: Intent) -> bool:
    return _COMPILED[intent].search(utterance.text) is not None
