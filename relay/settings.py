"""The relay's settings: environment variables `RELAY_*`, each with its default and meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from protocol.log import Level
from protocol.settings import is_loopback

MIN_SECRET_BYTES = 32
"""As many as HS256's hash has (RFC 7518, section 3.2)."""

JWT_SETTINGS = ("jwt_secret", "jwt_jwks_url", "jwt_audience", "jwt_issuer")

CLIENT_ASSISTANTS = {"socketio": "bank", "phone": "notes", "answers": "chat", "diet": "diet"}
"""Who answers the clients that do not say whom they want, by the names that `RELAY_ASSISTANTS` has for them."""


class RelaySettings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="RELAY_", frozen=True, allow_inf_nan=False, populate_by_name=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8765, ge=0, le=65535, description="Port of the page, its WebSocket and /healthz.")
    auth: Literal["none", "jwt"] | None = Field(
        None,
        description="Who may talk. Unset: anybody, on loopback only. 'none' lets anybody in on any address; "
        "'jwt' those with a valid token, whose `sub` is the user.",
    )
    jwt_secret: str | None = Field(None, description="Secret of HS256 tokens, at least 32 bytes.")
    jwt_jwks_url: str | None = Field(
        None, description="Where the keys of tokens are published (JWKS, https)."
    )
    jwt_audience: str | None = Field(None, description="The `aud` that tokens must name.")
    jwt_issuer: str | None = Field(None, description="The `iss` that tokens must name.")
    public_url: str | None = Field(
        None, description="Address that the relay is reached by from outside, https://HOST; Twilio signs it."
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
        description="Where receivers listen, tcp://HOST:PORT or, with TLS, tls://HOST:PORT; comma-separated when "
        "there is more than one.",
    )
    receiver_ca: Path | None = Field(
        None,
        description="Who may vouch for receivers with tls://, a PEM file, read at the start. Unset: whom this system "
        "trusts.",
    )
    receiver_token: str | None = Field(None, description="The receiver's RECEIVER_TOKEN.")
    assistant: str | None = Field(
        None,
        description="Who answers the native client, where it does not say whom it wants. Unset: the receiver's own "
        "choice.",
    )
    assistants: Annotated[tuple[str, ...], NoDecode] = Field(
        tuple(f"{client}={assistant}" for client, assistant in CLIENT_ASSISTANTS.items()),
        description="Who answers the other clients, CLIENT=ASSISTANT, comma-separated; those left out stay as here. "
        "Empty after '=': whoever RELAY_ASSISTANT says.",
    )

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

    transcribe_vocabulary: str | None = Field(
        None, description="Name of a custom vocabulary of Transcribe; `python -m relay.vocabulary` makes one."
    )
    vocabulary_file: Path | None = Field(
        None, description="A file of phrases that are said often, one a line, besides our own."
    )

    twilio_auth_token: str | None = Field(
        None,
        validation_alias="TWILIO_AUTH_TOKEN",
        description="Twilio's auth token, which checks its signatures.",
    )
    twilio_unsigned: bool = Field(
        False, description="Take calls without a signature on any address, when there is no auth token."
    )
    call_chunks_per_second: int = Field(
        100, ge=50, description="Pieces of audio of a call; more are left out."
    )
    max_calls: int = Field(1000, ge=1, description="Calls at once; more are refused.")
    call_hours: float = Field(24.0, gt=0, description="A call that lasts longer is ended.")

    diet_piece_bytes: int = Field(5120, ge=1, description="A longer piece from the diet page is reported.")
    diet_zero_share: float = Field(
        0.9, gt=0, le=1, description="A piece of which more is zeros is reported as silent."
    )
    diet_buffer_bytes: int = Field(
        204_800, ge=1, description="Audio of the diet page that waits to be decoded."
    )
    diet_queue: int = Field(5, ge=1, description="Pieces of the diet page that wait to be decoded.")
    diet_total_bytes: int = Field(512_000, ge=1, description="Audio that waits, of all diet pages together.")
    diet_stuck_seconds: float = Field(
        30.0, gt=0, description="A diet page's turn without an answer is reset."
    )
    diet_idle_seconds: float = Field(300.0, gt=0, description="A diet page that says nothing is closed.")

    socketio_prebuffer_ms: int = Field(
        500, ge=0, le=10_000, description="Sound that is held before a Socket.IO client gets the first of it."
    )
    socketio_audio_per_second: int = Field(
        50, ge=1, description="Pieces of audio a Socket.IO client may send in a second."
    )

    recordings: str = Field(
        "uploads", description="Where /ws/audio-stream keeps recordings: a folder, or s3://BUCKET/PREFIX."
    )

    log_level: Level = Field("warning", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="Log JSON lines.")

    @field_validator("allowed_origins", "receiver", "assistants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Lower case, as browsers send them (RFC 6454, section 6.1)."""
        for origin in value:
            scheme, separator, host = origin.partition("://")
            if scheme.lower() not in ("http", "https") or not separator or not host or "/" in host:
                raise ValueError(f"'{origin}' is not of the form https://HOST or https://HOST:PORT")
        return tuple(origin.lower() for origin in value)

    @field_validator("receiver")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one tcp://HOST:PORT is needed")
        for address in value:
            parse_address(address)
        return value

    @field_validator("assistants")
    @classmethod
    def _whole_list(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        chosen = dict(CLIENT_ASSISTANTS)
        for part in value:
            client, separator, assistant = (piece.strip() for piece in part.partition("="))
            if client not in chosen or not separator or len(assistant) > 80 or not assistant.isprintable():
                clients = ", ".join(CLIENT_ASSISTANTS)
                raise ValueError(f"'{part}' is not of the form CLIENT=ASSISTANT, with one of {clients}")
            chosen[client] = assistant
        return tuple(f"{client}={assistant}" for client, assistant in chosen.items())

    @field_validator("scripted_text")
    @classmethod
    def _some_words(cls, value: str) -> str:
        if not value.replace("|", " ").split():
            raise ValueError("at least one word is needed")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _long_secret(cls, value: str | None) -> str | None:
        if value is not None and len(value.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"a secret has at least {MIN_SECRET_BYTES} bytes (RFC 7518, section 3.2)")
        return value

    @field_validator("jwt_jwks_url")
    @classmethod
    def _safe_url(cls, value: str | None) -> str | None:
        if value is not None and not _is_safe_url(value):
            raise ValueError("https://HOST/PATH is needed, or http:// on this machine")
        return value

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError("https://HOST is needed, as Twilio and the pages reach this relay")
        return value

    @field_validator("jwt_audience", "jwt_issuer")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("it is empty; leave it out, or say which")
        return value

    @model_validator(mode="after")
    def _whole_auth(self) -> RelaySettings:
        given = [name for name in JWT_SETTINGS if getattr(self, name) is not None]
        if self.auth != "jwt":
            if given:  # somebody believes that tokens are checked
                raise ValueError(f"RELAY_{given[0].upper()} is for RELAY_AUTH=jwt, which is not set")
            return self
        if (self.jwt_secret is None) == (self.jwt_jwks_url is None):
            raise ValueError("RELAY_AUTH=jwt needs either RELAY_JWT_SECRET or RELAY_JWT_JWKS_URL")
        if self.jwt_jwks_url is not None and None in (self.jwt_audience, self.jwt_issuer):
            # A provider signs for others too, and their users' tokens would open this relay.
            raise ValueError("RELAY_JWT_JWKS_URL needs RELAY_JWT_AUDIENCE and RELAY_JWT_ISSUER")
        return self

    @model_validator(mode="after")
    def _ca_for_tls(self) -> RelaySettings:
        if self.receiver_ca is not None and not any(parse_address(one).tls for one in self.receiver):
            # Somebody believes that the link is encrypted.
            raise ValueError("RELAY_RECEIVER_CA is for tls:// addresses, and RELAY_RECEIVER has none")
        return self

    def assistant_for(self, client: str | None) -> str | None:
        """Who answers a client that does not say whom it wants; None: the receiver's own choice."""
        named = dict(part.split("=", 1) for part in self.assistants)
        return named.get(client or "") or self.assistant

    @model_validator(mode="after")
    def _open_only_on_request(self) -> RelaySettings:
        if self.auth is None and not is_loopback(self.host):
            raise ValueError(
                f"RELAY_HOST={self.host} lets anybody on the network talk to this relay; "
                "set RELAY_AUTH=jwt to let in who has a token, or RELAY_AUTH=none if that is meant"
            )
        return self


def _is_safe_url(url: str) -> bool:
    """Whether nobody on the way can change what comes from there."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # a wrong port raises
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


class ReceiverAddress(NamedTuple):
    host: str
    port: int
    tls: bool


def parse_address(address: str) -> ReceiverAddress:
    """`tcp://HOST:PORT` or `tls://HOST:PORT`, taken apart. Raises `ValueError`."""
    scheme, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    try:
        host.encode("idna")
    except UnicodeError:
        host = ""  # no name that could be looked up
    if scheme not in ("tcp", "tls") or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"'{address}' is not of the form tcp://HOST:PORT or tls://HOST:PORT")
    return ReceiverAddress(host.strip("[]"), int(port), scheme == "tls")
