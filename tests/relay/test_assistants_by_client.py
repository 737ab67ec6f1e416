"""Which assistant each kind of client talks with: its usual one, the deployer's choice, or what the receiver has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import SettingsError
from protocol.settings import load
from relay.server import Relay
from relay.settings import RelaySettings
from tests.kinds_of_clients import BankPage, DietPage, NativeTypingPage, PostingPage, QuestionPage, Telephone
from tests.relay.access import real_receiver
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver

KINDS: dict[str, Callable[[int], Any]] = {
    "socketio": lambda port: BankPage(port, 1),
    "phone": lambda port: Telephone(port, 1, "ann"),
    "diet": lambda port: DietPage(port, 1),
    "native": lambda port: NativeTypingPage(port, 1),
}


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as stack:
        yield lambda relay, kind: stack.enter_async_context(KINDS[kind](relay.port))


async def asked(receiver: ScriptedReceiver) -> Any:
    """The assistant of the latest `open`."""
    await receiver.wait_for("open")
    return receiver.of_type("open")[-1].get("assistant")


@pytest.mark.parametrize(
    ("kind", "assistant"), [("socketio", "bank"), ("phone", "notes"), ("diet", "diet"), ("native", None)]
)
async def test_each_kind_of_client_has_its_own(
    relay: Relay, receiver: ScriptedReceiver, connect: Any, kind: str, assistant: str | None
) -> None:
    await connect(relay, kind)
    assert await asked(receiver) == assistant


async def test_questions_are_for_chat_over_the_socket_and_posted(
    relay: Relay, receiver: ScriptedReceiver
) -> None:
    for page in (QuestionPage(relay.port, 1), PostingPage(relay.port, 2)):
        async with page:
            await page.send_text("hi")
            await page.answered(1)
    assert [message.get("assistant") for message in receiver.of_type("open")] == ["chat", "chat"]


@pytest.mark.parametrize(
    ("kind", "assistant"), [("socketio", "bank"), ("phone", "diet"), ("diet", "echo"), ("native", "echo")]
)
async def test_a_deployer_chooses_for_some_or_all(
    start_relay: StartRelay, receiver: ScriptedReceiver, connect: Any, kind: str, assistant: str
) -> None:
    await connect(await start_relay(assistants="phone=diet, diet=", assistant="echo"), kind)
    assert await asked(receiver) == assistant


async def test_empty_is_the_receivers_own(
    start_relay: StartRelay, receiver: ScriptedReceiver, connect: Any
) -> None:
    await connect(await start_relay(assistants="phone="), "phone")
    assert await asked(receiver) is None


async def test_a_client_that_says_whom_it_wants_is_asked_for_that(
    start_relay: StartRelay, receiver: ScriptedReceiver, join: Join
) -> None:
    client = await join(await start_relay(assistant="echo"))
    await client.hello(assistant="notes")
    assert await asked(receiver) == "notes"


@pytest.mark.parametrize(
    "value", ["bank", "socketio:bank", "=bank", "fax=bank", f"phone={'x' * 81}", "phone=a\tb"], ids=str
)
def test_what_is_no_choice_is_named(value: str) -> None:
    with pytest.raises(
        SettingsError, match=r"RELAY_ASSISTANTS=.* CLIENT=ASSISTANT.* socketio, phone, answers, diet"
    ):
        load(RelaySettings, {}, assistants=value)


# A receiver without it


def only_its_own(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
    """A receiver with one assistant, which answers whoever asks for nobody."""
    if message["type"] == "open" and "assistant" in message:
        error = {"code": "unsupported", "message": "There is no such assistant here.", "retryable": False}
        receiver.say(type="error", session=message["session"], **error)
        return False
    return None


async def test_a_receiver_with_assistants_of_its_own_serves_all_kinds_of_clients_and_it_is_logged_once(
    relay: Relay, receiver: ScriptedReceiver, records: list[dict[str, Any]], connect: Any
) -> None:
    receiver.before = only_its_own
    for page in (
        await connect(relay, "socketio"),
        await connect(relay, "socketio"),
        await connect(relay, "diet"),
    ):
        await page.send_text("hi")
        assert (await page.answered(1)).text == "You said: hi."
    logged = [record["assistant"] for record in records if "no such assistant" in record["event"]]
    assert logged == ["bank", "diet"]
    assert len(receiver.of_type("open")) == 6


async def test_a_receiver_that_has_nobody_at_all_is_asked_once_more_and_no_oftener(
    relay: Relay, receiver: ScriptedReceiver, join: Join
) -> None:
    def nobody(message: dict[str, Any], receiver: ScriptedReceiver) -> object:
        return only_its_own({**message, "assistant": "x"}, receiver) if message["type"] == "open" else None

    receiver.before = nobody
    client = await join(relay, path="/ws/diet?sessionId=s-1")
    await client.expect("error", code="unsupported")
    await client.closed()
    assert [message.get("assistant") for message in receiver.of_type("open")] == ["diet", None]


async def test_a_client_that_asked_for_it_itself_is_told(
    relay: Relay, receiver: ScriptedReceiver, join: Join
) -> None:
    receiver.before = only_its_own
    client = await join(relay)
    await client.send("hello", assistant="notes")
    await client.expect("error", code="unsupported")
    await client.closed()
    assert len(receiver.of_type("open")) == 1


async def test_the_real_receiver_answers_each_kind_with_the_right_one(
    start_relay: StartRelay, tmp_path: Path, connect: Any
) -> None:
    async with real_receiver(tmp_path, "echo") as address:
        relay = await start_relay(receiver=(address,), assistants="socketio=diet")
        bank, diet = await connect(relay, "socketio"), await connect(relay, "diet")
        native = await connect(relay, "native")
        for page, word in ((bank, "egg"), (diet, "egg"), (native, "I had an egg for breakfast")):
            seen = len(page.answers)
            await page.send_text("I had an egg for breakfast")
            assert word in (await page.answered(seen + 1)).text
        await relay.stop()
