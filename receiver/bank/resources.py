"""Reads the API's JSON into `models`. What is not as documented becomes `BankUnavailable`, and quotes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from protocol.errors import BankUnavailable
from receiver.bank.models import AUSTRALIAN_DOLLARS, Account, Category, Money, Transaction

T = TypeVar("T")

_UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    entries: tuple[T, ...]
    next: str | None
    """Link of the page after this one."""


def read_page(document: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> Page[T]:
    """A list with its links. Raises `BankUnavailable`."""

    def whole(document: Mapping[str, Any]) -> Page[T]:
        entries = _list(document["data"])
        link = document.get("links", {}).get("next")
        return Page(tuple(read(_map(entry)) for entry in entries), None if link is None else _text(link))

    return _read(whole, document)


def read_one(document: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T:
    """One resource. Raises `BankUnavailable`."""
    return _read(lambda document: read(_map(document["data"])), document)


def account(resource: Mapping[str, Any]) -> Account:
    attributes = resource["attributes"]
    return Account(
        id=_text(resource["id"]),
        name=_text(attributes["displayName"]),
        kind=_text(attributes["accountType"]),
        joint=attributes["ownershipType"] == "JOINT",
        balance=_money(attributes["balance"]),
        created_at=_moment(attributes["createdAt"]),
    )


def category(resource: Mapping[str, Any]) -> Category:
    return Category(
        id=_text(resource["id"]),
        name=_text(resource["attributes"]["name"]),
        parent=_related(resource["relationships"]["parent"]),
    )


def tag(resource: Mapping[str, Any]) -> str:
    return _text(resource["id"])


def transaction(resource: Mapping[str, Any]) -> Transaction:
    attributes, relationships = resource["attributes"], resource["relationships"]
    account_id = _related(relationships["account"])
    if account_id is None:
        raise ValueError("a transaction without an account")
    performed_by = attributes.get("performingCustomer")
    settled_at = attributes["settledAt"]
    return Transaction(
        id=_text(resource["id"]),
        account_id=account_id,
        description=_text(attributes["description"]),
        amount=_money(attributes["amount"]),
        created_at=_moment(attributes["createdAt"]),
        held=attributes["status"] == "HELD",
        settled_at=None if settled_at is None else _moment(settled_at),
        raw_text=_optional_text(attributes.get("rawText")),
        message=_optional_text(attributes.get("message")),
        kind=_optional_text(attributes.get("transactionType")),
        categorisable=attributes["isCategorizable"] is True,
        category=_related(relationships["category"]),
        parent_category=_related(relationships["parentCategory"]),
        tags=tuple(_text(entry["id"]) for entry in _list(relationships["tags"]["data"])),
        foreign_amount=_optional_money(attributes.get("foreignAmount")),
        round_up=_optional_money((attributes.get("roundUp") or {}).get("amount")),
        cashback=_optional_money((attributes.get("cashback") or {}).get("amount")),
        by_card=attributes.get("cardPurchaseMethod") is not None,
        transfer_account_id=_related(relationships["transferAccount"]),
        performed_by=None if performed_by is None else _text(performed_by["displayName"]),
    )


def _read(read: Callable[[Mapping[str, Any]], T], document: Mapping[str, Any]) -> T:
    try:
        return read(document)
    except _UNREADABLE:
        pass
    # Outside of the handler: the error that was caught may quote the answer, and must not be chained to ours.
    raise BankUnavailable("Your bank gave an answer that I cannot read.")


def _map(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _money(value: Any) -> Money:
    """Both of its forms have to say the same: `value` as a decimal text and `valueInBaseUnits`."""
    units = value["valueInBaseUnits"]
    if not isinstance(units, int) or isinstance(units, bool):
        raise TypeError
    amount = Decimal(_text(value["value"]))
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or not -6 <= exponent <= 0 or amount.scaleb(-exponent) != units:
        raise ValueError
    currency = _text(value["currencyCode"])
    if currency == AUSTRALIAN_DOLLARS and exponent != -2:
        raise ValueError
    return Money(units, currency, -exponent)


def _optional_money(value: Any) -> Money | None:
    return None if value is None else _money(value)


def _related(relationship: Mapping[str, Any]) -> str | None:
    data = relationship["data"]
    return None if data is None else _text(data["id"])
