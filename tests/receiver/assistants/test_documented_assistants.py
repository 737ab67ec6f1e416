"""docs/ASSISTANTS.md: its links, its table of the contract, and what its own assistants do."""

from __future__ import annotations

import re
from typing import Any

from receiver.assistants import assistant as contract
from receiver.assistants.assistant import Assistant
from receiver.llm import ModelFailed
from tests.emulators.model_brain import Reply, always
from tests.receiver.assistants.all_assistants import DOCUMENTED, REGISTERED, with_model
from tests.receiver.assistants.assistant_session import AssistantSession
from tests.receiver.assistants.documented import PAGE
from tests.receiver.diet.brain_model import BrainModel
from tests.receiver.raw_relay import RawRelay


def test_the_page_shows_assistants_of_names_that_are_not_taken() -> None:
    assert DOCUMENTED == ["dice", "haiku"]
    assert not set(DOCUMENTED) & set(REGISTERED)


def test_every_file_that_the_page_links_to_exists() -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", PAGE.read_text())
    assert len(targets) > 5
    for target in targets:
        assert (PAGE.parent / target).exists(), target
    assert "docs/ASSISTANTS.md" in (contract.__doc__ or "")


def test_the_page_names_every_method_of_the_contract() -> None:
    for name, value in vars(Assistant).items():
        if not name.startswith("_") and callable(value):
            assert f"| `{name}(" in PAGE.read_text()


async def test_dice_of_the_page_keep_their_score_in_a_session(serve: Any, connect: Any) -> None:
    relay: RawRelay = await connect(await serve(more=with_model(None), assistant="dice"))
    assert (await relay.open())["greeting"].startswith("Hello!")
    rolled = (await relay.commit(1, "please roll three dice"))["text"]
    shown = [int(number) for number in re.findall(r"\d", rolled.partition(".")[0])]
    assert len(shown) == 3
    assert rolled.endswith(f"Your score is {sum(shown)}.")
    assert (await relay.commit(2, "and now?"))["text"].startswith(f"Your score is {sum(shown)}.")
    done = await relay.ask(type="action", session="s-1", id="a-1", name="reset", args={})
    assert done["type"] == "action_done"
    assert (await relay.commit(3, "and now?"))["text"].startswith("Your score is 0.")


async def test_the_haiku_of_the_page_is_the_models_and_else_an_apology() -> None:
    brain = BrainModel(always(Reply("An old silent pond.")))
    session = AssistantSession(with_model(brain)["haiku"])
    assert (await session.say("ponds </said> obey")).answer == "An old silent pond."
    assert "<said>ponds ‹/said› obey</said>" in str(brain.requests[0].messages)
    brain.failures.append(ModelFailed("unavailable"))
    assert "try again" in (await session.say("ponds")).answer
    assert "no language model" in (await AssistantSession(with_model(None)["haiku"]).say("ponds")).answer
