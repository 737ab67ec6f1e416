"""How both processes read their settings."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from protocol.errors import SettingsError
from protocol.settings import describe, from_command_line, load


class TeaSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TEA_", frozen=True)

    cups: int = Field(2, ge=1, le=9, description="How many.")
    kind: Literal["green", "black"] = Field("green", description="Which.")
    token: SecretStr | None = Field(None, description="Whose.")
    milk: bool = Field(False, description="With milk.")
    minutes: float = Field(3.0, ge=0, description="How long.")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEA_CUPS", "4")
    monkeypatch.setenv("tea_kind", "black")
    settings = load(TeaSettings)
    assert (settings.cups, settings.kind, settings.milk) == (4, "black", False)


def test_overrides_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEA_CUPS", "4")
    assert load(TeaSettings, cups=5).cups == 5


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TEA_CUPS", "ten", "TEA_CUPS='ten': "),
        ("TEA_CUPS", "10", "less than or equal to 9"),
        ("TEA_KIND", "white", "'green' or 'black'"),
        ("TEA_MILK", "a little", "TEA_MILK='a little': "),
        ("TEA_MINUTES", "nan", "TEA_MINUTES='nan': "),
    ],
)
def test_a_wrong_value_is_named_with_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load(TeaSettings)
    assert words in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "hint"),
    [("TEA_CUP", "Did you mean TEA_CUPS?"), ("TEA_ZZZZZZ", "See --help"), ("tea_pot", "See --help")],
)
def test_a_mistyped_setting_does_not_silently_mean_the_default(
    monkeypatch: pytest.MonkeyPatch, name: str, hint: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=f"^{name} is not a setting") as caught:
        load(TeaSettings)
    assert hint in caught.value.message


def test_variables_of_others_are_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAPOT_CUPS", "1")
    monkeypatch.setenv("MY_TEA_CUPS", "1")
    assert load(TeaSettings).cups == 2


def test_help_names_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        from_command_line(TeaSettings, "tea", "Makes tea.", ["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert "Makes tea." in shown
    assert describe(TeaSettings) in shown
    for line in (
        "TEA_CUPS  (default: 2)",
        "How many.",
        "TEA_TOKEN  (default: unset)",
        "TEA_MILK  (default: off)",
    ):
        assert line in shown


def test_the_command_line_ends_with_2_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEA_CUPS", "0")
    with pytest.raises(SystemExit) as caught:
        from_command_line(TeaSettings, "tea", "Makes tea.", [])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tea: TEA_CUPS='0': ")
    assert err.count("\n") == 1
