"""What is said besides: greetings, thanks, what can be done and what cannot, questions about the bank."""

from __future__ import annotations

import re

from receiver.assistants.bank.kinds import kind_of
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.slots import clean
from receiver.assistants.phrase_tables import Phrases

HELP = (
    "I can tell you your balances, your latest transactions, and what you spent, on what and where. I can put a "
    "transaction into a category, and tag it. Say for example: how much did I spend on groceries last month?"
)
NOT_UNDERSTOOD = (
    "Sorry, I did not get that. You can ask for your balance, your latest transactions, or what you spent on "
    "something."
)
CANNOT_MOVE = (
    "I cannot move money: I can only look, categorise and tag. Please do that in your bank's own app."
)
CANNOT_CHANGE = (
    "I cannot do that: I can only look at your money, categorise and tag. Please use your bank's own app for "
    "it."
)
CANNOT_SEE = "I can only look at your money: numbers of accounts and cards are in your bank's own app."

_HELLO = Phrases(
    "(hello|hi|hey|good (morning|afternoon|evening)|g'day|greetings) [there|again|bank|mate|how are you]*"
)
_THANKS = Phrases(
    """
    [great|okay|perfect|lovely|no|all right|cool|awesome]* (thank you|thanks|cheers|ta|much appreciated) [very|so|much|
        a lot|a million|mate|again|heaps]* [that is|that was|that will be]* [all|it|everything|
        helpful|great|for now|perfect]*
    (great|perfect|lovely|brilliant|awesome|cool|nice|good|excellent|okay|all right|fine|wonderful|good to know|got it|
        i see|sweet|no worries|understood)
    """
)
_DONE = Phrases(
    """
    [no|okay|all right]* (that is|that was|that will be) (all|it|everything) [for now|today|thanks|thank you]*
    [no]* nothing (else|more) [thanks|thank you|for now]*|i am (done|fine|good)|[no]* i am all good
    """
)
_BYE = Phrases(
    "[okay|thanks|thank you|all right]* (goodbye|good bye|bye|bye bye|see you|good night|talk to you"
    " later|see you later) [now|then|mate]*"
)
_HELP = Phrases(
    """
    help [me|please]*|what (can|do) (you|i) (do|say|ask|know) [you|for me|here|about]*|what else can you do
    who are you|what are you [for]|how (does this|do you|does it) work|what are my options
    are you (a robot|real|human|a bot|a person|an ai)
    """
)
_NO = Phrases(
    "(no|nope|never mind|nothing|do not bother|forget it|leave it|stop|cancel|no thanks|no thank you|not now)"
)
_YES = Phrases("(yes|sure|okay|right|exactly|correct|please|yes please|go ahead|do it)")
_AGAIN = Phrases(
    """
    (say|tell me|repeat|read) (that|it) [again|once more|one more time|please]*|repeat [please]|pardon [me]|sorry what
    (come|say) again [please]|again [please]|once more [please]
    [sorry] (what|what was that|what did you say|i did not (catch|hear|get) (that|it))
    """
)

_WISH = (
    r"(?:(?:can|could|would|will) (?:you|i|we)(?: please| just)? |(?:i'd like to|i would like to"
    r"|i want to|i need to|i wanna"
    r"|i have to|let's|let us|please|go ahead and|help me|i'd like you to|i want you to|i need you to) )*"
)
_PUT = (
    r"move|shift|put|deposit|add|chuck|stick|pop|throw|bung|drop|slide|whack|sling|tip|dump|shove|flick|sweep|bring"
    r"|get|take|squirrel|stash|set aside|top up"
)
_MOVES = Pattern(
    rf"^{_WISH}(?:(?:pay|repay|send|wire|lend|shout|shoot|donate|withdraw|invest|transfer|bpay|osko|top up|give) "
    rf"(?!me (?:a|the|an|my|your|some|more|details|all|last|everything|one|five|\d)\b)"
    rf"|(?:{_PUT}) (?:\S+ ){{1,6}}?(?:in|into|to|onto|over to|across to|between) (?:\S+ ){{0,4}}?"
    rf"(?:savings?|savers?|accounts?|funds?|stash|kitty|spending|everyday|joint)\b(?! (?:category|tag))"
    rf"|(?:{_PUT}) (?:\S+ ){{0,4}}"
    rf"(?:\$\d\S*|\d\S* (?:dollars?|bucks?|cents|grand|k)"
    rf"|money|some cash|cash)\b"
    rf"|make (?:a|the|my) (?:payment|transfer|deposit)|cover the|schedule a|set up a (?:payment|transfer"
    rf"|direct debit|scheduled))"
)
_CHANGES = Pattern(
    rf"^{_WISH}(?:(?:open|close|freeze|unfreeze|lock|unlock|cancel|block|order|activate|replace|report"
    rf"|dispute|apply|increase|raise"
    r"|decrease|change my|change the pin|reset|update my|set up|create|start|get me|get|borrow|exchange"
    r"|convert|rename|delete my)\b"
    r"(?=.*\b(?:cards?|accounts?|savers?|loan|limit|pin|password|address|direct debits?|overdraft|credit"
    r"|payment|phone number|email|charge|details|subscription|budget|alerts?|goal|joint)\b))"
)
_ABOUT = Pattern(
    r"\b(?:up|the bank|this bank|your bank|my bank|you guys|bendigo|ferocia|saver rates?|interest rates?"
    r"|exchange rates?|fees?|overseas|abroad"
    r"|foreign|branch(?:es)?|atms?|customer (?:service|support)|support|call ?cent(?:re|er)|phone number"
    r"|opening hours|app|apple pay|google pay"
    r"|pay ?id|bpay|osko|pin|card|limits?|home loans?|mortgages?|term deposits?|credit cards?|bonus"
    r"|referral|insured|licen[cs]ed|government guarantee"
    r"|safe|scam|hack(?:ed|ers)?|token|api)\b"
)
_OWN = Pattern(
    r"\b(?:i|we|i've) (?!(?:can|could|may|might|should|would) )"
    r"(?:\w+ )?(?:spen[dt]|pay|paid|pays|have|got|buy|bought|earn|earned|save|saved)\b"
    r"|\b(?:did|have|had) (?:i|we)\b"
)


