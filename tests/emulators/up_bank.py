"""The Up API on this machine, with a year of three people's transactions, for tests and for use by hand.

    python -m tests.emulators.up_bank [--port 8099] [--seed 1] [--today 2026-11-21] [--purchase-every SECONDS]

It keeps what is changed until it ends. Every answer, and every request, is compared with the schemas of
`up_bank_schema`; what is wrong with them is in `violations`, which a test expects to be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import TracebackType
from typing import Any

from aiohttp import web

from tests.emulators import up_bank_history as history
from tests.emulators.http_emulator import HttpEmulator
from tests.emulators.up_bank_answers import Answers, Refused
from tests.emulators.up_bank_faults import Fault
from tests.emulators.up_bank_ledger import BankAccount, Movement, Person
from tests.emulators.up_bank_resources import Resources
from tests.emulators.up_bank_schema import OPERATIONS, mistakes_of_answer, mistakes_of_request
from tests.emulators.up_bank_webhooks import Webhooks

BASE_PATH = "/api/v1"

TODAY = datetime(2026, 11, 18, 15, 0, tzinfo=history.ZONE)
"""A Wednesday afternoon in Melbourne."""


@dataclass(frozen=True)
class Received:
    """A request that came, refused ones too."""

    method: str
    path: str
    """Without the base path."""
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


class UpBank(HttpEmulator):
    """`async with` serves it on a free port, or on `port`. `now` is the bank's clock: what has happened until then."""

    def __init__(self, now: datetime = TODAY, *, seed: int = 1, port: int = 0) -> None:
        super().__init__()
        self.port = port
        self.now = now
        self.people = history.PEOPLE
        self.tokens: dict[str, Person] = {person.token: person for person in self.people}
        """Whom each token lets in. A test may add one of its own, to be written where these must not be."""
        self.ledger = history.ledger(now, seed)
        self._ids = history.identifiers(seed)
        self.webhooks = Webhooks(lambda: self.now, self._new_id)
        self.faults: list[Fault] = []
        self.revoked: set[Person] = set()
        """Their tokens count no more."""
        self.received: list[Received] = []
        self.violations: list[str] = []
        self.peers: set[Any] = set()
        """Addresses of the connections that calls came through."""
        self.most_at_once = 0
        self._at_once = 0

    @property
    def base_url(self) -> str:
        return f"{self.endpoint}{BASE_PATH}"

    @property
    def resources(self) -> Resources:
        return Resources(self.base_url)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        for name in OPERATIONS:
            method, path = name.split()
            router.add_route(method, BASE_PATH + path, self._handler(name))
        router.add_get(f"{BASE_PATH}/files/{{name}}", self._file)
        router.add_route("*", "/{path:.*}", self._nowhere)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.webhooks.close()
        await super().__aexit__(kind, error, traceback)

    def fail(self, fault: Fault) -> None:
        self.faults.append(fault)

    def account(self, owner: Person, name: str) -> BankAccount:
        """The account of that name, or with that in its name."""
        accounts = self.ledger.accounts_of(owner)
        return min((entry for entry in accounts if name in entry.name), key=lambda entry: len(entry.name))

    def purchase(
        self,
        account: BankAccount,
        merchant: str,
        cents: int,
        *,
        category: str | None = None,
        at: datetime | None = None,
    ) -> Movement:
        """A purchase by card, now or earlier; held. Webhooks are told."""
        movement = Movement(
            self._new_id(), account, -cents, at or self.now, merchant, raw_text=merchant.upper(),
            kind="Purchase", category=category, categorisable=True, card="CONTACTLESS", hold=(-cents, None),
            by=account.owners[0].name,
        )  # fmt: skip
        self.ledger.movements[movement.id] = movement
        self.webhooks.tell(self.resources, "TRANSACTION_CREATED", movement)
        return movement

    def settle(self, movement: Movement, cents: int | None = None) -> None:
        """Settle what is held, perhaps at another amount."""
        movement.settled_at = self.now
        movement.amount = movement.amount if cents is None else -cents
        self.webhooks.tell(self.resources, "TRANSACTION_SETTLED", movement)

    def delete(self, movement: Movement) -> None:
        """As a hold that is given up."""
        del self.ledger.movements[movement.id]
        self.webhooks.tell(self.resources, "TRANSACTION_DELETED", movement)

    def _new_id(self) -> str:
        return next(self._ids)

    def _handler(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            try:
                return await self._serve(name, request)
            finally:
                self._at_once -= 1

        return handle

    async def _serve(self, name: str, request: web.Request) -> web.StreamResponse:
        body, readable = await _json_of(request)
        path = request.path.removeprefix(BASE_PATH)
        self.received.append(Received(request.method, path, dict(request.query), body, dict(request.headers)))
        self.peers.add(request.transport.get_extra_info("peername") if request.transport else None)
        fault = next((fault for fault in self.faults if fault.meets(request.method, path)), None)
        if fault is not None:
            failed = await self._fail(fault, request, name)
            if failed is not None:
                return failed
        try:
            person = self._authenticated(request)
            if not readable:
                raise Refused(400, "The body is not JSON.", pointer="")
            self.violations += mistakes_of_request(name, request.query, body)
            answers = Answers(self.ledger, self.webhooks, self.resources, person, self.now, self._new_id)
            status, answer = answers.to(name, dict(request.match_info), request.query, body)
            if fault is not None and fault.lost == "after" and request.transport is not None:
                request.transport.abort()
                await asyncio.Event().wait()  # the lost connection cancels this
        except Refused as refused:
            status, answer = refused.status, refused.document()
        return self._answer(name, status, answer)

    def _answer(
        self, name: str, status: int, answer: Any, headers: dict[str, str] | None = None
    ) -> web.Response:
        self.violations += mistakes_of_answer(name, status, answer)
        if answer is None:
            return web.Response(status=status, headers=headers)
        return web.json_response(answer, status=status, headers=headers)

    def _authenticated(self, request: web.Request) -> Person:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        person = self.tokens.get(token) if scheme == "Bearer" else None
        if person is None or person in self.revoked:
            raise Refused(401, "There is no valid token in the Authorization header.")
        return person

    async def _fail(self, fault: Fault, request: web.Request, name: str) -> web.StreamResponse | None:
        if fault.times is not None:
            fault.times -= 1
        await asyncio.sleep(fault.delay)
        if fault.hang:
            await asyncio.Event().wait()  # the client goes away, which cancels this
        if fault.status:
            headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
            refused = Refused(fault.status, "As the test asked.")
            return self._answer(name, fault.status, refused.document(), headers)
        if fault.garbage:
            return web.Response(text="<html>nonsense</html>", content_type="application/json")
        if fault.body is not None:
            return web.Response(body=fault.body, content_type="application/json")
        if fault.lost == "within":
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"data": [')
        if fault.lost in ("before", "within") and request.transport is not None:
            request.transport.abort()
            await asyncio.Event().wait()  # the lost connection cancels this
        return None

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=b"\x89PNG\r\n\x1a\n", content_type="image/png")

    async def _nowhere(self, request: web.Request) -> web.Response:
        if request.path.startswith(BASE_PATH):
            self.violations.append(f"there is no {request.method} of this path")
        # Else somebody else's client, who looks for a server that had this port before.
        return web.json_response(Refused(404, "There is nothing here.").document(), status=404)


async def _json_of(request: web.Request) -> tuple[Any, bool]:
    """The body, and whether it could be read; None where there is none."""
    raw = await request.read()
    if not raw:
        return None, True
    try:
        return json.loads(raw), True
    except ValueError:
        return None, False


async def _serve_by_hand(port: int, seed: int, now: datetime, purchase_every: float | None) -> None:
    async with UpBank(now, seed=seed, port=port) as bank:
        print(f"The emulated Up API listens at {bank.base_url}\n")
        for person in bank.people:
            movements = len(bank.ledger.movements_of(person))
            print(f"  {person.name:6} {person.token}  {movements} transactions")
        print(
            f"\nTalk about Sam's money:\n\n  RECEIVER_ASSISTANT=bank RECEIVER_BANK_URL={bank.base_url} "
            f"RECEIVER_BANK_TOKEN={history.SAM.token} make run\n\nOr ask it yourself:\n\n"
            f"  curl -H 'Authorization: Bearer {history.SAM.token}' {bank.base_url}/accounts",
            flush=True,
        )
        while True:
            await asyncio.sleep(purchase_every or 3600)
            bank.now = max(bank.now, datetime.now(UTC))
            if purchase_every:
                spending = bank.account(history.SAM, "Spending")
                bank.purchase(spending, "Industry Beans", 520, category="restaurants-and-cafes")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.emulators.up_bank", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--port", type=int, default=8099, help="0 takes a free one (default: 8099)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another year (default: 1)")
    parser.add_argument("--today", type=datetime.fromisoformat, help="the last day there is (default: today)")
    parser.add_argument(
        "--purchase-every", type=float, metavar="SECONDS", help="Sam buys a coffee that often"
    )
    options = parser.parse_args(arguments)
    now = datetime.now(history.ZONE)
    if options.today is not None:
        now = datetime.combine(options.today.date(), time(20), history.ZONE)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_by_hand(options.port, options.seed, now, options.purchase_every))
    return 0


if __name__ == "__main__":
    sys.exit(main())
