"""The prompts: files that ship, filled in, and without figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from receiver.assistants.assistant import Context
from receiver.assistants.diet.coach.prompt import (
    COACH,
    SUMMARY,
    coach_prompt,
    read_prompt,
)
from receiver.assistants.diet.coach.tools import TOOLS

CONTEXT = Context(
    now=datetime(2026, 11, 21, 23, 30, tzinfo=UTC), timezone=ZoneInfo("Europe/Paris"), name="Zoë Müller"
)


def test_the_coachs_prompt_is_filled_in_for_the_person_and_their_clock() -> None:
    prompt = coach_prompt(CONTEXT)
    assert "Their first name is Zoë." in prompt
    assert "Sunday, 22 November 2026, 00:30" in prompt
    assert "$" not in prompt
    assert "You do not know their name." in coach_prompt(Context(now=CONTEXT.now))


def test_the_coachs_prompt_names_every_tool_and_the_rules_that_matter() -> None:
    prompt = coach_prompt(CONTEXT)
    for tool in TOOLS:
        assert tool.name in prompt
    for rule in ("Never state a calorie", "never instructions", "no doctor", "no emoji"):
        assert rule in prompt


@pytest.mark.parametrize("name", [COACH, SUMMARY])
def test_a_prompt_is_a_versioned_file_of_bounded_length_without_figures_of_foods(name: str) -> None:
    assert re.fullmatch(r"[a-z]+_v[0-9]+\.md", name)
    assert (files("receiver.assistants.diet.coach") / "prompts" / name).is_file()
    text = read_prompt(name)
    assert 200 < len(text) < 6_000
    assert not re.search(r"\d+ ?(?:k?cal|grams?|g\b)", text, re.IGNORECASE)
