"""What a question is about, in words: "on groceries", "at Woolworths", "with the tag Japan"."""

from __future__ import annotations

from string import capwords

from receiver.assistants.bank import saying
from receiver.assistants.bank.finding import Found
from receiver.bank.models import Category, Money
from receiver.bank.weekdays import name_of


def subject(found: Found, names: dict[str, str]) -> str:
    """With a space before it where there is any. `names` are those of categories."""
    question = found.question
    parts = [""]
    if question.categories:
        parts.append(
            f"on {found.part or saying.join([category_name(one, names) for one in question.categories])}"
        )
    if question.merchant is not None:
        parts.append(f"{at_or_to(found)} {merchant(found)}")
    if question.tag is not None:
        parts.append(f"on things tagged {question.tag}")
    if found.accounts:
        parts.append(f"from {saying.join([saying.account(one.name) for one in found.accounts])}")
    if question.but_categories or question.but_merchant:
        names_out = [category_name(one, names) for one in question.but_categories]
        parts.append(f"without {saying.join(names_out or [capwords(question.but_merchant or '')])}")
    if question.weekdays:
        parts.append(f"on {name_of(question.weekdays)}")
    amount = bounds(question.least, question.most)
    return " ".join(parts) + (f" in amounts {amount}" if amount else "")


def at_or_to(found: Found) -> str:
    """At a shop, by card; to a person, or whoever else is sent money; from one who only gave some."""
    paid = [entry for entry in found.transactions if entry.amount.units < 0]
    if found.transactions and not paid and found.question.kind == "transactions":
        return "from"
    return "to" if paid and not any(entry.by_card for entry in paid) else "at"


def merchant(found: Found) -> str:
    """The names that were found, or the one that was said."""
    if not found.merchants:
        return capwords(found.question.merchant or "")
    names = [saying.account(name) for name in found.merchants]
    return saying.join(names) if len(names) <= 3 else f"{', '.join(names[:3])} and others"


def bounds(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return ""
    if least == most:
        return f"of {saying.money(Money(least or 0))}"
    if most is None:
        # "Over fifty" leaves fifty out, and so begins a cent above it.
        assert least is not None
        over = least % 100 == 1
        return (
            f"over {saying.money(Money(least - 1))}" if over else f"of at least {saying.money(Money(least))}"
        )
    if least is None:
        under = most % 100 == 99
        return (
            f"under {saying.money(Money(most + 1))}" if under else f"of at most {saying.money(Money(most))}"
        )
    return f"between {saying.money(Money(least))} and {saying.money(Money(most))}"


def category_name(identifier: str, names: dict[str, str]) -> str:
    return saying.category(names.get(identifier) or identifier.replace("-", " "))


def names_of(categories: list[Category] | tuple[Category, ...]) -> dict[str, str]:
    return {category.id: category.name for category in categories}
