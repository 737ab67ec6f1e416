"""The link vocabulary takes what the specification says and nothing that would break its reader."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import PROTOCOL_VERSION, link_messages, same_major
from protocol.error_codes import BY_CODE, from_wire
from protocol.errors import MalformedMessage, TurnConflict, Unsupported, VoiceError
from protocol.framing import Decoder, encode
from protocol.link_messages import (
    FROM_RECEIVER,
    FROM_RELAY,
    MAX_PLAN_BYTES,
    Commit,
    Item,
    LinkErrorMessage,
    Open,
    parse_from_receiver,
    parse_from_relay,
    spoken_text,
)

README = Path(link_messages.__file__).with_name("README.md").read_text()
LINK = README.partition("\n## Link\n")[2].partition("\n## Client\n")[0]
ITEM = {"text": "two eggs", "timestamp": "2026-11-21T08:00:00.000Z"}


def commit(**fields: Any) -> dict[str, Any]:
    return {"type": "commit", "session": "s-1", "epoch": 1, "turn": 1, "items": [ITEM]} | fields


def test_a_message_survives_the_wire() -> None:
    message = Commit(
        session="s-1", epoch=3, turn=2, items=[Item(**ITEM)], attempt=1, plan=b"\x00\xff", audio_until=9
    )
    [wire] = Decoder().feed(encode(message.to_wire()))
    assert parse_from_relay(wire) == message


def test_absent_fields_are_left_out_on_the_wire() -> None:
    assert Open(session="s-1").to_wire() == {"type": "open", "session": "s-1"}


def test_fields_of_a_newer_minor_are_ignored() -> None:
    assert parse_from_relay(commit(mood="hungry")) == parse_from_relay(commit())


@pytest.mark.parametrize("data", [None, 7, [], "open", {}, {"type": 1}, {"type": None}, {"type": ["open"]}])
def test_what_is_no_message_is_malformed(data: object) -> None:
    with pytest.raises(MalformedMessage):
        parse_from_relay(data)


def test_an_unknown_type_is_unsupported_on_both_sides() -> None:
    for parse in (parse_from_relay, parse_from_receiver):
        with pytest.raises(Unsupported):
            parse({"type": "teleport"})


def test_the_two_directions_do_not_mix() -> None:
    with pytest.raises(Unsupported):
        parse_from_relay({"type": "goaway"})
    with pytest.raises(Unsupported):
        parse_from_receiver({"type": "open", "session": "s-1"})


@pytest.mark.parametrize(
    "fields",
    [
        {"session": ""},
        {"session": "with space"},
        {"session": "x" * 129},
        {"session": "umläut"},
        {"session": "s-1\n"},
        {"session": 7},
        {"epoch": "first"},
        {"turn": -1},
        {"items": []},
        {"items": [ITEM] * 1001},
        {"items": [{"text": "", "timestamp": "x"}]},
        {"items": [{"text": "x" * 16_385, "timestamp": "x"}]},
        {"items": [ITEM | {"confidence": 1.5}]},
        {"items": [ITEM | {"timestamp": "x" * 41}]},
        {"plan": bytes(MAX_PLAN_BYTES + 1)},
        {"attempt": 0},
        {"audio_until": -1},
    ],
)
def test_a_commit_out_of_bounds_is_malformed_and_the_field_is_named(fields: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match=f"'{next(iter(fields))}"):
        parse_from_relay(commit(**fields))


@given(
    st.dictionaries(
        st.text(max_size=12), st.none() | st.integers() | st.text() | st.binary() | st.lists(st.text())
    )
)
def test_no_map_makes_the_reader_fail_in_another_way(fields: dict[str, Any]) -> None:
    for kind in [*FROM_RELAY, *FROM_RECEIVER, "nonsense"]:
        for parse in (parse_from_relay, parse_from_receiver):
            with contextlib.suppress(MalformedMessage, Unsupported):
                parse(fields | {"type": kind})


def test_an_error_keeps_its_class_over_the_wire() -> None:
    [wire] = Decoder().feed(encode(LinkErrorMessage.of(TurnConflict(), session="s-1", turn=4).to_wire()))
    message = parse_from_receiver(wire)
    assert isinstance(message, LinkErrorMessage)
    assert type(message.to_error()) is TurnConflict
    assert (message.session, message.turn, message.retryable) == ("s-1", 4, False)
    assert type(from_wire("code_of_tomorrow", "?")) is VoiceError


def test_spoken_text_is_one_line_of_all_items() -> None:
    said = [Item(text=text, timestamp="t") for text in (" two eggs ", "and", "toast\n")]
    assert spoken_text(said) == "two eggs and toast"


def test_majors_must_match_and_minors_need_not() -> None:
    major = PROTOCOL_VERSION.split(".")[0]
    assert same_major(PROTOCOL_VERSION)
    assert same_major(f"{major}.999")
    assert not same_major(f"{int(major) + 1}.0")
    assert not same_major("")
    assert not same_major(f"{major}0.0")


@pytest.mark.parametrize(
    "message",
    dict.fromkeys([*FROM_RELAY.values(), *FROM_RECEIVER.values()]),
    ids=lambda cls: cls.__name__,
)
def test_the_specification_has_every_message_with_every_field(message: type[Any]) -> None:
    kind = message.model_fields["type"].default
    section = re.search(rf"^#### `{kind}`.*?(?=^##)", LINK, re.MULTILINE | re.DOTALL)
    assert section, f"protocol/README.md has no section for '{kind}'"
    for field in get_type_hints(message):
        if field not in ("type", "model_config") and field in message.model_fields:
            assert f"| `{field}` |" in section[0], f"'{kind}' lacks '{field}' in protocol/README.md"


def test_the_specification_has_every_error_code() -> None:
    for code, cls in BY_CODE.items():
        if not cls.__subclasses__() and code != "settings":
            assert f"| `{code}` | {'yes' if cls.retryable else 'no'} |" in README, code
