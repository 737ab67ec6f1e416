"""The call screen (`/ws/calls`): what is being said in the user's calls, line by line, and how much came in."""

from __future__ import annotations

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from protocol.errors import (
    MalformedMessage,
    SessionRefused,
    UnknownType,
    Unsupported,
    VoiceError,
)
from relay.calls import Event, Watcher
from relay.clients.json_message import read_object
from relay.clients.socket_client import SocketClient, parse_target
from relay.clients.twilio.messages import SID
from relay.clients.twilio.signature import is_direct
from relay.identity import Identity, as_named
from relay.services import Services

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
            case "get_stats":
                self.send_json({"type": "stats", **self.services.calls.stats(self._watcher)})
            case "ping":
                self.send_json({"type": "pong"})
            case other:
                raise UnknownType(f"There is no message of type '{str(other)[:40]}'.")

    def _subscribe(self, call_sid: object) -> None:
        """One call alone, also one that has not begun; or, without an id, all of the user's again."""
        if call_sid is not None and not (isinstance(call_sid, str) and SID.fullmatch(call_sid)):
            raise MalformedMessage("'callSid' is a call's id.")
        if isinstance(call_sid, str) and not all(
            map(self._watcher.may_see, self.services.calls.find(call_sid))
        ):
            raise SessionRefused("This call is somebody else's.")
        self._watcher.call_sid = call_sid
        self._show()

    def _show(self) -> None:
        self.send_json({"type": "calls", "calls": self.services.calls.live(self._watcher)})

    def _tell(self, event: Event) -> None:
        self.send_json(event)

    def report(self, error: VoiceError) -> None:
        self.send_json(
            {"type": "error", "code": error.code, "message": error.message, "retryable": error.retryable}
        )
