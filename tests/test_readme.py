"""The README keeps up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from protocol.settings import variable_of
from receiver.settings import ReceiverSettings
from relay.settings import RelaySettings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("settings", [RelaySettings, ReceiverSettings])
def test_every_setting_is_in_the_readme_with_its_default(settings: type[BaseSettings]) -> None:
    prefix = settings.model_config["env_prefix"]
    variables = {variable_of(settings, name): name for name in settings.model_fields}
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))
    assert {name for name in rows if name.startswith(prefix)} <= set(variables)
    assert set(variables) <= set(rows)
    for name, field in settings.model_fields.items():
        shown = rows[variable_of(settings, name)]
        default = field.default
        if default is None or default == ():
            assert shown == "–"
        elif field.default_factory is None:
            text = ",".join(default) if isinstance(default, tuple) else str(default)
            if isinstance(default, bool):
                text = "on" if default else "off"  # as --help says it
            assert shown == f"`{text}`"


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
