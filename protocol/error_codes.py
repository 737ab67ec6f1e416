"""From the code of an error on a wire back to its class."""

from __future__ import annotations

from protocol.errors import VoiceError


def _tree(cls: type[VoiceError]) -> list[type[VoiceError]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in _tree(sub))]


BY_CODE: dict[str, type[VoiceError]] = {cls.code: cls for cls in reversed(_tree(VoiceError))}
"""Class of each code, for errors that come over a wire."""


def from_wire(code: str, message: str) -> VoiceError:
    """Rebuild the error that a peer reported. An unknown code becomes a plain `VoiceError`."""
    return BY_CODE.get(code, VoiceError)(message)
