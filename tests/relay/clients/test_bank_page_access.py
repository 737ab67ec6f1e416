"""Who may talk to the bank's assistant, in whose session, and what becomes of it when a connection ends."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import pytest

from relay.server import Relay
from tests.node.socketio_clients import NodeClients
from tests.relay.conftest import StartRelay
from tests.relay.loop_clock import LoopClock
from tests.scripted_receiver import ScriptedReceiver

SECRET = "a secret of thirty-two bytes, or more"

Until = Callable[..., Awaitable[None]]


def token(user: str = "ann", seconds: float = 60.0, secret: str = SECRET, **claims: Any) -> str:
    return jwt.encode({"sub": user, "exp": int(time.time() + seconds), **claims}, secret, "HS256")


@pytest.fixture
async def bank(start_relay: StartRelay) -> Relay:
    """A relay that asks for a token."""
    return await start_relay(auth="jwt", jwt_secret=SECRET)


async def test_with_a_token_the_user_is_its_subject(
    bank: Relay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    page = node.open(bank.port, auth={"token": token("ann"), "name": "Ann", "timezone": "Europe/Dublin"})
    await page.expect("ready")
    (opened,) = receiver.of_type("open")
    assert (opened["user"], opened["name"], opened["timezone"]) == ("ann", "Ann", "Europe/Dublin")


async def test_a_token_in_the_authorization_header_counts_as_well(
    bank: Relay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    page = node.open(bank.port, extraHeaders={"Authorization": f"Bearer {token('ben')}"})
    await page.expect("ready")
    assert receiver.of_type("open")[0]["user"] == "ben"


async def test_tokens_of_two_people_open_nothing(bank: Relay, node: NodeClients) -> None:
    header = {"Authorization": f"Bearer {token('ann')}"}
    page = node.open(bank.port, auth={"token": token("ben")}, extraHeaders=header)
    await page.expect("connect_error")
    assert len(bank.sessions) == 0


@pytest.mark.parametrize(
    "shown",
    [
        lambda: None,
        lambda: "nonsense",
        lambda: token(seconds=-10),
        lambda: token(secret="another secret of thirty-two bytes."),
        lambda: token(aud="somebody else"),
        lambda: jwt.encode({"sub": "ann", "exp": 2**40}, None, "none"),
    ],
    ids=["none", "nonsense", "expired", "forged", "another's audience", "unsigned"],
)
async def test_without_a_good_token_connecting_is_an_error_with_its_code(
    bank: Relay, node: NodeClients, shown: Callable[[], str | None]
) -> None:
    page = node.open(bank.port, auth={"token": shown()})
    await page.expect("connect_error")
    (message, told) = next(args for event, args in page.events if event == "connect_error")
    assert told == {"code": "unauthorized", "message": message, "retryable": False}
    assert message.endswith(".")
    assert len(bank.sessions) == 0


async def test_a_token_in_an_authorization_header_that_is_wrong_is_refused_before_the_upgrade(
    bank: Relay, node: NodeClients
) -> None:
    page = node.open(bank.port, reconnection=False, extraHeaders={"Authorization": "Bearer nonsense"})
    assert await page.expect("connect_error") == "websocket error"


async def test_when_the_sign_in_ends_the_connection_does_and_stays_ended(
    bank: Relay, node: NodeClients, loop_clock: LoopClock
) -> None:
    page = node.open(bank.port, auth={"token": token(seconds=8)})
    await page.expect("ready")
    await loop_clock.put_forward(8)
    await page.expect("error", type="processing", code="unauthorized")
    assert await page.expect("disconnect") == "io server disconnect"
    page.authenticate(token=token())
    page.do("connect")
    await page.expect("ready", after=1)


async def test_a_session_is_not_given_to_another_user_who_knows_its_id(
    bank: Relay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    ann = node.open(bank.port, auth={"token": token("ann"), "sessionId": "shared"})
    assert await ann.expect("ready") == {"sessionId": "shared"}
    ben = node.open(bank.port, auth={"token": token("ben"), "sessionId": "shared"})
    await ben.expect("connect_error")
    assert (
        next(args[1] for event, args in ben.events if event == "connect_error")["code"] == "session_refused"
    )
    await ann.ask("bankingQuery", "mine")
    await ann.expect("textResponse")
    assert receiver.turns() == [("mine", "You said: mine.")]


async def test_another_relay_does_not_give_it_to_them_either(
    start_relay: StartRelay, node: NodeClients
) -> None:
    first, second = [await start_relay(auth="jwt", jwt_secret=SECRET) for _ in range(2)]
    ann = node.open(first.port, auth={"token": token("ann"), "sessionId": "shared"})
    await ann.expect("ready")
    ben = node.open(second.port, auth={"token": token("ben"), "sessionId": "shared"})
    await ben.expect("error", type="processing", code="session_refused")
    assert await ben.expect("disconnect") == "io server disconnect"
    assert ben.of("ready") == []


async def test_of_two_pages_with_one_session_the_newest_has_it_and_they_do_not_fight(
    bank: Relay, node: NodeClients
) -> None:
    older = node.open(bank.port, auth={"token": token(), "sessionId": "mine"})
    await older.expect("ready")
    newer = node.open(bank.port, auth={"token": token(), "sessionId": "mine"})
    await newer.expect("ready")
    await older.expect("error", code="session_moved")
    assert await older.expect("disconnect") == "io server disconnect"
    await newer.ask("bankingQuery", "mine")
    await newer.expect("textResponse", turn=1)
    assert older.of("textResponse") == []


async def test_a_session_of_another_kind_of_client_is_not_taken_up(
    relay: Relay, join: Any, node: NodeClients
) -> None:
    native = await join(relay)
    ready = await native.hello()
    page = node.open(relay.port, auth={"sessionId": ready["session_id"]})
    await page.expect("connect_error")
    assert page.of("ready") == []


async def test_a_connect_that_cannot_be_read_is_refused(
    relay: Relay, node: NodeClients, subtests: pytest.Subtests
) -> None:
    refused = [
        ["a list"],
        {"sessionId": "a b"},
        {"sessionId": 7},
        {"token": {}},
        {"name": "x" * 100},
        {"received": -1},
    ]
    for auth in refused:
        with subtests.test(str(auth)):
            page = node.open(relay.port, auth=auth)
            await page.expect("connect_error")
            (args,) = [args for event, args in page.events if event == "connect_error"]
            assert args[1]["code"] == "malformed_message"
    assert len(relay.sessions) == 0


async def test_a_page_of_another_origin_is_refused(relay: Relay, node: NodeClients) -> None:
    for origin, came in (
        ("https://evil.example", "connect_error"),
        (f"http://127.0.0.1:{relay.port}", "ready"),
    ):
        page = node.open(relay.port, reconnection=False, extraHeaders={"Origin": origin})
        await page.expect(came)
    assert len(relay.sessions) == 1


async def test_polling_is_refused_and_says_so(relay: Relay, node: NodeClients) -> None:
    page = node.open(relay.port, reconnection=False, transports=["polling"])
    await page.expect("connect_error")
    assert page.of("ready") == []


async def test_after_the_relay_has_restarted_the_session_goes_on(
    start_relay: StartRelay, node: NodeClients, receiver: ScriptedReceiver
) -> None:
    first = await start_relay()
    port = first.port
    page = node.open(port)
    session = await page.expect("ready")
    page.authenticate(**session)
    await page.ask("bankingQuery", "one")
    await page.expect("audioEnd", turn=1)
    await first.stop()
    assert await page.expect("disconnect") == "transport close"
    page.emit("bankingQuery", {"text": "two", "id": "q2"})  # kept by the library until it is connected again
    await start_relay(port=port)
    assert await page.expect("ready", after=1) == session
    await page.expect("textResponse", turn=2, text="You said: two.")
    assert [said for said, _ in receiver.turns()] == ["one", "two"]


async def test_an_answer_that_a_page_missed_is_told_again_when_it_says_what_it_has(
    relay: Relay, node: NodeClients, receiver: ScriptedReceiver, until: Until
) -> None:
    page = node.open(relay.port)
    session = await page.expect("ready")
    await page.ask("bankingQuery", "one")
    await page.expect("audioEnd", turn=1)
    page.authenticate(**session, received=1)
    receiver.before = lambda message, receiver: page.do("disconnect") if message["type"] == "commit" else None
    page.emit("bankingQuery", "two")
    await page.expect("disconnect")
    receiver.before = None
    await until(lambda: len(receiver.turns()) == 2)
    page.do("connect")
    await page.expect("audioEnd", turn=2)
    assert [told["turn"] for told in page.of("textResponse")] == [1, 2]


async def test_a_network_that_fails_costs_nothing(relay: Relay, node: NodeClients) -> None:
    page = node.open(relay.port)
    session = await page.expect("ready")
    page.authenticate(**session)
    page.do("cut")
    assert await page.expect("ready", after=1) == session
    await page.ask("bankingQuery", "still here")
    await page.expect("textResponse", turn=1)
