"""What kind of question it is, by its words (normalised, see `slots.clean`)."""

from __future__ import annotations

import re

from receiver.assistants.bank.ahead import asks_what_will_be_left
from receiver.assistants.bank.measures import (
    LARGEST,
    LAST_ONE,
    OLDEST,
    SMALLEST,
    by_of,
    has_settled,
    names_some,
)
from receiver.assistants.bank.money_words import (
    COMING,
    DUE,
    EARNINGS,
    GAVE_BACK,
    GOT_BACK,
    I_WAS_PAID,
    INTERNAL,
    NEXT_PAY,
    PAID_ME,
    PAYEES,
    PAYERS,
    PENDING,
    REFUND,
    REGULAR,
)
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.question import Kind

_I = r"(?:i|we|i've|we've|i'd)"

_SPEND = (
    r"spend|spends|spent|spending|spendings|cost|costs|costing|blow|blew|blown|fork(?:ed)? out"
    r"|drop(?:ped)?|expenses"
    r"|expenditure|outgoings?|go(?:ne|es|ing)? (?:on|to|towards|out)|went (?:on|to|out|towards)|splurged?"
    r"|sets? (?:me|us) back"
    r"|charged?|charges|wasted?|burn(?:ed|t)?"
)

TAGS = Pattern(
    r"\b(?:what|which|list|show|read|name|do i have|have i got|tell me|any)\b.*\btags\b(?! (?:cost|spend))"
)

CATEGORIES = Pattern(
    r"\b(?:what|which|list|show|read|name|how many)\b.*\bcategories\b(?! (?:did|do|have|am|are we|cost"
    r"|spend))|^(?:the )?categories$"
)

_BALANCE = Pattern(
    r"\bbalances?\b|\bam i (?:okay|ok|alright|all right|good|set|fine) for (?:money|cash)\b"
    r"|\bam i (?:broke|rich|in the red)\b|\bhow (?:rich|broke) am i\b|\bnet worth\b|^(?:the )?(?:total"
    r"|money|amount)(?: is)? in (?:my |the |our )?(?:\w+ )?(?:savings?|savers?|accounts?)\b"
    rf"|\bhow much(?: money| cash| dough)?(?: (?:do|have|has|did))? {_I}(?: (?:currently|actually|still"
    rf"|even|now))?"
    r" (?:have|got|saved|own|owe|hold)\b(?! (?:to pay|spent|paid|been|left over from|come|received|earned"
    r"|gotten paid|got paid))"
    r"|\bhow much(?: money| cash)? (?:have|has|do) (?:i|we) (?:got |have )?(?:left|saved|put away|in)\b"
    r"|\bhow much(?: money| cash)?(?: is|'s| have i got| are| do i have)?(?: there)?(?: still"
    r"| currently)? (?:in|left|sitting|available|on (?=(?:my|the|our) (?:\w+ )?(?:cards?|accounts?)\b))"
    r"(?: |(?<= ))(?!the weekend|average)"
    r"|\b(?:what is|what's|what do i have|what have i got|how's|how is|what i have"
    r"|how much money's) (?:there )?in (?:my|the|our|all)\b"
    r"|\b(?:check|show|read|list|what are|how many|how are|what|which)\b(?: \w+){0,3} (?:accounts"
    r"|savers)\b(?! (?:rate|interest))"
    r"|\bhow much(?: money)? is (?:left|available)\b|\bmoney (?:have i got|do i have)\b"
    r"|\bhow much(?: money)? can i (?:still )?spend\b"
    r"|\bwhat (?:have|do) (?:i|we) (?:got|have) (?:left|saved|sitting|stashed|put by)\b"
    r"|\b(?:what(?:'s| is| are)?|how much(?:'s| is)?|how(?:'s| is| are)) (?:my |the "
    r"|our )(?:\w+ ){0,3}?(?:money|cash|savings?"
    r"|savers?|funds?|accounts?|kitty|stash|pot|joint|buffer)(?:'s| is| are)? (?:up to|at|sitting"
    r"|coming along|tracking)\b"
    r"|\b(?:what(?:'s| is)|how much(?:'s| is)) (?:sitting|the tally|the total|stashed|kept"
    r"|put by) (?:in|on) (?:my|the|our)\b"
    r"|\bhow(?: are|'re|'m| am)? (?:we|i) (?:going|doing|looking|placed|travelling|tracking|off"
    r"|set)(?: for)?(?= (?:my |our "
    r"|the )?(?:money|cash|savings?|savers?|funds?|dough|dollars)\b)"
    rf"|\bhow much(?: money)? {_I} (?:have|got)\b|\bdo (?:i|we) (?:still )?have (?:any |enough "
    rf"|much )?money\b|\bhow (?:am i|are we) (?:going|doing|looking)"
    r"|\bhow(?:'s| is| are)? (?:my|our|the) (?:\w+ ){0,2}(?:accounts?|savings?|savers?|money"
    r"|funds?)\b(?! (?:rate|work))"
    r"|\bhow (?:my|our|the) (?:\w+ ){1,3}(?:is|are) (?:looking|doing|going)\b|\b(?:is|what is|what's) left\b"
    r"|\bdo (?:i|we) (?:still )?have (?:much|enough|a lot|any|anything|some)(?: money| cash)? (?:left "
    r"|saved )?(?:in|on)\b|\bmoney left\b|\bhow much (?:do|have) (?:i|we) owe\b"
)

