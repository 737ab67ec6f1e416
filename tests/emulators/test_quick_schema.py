"""The quick check of the emulated bank's documents never lets anything through that the schemas do not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.emulators import up_bank_history as history
from tests.emulators.quick_schema import compiled
from tests.emulators.up_bank import TODAY
from tests.emulators.up_bank_resources import Resources
from tests.emulators.up_bank_schema import ERRORS, OPERATIONS, TRANSACTION, Schema

RESOURCES = Resources("http://127.0.0.1:1/api/v1")
DOCUMENTS = [RESOURCES.transaction(movement) for movement in history.ledger(TODAY).movements.values()]
FITS = compiled(TRANSACTION)
VALIDATOR = Draft202012Validator(TRANSACTION)

ODD: list[Any] = [
    None, True, False, 0, 1, -7, 1.0, 0.5, "", "x", "AUD", "12.34", "-1.2345", "HELD", "held",
    "2026-11-18T15:00:00+11:00", "2026-13-18", "http://127.0.0.1:1/x", "http://a b",
    [], [None], {}, {"id": "x"}, {"type": "tags", "id": "x"},
]  # fmt: skip


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in it."""
    keys = (
        document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    )
    for key in keys:
        yield (*path, key)
        yield from places(document[key], (*path, key))


def test_every_transaction_of_the_year_fits_at_once() -> None:
    assert all(FITS(document) for document in DOCUMENTS)
    assert all(VALIDATOR.is_valid(document) for document in DOCUMENTS[::100])


@given(st.data())
def test_a_document_with_anything_put_or_left_out_anywhere_is_let_through_only_if_it_fits(data: Any) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    *way, last = data.draw(st.sampled_from(list(places(document))))
    holder = document
    for key in way:
        holder = holder[key]
    match data.draw(st.sampled_from(["put", "leave out", "add"])):
        case "put":
            holder[last] = data.draw(st.sampled_from(ODD))
        case "leave out":
            del holder[last]
        case "add" if isinstance(holder, dict):
            holder["more"] = data.draw(st.sampled_from(ODD))
    if FITS(document):
        VALIDATOR.validate(document)


def test_every_schema_of_the_bank_is_one_that_it_knows() -> None:
    schemas: list[Schema] = [ERRORS]
    for operation in OPERATIONS.values():
        schemas += [schema for schema in operation.answers.values() if schema is not None]
        schemas += operation.parameters.values()
        schemas += [] if operation.body is None else [operation.body]
    for schema in schemas:
        assert not compiled(schema)(object())


@pytest.mark.parametrize(
    "schema",
    [
        {}, {"type": "number"}, {"type": ["string", "null"]}, {"type": "string", "format": "date"},
        {"type": "object", "properties": {}}, {"anyOf": [], "type": "string"}, {"$ref": "#"},
    ],
    ids=str,
)  # fmt: skip
def test_a_schema_of_more_than_it_knows_is_no_schema_for_it(schema: Schema) -> None:
    with pytest.raises(ValueError, match="not known here"):
        compiled(schema)
