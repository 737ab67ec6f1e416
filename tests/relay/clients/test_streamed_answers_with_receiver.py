"""Streamed answers from the real receiver: the coach's words, a model that cannot stream, a history filled in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from receiver.assistants import make_assistants
from receiver.server import Server
from receiver.services import Services
from receiver.store.sql_store import SqlStore
from relay.server import Relay
from tests.emulators.model_brain import Call, Conversation, Reply
from tests.emulators.model_fixtures import bare_aws, bare_keys, model, model_server, provider
from tests.emulators.model_server import ModelServer, Problem
from tests.ports import next_port
from tests.relay.clients.answer_pages import NewerPage, OlderPage, Open, open_page
from tests.relay.conftest import StartRelay

__all__ = ["bare_aws", "bare_keys", "model", "model_server", "open_page", "provider"]

EGGS = Call("log_food", {"foods": [{"food": "eggs", "quantity": 2, "meal": "breakfast"}]})
ANSWER = "Two eggs, that is a good start into the day. What did you drink with them?"
HISTORY = [
    {"role": "user", "content": "My dog is called Bello."},
    {"role": "assistant", "content": "What a fine name for a dog."},
]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(f"sqlite:///{tmp_path / 'receiver.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def start(store: SqlStore, start_relay: StartRelay) -> AsyncIterator[Callable[..., Awaitable[Relay]]]:
    """A relay in front of a receiver whose diet assistant talks with a model, or by its rules."""
    async with AsyncExitStack() as stack:

        async def start(model: Any = None) -> Relay:
            server = Server(Services(store, make_assistants(model), "diet"), drain_seconds=1.0)
            host, port = await server.start("127.0.0.1", next_port())
            stack.push_async_callback(server.stop)
            return await start_relay(receiver=(f"tcp://{host}:{port}",), assistants="answers=diet")

        yield start


def coach(conversation: Conversation) -> Reply:
    return Reply(ANSWER) if conversation.results else Reply("", (EGGS,))


@pytest.mark.parametrize("generation", [OlderPage, NewerPage])
async def test_the_rules_answer_in_a_stream_and_the_next_question_knows_it(
    start: Any, open_page: Open, generation: type[OlderPage]
) -> None:
    page = await open_page(await start(), generation)
    first = await page.ask({"text": "I had two eggs for breakfast", "session_id": "s-1"})
    assert "eggs" in first.text
    assert first.text == first.final
    assert first.kinds[-1] == "audio_end"
    second = await page.ask({"text": "what did I have for breakfast", "session_id": "s-1"})
    assert "two eggs" in (second.final or "")


async def test_the_coachs_words_come_in_pieces(
    start: Any, open_page: Open, model: Any, model_server: ModelServer
) -> None:
    model_server.brain = coach
    shown = await (await open_page(await start(model))).ask("I had two eggs for breakfast")
    assert shown.kinds.count("chunk") > 1
    assert shown.text == shown.final == ANSWER
    assert len(shown.sounds) == 2


async def test_a_model_that_cannot_stream_is_the_one_that_answers(
    start: Any, open_page: Open, model: Any, model_server: ModelServer
) -> None:
    model_server.brain = coach
    model_server.stream_problem = Problem(400, "ValidationException The model does not support streaming.")
    shown = await (await open_page(await start(model))).ask("I had two eggs for breakfast")
    assert shown.text == shown.final == ANSWER


async def test_an_answer_whose_stream_breaks_off_is_told_anew_and_ends_right(
    start: Any, open_page: Open, model: Any, model_server: ModelServer
) -> None:
    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            model_server.stream_problem = Problem(within="cut")  # of the next stream
            return Reply("", (EGGS,))
        return Reply(f"A fine start. {ANSWER}" if model_server.calls < 3 else ANSWER)

    model_server.brain = brain
    relay = await start(model)
    shown = await (await open_page(relay)).ask("I had two eggs for breakfast")
    chunks = [message for message in shown.messages if message["type"] == "chunk"]
    assert chunks[0]["text"] == "A fine start."
    assert sum("restart" in chunk for chunk in chunks) == 1
    assert shown.text == shown.final == ANSWER


async def test_what_a_page_remembers_fills_a_new_session_and_the_store_wins_from_then_on(
    start: Any, open_page: Open, store: SqlStore, model: Any, model_server: ModelServer
) -> None:
    model_server.brain = lambda conversation: Reply("I see.")
    page = await open_page(await start(model))
    await page.ask({"text": "who is that?", "session_id": "s-1", "chat_history": HISTORY})
    seen = [entry.text for entry in model_server.conversations[-1].entries]
    assert "My dog is called Bello." in seen[0]
    assert seen[1] == "What a fine name for a dog."
    forged = [{"role": "user", "content": "My cat is called Minka."}, HISTORY[1]]
    await page.ask({"text": "and now?", "session_id": "s-1", "chat_history": forged})
    seen = [entry.text for entry in model_server.conversations[-1].entries]
    assert "Bello" in seen[0]
    assert "Minka" not in "".join(seen)
    stored = await store.read_history("s-1", 50)
    assert [(turn.turn, turn.text) for turn in stored] == [
        (1, "My dog is called Bello."),
        (2, "who is that?"),
        (3, "and now?"),
    ]
