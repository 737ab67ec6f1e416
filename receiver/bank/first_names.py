"""Short forms of first names, as people say them: the bank has "David Taylor" where somebody says "Dave"."""

from __future__ import annotations

from collections.abc import Mapping

_SHORT: Mapping[str, str] = {
    "alexander": "alex al lex", "alexandra": "alex lexi sandra", "andrew": "andy drew", "anthony": "tony ant",
    "benjamin": "ben benny", "catherine": "cath cathy kate katie", "charles": "charlie chuck", "charlotte": "charlie",
    "christopher": "chris topher", "christine": "chris chrissy", "daniel": "dan danny", "david": "dave davo davey",
    "deborah": "deb debbie", "edward": "ed eddie ted", "elizabeth": "liz lizzie beth eliza", "emily": "em emmy",
    "gregory": "greg", "isabella": "bella izzy", "jacob": "jake", "james": "jim jimmy jamie", "jennifer": "jen jenny",
    "jessica": "jess jessie", "john": "johnno johnny jack", "jonathan": "jon jono", "joseph": "joe joey",
    "joshua": "josh", "katherine": "kath kathy kate katie", "kenneth": "ken kenny", "lachlan": "lachie lochie",
    "margaret": "maggie marg peggy", "matthew": "matt matty", "michael": "mike mick micky mikey", "nathan": "nath nate",
    "nathaniel": "nat nate", "nicholas": "nick nicky", "nicole": "nic nicky", "olivia": "liv livvy",
    "pamela": "pam", "patricia": "pat trish patty", "patrick": "pat paddy", "peter": "pete", "philip": "phil",
    "rebecca": "bec becky beck", "richard": "rich rick dick richie", "robert": "rob bob robbie bobby robbo",
    "samantha": "sam sammy", "samuel": "sam sammy", "sarah": "saz", "sharon": "shaz", "stephanie": "steph",
    "stephen": "steve", "steven": "steve", "susan": "sue suzie", "thomas": "tom tommy", "timothy": "tim timmy",
    "victoria": "vic vicky tori", "william": "will bill billy liam", "zachary": "zac zach",
}  # fmt: skip


def formal(name: str) -> frozenset[str]:
    """The names that a short one may stand for; none where it is not one."""
    return _FORMAL.get(name, frozenset())


def _formal_of() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, shorts in _SHORT.items():
        for short in shorts.split():
            found.setdefault(short, set()).add(name)
    return {short: frozenset(names) for short, names in found.items()}


_FORMAL = _formal_of()
