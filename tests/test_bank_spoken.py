"""Talks with the bank over Socket.IO: both real processes, speech on this machine, the emulated bank behind them."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from receiver.assistants.bank.access import NEEDS_ACCESS
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_history import PEOPLE, ROBIN, SAM, ZONE
from tests.emulators.up_bank_ledger import Movement
from tests.leak_search import find_in_text
from tests.node.socketio_clients import NodeClient, NodeClients
from tests.ports import next_port
from tests.processes import Process
from tests.receiver.bank_assistant.bank_call import spoken
from tests.relay.access import as_user
from tests.relay.recordings import pcm, words
from tests.tokens import AUDIENCE, ISSUER, SECRET, shown
from tests.tones import mp3_to_pcm, pcm_pieces, webm_pieces
from tests.wire_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT_SECONDS = 30.0
"""For an answer: a busy machine takes some for hearing and speaking."""

STORED_TOKEN = "up:yeah:this-test-alone-may-write-it"
"""Of Robin, too: `tests.leak_search` finds the other one in any file."""

BALANCE = "what is my balance"


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not happened():
            await asyncio.sleep(0.01)


class Page:
    """A person at the bank's page."""

    def __init__(self, client: NodeClient) -> None:
        self.client = client
        self.turn = 0

    async def say(self, recording: str, form: str = "pcm") -> str:
        """Speak a recording; the answer."""
        sound = pcm(f"bank/{recording}")
        for piece in pcm_pieces(sound) if form == "pcm" else webm_pieces(sound, 0.1):
            self.client.emit("audioData", piece)
        self.client.emit("stopAudio")
        return await self.answer()

    async def ask(self, question: str) -> str:
        """Type a question; the answer."""
        assert await self.client.ask("bankingQuery", question) == {"ok": True}
        return await self.answer()

    async def answer(self) -> str:
        self.turn += 1
        return await self.answer_of(self.turn)

    async def answer_of(self, turn: int) -> str:
        await until(lambda: any(end["turn"] == turn for end in self.client.of("audioEnd")))
        (text,) = [
            response["text"] for response in self.client.of("textResponse") if response["turn"] == turn
        ]
        return str(text)

    def sound_of(self, turn: int) -> bytes:
        """16 kHz."""
        sound, at = b"", 0
        for event, args in self.client.events:
            if event == "audioResponse" and at == turn:
                sound += args[0]
            elif event == "audioEnd":
                at = args[0]["turn"] + 1
        return mp3_to_pcm(sound)


