"""Many ways to say one thing, put into the words that the other tables know: "what have we gone through" is "spent".

Words for spending mean it only where somebody does it: "I went through" money, but a payment "went through" by itself.
"""

from __future__ import annotations

import re
from functools import cache

_I = r"(?:i|we|i've|we've|i'd|i'm|we're)"
_FILLED = r"(?: (?:been|already|just|actually|really|only|usually|normally|probably|even|all|both))*"
_BEFORE_WHAT = (
    r"(?= (?:on|at|in|for|into|to|since|over|during|this|last|yesterday|today|from|so|more|less|so|a|each|every|per"
    r"|money|cash|altogether|there|between|the week|the month|until|with|through the)\b|$)"
)

_REWORDED: tuple[tuple[str, str], ...] = (
    (r"\b(?:youse|yous|ya|y'all|you guys|you lot|you people)\b", "you"),
    (r"\b(?:dosh|dough|moolah|coin|readies|cashola)\b", "money"),
    (r"\b(?:heaps|loads|tons) of\b|\b(?:bloody|freaking|flipping|honestly|to be honest|i guess|i reckon"
     r"|i suppose|by any chance|out of curiosity|real quick|off the top of your head)\b", ""),
    # Spending, by who does it.
    (rf"\b(?P<who>{_I}{_FILLED}) (?:go|goes|going|gone|went|get|getting|got|burn|burning|burnt|burned|churn|churned"
     rf"|chew|chewed|run|ran|blow|blown|blew|rip|ripped) through{_BEFORE_WHAT}", r"\g<who> spend"),
    (rf"\b(?P<who>{_I}{_FILLED}) (?:(?:rack|run|chew|use)(?:ed|ing)? up|(?:shell|splash|lash|lay|dish|cough)"
     rf"(?:ed|ing)? (?:out|up)|laid out|part(?:ed)? with|sink|sunk|sank|pour(?:ed)?|splurge|splash(?:ed)?"
     rf"|dropp(?:ed|ing)|blow(?:n|ing)?|fritter(?:ed)? away|throw(?:n)? away|threw away|put|hand(?:ed)? over)"
     rf"{_BEFORE_WHAT}(?! (?:to|into|in) (?:my |the |our )?(?:\w+ )?(?:savings?|savers?|accounts?|fund)\b)",
     r"\g<who> spend"),
    (r"\b(?:what's|what is|what was|what were|what's been) the (?:total )?(?:damage|bill|tally)\b"
     r"(?= (?:for|from|in|on|at|so|this|last|over|since|yesterday|today)\b|$)", "how much did i spend"),
    # Money that comes.
    (r"\b(?P<what>(?:pay|salary|wages?|money|refund|deposit|tax return)(?: \w+){0,3}?) (?:come|came|gone|going"
     r"|went|go|been put|been paid|lobb(?:ed)?|land(?:ed)?|turn(?:ed)? up|show(?:ed)? up|arriv(?:ed?)) through\b",
     r"\g<what> come in"),
    (r"\b(?:is|was) (?P<what>(?:the |my |that |our )?(?:money|cash|payment|pay|deposit)(?: from [\w' ]+?)?)"
     r" in(?: (?:yet|there|already|my account))*$", r"did \g<what> come in"),
    (rf"\b(?P<much>(?:cash|money)) (?P<who>(?:did|have|do) {_I}{_FILLED}) (?:take|taken|took|get|got|pull(?:ed)?|draw"
     rf"|drawn|withdraw|withdrawn) out\b", r"\g<much> \g<who> spend at atm"),
    (r"\b(?:take|took|taken|get|got|pull|pulled|withdraw|withdrew|withdrawn) (?:out )?(?:any |some |the )?cash"
     r"(?: out)?\b|\bcash withdrawals?\b|\b(?:withdraw|withdrew|withdrawn|withdrawals?)\b", "spend at atm"),
    (rf"\b(?P<who>{_I}{_FILLED}) (?:transfer|transferred|wire|wired|shoot|shot|sling|slung|shout|shouted|flick|flicked)"
     rf" (?P<what>(?:money |cash |the money )?to )?"
     rf"(?!(?:money|cash|to)\b)(?!(?:\S+ ){{0,3}}(?:savings?|savers?|accounts?|funds?|spending"
     rf"|trip)\b)", r"\g<who> sent \g<what>"),
    (rf"\b(?P<who>(?:did|have) {_I}{_FILLED}) (?:put|moved?|stash|stashed|add|added|chuck|chucked|popp?(?:ed)?)"
     rf"(?: away)? (?:in|into|to|onto) (?=(?:my |the |our )?(?:\w+ ){{0,2}}(?:savings?|savers?|funds?)\b)",
     r"\g<who> transfer to "),
    (r"\b(?:a |the |my )?tax (?:refund|return)\b|\bmoney from the tax office\b", "money from ato"),
    (r"\bthe (?:tax office|tax man|taxman)\b", "ato"),
    # Names of things done with them.
    (r"\b(?:chuck|whack|bung) (?:us|me) ", "show "),
    (r"\b(?:top|main) thing(?:s)? (?:i|we) spend\b", "what i spend the most"),
)  # fmt: skip


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), words) for pattern, words in _REWORDED)


def reworded(said: str) -> str:
    """`said` is normalised."""
    for pattern, words in _compiled():
        said = pattern.sub(words, said)
    return " ".join(said.split())
