"""Words for what happens to money, in questions (normalised, see `slots.clean`)."""

from __future__ import annotations

import re

PENDING = re.compile(
    r"\b(?:pending|on hold|held|unsettled|uncleared|outstanding|processing|not (?:yet )?(?:settled"
    r"|cleared|gone through)"
    r"|(?:haven't|hasn't|have not|has not) (?:yet )?(?:settled|cleared|gone through|come out)"
    r"|yet to (?:clear|settle))\b"
)

SETTLED = re.compile(r"\b(?:settled|cleared|gone through)\b")

DUE = re.compile(
    r"^(?:how much is|how much's|what's|what is) (?:my|the|our) (?:\w+ ){0,2}"
    r"(?:rent|bill|subscription|insurance|mortgage|rego|membership|plan|repayment)$"
)
"""What is paid again and again: how much it is, is what it was last."""

I_WAS_PAID = re.compile(
    r"\b(?:i|we|i've|we've)(?: (?:last|get|got|been|was|were|did|have|had|just|being|actually"
    r"|get to be))* paid\b(?! (?:for|at|to|on|off|back|my|the|the rent|it|that)\b)"
    r"|\b(?:was|were|did|have|am|had) (?:i|we)(?: (?:last|get|got|been|just))* paid\b(?! (?:for|at|to|on"
    r"|off|my|the)\b)"
    r"|\bpay ?day\b|\bsalary\b|\bsalaries\b|\bwages?\b|\bpay ?checks?\b|\bpay ?cheques?\b|\bmy pay\b"
    r"|\blast pay\b|\bgot my pay\b|\bpay (?:come|came|go) in\b"
    r"|\bmy (?:work|employer|boss|job)(?: \w+)? (?:pay|paid)"
)

PAID_ME = re.compile(r"\b(?:paid|pay|sent|send|owed|owe|given|give) (?:me|us)\b")

REFUND = re.compile(r"\brefund(?:s|ed)?\b|\bmoney back\b|\b(?:come|came|got|get) back\b|\breimburse\w*")

INTERNAL = re.compile(
    r"\btransfers?\b|\btransferred\b|\bround(?:ed)? ups?\b|\bmoved?\b.*\b(?:savings?|savers?|between)\b"
)
