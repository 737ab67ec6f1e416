"""The emulated bank's JSON, as its API has it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from tests.emulators.up_bank_categories import NAMES, PARENTS, children_of
from tests.emulators.up_bank_history import ZONE
from tests.emulators.up_bank_ledger import BankAccount, Movement, Sum

Json = dict[str, Any]


def moment(at: datetime) -> str:
    """In the bank's own zone, to the second."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def money(value: Sum) -> Json:
    sign, digits = "-" if value.units < 0 else "", str(abs(value.units)).rjust(value.places + 1, "0")
    whole, part = (digits[: -value.places], digits[-value.places :]) if value.places else (digits, "")
    text = f"{sign}{whole}.{part}" if part else f"{sign}{whole}"
    return {"currencyCode": value.currency, "value": text, "valueInBaseUnits": value.units}


def cents(units: int) -> Json:
    return money(Sum(units))


class Resources:
    """Makes resources with links below `base`."""

    def __init__(self, base: str) -> None:
        self._base = base

    def link(self, path: str, query: dict[str, str] | None = None) -> str:
        return f"{self._base}/{path}" + (f"?{urlencode(query)}" if query else "")

    def account(self, account: BankAccount, balance: int) -> Json:
        path = f"accounts/{account.id}"
        return {
            "type": "accounts",
            "id": account.id,
            "attributes": {
                "displayName": account.name,
                "accountType": account.kind,
                "ownershipType": "JOINT" if len(account.owners) > 1 else "INDIVIDUAL",
                "balance": cents(balance),
                "createdAt": moment(account.opened),
            },
            "relationships": {"transactions": {"links": {"related": self.link(f"{path}/transactions")}}},
            "links": {"self": self.link(path)},
        }

    def category(self, category: str) -> Json:
        return {
            "type": "categories",
            "id": category,
            "attributes": {"name": NAMES[category]},
            "relationships": {
                "parent": self._related("categories", PARENTS.get(category)),
                "children": {
                    "data": [{"type": "categories", "id": child} for child in children_of(category)],
                    "links": {"related": self.link("categories", {"filter[parent]": category})},
                },
            },
            "links": {"self": self.link(f"categories/{category}")},
        }

    def tag(self, label: str) -> Json:
        related = self.link("transactions", {"filter[tag]": label})
        return {
            "type": "tags",
            "id": label,
            "relationships": {"transactions": {"links": {"related": related}}},
        }

    def transaction(self, movement: Movement) -> Json:
        path = f"transactions/{movement.id}"
        category: Json = self._related("categories", movement.category)
        category["links"] = {
            "self": self.link(f"{path}/relationships/category"),
            **category.get("links", {}),
        }
        return {
            "type": "transactions",
            "id": movement.id,
            "attributes": _attributes(movement),
            "relationships": {
                "account": self._related("accounts", movement.account.id),
                "transferAccount": self._related("accounts", movement.transfer and movement.transfer.id),
                "category": category,
                "parentCategory": self._related(
                    "categories", movement.category and PARENTS[movement.category]
                ),
                "tags": {
                    "data": [{"type": "tags", "id": tag} for tag in movement.tags],
                    "links": {"self": self.link(f"{path}/relationships/tags")},
                },
                "attachment": self._related("attachments", movement.attachment),
            },
            "links": {"self": self.link(path)},
        }

    def attachment(self, movement: Movement, now: datetime) -> Json:
        path = f"attachments/{movement.attachment}"
        return {
            "type": "attachments",
            "id": movement.attachment,
            "attributes": {
                "createdAt": moment(movement.at),
                "fileURL": f"{self._base}/files/{movement.attachment}.png",
                "fileURLExpiresAt": moment(now + timedelta(minutes=15)),
                "fileExtension": "png",
                "fileContentType": "image/png",
            },
            "relationships": {"transaction": self._related("transactions", movement.id)},
            "links": {"self": self.link(path)},
        }

    def _related(self, kind: str, identifier: str | None) -> Json:
        if identifier is None:
            return {"data": None}
        return {
            "data": {"type": kind, "id": identifier},
            "links": {"related": self.link(f"{kind}/{quote(identifier)}")},
        }


def _attributes(movement: Movement) -> Json:
    hold = movement.hold
    return {
        "status": "HELD" if movement.held else "SETTLED",
        "rawText": movement.raw_text,
        "description": movement.description,
        "message": movement.message,
        "isCategorizable": movement.categorisable,
        "holdInfo": None
        if hold is None
        else {"amount": cents(hold[0]), "foreignAmount": hold[1] and money(hold[1])},
        "roundUp": {
            "amount": cents(movement.round_up),
            "boostPortion": cents(movement.boost) if movement.boost else None,
        }
        if movement.round_up
        else None,
        "cashback": {"description": movement.cashback[0], "amount": cents(movement.cashback[1])}
        if movement.cashback
        else None,
        "amount": cents(movement.amount),
        "foreignAmount": movement.foreign and money(movement.foreign),
        "cardPurchaseMethod": {"method": movement.card, "cardNumberSuffix": "4417"}
        if movement.card
        else None,
        "settledAt": None if movement.settled_at is None else moment(movement.settled_at),
        "createdAt": moment(movement.at),
        "transactionType": movement.kind,
        "note": {"text": movement.note} if movement.note else None,
        "performingCustomer": {"displayName": movement.by} if movement.by else None,
    }
