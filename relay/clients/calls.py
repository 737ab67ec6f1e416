"""The call screen (`/ws/calls`): what is being said in the user's calls, line by line, and how much came in."""

from __future__ import annotations

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from protocol.errors import (
    MalformedMessage,
    NoSummary,
    SessionRefused,
    UnknownType,
    Unsupported,
    VoiceError,
)
from relay.calls import Call, Event, Watcher
from relay.clients.json_message import read_object
from relay.clients.socket_client import SocketClient, parse_target
from relay.clients.twilio.messages import SID
from relay.identity import Identity, as_named
from relay.services import Services
from relay.transport_security import is_direct

MAX_MESSAGE_CHARS = 4_096

WHOSE = "Say whose calls: /ws/calls?userId=ID. All calls are shown to this machine alone."


class CallsClient(SocketClient):
    """One call screen."""

    def __init__(self, connection: ServerConnection, services: Services, identity: Identity) -> None:
        super().__init__(connection, services, identity)
        self._watcher = Watcher(self._tell, identity.user, everybody=identity.user is None)

    @classmethod
    async def admit(cls, request: Request, services: Services, identity: Identity) -> Identity:
        """Whose calls are shown. Raises `UserRefused`; `SessionRefused` when it is to be everybody's, from elsewhere.

        Only this machine itself gets an identity without a user.
        """
        query = parse_target(request.path)[1]
        identity = as_named(identity, query.get("userId"))
        if identity.user is None and not is_direct(services.settings, request.headers.raw_items()):
            raise SessionRefused(WHOSE)
        return identity

    def begin(self) -> None:
        self.services.calls.watch(self._watcher)
        self._show()

    async def ended(self) -> None:
        self.services.calls.unwatch(self._watcher)

    def take_binary(self, data: bytes) -> None:
        raise Unsupported("A call screen sends text.")

    def take_text(self, text: str) -> None:
        message = read_object(text, MAX_MESSAGE_CHARS, "type")
        match message.get("type"):
            case "subscribe":
                self._subscribe(message.get("callSid"))
            case "get_summary":
                self._tell_summary(message.get("callSid"))
            case "get_stats":
                self.send_json({"type": "stats", **self.services.calls.stats(self._watcher)})
            case "ping":
                self.send_json({"type": "pong"})
            case other:
                raise UnknownType(f"There is no message of type '{str(other)[:40]}'.")

    def _subscribe(self, call_sid: object) -> None:
        """One call alone, also one that has not begun; or, without an id, all of the user's again."""
        if call_sid is not None:
            self._find(call_sid)
        self._watcher.call_sid = call_sid if isinstance(call_sid, str) else None
        self._show()

    def _tell_summary(self, call_sid: object) -> None:
        """Of each stream of the call that has been summed up. Raises `NoSummary`."""
        calls = [call for call in self._find(call_sid) if call.summary is not None]
        if not calls:
            raise NoSummary
        for call in calls:
            self.send_json(call.summed_up())

    def _find(self, call_sid: object) -> list[Call]:
        """The streams of a call. Raises `MalformedMessage`; `SessionRefused` when they are somebody else's."""
        if not (isinstance(call_sid, str) and SID.fullmatch(call_sid)):
            raise MalformedMessage("'callSid' is a call's id.")
        found = self.services.calls.find(call_sid)
        if not all(map(self._watcher.may_see, found)):
            raise SessionRefused("This call is somebody else's.")
        return found

    def _show(self) -> None:
        self.send_json({"type": "calls", "calls": self.services.calls.live(self._watcher)})
        for summary in self.services.calls.summaries(self._watcher):
            self.send_json(summary)

    def _tell(self, event: Event) -> None:
        self.send_json(event)

    def report(self, error: VoiceError) -> None:
        self.send_json(
            {"type": "error", "code": error.code, "message": error.message, "retryable": error.retryable}
        )
