"""Words for what happens to money, in questions (normalised, see `slots.clean`)."""

from __future__ import annotations

from receiver.assistants.bank.patterns import Pattern

PENDING = Pattern(
    r"\b(?:pending|on hold|held|unsettled|uncleared|outstanding|processing|not (?:yet )?(?:settled"
    r"|cleared|gone through)"
    r"|(?:haven't|hasn't|have not|has not) (?:yet )?(?:settled|cleared|gone through|come out)"
    r"|yet to (?:clear|settle))\b"
)

SETTLED = Pattern(r"\b(?:settled|cleared|gone through)\b")

DUE = Pattern(
    r"^(?:how much is|how much's|what's|what is) (?:my|the|our) (?:\w+ ){0,2}"
    r"(?:rent|bill|subscription|insurance|mortgage|rego|membership|plan|repayment)$"
)
"""What is paid again and again: how much it is, is what it was last."""

I_WAS_PAID = Pattern(
    r"\b(?:i|we|i've|we've)(?: (?:last|did|have|had|just|actually|already))*"
    r"(?: (?:get|got|gotten|getting|been|was|were|being|be))+(?: (?:last|just|already))* paid\b"
    r"(?! (?:for|at|to|on|off|back|my|the|it|that)\b)"
    r"|\b(?:was|were|am|are) (?:i|we)(?: (?:last|just|already|being|getting))* paid\b(?! (?:for|at|to|off|my|the)\b)"
    r"|\bpay ?day\b|\bsalary\b|\bsalaries\b|\bwages?\b|\bpay ?checks?\b|\bpay ?cheques?\b|\bmy pay\b"
    r"|(?<!\bi )(?<!\bwe )\blast pay\b|\bgot my pay\b|\bpay (?:come|came|go) in\b"
    r"|\bmy (?:work|employer|boss|job)(?: \w+)? (?:pay|paid)"
)

PAID_ME = Pattern(r"\b(?:paid|pay|sent|send|owed|owe|given|give) (?:me|us)\b")

PAYEES = Pattern(
    r"\bwho(?: all| else)? (?:did|have|do|has|am) (?:i|we)(?: \w+)??"
    r" (?:pay|paid|paying|sen[dt]|give|gave|given)\b"
)
"""Asks for payments, one by one."""

PAYERS = Pattern(
    r"\bwho(?:'s| has| have| all| else)*(?: (?:last|recently|ever|already|been))?"
    r" (?:paid|pays?|paying|sen[dt]|sends|sending|gave|give[sn]?|giving|transferred) (?:me|us|money to (?:me|us))\b"
)
"""The same of those who paid."""

NEXT_PAY = Pattern(
    r"\bnext (?:pay|pay ?day|salary|wages?|pay ?che(?:ck|que))\b"
    r"|\bwhen (?:do|will|am|are|is|'s)?(?: (?:i|we))?\b.*\b(?:paid|pay|salary)\b.*\bnext\b"
    r"|\bwhen (?:do|will|am) (?:i|we)(?: next)? (?:get(?:ting)? |be |being )?paid\b"
    r"|\b(?:when is|when's) (?:my |the |our )?(?:pay ?day|pay|salary)(?: due| coming)?$"
    r"|\bhow (?:long|many days) (?:until|till|to|before) (?:(?:my|i|we|the|get|next) )*(?:pay ?day|paid|pay)\b"
)

EARNINGS = Pattern(
    r"^(?:how much|what)(?: money)? (?:do|does) (?:i|we) (?:usually |normally |typically |actually |roughly )?"
    r"(?:make|earn|get paid|take home|bring home|pull in|bring in)(?! (?:in interest"
    r"|from)\b)(?!.*\b(?:this|last|since|in|interest)\b)"
    r"|^(?:how much|what)(?:'s| is| are) (?:my|our) (?:(?:usual|normal|regular|monthly|weekly"
    r"|fortnightly|current|take home) )?"
    r"(?:salary|pay|wages?|income|take home pay)(?: (?:a|per|each|every|after) .*)?$"
)
"""Asks what the pay is, not what came in."""

COMING = Pattern(
    r"\b(?:coming|due|set|going|about|scheduled|still|yet) to (?:come|go|be taken|be paid|get taken|be debited)"
    r" (?:out|up)?\b"
    r"|\b(?:is|are|'s|what's|bills?|payments?|anything|debits?|rent|money) (?:\w+ ){0,2}?coming (?:out|up|off)\b"
    r"|\b(?:is|are|what's|when's|bills?|payments?|anything|something|'s) (?:\w+ ){0,3}?due\b|\bupcoming\b"
    r"|\b(?:what|when|how much|which|any) .*\b(?:will|about to|gonna) (?:come|go|be taken) out\b"
    r"|\bnext (?:bills?|payment|direct debit|debit|rent|instal?ment)\b|\b(?:when|(?:what"
    r"|which) (?:day|date)) (?:does|do|will|is|are) (?!i\b|we\b)"
    r".*\b(?:come out|go out|get taken|get charged|renew|due)(?: next| again)?$"
)
"""Asks for what is not yet paid."""

REGULAR = Pattern(
    r"\b(?:what|which|list|show|any|how many|do i have|have i got|am i)\b(?!.*\bhow much\b)(?!.*\bspen[dt]\b).*\b"
    r"(?:subscriptions?|subs|memberships?|direct debits?|standing orders?"
    r"|(?:regular|recurring|repeat(?:ing)?|automatic|monthly|ongoing) (?:payments?|bills?|debits?|charges|expenses"
    r"|costs|things))"
    r"\b(?! (?:cost|come to|set me back|average|total))"
)
"""Asks for what is paid again and again."""

REFUND = Pattern(
    r"\brefund(?:s|ed)?\b|\bmoney back\b|\b(?:come|came|got|get|gotten|given) (?:money )?back\b"
    r"|\breimburse\w*"
)

GAVE_BACK = Pattern(r"\bmoney back\b|\brefund(?:ed)? (?:me|us)\b|\bmoney (?:is )?coming back\b")

GOT_BACK = Pattern(
    r"\bhow much\b.*\b(?:get|got|gotten|come|came|given|been given) (?:money )?back\b"
    r"|\bhow much .*\brefunded\b"
)

INTERNAL = Pattern(
    r"\btransfers?\b|\btransferred\b|\bround(?:ed)? ups?\b|\bmoved?\b.*\b(?:savings?|savers?|between)\b"
)
