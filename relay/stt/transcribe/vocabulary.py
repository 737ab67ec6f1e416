"""The account's custom vocabulary that streams ask for, and going on without it when Transcribe does not take it."""

from __future__ import annotations

import re
import time

import structlog

from protocol.errors import SettingsError

log = structlog.get_logger(__name__)

REST_SECONDS = 600.0
"""How long streams do without a vocabulary that was not taken. It may be there later: one that is being made, or
changed, is not ready for minutes."""

_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
"""`VocabularyName` of Transcribe's API reference."""


class CustomVocabulary:
    """One an engine. To be heard without the vocabulary is better than not to be heard at all."""

    def __init__(self, name: str | None, rest_seconds: float = REST_SECONDS) -> None:
        """Raises `SettingsError` for what cannot be a vocabulary's name."""
        if name is not None and not _NAME.fullmatch(name):
            raise SettingsError(
                f"RELAY_TRANSCRIBE_VOCABULARY={name!r}: a vocabulary's name is of letters, digits, '.', '_' and '-'."
            )
        self._name = name
        self._rest_seconds = rest_seconds
        self._resting_until = float("-inf")

    @property
    def name(self) -> str | None:
        """What the next stream is to ask for, if anything."""
        return None if time.monotonic() < self._resting_until else self._name

    def refused(self) -> None:
        """Transcribe did not take it. The operator is told once for all streams that asked for it meanwhile."""
        if self.name is None:
            return
        self._resting_until = time.monotonic() + self._rest_seconds
        log.error(
            "transcribe_vocabulary_refused",
            vocabulary=self._name,
            hint="It has to be READY, in this account and region, and of the same language. Streams go on without "
            f"it, and ask for it again in {self._rest_seconds:g} s.",
        )