_PAID = Pattern(
    r"^(?:is|are|was|were|has|have|had|did|when (?:was|is|did|were))\b(?! (?:i|we) (?:been |get |got "
    r"|getting |last )*paid\b)"
    r".*\b(?:paid|gone out|go out|went out|been taken out|taken out|come out|came out|go through"
    r"|gone through|went through|debited|been charged|get charged|got charged)\b"
    r"|^(?:did|have) (?:i|we) (?:already )?(?:pay|paid|pay for) (?!anything|much|more|less)"
)

_INCOME = Pattern(
    r"\b(?:money|cash) from\b|\bincome\b|\b(?:come|came|comes|coming|gone|went|going) in(?:to)?\b"
    r"|\bearn(?:t|ed|ing|ings|s)?\b"
    r"|\breceived?\b|\bdeposit(?:s|ed)?\b"
    r"|\bmoney in\b(?! (?:my|the|our|there|a)\b)|\bincoming\b|\b(?:pa(?:y|id)|sen[dt]|giv(?:e|en)|gave"
    r"|transfer(?:red)?|owed?) (?:me"
    r"|us)\b|\bmake (?:this|last|in)\b"
    r"|\bhow much(?: money| cash)? (?:did|have|do) (?:i|we)(?: \w+)? (?:get|got|gotten|had)(?: money"
    r"| cash)? (?:from|off)\b"
    r"|(?<!what did i )(?<!what did we )\bget (?:from|in interest)\b|\binterest\b"
    r"|\bpaid in(?: to my \w+)?$|\bmade in interest\b"
)

_NO_INCOME = Pattern(
    r"\binterest\b.*\b(?:charged?|paid on|pay)\b|\bspen[dt]\b|\bgo(?:ing|ne)? into\b"
    r"|\bin(?:to)? (?:savings?|savers?)\b.*\btransfer"
)

_COUNT = Pattern(
    r"\bhow many (?!tags|categories|accounts|savers|dollars|bucks)|\bhow often\b|\bhow many times\b"
    r"|\bnumber of (?:times|purchases|payments|transactions)\b"
)

_SPENDING = Pattern(
    rf"\b(?:{_SPEND})\b|\bhow much(?: money)? (?:did|do|have|has|does|am|are|is|was|were) (?:i|we|it|my"
    rf"|that|those|they|all|everything|the)\b"
    r"|\bpa(?:y|id) (?:for|at|to|in|on)\b"
    r"|\bwhat (?:do|did|am|are|have|has) (?:i|we)(?: \w+)?? (?:pay|paid|paying)\b"
    r"|\bhow much\b|\b(?:total|sum|altogether)\b|\bbill\b|\b(?:cut|cutting) (?:down|back)\b"
    r"|\bdo(?:ing|ne)? (?:any )?(?:better|worse) (?:on|with)\b"
)

_LISTED = Pattern(
    r"\bwhat(?:'s| has| is)? (?:happened|happening|been happening)\b|^(?:everything|anything|all)\b|"
    r"\b(?:transactions?|payments?|purchases?|activity|history|statement|receipts?|charges|refunds?"
    r"|refunded|transfers?|round ups?)\b"
    r"|\bwhat(?: all)?(?: (?:things|stuff))? (?:did|have) (?:i|we)(?: \w+)? (?:buy|bought|purchase"
    r"|purchased|got|get|order)\b"
    r"|^(?:show|list|read|find|search|see|give)\b|\b(?:was|is|were) (?:that|this|the|those)\b.*\bfor\b"
    r"|\bwhen(?:'s| is| was)? (?:did|do|the last|my last|i last|have)\b|\bwhen was\b|\blast time\b"
    r"|\bwhat did .* on\b|\bbought\b|\bdid i buy\b"
    r"|\bwhat(?:'s| is| was| were) (?:my |the |that )?(?:\w+ )?(?:last|latest|most recent|biggest|largest"
    r"|smallest)\b|\bspent? .* on$"
)

_LAST_VISIT = Pattern(
    r"\b(?:my|that|the|our|this) (?:last|latest|most recent) (?:\w+ )?(?:trip|visit|shop|run|order|dinner|lunch|meal"
    r"|bill|ride|delivery|haircut|appointment|fill|top up)\b"
)
_THAT_BUY = Pattern(
    r"^how much was that (?!altogether|in\b|all\b|again|for\b|last|this|then|so\b|on\b|at\b|from\b"
    r"|over\b|week|month|year)\w+"
    r"|^(?:how much|what) did (?:i|we) pay for that \w+"
)
_WHAT_WAS = Pattern(
    r"\bwhat(?:'s| was| is) (?:that|this|the) (?:.* )?"
    r"(?:\$|dollars?|bucks|charge|payment|thing|transaction)\b"
)
_ENOUGH = Pattern(
    r"\b(?:is|was) there (?:still |any |much |enough |some )*(?:money|anything|any|much"
    r"|something) (?:left )?(?:in|on)\b"
    r"|\b(?:is|are) there (?:still )?(?:more than|less than|over|under|at least|about|around"
    r"|even) (?:\S+ ){1,4}(?:in|on)\b"
    r"|\bhow much(?: money)? can (?:i|we) (?:still |afford to )?spend\b|\b(?:can|could) (?:i|we) afford\b"
    r"|\b(?:have|do|did) (?:i|we) (?:got|have|still have)\b.*(?:\bdollars?\b|\bbucks\b|\$|\bmoney\b"
    r"|\benough\b|\bgrand\b)"
)
"""Whether there is enough is answered with how much there is."""

