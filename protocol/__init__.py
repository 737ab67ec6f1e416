"""What the two processes and their clients say to each other: types, framing, errors.

The specification is `protocol/README.md`. This package imports nothing of the relay or the receiver.
"""

PROTOCOL_VERSION = "1.0"
"""Version of both vocabularies, `MAJOR.MINOR`. Majors must match; a minor only adds optional fields."""


def same_major(version: str) -> bool:
    """Whether a peer that announced `version` speaks our major."""
    return version.partition(".")[0] == PROTOCOL_VERSION.partition(".")[0]
