"""The account side of the Transcribe emulator: who may open a stream, how many, and what its script is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.emulators.access_keys import KEYS
from tests.emulators.sigv4 import Keys, Refused, Verified
from tests.emulators.transcribe_session import STATUS, Outbound, Script, Sent, Session

SERVICE = "transcribe"
"""Name in the signatures' scope."""


class Refusal(Exception):
    """The answer to a request that opens no stream."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class TranscribeService:
    """Shared by both transports. Tests set `script` before a stream opens and look at `sessions` afterwards."""

    def __init__(
        self, *, region: str = "eu-west-1", keys: Keys = KEYS, script: Script | None = None, limit: int = 1000
    ) -> None:
        self.region = region
        self.keys = keys
        self.script = script or Script()
        self.limit = limit
        self.vocabularies: set[str] | None = None
        """Names of the account's custom vocabularies; None: whatever is asked for is there."""
        self.sessions: list[Session] = []
        """Open streams, oldest first."""
        self.opened: list[Session] = []
        """All streams that ever opened; `remember` says how many of them are kept."""
        self.remember = 1000
        self.requests = 0
        self.on_sent: Callable[[Sent], None] = lambda sent: None

    def authorise(self, verify: Callable[[], Verified]) -> Verified:
        """Run the signature check. Raises `Refusal` as AWS answers it, with 403."""
        self.requests += 1
        try:
            verified = verify()
        except Refused as refused:
            raise Refusal(403, refused.code, refused.message) from None
        if verified.region != self.region:
            raise Refusal(403, "InvalidSignatureException", "Credential should be scoped to a valid region.")
        return verified

    def check(self, parameters: Mapping[str, str]) -> Script:
        """The script of a new stream. Raises `Refusal`; `parameters` have the names of the WebSocket query."""
        script = self.script
        if script.refuse is not None:
            raise Refusal(STATUS.get(script.refuse, 403), script.refuse, "scripted")
        if len(self.sessions) >= self.limit:
            raise Refusal(429, "LimitExceededException", "You have reached your limit of concurrent streams.")
        wanted = {"media-encoding": "pcm", "sample-rate": "16000"}
        if any(parameters.get(name) != value for name, value in wanted.items()):
            raise Refusal(400, "BadRequestException", "media-encoding or sample-rate is not valid.")
        if not parameters.get("language-code"):
            raise Refusal(400, "BadRequestException", "language-code is missing.")
        vocabulary = parameters.get("vocabulary-name")
        if vocabulary is not None and self.vocabularies is not None and vocabulary not in self.vocabularies:
            raise Refusal(
                400,
                "BadRequestException",
                "The specified vocabulary doesn't exist. Check the name and try your request again.",
            )
        return script

    def open(self, script: Script, parameters: Mapping[str, str], outbound: Outbound) -> Session:
        session = Session(
            script,
            len(self.opened),
            dict(parameters),
            outbound,
            lambda sent: self.on_sent(sent),
            self.sessions.remove,
        )
        self.sessions.append(session)
        if len(self.opened) < self.remember:
            self.opened.append(session)
        session.start()
        return session

    def say(self, text: str, final: bool = True, confidence: float | None = 0.98) -> list[float]:
        """Send a result on all open streams now. Returns each one's `time.monotonic()` of sending."""
        return [session.say(text, final, confidence) for session in list(self.sessions)]

    def cut(self) -> None:
        """Lose all connections, as when the service's host dies."""
        for session in list(self.sessions):
            session.cut()
