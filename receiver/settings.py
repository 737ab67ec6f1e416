"""The receiver's settings: environment variables `RECEIVER_*`, each with its default and meaning."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from protocol.log import Level
from protocol.settings import is_loopback
from receiver.assistants import NAMES
from receiver.secrets import parse_place
from receiver.store.encryption import parse_keys
from receiver.store.engine import parse_url


def default_database_url() -> str:
    """`receiver.db` in the user's state directory (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME", "")
    # The specification says that a relative path there is to be ignored.
    base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return f"sqlite:///{base / 'voice-relay' / 'receiver.db'}"


class ReceiverSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="RECEIVER_", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on. Any but loopback needs a token.")
    port: int = Field(5001, ge=0, le=65535, description="Port for relays; 0 takes a free one.")
    token: str | None = Field(
        None, min_length=1, max_length=8192, description="What a relay must send as its RELAY_RECEIVER_TOKEN."
    )
    tls_certificate: Path | None = Field(
        None,
        description="Makes relays come with TLS (tls://HOST:PORT): the certificate and those that vouch for it, a PEM "
        "file, read at the start.",
    )
    tls_key: Path | None = Field(None, description="The certificate's key, a PEM file, not encrypted.")
    assistant: str = Field(
        "diet", description=f"Who answers where the relay asks for nobody: {', '.join(NAMES)}."
    )
    llm: Literal["none", "bedrock", "openai", "gemini"] = Field(
        "none",
        description="Language model that the diet assistant, the bank and chat talk with, and that sums telephone "
        "calls up; without one, diet and bank answer and notes sums up by rules, and chat says that there is none.",
    )
    llm_model: str | None = Field(
        None,
        min_length=1,
        max_length=512,
        description="The model's name there. Unset: a quick one of that provider.",
    )
    llm_base_url: str | None = Field(
        None, description="Where to reach it, http(s)://HOST/PATH, in place of the provider's own address."
    )
    llm_region: str | None = Field(
        None,
        pattern=r"^[a-z0-9-]{1,64}$",
        description="AWS region of Bedrock. Unset: AWS_REGION, else eu-west-1.",
    )
    llm_seconds: float = Field(
        25.0,
        ge=1,
        le=28,
        description="Longest that the model may take for an answer; then rules answer, or chat says so.",
    )
    llm_context_tokens: int = Field(
        6000,
        ge=500,
        le=1_000_000,
        description="About how much conversation the model is shown; older is summed up.",
    )
    database_url: str = Field(
        default_factory=default_database_url,
        description="Where turns are kept: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    encryption_key: str | None = Field(
        None,
        description="Encrypts what people say and are told in the database: a Fernet key; while one is replaced, "
        "the new one, a comma and the old one. Unset: it is kept as it is.",
    )

    secrets: str | None = Field(
        None,
        description="Where users' tokens for other services are kept: folder:PATH (files SERVICE/USER) or "
        "secretsmanager:PREFIX (AWS). Relays that may reach this receiver should check who is who: RELAY_AUTH=jwt.",
    )
    bank_token: SecretStr | None = Field(
        None,
        min_length=1,
        max_length=512,
        description="One person's access token of their bank, for their own use: everybody who talks to this receiver "
        "has that account.",
    )
    bank_url: str = Field(
        "https://api.up.com.au/api/v1", description="The bank's API, https, or http on this machine."
    )
    bank_about: Path | None = Field(
        None,
        description="A text about the bank itself, in place of ours, for questions that are not about money.",
    )
    bank_keep_answers: bool = Field(
        False, description="Keep answers with amounts in the database; otherwise a sentence in their place."
    )
    bank_webhook_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port for the bank's webhooks, /bank/webhooks/USER, on RECEIVER_HOST. Unset: none are taken.",
    )
    hook_url: str | None = Field(
        None,
        description="Where events go, such as reminders that are due: https, or http on this machine. Unset: a line in "
        "the log.",
    )
    hook_secret: SecretStr | None = Field(
        None, min_length=1, max_length=512, description="Signs what goes to RECEIVER_HOOK_URL."
    )

    log_level: Level = Field("warning", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="Log JSON lines.")

    @field_validator("assistant")
    @classmethod
    def _known_assistant(cls, value: str) -> str:
        if value not in NAMES:
            raise ValueError(f"there is no such assistant; there are {', '.join(NAMES)}")
        return value

    @field_validator("llm_base_url")
    @classmethod
    def _base_url(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError("it has to be of the form http://HOST:PORT/PATH or https://HOST/PATH")
        return value

    @field_validator("secrets")
    @classmethod
    def _known_secrets(cls, value: str | None) -> str | None:
        if value is not None:
            parse_place(value)
        return value

    @field_validator("bank_url", "hook_url")
    @classmethod
    def _safe_url(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            host = parts.hostname or ""
            if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
                raise ValueError("it has to be of the form https://HOST/PATH, or http:// on this machine")
        return value

    @field_validator("encryption_key")
    @classmethod
    def _known_key(cls, value: str | None) -> str | None:
        if value is not None:
            parse_keys(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        parse_url(value)
        return value

    @model_validator(mode="after")
    def _whole_pairs(self) -> ReceiverSettings:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError(
                "RECEIVER_TLS_CERTIFICATE and RECEIVER_TLS_KEY belong together; one of them is missing"
            )
        if self.hook_secret is not None and self.hook_url is None:
            raise ValueError("RECEIVER_HOOK_SECRET is for RECEIVER_HOOK_URL, which is not set")
        if self.bank_token is not None and self.secrets is not None:
            # Whoever has no token there would have that one person's account.
            raise ValueError(
                "RECEIVER_BANK_TOKEN is for one person alone, and RECEIVER_SECRETS for each user; set one"
            )
        if self.bank_webhook_port is not None and self.secrets is None:
            raise ValueError(
                "RECEIVER_BANK_WEBHOOK_PORT needs RECEIVER_SECRETS, where the webhooks' own secrets are"
            )
        return self

    @model_validator(mode="after")
    def _token_off_loopback(self) -> ReceiverSettings:
        if self.token is None and not is_loopback(self.host):
            raise ValueError(
                f"RECEIVER_HOST={self.host} lets the network reach this receiver; "
                "set RECEIVER_TOKEN, and RELAY_RECEIVER_TOKEN to the same"
            )
        return self
