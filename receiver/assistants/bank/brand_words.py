"""Words of questions about the bank: their stems, and what tells a question about one's own money from them."""

from __future__ import annotations

import re

from receiver.assistants.phrase_tables import Phrases, plain

_STOP = frozenset(
    re.findall(
        r"\w+",
        """
        a an the is are was were be been am do does did has have had can could may might will would shall
        should must i you we they he she it this that these those there here me my mine your yours our us them
        its his her what who whom whose which when where why how and or but if of to in on at for with from by
        as about than then so not no any some please hey hello hi okay well just also tell say know explain
        mean means meant want like need let give get got one thing things something anything somebody someone
        really actually again now exactly work works working use using used sort anyway guys think find
        still happens happen somewhere somehow much many
        """,
    )
)
"""Words that no passage is about."""

_TOGETHER = (
    (re.compile(r"\b(?:2 ?up|two up|to up|too up)\b"), "twoup"),
    (re.compile(r"\bround(?:ed|ing|s)? ?ups?\b"), "roundup"),
    (re.compile(r"\bsign(?:ing)? up\b"), "signup"),
    (re.compile(r"\bpay ?id\b"), "payid"),
    (re.compile(r"\b(?:b pay|bee pay)\b"), "bpay"),
    (re.compile(r"\ba p i\b"), "api"),
    (re.compile(r"\ba t ms?\b"), "atm"),
    (re.compile(r"\bover ?seas\b"), "overseas"),
)
"""What is one word in what was said, and may be several in what was heard."""

_VOWEL = re.compile(r"[aeiouy]")
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "s")


def stems(text: str) -> list[str]:
    """The words that can have a passage, each by its stem: "revoking" and "revoke" are one."""
    said = plain(text.replace("-", " "))
    for pattern, word in _TOGETHER:
        said = pattern.sub(word, said)
    return [stem(word) for word in said.split() if word not in _STOP]


def stem(word: str) -> str:
    """Without the endings of number and tense; no more, as few words are told apart by others."""
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest == word or len(rest) < 3 or _VOWEL.search(rest) is None:
            continue
        if ending == "s" and rest[-1] in "sui":
            break
        if ending in ("ies", "ied"):
            return rest + "y"
        if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz" and ending not in ("s", "es"):
            rest = rest[:-1]
        return rest.removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word


_OWN_MONEY = Phrases(
    r"""
    (when|what) (do|will) (i|we) get paid
    (do|will) (i|we) (owe|get a refund|have enough)
    (did|have|had|was|am|were) (i|we) [already|ever|just|really|still|usually|normally] (
        spen\w+|pay|paid|earn\w*|receive\w*|make|made|buy|bought|order\w*|save|saved|owe|owed|blow|blown|get a refund|
        got|gone over|been (paid|charged)|charged|enough|left)
    how much (did|do|have|has|had|money|is|was|are|were|of) (i|we|in|left|my|our|there|that|came|went)
    how much [money] (i|we|went|came|has (gone|come))
    how much money (did|do|have|has|is|was|are|were)
    (how much|what) is [still|left]* (pending|held|on hold) [right now|now|at the moment]* $
    how (many|often) ... (did|have|do|was|were) (i|we|my)
    (what|when|where) (did|have) (i|we)
    (what|how much) (did|does|has) [\w+] [\w+] \w+ (charge\w*|cost|pay|paid) (me|us)
    (i|we) (spent|paid|bought|ordered|earned|received)
    (my|our) [current|total|last|latest|recent|average|biggest|largest|whole] (balances?|transactions?|payments?|
        purchases?|spendings?|expenses?|income|salary|wages|refunds?|subscriptions|budget|groceries|coffees?|
        round ups?)
    (what|how) (is|are) [in|on|about] (my|our|the) (savings?|savers?|spending|accounts?|everyday|
        \w+ (fund|saver|account)|\w+ \w+ (fund|saver|account)) [
        account|now|today|right now|at the moment|looking|doing]* $
    (what|how) is (my|our|the) [\w+] [\w+] balances? [now|today|right now|at the moment]* $
    what are (my|our) (savers|accounts|tags|categories)
    (balances?|money) (of|in|on) (my|our)
    (any|which|what|show|list|latest|last|recent|newest|read|are there|is there|do i have) [
        me|my|the|of my|out|are|were|is|was|new|other|all|any|still]* (pending|held|settled|recent|last|latest|biggest|
        largest|new|outstanding) [\w+] (transactions?|payments?|purchases?|charges?|ones?)
    (which|what) [transactions?|payments?|purchases?|charges?] (is|are) [still|currently] (pending|held) $
    (any|show|list|latest|last|recent|newest|biggest|largest) [me|my|the|our|all|of my]* (
        transactions?|payments?|purchases?|refunds?|charges?|deposits?|expenses?|tags|accounts|savers)
    (put|move|change|set|mark|file|add|remove|take) [the|my|that|this|last|latest]* (transactions?|payments?|purchases?|
        it|that|one) ... (to|as|into|in|under|from|out|off)
    (tag|untag|categorise|categorize|label) (my|the|that|this|it|last|yesterday\w*)
    (put|take|remove|add) [the] ... tag (on|off|from|to)
    (last|this|past|next|previous) (week|month|year|fortnight|quarter|weekend|night|\w+day)
    (yesterday|since (\w+day|january|february|march|april|may|june|july|august|september|october|november|december))
    (what|who|where) (was|is|were) (that|this|the) [\w+] [\w+] (payment|transaction|charge|purchase|debit)
    do (i|we) have [any|a] [savings|saver]* (goals?|money|savings)
    (what|where) is my (account number|bsb|b s b|card number|pin)
    (has|have|did) (my|the|our) (salary|pay|wages|rent|refund|money)
    (is|are|was|were|has|have) (my|the|our) ... paid
    (can|could) (i|we) afford
    where (did|does|has) [all] my money
    (spend|spending|spent) (on|at|in|by|per|for|over)
    """
)
"""What one asks of one's accounts rather than of the bank."""


def asks_about_own_money(text: str) -> bool:
    return _OWN_MONEY.within(plain(text))
