"""The receiver's settings: environment variables `RECEIVER_*`, each with its default and meaning."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from protocol.log import Level
from protocol.settings import is_loopback
from receiver.assistants import ASSISTANTS
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
    assistant: str = Field(
        "diet", description=f"Who answers where the relay asks for nobody: {', '.join(sorted(ASSISTANTS))}."
    )
    llm: str = Field("none", description="Language model. This version has none: its assistants need none.")
    database_url: str = Field(
        default_factory=default_database_url, description="Where turns are kept: sqlite:///PATH."
    )

    log_level: Level = Field("warning", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="Log JSON lines.")

    @field_validator("assistant")
    @classmethod
    def _known_assistant(cls, value: str) -> str:
        if value not in ASSISTANTS:
            raise ValueError(f"there is no such assistant; there are {', '.join(sorted(ASSISTANTS))}")
        return value

    @field_validator("llm")
    @classmethod
    def _no_llm_yet(cls, value: str) -> str:
        if value != "none":
            raise ValueError("language models are not there yet; only 'none' can be set")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        parse_url(value)
        return value

    @model_validator(mode="after")
    def _token_off_loopback(self) -> ReceiverSettings:
        if self.token is None and not is_loopback(self.host):
            raise ValueError(
                f"RECEIVER_HOST={self.host} lets the network reach this receiver; "
                "set RECEIVER_TOKEN, and RELAY_RECEIVER_TOKEN to the same"
            )
        return self
