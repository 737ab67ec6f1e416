"""A model's part in the spoken questions: the right tool with the right arguments for each, and its figures said.

The call comes from what a question is written down to mean, not from its words; what is said comes from the tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.emulators.model_brain import Call, Conversation, Reply
from tests.receiver.bank_assistant.bank_call import Row

_ACCOUNTS = {4: None, 2: "my savings"}
"""How those of a question are named together, by how many they are."""


def call_of(row: Row) -> Call:
    match row["kind"]:
        case "balance":
            named = row["accounts"]
            return _call("balances", account=named[0] if len(named) == 1 else _ACCOUNTS[len(named)])
        case "transactions":
            return _call("transactions", **_selected(row), flow=row.get("flow"), order=row.get("order"),
                         limit=row.get("limit"), skip=row.get("skip"))  # fmt: skip
        case "paid":
            return _call("transactions", **_selected(row), flow="out", limit=1)
        case "spending" | "count":
            against = row.get("against")
            return _call("spending", **_selected(row), by=row.get("by"), average_per=row.get("per"),
                         compared_with=None if against is None else _time(*against),
                         how_many_times=row["kind"] == "count" or None)  # fmt: skip
        case "income":
            return _call("income", period=_period(row), payer=row.get("merchant"), limit=row.get("limit"),
                         salary_only=row["flow"] == "salary")  # fmt: skip
        case "categories" | "tags":
            return _call("labels", of=row["kind"])
        case _:
            return _call("about_the_bank", question=row["said"])


def _call(tool: str, **arguments: Any) -> Call:
    return Call(tool, {name: value for name, value in arguments.items() if value is not None})


def _selected(row: Row) -> dict[str, Any]:
    categories = [category.replace("-", " ") for category in row.get("categories", ())]
    amount = None
    if "most" in row:
        amount = f"between ${row['least'] / 100:.2f} and ${row['most'] / 100:.2f}"
    elif "least" in row:
        amount = f"at least ${row['least'] / 100:.2f}"
    return {
        "merchant": row.get("merchant"), "categories": categories or None, "period": _period(row),
        "amount": amount, "pending": row.get("held"), "tag": row.get("tag"),
    }  # fmt: skip


def _period(row: Row) -> str | None:
    return _time(row["first"], row["last"]) if "first" in row else None


def _time(first: str, last: str) -> str:
    return f"from {first} to {last}"


def think_of(rows: Iterable[Row]) -> Callable[[Conversation], Reply]:
    """The brain: what a good model does with each of the questions."""
    calls = {row["said"]: call_of(row) for row in rows}

    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("", (calls[conversation.said],))
        return Reply(_told(conversation.results[-1]))

    return brain


def _told(result: Mapping[str, Any]) -> str:
    if "error" in result:
        return str(result["error"])
    if "passage" in result:
        return str(result["passage"])
    if "accounts" in result:
        each = ", ".join(f"{one['balance']} in {one['name']}" for one in result["accounts"])
        return f"You have {each}. That is {result['total']} in all."
    if "transactions" in result:
        each = ", ".join(f"{one['amount']} at {one['description']}" for one in result["transactions"][:5])
        return f"I found {result['count']}, {result['total']} in all: {each}."
    if "compared" in result:
        one, other = result["compared"]
        return f"You spent {one['spent']} and {other['spent']}, a difference of {result['difference']}."
    if "parts" in result:
        return (
            f"You spent {', '.join(part['spent'] for part in result['parts'][:6])}, {result['spent']} in all."
        )
    if "average" in result:
        return f"You spent {result['average']} on average."
    if "spent" in result:
        times = result["count"] if "count" in result else result["purchases"]
        return f"You spent {result['spent']}, {times} times."
    return f"There are {len(next(iter(result.values())))} of them."
