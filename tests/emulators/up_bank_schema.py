"""The Up API as far as it is used here: for each operation its parameters, its body and its answers, as JSON Schema.

Written from the API's documentation (https://developer.up.com.au), and compared with its OpenAPI specification of v1:
the same fields, types, enumerations, required and nullable ones. Nothing else is allowed in an object, so that neither
the emulator nor the client can come to lean on what the bank does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from tests.emulators.quick_schema import Fits, compiled

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d+)?(Z|[+-][0-2]\d:[0-5]\d)$",
}
DECIMAL: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d{1,3})?$"}
ADDRESS: Schema = {"type": "string", "pattern": r"^https?://\S+$"}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def record(fields: Mapping[str, Schema], **optional: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**fields, **optional},
        "required": list(fields),
        "additionalProperties": False,
    }


ACCOUNT_TYPE = one_of("SAVER", "TRANSACTIONAL", "HOME_LOAN")
OWNERSHIP = one_of("INDIVIDUAL", "JOINT")
STATUS = one_of("HELD", "SETTLED")
CARD_METHOD = one_of(
    "BAR_CODE", "OCR", "CARD_PIN", "CARD_DETAILS", "CARD_ON_FILE", "ECOMMERCE", "MAGNETIC_STRIPE", "CONTACTLESS"
)  # fmt: skip
EVENT_TYPE = one_of("TRANSACTION_CREATED", "TRANSACTION_SETTLED", "TRANSACTION_DELETED", "PING")
DELIVERY = one_of("DELIVERED", "UNDELIVERABLE", "BAD_RESPONSE_CODE")

RELATED = record({"related": ADDRESS})
SELF = record({"self": ADDRESS})


def identifier(kind: str) -> Schema:
    return record({"type": one_of(kind), "id": TEXT})


def related(kind: str, *, null: bool = False) -> Schema:
    who = identifier(kind)
    return record({"data": or_null(who) if null else who}, links=RELATED)


def resource(kind: str, attributes: Schema | None, relationships: Schema, *, linked: bool = True) -> Schema:
    fields = {"type": one_of(kind), "id": TEXT}
    if attributes is not None:
        fields["attributes"] = attributes
    fields["relationships"] = relationships
    return record(fields, **({"links": SELF} if linked else {}))


MONEY = record({"currencyCode": TEXT, "value": DECIMAL, "valueInBaseUnits": INTEGER})

ACCOUNT = resource(
    "accounts",
    record(
        {
            "displayName": TEXT,
            "accountType": ACCOUNT_TYPE,
            "ownershipType": OWNERSHIP,
            "balance": MONEY,
            "createdAt": MOMENT,
        }
    ),
    record({"transactions": record({}, links=RELATED)}),
)
CATEGORY = resource(
    "categories",
    record({"name": TEXT}),
    record(
        {
            "parent": related("categories", null=True),
            "children": record({"data": list_of(identifier("categories"))}, links=RELATED),
        }
    ),
)
TAG = resource("tags", None, record({"transactions": record({}, links=RELATED)}), linked=False)
TRANSACTION = resource(
    "transactions",
    record(
        {
            "status": STATUS,
            "rawText": or_null(TEXT),
            "description": TEXT,
            "message": or_null(TEXT),
            "isCategorizable": FLAG,
            "holdInfo": or_null(record({"amount": MONEY, "foreignAmount": or_null(MONEY)})),
            "roundUp": or_null(record({"amount": MONEY, "boostPortion": or_null(MONEY)})),
            "cashback": or_null(record({"description": TEXT, "amount": MONEY})),
            "amount": MONEY,
            "foreignAmount": or_null(MONEY),
            "cardPurchaseMethod": or_null(record({"method": CARD_METHOD, "cardNumberSuffix": or_null(TEXT)})),
            "settledAt": or_null(MOMENT),
            "createdAt": MOMENT,
            "transactionType": or_null(TEXT),
            "note": or_null(record({"text": TEXT})),
            "performingCustomer": or_null(record({"displayName": TEXT})),
        }
    ),
    record(
        {
            "account": related("accounts"),
            "transferAccount": related("accounts", null=True),
            "category": record(
                {"data": or_null(identifier("categories"))}, links=record({"self": ADDRESS}, related=ADDRESS)
            ),
            "parentCategory": related("categories", null=True),
            "tags": record({"data": list_of(identifier("tags"))}, links=SELF),
            "attachment": related("attachments", null=True),
        }
    ),
)
ATTACHMENT = resource(
    "attachments",
    record(
        {
            "createdAt": or_null(MOMENT),
            "fileURL": or_null(ADDRESS),
            "fileURLExpiresAt": MOMENT,
            "fileExtension": or_null(TEXT),
            "fileContentType": or_null(TEXT),
        }
    ),
    record({"transaction": related("transactions")}),
)
WEBHOOK = resource(
    "webhooks",
    record({"url": ADDRESS, "description": or_null(TEXT), "createdAt": MOMENT}, secretKey=TEXT),
    record({"logs": record({}, links=RELATED)}),
)
EVENT = resource(
    "webhook-events",
    record({"eventType": EVENT_TYPE, "createdAt": MOMENT}),
    record({"webhook": related("webhooks")}, transaction=related("transactions")),
    linked=False,
)
DELIVERY_LOG = resource(
    "webhook-delivery-logs",
    record(
        {
            "request": record({"body": TEXT}),
            "response": or_null(record({"statusCode": INTEGER, "body": TEXT})),
            "deliveryStatus": DELIVERY,
            "createdAt": MOMENT,
        }
    ),
    record({"webhookEvent": record({"data": identifier("webhook-events")})}),
    linked=False,
)
PING = record({"meta": record({"id": TEXT, "statusEmoji": TEXT})})
ERRORS = record(
    {
        "errors": {
            "minItems": 1,
            **list_of(
                record(
                    {"status": {"type": "string", "pattern": r"^[45]\d\d$"}, "title": TEXT, "detail": TEXT},
                    source=record({}, parameter=TEXT, pointer=TEXT),
                )
            ),
        }
    }
)
CATEGORY_CHANGE = record({"data": or_null(identifier("categories"))})
TAGS_CHANGE = record({"data": list_of(identifier("tags"))})
NEW_WEBHOOK = record({"data": record({"attributes": record({"url": ADDRESS}, description=or_null(TEXT))})})


def one(schema: Schema) -> Schema:
    return record({"data": schema})


def page_of(schema: Schema) -> Schema:
    links = record({"prev": or_null(ADDRESS), "next": or_null(ADDRESS)})
    return record({"data": list_of(schema), "links": links})


_SIZE: dict[str, Schema] = {"page[size]": {"type": "string", "pattern": r"^\d{1,3}$"}}
_CURSORS: dict[str, Schema] = {"page[after]": TEXT, "page[before]": TEXT}
_PAGED = _SIZE | _CURSORS
_FILTERS: dict[str, Schema] = {
    "filter[status]": STATUS,
    "filter[since]": MOMENT,
    "filter[until]": MOMENT,
    "filter[category]": TEXT,
    "filter[tag]": TEXT,
}


@dataclass(frozen=True)
class Operation:
    answers: Mapping[int, Schema | None]
    """By status; None for one without a body. Errors are the same everywhere."""
    parameters: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None


OPERATIONS: dict[str, Operation] = {
    "GET /util/ping": Operation({200: PING}),
    "GET /accounts": Operation(
        {200: page_of(ACCOUNT)},
        _PAGED | {"filter[accountType]": ACCOUNT_TYPE, "filter[ownershipType]": OWNERSHIP},
    ),
    "GET /accounts/{id}": Operation({200: one(ACCOUNT)}),
    "GET /accounts/{accountId}/transactions": Operation({200: page_of(TRANSACTION)}, _PAGED | _FILTERS),
    "GET /transactions": Operation({200: page_of(TRANSACTION)}, _PAGED | _FILTERS),
    "GET /transactions/{id}": Operation({200: one(TRANSACTION)}),
    "PATCH /transactions/{transactionId}/relationships/category": Operation(
        {204: None}, body=CATEGORY_CHANGE
    ),
    "POST /transactions/{transactionId}/relationships/tags": Operation({204: None}, body=TAGS_CHANGE),
    "DELETE /transactions/{transactionId}/relationships/tags": Operation({204: None}, body=TAGS_CHANGE),
    "GET /categories": Operation({200: record({"data": list_of(CATEGORY)})}, {"filter[parent]": TEXT}),
    "GET /categories/{id}": Operation({200: one(CATEGORY)}),
    "GET /tags": Operation({200: page_of(TAG)}, _PAGED),
    "GET /attachments": Operation({200: page_of(ATTACHMENT)}, _CURSORS),
    "GET /attachments/{id}": Operation({200: one(ATTACHMENT)}),
    "GET /webhooks": Operation({200: page_of(WEBHOOK)}, _PAGED),
    "POST /webhooks": Operation({201: one(WEBHOOK)}, body=NEW_WEBHOOK),
    "GET /webhooks/{id}": Operation({200: one(WEBHOOK)}),
    "DELETE /webhooks/{id}": Operation({204: None}),
    "POST /webhooks/{webhookId}/ping": Operation({201: one(EVENT)}),
    "GET /webhooks/{webhookId}/logs": Operation({200: page_of(DELIVERY_LOG)}, _PAGED),
}

_quick: dict[int, Fits] = {}
_validators: dict[int, Draft202012Validator] = {}


def mistakes(schema: Schema, document: Any) -> list[str]:
    """What is wrong with a document, in words; empty where it is as documented."""
    # Either takes a while to make. The schemas of this module live as long as it does, so their ids stay theirs.
    key = id(schema)
    if key not in _quick:
        _quick[key] = compiled(schema)
    if _quick[key](document):
        return []
    if key not in _validators:
        _validators[key] = Draft202012Validator(schema)
    return [f"{error.json_path}: {error.message}" for error in _validators[key].iter_errors(document)]


def mistakes_of_request(name: str, query: Mapping[str, str], body: Any) -> list[str]:
    operation = OPERATIONS[name]
    found = [f"{name} takes no {parameter}" for parameter in query if parameter not in operation.parameters]
    for parameter, value in query.items():
        if parameter in operation.parameters:
            found += [
                f"{name} {parameter} {wrong}" for wrong in mistakes(operation.parameters[parameter], value)
            ]
    if operation.body is not None:
        found += [f"{name} body {wrong}" for wrong in mistakes(operation.body, body)]
    elif body not in (None, ""):
        found.append(f"{name} takes no body")
    return found


def mistakes_of_answer(name: str, status: int, body: Any) -> list[str]:
    answers = OPERATIONS[name].answers
    if status >= 400:
        return [f"{name} {status} {wrong}" for wrong in mistakes(ERRORS, body)]
    if status not in answers:
        return [f"{name} never answers {status}"]
    schema = answers[status]
    if schema is None:
        return [] if body is None else [f"{name} {status} has no body"]
    return [f"{name} {status} {wrong}" for wrong in mistakes(schema, body)]
