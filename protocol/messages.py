"""What both vocabularies share: the base of a message, and the way from a parsed map to a validated type.

Unknown fields are ignored, so that a newer minor may add some. Every text has a bound, so that no valid
message is too large to handle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    ValidationError,
)

from protocol.errors import MalformedMessage, VoiceError

Id = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]
"""A session, action or text id: 1 to 128 printable ASCII characters, no space."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
"""A person's first name, a time zone, a locale, an assistant."""

Text = Annotated[str, StringConstraints(max_length=16_384)]
"""What a person said or typed, or is told, in one turn: at most 16,384 characters."""

MAX_ITEMS = 1_000
"""Items of one turn."""

Credential = Annotated[
    SecretStr, Field(min_length=1, max_length=4_096), PlainSerializer(SecretStr.get_secret_value)
]
"""A person's key to a service that an assistant asks for them. Only `to_wire` shows it: no `repr`, no error, no log."""

Service = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""What an assistant asks for somebody, such as `bank`."""

Credentials = Annotated[dict[Service, Credential], Field(max_length=8)]
"""By service."""

M = TypeVar("M", bound="Message")


class Part(BaseModel):
    """A piece of a message."""

    # A log may get the words of an error, and what a person says is in no log.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Message(Part):
    """One message of either vocabulary; its field `type` names it on the wire."""

    def to_wire(self) -> dict[str, Any]:
        """The map to send. Optional fields that are absent are left out."""
        return self.model_dump(exclude_none=True)


def by_type(*classes: type[M]) -> dict[str, type[M]]:
    """Map each class's `type` to the class."""
    return {cls.model_fields["type"].default: cls for cls in classes}


def parse(data: object, known: Mapping[str, type[M]], unknown: type[VoiceError]) -> M:
    """Validate a parsed map. Raises `MalformedMessage`, or `unknown` for a type that is not in `known`."""
    kind = data.get("type") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        raise MalformedMessage("A message is a map with a text field 'type'.")
    cls = known.get(kind)
    if cls is None:
        raise unknown(f"There is no message of type '{kind[:40]}'.")
    try:
        return cls.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # Of credentials not even the names are told: where the two were mixed up, one of them is a secret.
        where = first["loc"][:1] if "credentials" in first["loc"][:1] else first["loc"]
        field = ".".join(str(part) for part in where) or "message"
        raise MalformedMessage(f"'{kind}' has a bad field '{field[:80]}': {first['msg'][:200]}.") from None