_CAME_OUT = Pattern(
    r"\b(?:anything|any money|something|what|everything|how much)\b"
    r".*\b(?:come|came|coming|gone|go|going|went|taken) out\b"
)


def is_about_enough(said: str) -> bool:
    return _ENOUGH.search(said) is not None


def kind_of(said: str) -> Kind | None:
    """None where the words say no kind by themselves."""
    if TAGS.search(said) and "tagged" not in said:
        return "tags"
    if CATEGORIES.search(said) and not re.search(r"\b(?:spen[dt]|spending|cost|top|biggest|most)\b", said):
        return "categories"
    if asks_what_will_be_left(said):
        return "balance"
    if EARNINGS.search(said):
        return "regular"
    if NEXT_PAY.search(said) or COMING.search(said) or (REGULAR.search(said) and "cost" not in said):
        return "regular"
    if _COUNT.search(said):
        return "income" if I_WAS_PAID.search(said) else "count"
    if PENDING.search(said):
        return (
            "spending" if re.search(r"\bhow much|\btotal\b|\bsum\b|\baltogether\b", said) else "transactions"
        )
    if (PAYEES.search(said) or PAYERS.search(said)) and by_of(said) == "none":
        return "transactions"
    if I_WAS_PAID.search(said):
        return "income"
    if _ENOUGH.search(said) and not re.search(
        r"\b(?:spent|paid|pending|tagged|refund\w*|transactions?)\b", said
    ):
        return "balance"
    if DUE.search(said):
        return "transactions"
    if names_some(said) and not re.search(r"\bhow much\b|\btotal\b", said):
        return "income" if _INCOME.search(said) and not _NO_INCOME.search(said) else "transactions"
    if INTERNAL.search(said) and not re.search(r"\b(?:spen[dt]|categor\w+|income|me|us)\b", said):
        return "transactions"
    if _CAME_OUT.search(said):
        return "spending" if "how much" in said else "transactions"
    if (
        _PAID.search(said)
        and not PAID_ME.search(said)
        and not re.search(r"\b(?:came|come|go(?:ne)?|went) (?:in|out of)\b|\bhow much\b", said)
    ):
        return "paid"
    if GOT_BACK.search(said) and not PAID_ME.search(said):
        return "transactions"
    if has_settled(said):
        return "transactions"
    if GAVE_BACK.search(said) and not re.search(r"\bhow much\b", said):
        return "transactions"
    if re.search(r"\brefunds?\b", said) and not re.search(r"\bhow much\b", said):
        return "transactions"
    if _INCOME.search(said) and not _NO_INCOME.search(said):
        return "income"
    if _BALANCE.search(said) and not re.search(
        r"\bspen[dt]\b|\bspending (?:on|at|by)\b|\bpaid\b|\bcost\b", said
    ):
        return "balance"
    if by_of(said) != "none":
        return "spending"
    if _THAT_BUY.search(said):
        return "transactions"
    if _LAST_VISIT.search(said) and not re.search(r"\btotal\b|\bsince\b", said):
        return "transactions"
    largest = LARGEST.search(said) or SMALLEST.search(said)
    if largest or OLDEST.search(said):
        return "transactions"
    if _LAST_TIME.search(said) or _WHAT_WAS.search(said) or _ANYTHING.search(said):
        return "transactions"
    if re.search(rf"\b(?:{_SPEND})\b", said) and not _LISTS_SPENT.search(said):
        return "spending"
    if REFUND.search(said) and not re.search(r"\bhow much\b", said):
        return "transactions"
    if LAST_ONE.search(said) and not re.search(r"\bspen[dt]\b|\bspending\b", said):
        return "transactions"
    if _LISTED.search(said) and not re.search(r"\bhow much\b(?!.*\blast\b)|\b(?:total|sum)\b", said):
        return "transactions"
    if _SPENDING.search(said):
        return "spending"
    return "transactions" if _LISTED.search(said) else None


_ANYTHING = Pattern(
    r"^(?:is there |was there |are there )?(?:anything|something|any|what's new) (?:from|at|by|to)\b"
)

_LAST_TIME = Pattern(r"\blast time\b|\bwhen (?:did|was|have|had) (?:i|we|it|my)\b")

_LISTS_SPENT = Pattern(
    r"^(?:show|list|read|find|give)\b(?!.*\b(?:spending|spend)\b)|\bwhat did .* (?:charge|cost) me for\b"
)
