"""The foods of a sentence so far, and whether what comes next is denied or puts one of them right."""

from __future__ import annotations

from dataclasses import dataclass, field

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.repairs import repaired
from receiver.assistants.diet.parser.toppings import is_topping


@dataclass(slots=True)
class Gathered:
    drafts: list[Draft] = field(default_factory=list)
    link: str = ""
    """How the next food hangs on the last: "with", "on", "in", "and", "or", "," or nothing."""
    denying: str = ""
    """"not": what follows was not eaten; "without": it was not in the food before."""
    denied_one: bool = False
    """Something has been denied since."""
    repair: str = ""
    """The words that said that what follows puts something right."""

    after_but: bool = False
    """A "but" was said since the last food: an amount after it is what was really had of that one."""
    but_at: int = 0

    def place(self, draft: Draft) -> None:
        """Put a food among the others: as one more, in the place of another, or as what another lacked."""
        self.after_but = False
        if self.denying == "without" and self.denied_one and not self._is_denied_too(draft):
            self.denying = ""
        if (
            self.denying == "not"
            and self.denied_one
            and self.drafts
            and draft.link in ("in", "on")
            and is_topping(self.drafts[-1].food)
        ):
            # "No milk in the coffee".
            draft.without.append(self.drafts.pop().name)
            self.denying = ""
        if self.denying:
            self.denied_one = True
            host = next((other for other in reversed(self.drafts) if not other.denied), None)
            if self.denying == "without" and host is not None:
                host.without.append(draft.name)
                return
            draft.denied = True
        elif self.repair and repaired(self.drafts, draft, self.repair):
            self.repair = ""
            return
        self.repair = ""
        self.drafts.append(draft)

    def _is_denied_too(self, draft: Draft) -> bool:
        """ "No milk and sugar" has neither; "no sugar and a bagel" and "no sugar, toast" have the second."""
        if self.link == "or":
            return True
        bare = draft.quantity is None and draft.unit is None and "extra" not in draft.modifiers
        return bare and is_topping(draft.food)
