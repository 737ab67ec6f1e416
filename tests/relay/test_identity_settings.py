"""Settings of who may talk: a combination that cannot be meant stops the start with one line."""

from __future__ import annotations

import pytest

from protocol.errors import SettingsError
from protocol.settings import load
from relay.settings import RelaySettings
from tests.tokens import SECRET

JWKS = {
    "RELAY_JWT_JWKS_URL": "https://sign-in.example/keys",
    "RELAY_JWT_AUDIENCE": "relay",
    "RELAY_JWT_ISSUER": "https://sign-in.example/",
}


def relay_settings(monkeypatch: pytest.MonkeyPatch, **environ: str) -> RelaySettings:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return load(RelaySettings, environ)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in JWKS.items() if key != name}


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"RELAY_AUTH": "jwt"}, ["RELAY_AUTH=jwt", "RELAY_JWT_SECRET", "RELAY_JWT_JWKS_URL"]),
        ({"RELAY_AUTH": "jwt", "RELAY_JWT_SECRET": SECRET, **JWKS}, ["RELAY_AUTH=jwt", "either"]),
        ({"RELAY_AUTH": "jwt", **without("RELAY_JWT_AUDIENCE")}, ["RELAY_JWT_AUDIENCE"]),
        ({"RELAY_AUTH": "jwt", **without("RELAY_JWT_ISSUER")}, ["RELAY_JWT_ISSUER"]),
        ({"RELAY_AUTH": "jwt", **JWKS, "RELAY_JWT_AUDIENCE": " "}, ["RELAY_JWT_AUDIENCE", "empty"]),
        ({"RELAY_AUTH": "jwt", "RELAY_JWT_SECRET": SECRET, "RELAY_JWT_ISSUER": ""}, ["RELAY_JWT_ISSUER"]),
        ({"RELAY_AUTH": "jwt", "RELAY_JWT_SECRET": "short"}, ["RELAY_JWT_SECRET", "32 bytes"]),
        ({"RELAY_AUTH": "jwt", "RELAY_JWT_SECRET": ""}, ["RELAY_JWT_SECRET", "32 bytes"]),
        ({"RELAY_JWT_SECRET": SECRET}, ["RELAY_JWT_SECRET", "RELAY_AUTH=jwt", "not set"]),
        ({"RELAY_AUTH": "none", **JWKS}, ["RELAY_JWT_JWKS_URL", "RELAY_AUTH=jwt", "not set"]),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        relay_settings(monkeypatch, **environ)
    message = caught.value.message
    assert all(word in message for word in words), message
    assert "\n" not in message
    assert "short" not in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "url",
    [
        "http://sign-in.example/keys",
        "http://10.0.0.1/keys",
        "http://localhost.evil.example/keys",
        "https://",
        "https:///keys",
        "https://sign-in.example:no/keys",
        "https://user:password@sign-in.example/keys",
        "https://sign-in.example/keys#part",
        "https://sign-in.example/my keys",
        "file:///etc/passwd",
        "sign-in.example/keys",
        "https://[",
        "",
    ],
)
def test_keys_come_from_an_address_that_nobody_on_the_way_can_change(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        relay_settings(monkeypatch, RELAY_AUTH="jwt", **{**JWKS, "RELAY_JWT_JWKS_URL": url})
    assert caught.value.message.startswith("RELAY_JWT_JWKS_URL")
    assert "password" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://sign-in.example/keys?tenant=1",
        "https://sign-in.example:8443/keys",
        "http://127.0.0.1:8080/keys",
        "http://localhost/keys",
        "http://[::1]:9/keys",
    ],
)
def test_keys_may_come_over_tls_or_from_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    settings = relay_settings(monkeypatch, RELAY_AUTH="jwt", **{**JWKS, "RELAY_JWT_JWKS_URL": url})
    assert settings.jwt_jwks_url == url


def test_a_relay_that_checks_tokens_may_be_reached_from_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"RELAY_HOST": "0.0.0.0", "RELAY_AUTH": "jwt", "RELAY_JWT_SECRET": SECRET}
    assert relay_settings(monkeypatch, **environ).auth == "jwt"