def small_talk(said: str) -> str | None:
    """For sentences that are nothing else. `said` is plain (`receiver.assistants.phrase_tables.plain`)."""
    if _THANKS.are(said):
        return "You're welcome. Anything else about your money?"
    if _DONE.are(said):
        return "All right. I'm here when you need me."
    if _HELLO.are(said):
        return "Hello! What would you like to know about your money?"
    if _BYE.are(said):
        return "Goodbye."
    if _HELP.are(said):
        return HELP
    if _NO.are(said):
        return "All right."
    return "What would you like to know?" if _YES.are(said) else None


def is_repeat(said: str) -> bool:
    """`said` is plain."""
    return _AGAIN.are(said)


def is_yes(said: str) -> bool:
    return _CONFIRMED.lead(said) and not _REFUSED.lead(said) and "but" not in said.split()


def is_no(said: str) -> bool:
    return _REFUSED.lead(said)


_CONFIRMED = Phrases(
    "(yes|sure|okay|right|correct|exactly|please|please do|go ahead|do it|do that|do so|absolutely"
    "|definitely|of course|all right|go for it|you may|you can|fine|perfect|that is right|sounds good"
    "|make it so|indeed)"
)
_REFUSED = Phrases(
    "(no|nope|do not|never mind|not|stop|leave|keep|cancel|forget it|wait|please do not|rather not|hold"
    " on)|(yes|okay|sure|please) (no|do not)"
)


_NUMBERS = Pattern(
    r"^(?:what(?:'s| is| are)?|show|tell|read|which|say)\b.*\b(?:my|our|the) (?:\w+ ){0,2}"
    r"(?:account number|account details|bsb|card number|cvv|pin|password|expiry(?: date)?|pay ?id)\b"
)


def cannot(text: str) -> str | None:
    """What this bank's interface does not let anybody do, asked as a thing to do."""
    said = clean(text)
    if _NUMBERS.search(said):
        return CANNOT_SEE
    if re.match(r"(?:remind|alert|notify|warn) (?:me|us)\b", said):
        return CANNOT_CHANGE
    if _MOVES.search(said):
        return CANNOT_MOVE
    return CANNOT_CHANGE if _CHANGES.search(said) else None


_SURELY = Pattern(
    r"\b(?:does|do|will|can|is|are) (?:up|the bank|this bank|you|you guys|it|they)\b|\binterest rates?\b"
    r"|\b(?:is|are) there (?:a |an |any )?(?:limits?|maximum|minimum|fees?|charges?|cap|cost|way)\b|\ballowed to\b"
    r"|\b(?:saver|exchange|home loan) rates?\b"
    r"|^(?:how (?:do|can|would|should) (?:i|we|you)|can (?:i|you|we|somebody|anyone)|where (?:do|can) i"
    r"|who (?:owns|runs|is behind|made))\b"
    r"|^(?:what|who) (?:is|are|does|do) (?:up|a|an|the bank|your|this bank|the (?:fees?|limits?|daily"
    r"|phone number|customer|cut ?off|bsb|rates?))\b"
    r"|\b(?:contact|reach|talk to|speak to|call|email) (?:up|the bank|support|someone|somebody|a person"
    r"|customer)\b|\bsafe\b"
)
_MEASURED = Pattern(
    r"\bhow (?:do|can|would|should) (?:i|we) (?:spend|compare|stand)\b|\b(?:spen[dt]|spending|balances?"
    r"|transactions|tagged|how much (?:did|do|have|money))\b"
)


def is_about_the_bank(text: str) -> bool:
    """Whether it asks about the bank, though its words could be a question about one's money too."""
    said = clean(text)
    return _SURELY.search(said) is not None and _OWN.search(said) is None and _MEASURED.search(said) is None


def asks_how(text: str) -> bool:
    """How something is done, that is not to look at one's money."""
    said = clean(text)
    return re.match(
        r"how (?:do|can|would|should|could) (?:i|we|you) (?!know\b|see\b|look\b|stand|compare|spend|go\b)",
        said,
    ) is not None and is_about_the_bank(text)


def seems_about_the_bank(text: str) -> bool:
    """Whether words that nothing is known for ask about the bank rather than one's money."""
    said = clean(text)
    return (
        _ABOUT.search(said) is not None
        and _OWN.search(said) is None
        and (
            re.match(
                r"(?:what|who|where|when|why|how|is|are|does|do|can|could|will|which|tell|explain|should)\b",
                said,
            )
            is not None
            or kind_of(said) is None
        )
    )
