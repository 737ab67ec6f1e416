"""A receiver on either database whose assistant does errands, and whose clock the test sets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from receiver.outbox import Patience
from tests.receiver.errands import MORNING, ErrandAssistant, Time
from tests.receiver.raw_relay import RawRelay

AT_ONCE = Patience(first_pause=0.0, delivery=5.0, drain=0.2)


@pytest.fixture
def database(either_database: str) -> str:
    return either_database


@pytest.fixture
def clock() -> Time:
    return Time(MORNING)


@pytest.fixture
def assistant() -> ErrandAssistant:
    return ErrandAssistant()


@pytest.fixture
def serve_errands(
    serve: Any, assistant: ErrandAssistant, clock: Time
) -> Callable[..., Awaitable[tuple[str, int]]]:
    """`serve` with that assistant, or the one that is given; what fails is tried again at once."""

    async def start(
        errands: ErrandAssistant = assistant, *, patience: Patience = AT_ONCE, **options: Any
    ) -> tuple[str, int]:
        address: tuple[str, int] = await serve(
            assistant="errands", more={"errands": errands}, clock=clock, patience=patience, **options
        )
        return address

    return start


@pytest.fixture
async def relay(serve_errands: Any, connect: Any) -> RawRelay:
    relay: RawRelay = await connect(await serve_errands())
    return relay