class House:
    """Both processes, the bank, and everybody's pages. The receiver may be killed and come back."""

    def __init__(self, folder: Path, bank: UpBank, stack: ExitStack) -> None:
        self.folder, self.bank = folder, bank
        self._stack = stack
        self._node = NodeClients()
        stack.callback(self._node.close)
        self.secrets = folder / "secrets"
        (self.secrets / "bank").mkdir(parents=True)
        self.database = folder / "receiver.db"
        self.processes: list[Process] = []
        self.clients: list[NodeClient] = []

    def start(self) -> None:
        self._receiver_port = str(next_port())
        self.receiver = self._start_receiver()
        self.receiver.port()
        self.relay = self._start(
            "relay", RELAY_PORT=str(next_port()), RELAY_RECEIVER=f"tcp://127.0.0.1:{self._receiver_port}",
            RELAY_AUTH="jwt", RELAY_JWT_SECRET=SECRET, RELAY_JWT_AUDIENCE=AUDIENCE, RELAY_JWT_ISSUER=ISSUER,
            RELAY_LOG_LEVEL="debug",
        )  # fmt: skip
        self.port = self.relay.port()

    def bring_back(self) -> None:
        self.receiver = self._start_receiver()
        self.receiver.port()

    async def page(self, user: str, token: str | None = None, **auth: Any) -> Page:
        """Whose greeting has been told."""
        page = Page(self._node.open(self.port, auth=self.auth(user, token, **auth)))
        self.clients.append(page.client)
        assert await page.answer_of(0) == "Hello! What would you like to know about your money?"
        return page

    def auth(self, user: str, token: str | None, **auth: Any) -> dict[str, Any]:
        credentials = {} if token is None else {"bank": token}
        return {"token": shown(user), "credentials": credentials, "timezone": ZONE.key, **auth}

    async def hear(self, sound: bytes) -> set[str]:
        """The words that this relay hears in it. Recognition may write a sum in figures: that is `dollars`, too."""
        async with WireClient(self.port, **as_user("somebody")) as client:
            await client.hello(assistant="echo")
            await client.speak(pcm=sound + bytes(16_000))
            await client.send("flush")
            await client.expect("server_response", turn=1)
            heard = " ".join(turn["text"] for turn in client.of("turn"))
            return words(heard.replace("$", " dollars "))

    def calls(self, method: str) -> int:
        """So many came to the bank."""
        return sum(call.method == method for call in self.bank.received)

    def latest(self, merchant: str) -> Movement:
        return next(one for one in self.bank.ledger.movements_of(SAM) if one.description == merchant)

    def choices(self) -> dict[str, Any]:
        """What people may change, of each transaction."""
        return {
            one.id: (one.category, tuple(one.tags)) for one in self.bank.ledger.movements.values()
        }  # fmt: skip

    def _start_receiver(self) -> Process:
        return self._start(
            "receiver", RECEIVER_PORT=self._receiver_port, RECEIVER_DATABASE_URL=f"sqlite:///{self.database}",
            RECEIVER_BANK_URL=self.bank.base_url, RECEIVER_SECRETS=f"folder:{self.secrets}",
            RECEIVER_LOG_LEVEL="debug",
        )  # fmt: skip

    def _start(self, module: str, **settings: str) -> Process:
        process = Process(module, self.folder, **settings)
        self._stack.callback(process.kill)
        self.processes.append(process)
        return process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    # What is asked is about today by the processes' clock.
    async with UpBank(datetime.now(ZONE)) as bank:
        with ExitStack() as stack:
            found = House(tmp_path_factory.mktemp("bank"), bank, stack)
            await asyncio.to_thread(found.start)
            yield found
        assert bank.violations == []


async def test_a_spoken_question_gets_a_spoken_answer_with_what_the_banks_ledger_has(house: House) -> None:
    page = await house.page("sam", SAM.token)
    answer = await page.say("emergency_fund")
    balance = house.bank.ledger.balance(house.bank.account(SAM, "Emergency Fund"))
    assert answer == f"You have {spoken(balance)} in Emergency Fund."
    sound = page.sound_of(1)
    assert np.abs(np.frombuffer(sound, "<i2")).max() > 3_000
    assert {"dollars", "emergency", "fund"} <= await house.hear(sound)


async def test_a_change_that_was_agreed_on_by_voice_outlives_a_receiver_that_is_killed_while_it_makes_it(
    house: House,
) -> None:
    movement, before = house.latest("Coles"), house.choices()
    page = await house.page("sam", SAM.token, sessionId="changing")
    asked = await page.say("gifts", "webm")
    assert "Coles" in asked
    assert asked.endswith("I would put it into gifts and charity. Shall I?")
    house.bank.fail(Fault("/relationships/category", "PATCH", hang=True))
    assert (await page.say("yes")).startswith("All right, I'll put it into gifts")
    await until(lambda: house.calls("PATCH"))
    house.receiver.kill()
    page.client.do("disconnect")
    assert house.choices() == before
    a_minute_passes(house.database)
    await asyncio.to_thread(house.bring_back)
    page.client.do("connect")
    await until(lambda: house.choices() != before)
    assert house.choices() == {**before, movement.id: ("gifts-and-charity", tuple(movement.tags))}
    assert house.calls("PATCH") == 2
    assert (await page.ask(BALANCE)).startswith("You have $")


