"""The relay's settings as the person meets them who sets them: one line for each mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.errors import SettingsError
from protocol.settings import load as load_settings
from protocol.settings import variable_of
from relay.__main__ import main
from relay.settings import RelaySettings, is_loopback, parse_address

SCRIPTED = {"RELAY_PORT": "0", "RELAY_STT": "scripted", "RELAY_TTS": "scripted"}


def relay(cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m relay`, which is expected to end by itself."""
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("RELAY_")}
    return subprocess.run(
        [sys.executable, "-m", "relay"],
        cwd=cwd,
        env={**inherited, **SCRIPTED, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


WRONG = {
    "RELAY_HOST": ["0.0.0.0", "192.0.2.1", "relay.example", ""],
    "RELAY_PORT": ["eight", "-1", "65536", ""],
    "RELAY_AUTH": ["password"],
    "RELAY_PUBLIC_URL": ["", "voice.example.com", "wss://voice.example.com", "https://", "https://a/?b", "http://["],
    "RELAY_MAX_CONVERSATIONS": ["0", "many"],
    "RELAY_RESUME_SECONDS": ["0", "-1", "nan", "inf"],
    "RELAY_RECEIVER": ["", "127.0.0.1:5001", "tcp://127.0.0.1", "tcp://:5001", "tcp://a:b", "http://a:5001",
                       "tcp://a:0", "tcp://a:65536", "tcp://a..b:5001", "tcp://ok:5001,wrong"],
    "RELAY_SILENCE_SECONDS": ["-0.1", "61", "three", "nan", "inf"],
    "RELAY_DRAFTS": ["perhaps"],
    "RELAY_DRAFT_AFTER_SECONDS": ["0", "nan"],
    "RELAY_STT": ["whisper"],
    "RELAY_TTS": ["loud"],
    "RELAY_ON_DEVICE_CAPACITY": ["0"],
    "RELAY_TRANSCRIBE_TRANSPORT": ["carrier pigeon"],
    "RELAY_POLLY_ENGINE": ["steam"],
    "RELAY_SCRIPTED_TEXT": ["", " | "],
    "RELAY_SCRIPTED_EVERY_SECONDS": ["0", "nan", "inf"],
    "RELAY_LOG_LEVEL": ["loud"],
    "RELAY_LOG_JSON": ["xml"],
}  # fmt: skip


def set_all(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    """No setting has a value but these."""
    for name in [name for name in os.environ if name.upper().startswith("RELAY_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def load(monkeypatch: pytest.MonkeyPatch, **settings: str) -> RelaySettings:
    """As `python -m relay` reads them, without the process."""
    set_all(monkeypatch, settings)
    return load_settings(RelaySettings)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_wrong_value_is_one_line_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:

    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **{name: value})
    assert caught.value.message.startswith(name + "=")
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"RELAY_PORT": "eight"}, ["RELAY_PORT='eight'", "integer"]),
        ({"RELAY_STT": "whisper"}, ["RELAY_STT='whisper'", "on-device", "transcribe", "scripted"]),
        ({"RELAY_RECEIVER": "localhost"}, ["RELAY_RECEIVER", "tcp://HOST:PORT"]),
        ({"RELAY_SILENCE_SECOND": "3"}, ["RELAY_SILENCE_SECOND ", "Did you mean RELAY_SILENCE_SECONDS?"]),
        ({"RELAY_COLOUR": "green"}, ["RELAY_COLOUR is not a setting", "--help"]),
        ({"RELAY_HOST": "0.0.0.0"}, ["RELAY_HOST=0.0.0.0", "RELAY_AUTH=none"]),
        ({"RELAY_SCRIPTED_TEXT": "|"}, ["RELAY_SCRIPTED_TEXT"]),
        ({"RELAY_ASSISTANTS": "fax=bank"}, ["RELAY_ASSISTANTS=", "CLIENT=ASSISTANT"]),
        ({"RELAY_RECEIVER_CA": "ca.pem"}, ["RELAY_RECEIVER_CA is for tls:// addresses"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_the_command_ends_with_that_line_and_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    words: list[str],
) -> None:
    set_all(monkeypatch, {**SCRIPTED, **settings})
    monkeypatch.setattr(sys, "argv", ["relay"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("relay: ")
    assert all(word in line for word in words), line


def test_the_process_ends_with_that_line_and_2(tmp_path: Path) -> None:
    done = relay(tmp_path, RELAY_PORT="eight")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("relay: RELAY_PORT='eight'")


def test_an_address_of_another_machine_ends_it_with_one_line_and_1(tmp_path: Path) -> None:
    done = relay(tmp_path, RELAY_HOST="192.0.2.1", RELAY_AUTH="none")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "192.0.2.1" in line


def test_help_lists_every_setting_with_its_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["relay", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, err) == (0, "")
    for name, field in RelaySettings.model_fields.items():
        assert f"{variable_of(RelaySettings, name)}  (default: " in out
        assert field.description
        assert field.description in out
    assert "RELAY_PORT  (default: 8765)" in out
    assert "RELAY_RECEIVER  (default: tcp://127.0.0.1:5001)" in out
    assert "RELAY_DRAFTS  (default: on)" in out
    assert "TWILIO_AUTH_TOKEN  (default: unset)" in out, "a provider's key has its own usual name"


def test_the_defaults_are_the_original_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert (settings.host, settings.port, settings.receiver) == ("127.0.0.1", 8765, ("tcp://127.0.0.1:5001",))
    assert (settings.silence_seconds, settings.aws_region) == (3.0, "eu-west-1")


def test_lists_and_switches_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        RELAY_RECEIVER="tcp://a:1, tcp://[::1]:2,",
        RELAY_ALLOWED_ORIGINS="https://A.example/",
        RELAY_DRAFTS="off",
        RELAY_HOST="::1",
    )
    assert settings.receiver == ("tcp://a:1", "tcp://[::1]:2")
    assert settings.allowed_origins == ("https://a.example",)
    assert settings.drafts is False


def test_an_open_relay_must_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, RELAY_HOST="0.0.0.0", RELAY_AUTH="none").host == "0.0.0.0"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("tcp://127.0.0.1:5001", ("127.0.0.1", 5001, False)),
        ("tcp://[::1]:5001", ("::1", 5001, False)),
        ("tcp://a.b:1", ("a.b", 1, False)),
        ("tls://a.b:1", ("a.b", 1, True)),
        ("tls://[::1]:5001", ("::1", 5001, True)),
    ],
)
def test_addresses_are_taken_apart(address: str, expected: tuple[str, int, bool]) -> None:
    assert parse_address(address) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("a", False),
    ],
)
def test_loopback_is_told_from_everywhere(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    "origin", ["app.example", "https://app.example/page", "ws://app.example", "https://"]
)
def test_an_origin_that_no_browser_sends_is_a_mistake_and_not_ignored(
    monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    with pytest.raises(SettingsError, match=r"RELAY_ALLOWED_ORIGINS.*https://HOST"):
        load(monkeypatch, RELAY_ALLOWED_ORIGINS=origin)
