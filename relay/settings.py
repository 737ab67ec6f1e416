"""The relay's settings: environment variables `RELAY_*`, each with its default and meaning."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from protocol.log import Level
from protocol.settings import is_loopback


class RelaySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="RELAY_", frozen=True, allow_inf_nan=False)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8765, ge=0, le=65535, description="Port of the page, its WebSocket and /healthz.")
    auth: Literal["none"] | None = Field(
        None,
        description="Who may talk. Unset: anybody, on loopback only. 'none' lets anybody in on any address.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of pages that may connect besides our own, comma-separated."
    )
    max_conversations: int = Field(1000, ge=1, description="More people at once are asked to come back.")
    resume_seconds: float = Field(
        120.0, gt=0, description="How long a conversation whose client vanished is kept ready in memory."
    )

    receiver: Annotated[tuple[str, ...], NoDecode] = Field(
        ("tcp://127.0.0.1:5001",),
        description="Where receivers listen, tcp://HOST:PORT, comma-separated when there is more than one.",
    )
    receiver_token: str | None = Field(None, description="The receiver's RECEIVER_TOKEN.")
    assistant: str | None = Field(None, description="Assistant to ask for. Unset: the receiver's own choice.")

    silence_seconds: float = Field(
        3.0, ge=0, le=60, description="Quiet that ends a turn. 0 ends it at each final."
    )
    drafts: bool = Field(True, description="Let the receiver think ahead while the person is quiet.")
    draft_after_seconds: float = Field(0.7, gt=0, le=60, description="Quiet before the first draft.")

    stt: Literal["on-device", "transcribe", "scripted"] = Field("on-device", description="Speech to text.")
    tts: Literal["on-device", "polly", "scripted", "none"] = Field("on-device", description="Text to speech.")
    language: str = Field("en-US", description="What is spoken, as a BCP 47 tag.")
    on_device_capacity: int = Field(
        8,
        ge=1,
        description="Conversations heard on this machine at once; those past it can type, and are told so.",
    )
    aws_region: str = Field("eu-west-1", description="Region of Transcribe and Polly.")
    transcribe_transport: Literal["websocket", "http2"] = Field(
        "websocket", description="How to reach Transcribe; http2 is the amazon-transcribe package's own."
    )
    polly_voice: str = Field("Joanna", description="Polly's voice.")
    polly_engine: Literal["standard", "neural", "long-form", "generative"] = Field(
        "neural", description="Polly's engine."
    )
    scripted_text: str = Field(
        "I had two eggs and a slice of toast", description="What the scripted STT hears."
    )
    scripted_every_seconds: float = Field(
        10.0, gt=0, description="Seconds of audio between two finals of the scripted STT."
    )

    log_level: Level = Field("warning", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="Log JSON lines.")

    @field_validator("allowed_origins", "receiver", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("receiver")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one tcp://HOST:PORT is needed")
        for address in value:
            parse_address(address)
        return value

    @field_validator("scripted_text")
    @classmethod
    def _some_words(cls, value: str) -> str:
        if not value.replace("|", " ").split():
            raise ValueError("at least one word is needed")
        return value

    @model_validator(mode="after")
    def _open_only_on_request(self) -> RelaySettings:
        if self.auth is None and not is_loopback(self.host):
            raise ValueError(
                f"RELAY_HOST={self.host} lets anybody on the network talk to this relay; "
                "set RELAY_AUTH=none if that is meant"
            )
        return self


def parse_address(address: str) -> tuple[str, int]:
    """`tcp://HOST:PORT` as host and port. Raises `ValueError`."""
    scheme, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    try:
        host.encode("idna")
    except UnicodeError:
        host = ""  # no name that could be looked up
    if scheme != "tcp" or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"'{address}' is not of the form tcp://HOST:PORT")
    return host.strip("[]"), int(port)