async def test_a_change_whose_answer_was_lost_is_made_again_and_is_the_same(house: House) -> None:
    movement, before = house.latest("Uber"), house.choices()
    count = house.calls("PATCH")
    page = await house.page("sam", SAM.token)
    assert (await page.ask("put my last purchase at uber into public transport")).endswith("Shall I?")
    house.bank.fail(Fault("/relationships/category", "PATCH", lost="after"))
    assert (await page.ask("yes")).startswith("All right")
    await until(lambda: house.calls("PATCH") == count + 2)
    assert house.choices() == {**before, movement.id: ("public-transport", tuple(movement.tags))}
    assert (await page.ask(BALANCE)).startswith("You have $"), "there is nothing to be sorry for"


async def test_each_failure_of_the_bank_has_a_spoken_sentence_and_the_talk_goes_on(house: House) -> None:
    bank = house.bank
    page = await house.page("robin", ROBIN.token)

    bank.revoked.add(ROBIN)
    assert "does not accept your access token" in await page.ask(BALANCE)
    bank.revoked.clear()
    assert (await page.ask(BALANCE)).startswith("You have $")

    bank.fail(Fault("/accounts", status=429, retry_after="25"))
    assert (await page.ask(BALANCE)).endswith("please ask again in 25 seconds.")

    broken = Fault("/accounts", status=503, times=None)
    bank.fail(broken)
    assert "cannot be reached right now" in await page.ask(BALANCE)
    broken.times = 0
    assert (await page.ask(BALANCE)).startswith("You have $")

    assert {"bank", "access", "token"} <= await house.hear(page.sound_of(1))
    assert page.client.of("error") == []


async def test_whoever_has_no_token_is_told_so_and_who_has_one_at_the_deployers_is_not(house: House) -> None:
    house.bank.tokens[STORED_TOKEN] = ROBIN
    (house.secrets / "bank" / "robin").write_text(f"{STORED_TOKEN}\n")
    count = len(house.bank.received)
    without = await house.page("carol")
    assert await without.ask(BALANCE) == NEEDS_ACCESS
    assert len(house.bank.received) == count
    page = await house.page("robin")
    balance = house.bank.ledger.balance(house.bank.account(ROBIN, "Rainy Day"))
    assert f"{spoken(balance)} in Rainy Day" in await page.ask("what are my balances")


async def test_no_log_file_database_or_error_has_a_token_an_account_or_an_amount(house: House) -> None:
    """Of all that was said in this file, with both logs at their most talkative."""
    page = await house.page("sam", SAM.token)
    await page.ask(BALANCE)
    house.bank.fail(Fault("/accounts", status=403))
    assert "does not allow that" in await page.ask(BALANCE)
    told = [str(response["text"]) for client in house.clients for response in client.of("textResponse")]
    amounts = {amount for text in told for amount in re.findall(r"\$([\d,]+\.\d\d)", text)}
    assert amounts
    accounts = [account.id for account in house.bank.ledger.accounts]
    secrets = {STORED_TOKEN, *(person.token for person in PEOPLE), *accounts}
    private = {*secrets, *amounts, *(amount.replace(",", "") for amount in amounts)}

    found = find_in_text(repr([client.events for client in house.clients]), secrets)
    assert found == []

    files = [path for path in house.folder.rglob("*") if path.is_file() and house.secrets not in path.parents]
    assert house.database in files
    written = b"".join(path.read_bytes() for path in files).decode("latin-1")
    found = find_in_text(written, private)
    assert found == []
    assert written.count("I told you your balance."), "it is not encrypted"

    assert house.relay.stop() == 0
    assert house.receiver.stop() == 0
    printed = "".join(process.output for process in house.processes)
    found = find_in_text(printed, private)
    assert found == []
    assert "bank_call_failed" in printed
    assert "Traceback" not in printed


def a_minute_passes(database: Path) -> None:
    """Since the receiver that was killed has taken what it was to do: nobody else may do it for so long."""
    with closing(sqlite3.connect(database)) as connection, connection:
        moved = connection.execute("UPDATE outbox SET next_at = created")
        assert moved.rowcount == 1
