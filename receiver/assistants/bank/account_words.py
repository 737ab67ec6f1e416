"""Accounts by their spoken names: "savings", "the joint account", "my emergency fund"."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.bank import saying
from receiver.assistants.bank.patterns import Pattern
from receiver.assistants.bank.slot_words import STOPS
from receiver.bank.merchants import match_merchants
from receiver.bank.models import Account
from receiver.bank.number_words import normalise

_NOISE = Pattern(
    r"\b(?:accounts?|my|the|our|your|balances?|money|one|ones|fund|up|bank|combined|total|both|please)\b"
)
_SAVINGS = Pattern(r"\b(?:savings?|savers?|saved)\b")
_EVERYDAY = Pattern(
    r"\b(?:everyday|every day|transaction|transactional|spending|spendings|main|current|checking|cheque"
    r"|personal"
    r"|debit|card|normal|daily|regular)\b"
)
_JOINT = Pattern(r"\b(?:joint|shared|2 ?up|two up|to up|together|couple)\b")
_LOAN = Pattern(r"\b(?:home loan|loan|mortgage|owe|debt)\b")
_ABSENT = Pattern(r"\b(?:credit cards?|credit|term deposits?|super|superannuation|offset|overdraft|shares)\b")
"""Kinds that an account of the bank's interface never has; one of its own may still be called so."""
_ALIKE = (
    frozenset(("holiday", "holidays", "trip", "trips", "travel", "travels", "vacation", "getaway")),
    frozenset(("emergency", "emergencies", "rainy", "day", "buffer", "safety")),
    frozenset(("car", "vehicle")),
    frozenset(("house", "home", "deposit")),
    frozenset(("wedding", "honeymoon")),
    frozenset(("christmas", "xmas", "gifts", "presents")),
)
"""Words of which one in the name of a saver may be said for another."""
_PUT_BY = Pattern(r"\b(?:stash|pot|pots|kitty|jar|pile|stuff|goal|bucket|dollars|bucks|cash|nest egg)\b")
_ALL = Pattern(r"\b(?:all|every|everything|overall|altogether|each|everywhere)\b")


def find_accounts(said: str | None, accounts: Sequence[Account]) -> list[Account]:
    """Those that are meant, in the bank's order; all where none is named; none where nothing comes near."""
    if said is None:
        return list(accounts)
    words = _PUT_BY.sub(" ", normalise(said))
    names = {account.id: saying.account(account.name) for account in accounts}
    for wanted in (words, " ".join(_NOISE.sub(" ", words).split())):
        exact = [account for account in accounts if normalise(names[account.id]) == wanted]
        if exact:
            return exact
    of_kind = _of_kind(words, accounts)
    bare = " ".join(_NOISE.sub(" ", words).split())
    named = set(match_merchants(bare, names.values())) if bare else set()
    by_name = [account for account in accounts if names[account.id] in named]
    alike = [] if by_name else [one for one in accounts if _is_alike(bare, normalise(names[one.id]))]
    if alike:
        return alike
    if not by_name and _ABSENT.search(words):
        return []
    if of_kind and not by_name and not _says_only_a_kind(bare):
        return []  # "Wedding savings" are not all savings.
    # "Savings" may be a part of an account's name, and is still all savers, unless it says more than that.
    if of_kind and (not by_name or _says_only_a_kind(bare)):
        return of_kind
    if by_name:
        return by_name
    return list(accounts) if _ALL.search(words) or not bare else []


def _of_kind(words: str, accounts: Sequence[Account]) -> list[Account]:
    if _LOAN.search(words):
        return [account for account in accounts if account.kind == "HOME_LOAN"]
    found = list(accounts)
    if _SAVINGS.search(words):
        found = [account for account in found if account.kind == "SAVER"]
    elif _EVERYDAY.search(words):
        found = [account for account in found if account.kind == "TRANSACTIONAL"]
    elif not _JOINT.search(words):
        return []
    if _JOINT.search(words):
        return [account for account in found if account.joint]
    alone = [account for account in found if not account.joint]
    return alone if _EVERYDAY.search(words) and alone else found


def _is_alike(said: str, name: str) -> bool:
    """ "Holiday savings" and "Japan Trip"."""
    words = set(_SAVINGS.sub(" ", said).split())
    return any(words and words <= alike and alike & set(name.split()) for alike in _ALIKE)


def _says_only_a_kind(bare: str) -> bool:
    rest = " ".join(word for word in bare.split() if word not in STOPS and not word.isdigit())
    for pattern in (_SAVINGS, _EVERYDAY, _JOINT, _LOAN, _ALL):
        rest = pattern.sub(" ", rest)
    return not rest.split()
