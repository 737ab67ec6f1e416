"""The client vocabulary: what is taken, what is refused and how, and the original's form of the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol import client_messages as cm
from protocol import same_major
from protocol.errors import InputError, MalformedMessage, MessageTooLarge, ReceiverUnavailable, UnknownType


def parse(**fields: Any) -> Any:
    return cm.parse_client_message(json.dumps(fields))


def test_hello_needs_nothing_but_its_type() -> None:
    hello = parse(type="hello")
    assert (hello.protocol, hello.replies, hello.session_id, hello.received) == ("1.0", "whole", None, None)


def test_hello_carries_all_it_may() -> None:
    fields = {
        "protocol": "1.2",
        "session_id": "s-1",
        "resume_token": "t",
        "token": "x" * 8192,
        "name": " Ada ",
        "timezone": "Europe/Dublin",
        "assistant": "diet",
        "replies": "sentences",
        "received": [3, 1],
    }
    hello = parse(type="hello", **fields, colour="green")
    assert hello.received == (3, 1)
    assert hello.name == "Ada"
    assert not hasattr(hello, "colour")


@pytest.mark.parametrize(
    "fields",
    [
        {"session_id": ""},
        {"session_id": "a b"},
        {"session_id": "a" * 129},
        {"session_id": "é"},
        {"session_id": 7},
        {"session_id": "line\n"},
        {"name": "a" * 81},
        {"replies": "loud"},
        {"received": [1]},
        {"received": "1,2"},
        {"token": "x" * 8193},
        {"credentials": "a key"},
        {"credentials": {"bank": ""}},
        {"credentials": {"bank": "x" * 4097}},
        {"credentials": {"Bank": "a key"}},
        {"credentials": {f"s{number}": "a key" for number in range(9)}},
    ],
    ids=str,
)
def test_a_bad_field_of_hello_is_named(fields: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match=f"'hello' has a bad field '{next(iter(fields))}"):
        parse(type="hello", **fields)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", MalformedMessage),
        ("null", MalformedMessage),
        ("7", MalformedMessage),
        ('"text"', MalformedMessage),
        ("{}", MalformedMessage),
        ('{"type": null}', MalformedMessage),
        ('{"type": "TEXT"}', UnknownType),
        ('{"type": "ready"}', UnknownType),
        ('{"type": "flush"', MalformedMessage),
        ("[" * 50_000, MalformedMessage),
        ('{"type": "\\ud800"}', MalformedMessage),
        ('{"type": "text", "text": "\\uD83D"}', MalformedMessage),
        ('{"type": "text", "text": "' + "1" * 5_000 + '"}' + " " * 61_000, MessageTooLarge),
        ('{"type": "played", "turn": 1, "seq": 0, "at_ms": ' + "9" * 5_000 + "}", MalformedMessage),
    ],
)
def test_what_is_no_message_is_refused_by_name(text: str, error: type[InputError]) -> None:
    with pytest.raises(error) as caught:
        cm.parse_client_message(text)
    assert len(caught.value.message) < 400
    caught.value.message.encode()


def test_a_whole_surrogate_pair_is_a_letter() -> None:
    assert cm.parse_client_message('{"type": "text", "text": "\\ud83c\\udf73"}').text == "🍳"  # type: ignore[attr-defined]


def test_the_limit_of_a_message_is_in_bytes() -> None:
    frame = json.dumps({"type": "flush", "pad": ""})
    fits = frame[:-2] + "a" * (cm.MAX_CLIENT_TEXT_BYTES - len(frame)) + frame[-2:]
    assert isinstance(cm.parse_client_message(fits), cm.Flush)
    with pytest.raises(MessageTooLarge):
        cm.parse_client_message(fits[:-3] + "ß" + fits[-2:])


@given(st.text())
def test_any_text_gets_a_message_or_an_input_error(text: str) -> None:
    try:
        cm.parse_client_message(text)
    except InputError as error:
        json.dumps(cm.ErrorMessage.of(error).to_wire(), ensure_ascii=False).encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(cm.FROM_CLIENT)), st.dictionaries(st.text(), json_values))
def test_any_fields_get_a_message_or_an_input_error(kind: str, fields: dict[str, Any]) -> None:
    known = sorted(cm.FROM_CLIENT[kind].model_fields)
    named = dict(zip(known, fields.values(), strict=False))
    try:
        cm.parse_client_message(json.dumps({**fields, **named, "type": kind}))
    except InputError as error:
        json.dumps(cm.ErrorMessage.of(error).to_wire(), ensure_ascii=False).encode()


def test_the_answer_has_the_originals_three_fields_also_without_sound() -> None:
    answer = cm.ServerResponse(message="Hello.", audio=None, turn=1).to_wire()
    assert answer == {"type": "server_response", "message": "Hello.", "audio": None, "turn": 1}
    failed = cm.ServerResponse(message="Hello.", audio=None, turn=1, audio_error="tts_refused").to_wire()
    assert failed["audio_error"] == "tts_refused"


def test_a_sentence_without_sound_says_so() -> None:
    assert cm.ReplyAudio(turn=1, seq=0, text="Hi.", audio=None).to_wire()["audio"] is None


def test_an_error_says_what_it_is_about() -> None:
    wire = cm.ErrorMessage.of(ReceiverUnavailable(), turn=3, id="t1").to_wire()
    assert wire == {
        "type": "error",
        "code": "receiver_unavailable",
        "message": ReceiverUnavailable.sentence,
        "retryable": True,
        "turn": 3,
        "id": "t1",
    }
    assert "turn" not in cm.ErrorMessage.of(ReceiverUnavailable()).to_wire()


@pytest.mark.parametrize(
    ("version", "same"), [("1.0", True), ("1.9", True), ("1", True), ("2.0", False), ("", False)]
)
def test_only_the_major_of_a_version_must_match(version: str, same: bool) -> None:
    assert same_major(version) is same


def test_an_error_that_may_be_logged_does_not_repeat_what_was_said() -> None:
    with pytest.raises(ValidationError) as caught:
        cm.TypedText(text=["my secret breakfast"])  # type: ignore[arg-type]
    assert "secret" not in str(caught.value)
