"""What the emulated bank answers to each operation, for the person whose token came with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.emulators.up_bank_categories import GROUPS, NAMES, PARENTS, children_of
from tests.emulators.up_bank_faults import TITLES
from tests.emulators.up_bank_ledger import MAX_TAGS, Ledger, Movement, Person, in_category
from tests.emulators.up_bank_paging import BadParameter, Key, page
from tests.emulators.up_bank_resources import Resources
from tests.emulators.up_bank_webhooks import (
    MAX_WEBHOOKS,
    Webhook,
    Webhooks,
    event,
    log_resource,
    webhook_resource,
)

Answer = tuple[int, Any]
Query = Mapping[str, str]

MAX_URL_CHARS = 300
MAX_DESCRIPTION_CHARS = 64


class Refused(Exception):
    """An error of the API."""

    def __init__(
        self, status: int, detail: str, *, parameter: str | None = None, pointer: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        named = {"parameter": parameter, "pointer": pointer}
        self.source = {name: value for name, value in named.items() if value is not None}

    def document(self) -> dict[str, Any]:
        title = TITLES.get(self.status, "Error")
        error: dict[str, Any] = {"status": str(self.status), "title": title, "detail": self.detail}
        return {"errors": [error | ({"source": self.source} if self.source else {})]}


class Answers:
    """Made anew for each request."""

    def __init__(
        self,
        ledger: Ledger,
        webhooks: Webhooks,
        resources: Resources,
        person: Person,
        now: datetime,
        new_id: Callable[[], str],
    ) -> None:
        self._ledger = ledger
        self._webhooks = webhooks
        self._resources = resources
        self._person = person
        self._now = now
        self._new_id = new_id

    def to(self, name: str, path: Mapping[str, str], query: Query, body: Any) -> Answer:
        """Status and document. Raises `Refused`."""
        identifier = next(iter(path.values()), "")
        try:
            return self._answer(name, identifier, query, body)
        except BadParameter as bad:
            raise Refused(400, "The parameter is not valid.", parameter=bad.name) from None

    def _answer(self, name: str, identifier: str, query: Query, body: Any) -> Answer:
        make = self._resources
        match name:
            case "GET /util/ping":
                return 200, {"meta": {"id": self._new_id(), "statusEmoji": "⚡️"}}
            case "GET /accounts":
                return self._accounts(query)
            case "GET /accounts/{id}":
                account = self._account(identifier)
                return 200, {"data": make.account(account, self._ledger.balance(account))}
            case "GET /accounts/{accountId}/transactions":
                account = self._account(identifier)
                mine = (m for m in self._ledger.movements_of(self._person) if m.account is account)
                return self._transactions(mine, f"accounts/{identifier}/transactions", query)
            case "GET /transactions":
                return self._transactions(self._ledger.movements_of(self._person), "transactions", query)
            case "GET /transactions/{id}":
                return 200, {"data": make.transaction(self._movement(identifier))}
            case "PATCH /transactions/{transactionId}/relationships/category":
                return self._categorise(self._movement(identifier), body)
            case "POST /transactions/{transactionId}/relationships/tags":
                return self._tag(self._movement(identifier), _labels(body))
            case "DELETE /transactions/{transactionId}/relationships/tags":
                movement, labels = self._movement(identifier), _labels(body)
                movement.tags = [tag for tag in movement.tags if tag not in labels]
                return 204, None
            case "GET /categories":
                return self._categories(query.get("filter[parent]"))
            case "GET /categories/{id}":
                return 200, {"data": make.category(_known_category(identifier, None))}
            case "GET /tags":
                tags = self._ledger.tags_of(self._person)
                return self._page(tags, lambda tag: (tag,), make.tag, "tags", query)
            case "GET /attachments":
                attached = [m for m in self._ledger.movements_of(self._person) if m.attachment]
                return self._page(attached, _order, self._attachment, "attachments", query)
            case "GET /attachments/{id}":
                return 200, {"data": self._attachment(self._attached(identifier))}
            case _:
                return self._webhook(name, identifier, query, body)

    def _webhook(self, name: str, identifier: str, query: Query, body: Any) -> Answer:
        mine = self._webhooks.of(self._person)

        def shown(hook: Webhook) -> dict[str, Any]:
            return webhook_resource(self._resources, hook)

        if name == "GET /webhooks":
            return self._page(mine, lambda hook: (hook.created.timestamp(), hook.id), shown, "webhooks", query,
                              sort=True)  # fmt: skip
        if name == "POST /webhooks":
            return self._new_webhook(len(mine), body)
        hook = next((hook for hook in mine if hook.id == identifier), None)
        if hook is None:
            raise _not_found()
        match name:
            case "GET /webhooks/{id}":
                return 200, {"data": shown(hook)}
            case "DELETE /webhooks/{id}":
                del self._webhooks.all[hook.id]
                return 204, None
            case "POST /webhooks/{webhookId}/ping":
                document = event(self._resources, self._new_id(), self._now, hook, "PING", None)
                self._webhooks.send(hook, document)
                return 201, document
            case _:
                places = {entry.id: (at,) for at, entry in enumerate(hook.log)}
                path = f"webhooks/{identifier}/logs"
                return self._page(hook.log, lambda entry: places[entry.id], log_resource, path, query)

    def _new_webhook(self, count: int, body: Any) -> Answer:
        attributes = _at(body, "data", "attributes")
        url, description = attributes.get("url"), attributes.get("description")
        if not isinstance(url, str) or len(url) > MAX_URL_CHARS or not _is_address(url):
            raise Refused(422, "The URL is not valid.", pointer="/data/attributes/url")
        if description is not None and (
            not isinstance(description, str) or len(description) > MAX_DESCRIPTION_CHARS
        ):
            raise Refused(422, "The description is too long.", pointer="/data/attributes/description")
        if count >= MAX_WEBHOOKS:
            raise Refused(422, "There are as many webhooks as there can be.")
        hook = self._webhooks.create(self._person, url, description)
        return 201, {"data": webhook_resource(self._resources, hook, with_secret=True)}

    def _accounts(self, query: Query) -> Answer:
        kind = _choice(query, "filter[accountType]", ("SAVER", "TRANSACTIONAL", "HOME_LOAN"))
        ownership = _choice(query, "filter[ownershipType]", ("INDIVIDUAL", "JOINT"))
        accounts = [
            account
            for account in self._ledger.accounts_of(self._person)
            if kind in (None, account.kind)
            and ownership in (None, "JOINT" if len(account.owners) > 1 else "INDIVIDUAL")
        ]
        return self._page(
            accounts,
            lambda account: (-account.opened.timestamp(), account.id),
            lambda account: self._resources.account(account, self._ledger.balance(account)),
            "accounts",
            query,
        )

    def _transactions(self, movements: Iterable[Movement], path: str, query: Query) -> Answer:
        status = _choice(query, "filter[status]", ("HELD", "SETTLED"))
        since, until = _moment(query, "filter[since]"), _moment(query, "filter[until]")
        category, tag = query.get("filter[category]"), query.get("filter[tag]")
        if category is not None:
            _known_category(category, "filter[category]")
        # Moments in zones take long to compare; `order` begins with minus the time.
        first = None if since is None else since.timestamp()
        end = None if until is None else until.timestamp()
        found = [
            movement
            for movement in movements
            if (status is None or movement.held == (status == "HELD"))
            and (first is None or -movement.order[0] >= first)
            and (end is None or -movement.order[0] < end)
            and (category is None or in_category(movement, category))
            and (tag is None or tag in movement.tags)
        ]
        return self._page(found, _order, self._resources.transaction, path, query)

    def _categories(self, parent: str | None) -> Answer:
        shown = list(NAMES) if parent is None else children_of(_known_category(parent, "filter[parent]"))
        return 200, {"data": [self._resources.category(category) for category in sorted(shown)]}

    def _categorise(self, movement: Movement, body: Any) -> Answer:
        if not isinstance(body, dict) or "data" not in body:
            raise Refused(422, "The body has no data.", pointer="/data")
        chosen = None if body["data"] is None else _at(body, "data").get("id")
        if not movement.categorisable:
            raise Refused(422, "This transaction cannot be categorised.")
        if chosen is not None and chosen not in PARENTS:
            detail = "A group is no category." if chosen in GROUPS else "There is no such category."
            raise Refused(422 if chosen in GROUPS else 404, detail, pointer="/data/id")
        movement.category = chosen
        return 204, None

    def _tag(self, movement: Movement, labels: list[str]) -> Answer:
        tags = list(dict.fromkeys([*movement.tags, *labels]))
        if len(tags) > MAX_TAGS:
            raise Refused(422, f"A transaction has at most {MAX_TAGS} tags.", pointer="/data")
        movement.tags = tags
        return 204, None

    def _page(
        self,
        entries: Any,
        key: Callable[[Any], Key],
        make: Callable[[Any], dict[str, Any]],
        path: str,
        query: Query,
        *,
        sort: bool = False,
    ) -> Answer:
        ordered = sorted(entries, key=key) if sort else list(entries)
        shown, previous, following = page(ordered, key, query)
        links = {
            "prev": None if previous is None else self._resources.link(path, previous),
            "next": None if following is None else self._resources.link(path, following),
        }
        return 200, {"data": [make(entry) for entry in shown], "links": links}

    def _account(self, identifier: str) -> Any:
        for account in self._ledger.accounts_of(self._person):
            if account.id == identifier:
                return account
        raise _not_found()

    def _movement(self, identifier: str) -> Movement:
        movement = self._ledger.movements.get(identifier)
        if movement is None or self._person not in movement.account.owners:
            raise _not_found()
        return movement

    def _attached(self, identifier: str) -> Movement:
        for movement in self._ledger.movements_of(self._person):
            if movement.attachment == identifier:
                return movement
        raise _not_found()

    def _attachment(self, movement: Movement) -> dict[str, Any]:
        return self._resources.attachment(movement, self._now)


def _order(movement: Movement) -> Key:
    return movement.order


def _not_found() -> Refused:
    return Refused(404, "There is nothing of that identifier.")


def _known_category(category: str, parameter: str | None) -> str:
    if category not in NAMES:
        raise Refused(404, "There is no such category.", parameter=parameter)
    return category


def _choice(query: Query, name: str, choices: tuple[str, ...]) -> str | None:
    value = query.get(name)
    if value is not None and value not in choices:
        raise BadParameter(name)
    return value


def _moment(query: Query, name: str) -> datetime | None:
    """RFC 3339: a date and a time with its offset. A "+" that was not encoded has become a space."""
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadParameter(name) from None
    if moment.tzinfo is None:
        raise BadParameter(name)
    return moment


def _at(body: Any, *path: str) -> dict[str, Any]:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    if not isinstance(body, dict):
        raise Refused(422, "The body is not as documented.", pointer="/" + "/".join(path))
    return body


def _labels(body: Any) -> list[str]:
    entries = body.get("data") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and entry.get("type") == "tags" and isinstance(entry.get("id"), str)
        for entry in entries
    ):
        raise Refused(422, "The tags are not as documented.", pointer="/data")
    return [entry["id"] for entry in entries]


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
