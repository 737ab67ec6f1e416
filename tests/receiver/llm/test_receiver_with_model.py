"""A receiver whose diet assistant talks with a model: over the link, in its own process, and when that fails."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from receiver.assistants import make_assistants
from receiver.llm import LanguageModel
from tests.emulators.model_brain import Call, Conversation, Reply
from tests.emulators.model_server import ModelServer, Problem
from tests.emulators.openai_chat import KEY, OpenAiEmulator
from tests.receiver.raw_relay import RawRelay, foods, items

ROOT = Path(__file__).parents[3]
EGGS = Call("log_food", {"foods": [{"food": "eggs", "quantity": 2, "meal": "breakfast"}]})
SAID = "I had two eggs for breakfast"


def eggs(conversation: Conversation) -> Reply:
    if not conversation.results:
        return Reply("", (EGGS,))
    kcal = conversation.results[-1]["together"]["kcal"]
    return Reply(f"Two eggs, that is {kcal} calories. What did you drink?")


async def test_what_a_draft_did_by_tools_happens_once_at_the_commit(
    model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    model_server.brain = eggs
    address = await serve(more=make_assistants(model))
    relay: RawRelay = await connect(address)
    await relay.open()
    drafted = await relay.draft(1, SAID)
    assert drafted["type"] == "reply"
    calls = model_server.calls
    # Drafted and thrown away: nothing has happened.
    other: RawRelay = await connect(address)
    assert foods((await other.open("s-1", again=True, holder=None))["diary"]) == []
    committed = await other.commit(1, SAID, epoch=2, attempt=1, plan=drafted["plan"])
    assert committed["type"] == "committed", committed
    assert committed["text"] == drafted["text"] == "Two eggs, that is 143 calories. What did you drink?"
    assert foods(committed["diary"]) == [("breakfast", "eggs", 2)]
    assert model_server.calls == calls  # the plan was used; nobody thought again
    assert await other.commit(1, SAID, epoch=2, attempt=1, plan=drafted["plan"]) == committed
    # The next turn is shown what was said.
    model_server.brain = lambda conversation: Reply("You are welcome.")
    await other.commit(2, "thank you", epoch=2)
    assert "What did you drink?" in [entry.text for entry in model_server.conversations[-1].entries][-2]


async def test_an_answer_that_fails_half_way_begins_anew_on_the_wire(
    model: LanguageModel, model_server: ModelServer, serve: Any, connect: Any
) -> None:
    def brain(conversation: Conversation) -> Reply:
        if not conversation.results:
            return Reply("", (EGGS,))
        return Reply(
            "Very good. Two eggs are a fine start into a day like this one, and I am glad to hear it."
        )

    model_server.brain = brain
    relay: RawRelay = await connect(await serve(more=make_assistants(model)))
    await relay.open()
    model_server.problems.extend([Problem(), Problem(within="error"), Problem(400, "ValidationException")])
    relay.send(type="commit", session="s-1", epoch=1, turn=1, items=items(SAID))
    deltas = []
    while (message := await relay.receive())["type"] == "delta":
        deltas.append(message)
    assert deltas[0]["text"] == "Very good."
    assert not deltas[0].get("restart")
    restarted = next(index for index, delta in enumerate(deltas) if delta.get("restart"))
    assert restarted > 0
    assert message["type"] == "committed"
    assert "".join(delta["text"] for delta in deltas[restarted:]) == message["text"]
    assert "fine start" not in message["text"]
    assert foods(message["diary"]) == [("breakfast", "eggs", 2)]


@pytest.mark.parametrize("key", [KEY, "sk-wrong-key"])
async def test_the_receivers_process_talks_with_the_model_and_without_it(
    key: str, bare_keys: None, tmp_path: Path
) -> None:
    async with OpenAiEmulator(eggs) as server:
        settings = {
            "RECEIVER_LLM": "openai", "RECEIVER_LLM_BASE_URL": server.base_url, "OPENAI_API_KEY": key,
            "RECEIVER_PORT": "0", "XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RECEIVER_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-m", "receiver", env=inherited | settings, cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            async with asyncio.timeout(60):
                line = (await process.stdout.readline()).decode()
            host, _, port = line.split("tcp://")[1].split()[0].rpartition(":")
            relay = await RawRelay.connect((host, int(port)))
            await relay.open()
            committed = await relay.commit(1, SAID)
            assert foods(committed["diary"]) == [("breakfast", "eggs", 2)]
            assert ("What did you drink?" in committed["text"]) == (key == KEY)
            await relay.close()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                _, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        assert process.returncode == 0
        assert ("401 invalid_api_key" in errors.decode()) == (key != KEY)
        assert key not in errors.decode()
        assert "two eggs" not in errors.decode()
        assert "Traceback" not in errors.decode()


async def test_a_model_without_its_key_stops_the_start_with_one_line(bare_keys: None, tmp_path: Path) -> None:
    settings = {
        "RECEIVER_LLM": "gemini",
        "RECEIVER_PORT": "0",
        "XDG_STATE_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RECEIVER_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "receiver", env=inherited | settings, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.decode() == "receiver: RECEIVER_LLM=gemini needs GEMINI_API_KEY or GOOGLE_API_KEY.\n"
