"""`/twilio/voice`: what a Twilio number asks when somebody calls it, answered with TwiML.

The answer connects the call to an address that lets one stream of this call in (`relay/tickets.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web
from twilio.twiml.voice_response import Connect, Stream, VoiceResponse

from protocol.errors import MalformedMessage
from relay.clients.twilio.messages import SID
from relay.clients.twilio.signature import check_signature
from relay.identity import ANYBODY, Identity, as_named
from relay.services import Services

PATH = "/twilio/voice"
METHODS = frozenset({"GET", "POST"})
STREAM_PATH = "/ws/media-stream"

FORM_SECONDS = 10.0
"""For a posted form to come."""

GOODBYE = "Sorry, the line was interrupted. Please call again."
"""What Twilio says when we end the stream, or cannot be reached; a caller who hangs up does not hear it."""

CLIENT = "client:"
"""How `From` begins when an app calls that Twilio knows by its own access token, whose identity follows."""

PASSED_ON = ("name", "timezone")
"""Fields of the request that the stream is told, for the conversation."""


class VoiceWebhook:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: web.Request) -> web.Response:
        """Raises `SignatureRefused`; `Unauthorized` for a wrong `token`; `MalformedMessage`."""
        form = await _form(request)
        headers = list(request.headers.items())
        signed = check_signature(self._services.settings, request.raw_path, headers, form, websocket=False)
        fields = {**request.query, **form}
        call_sid = fields.get("CallSid", "")
        if not SID.fullmatch(call_sid):
            raise MalformedMessage("There is no 'CallSid'.")
        identity = await self._caller(fields, signed)
        if self._services.calls.full:
            response = VoiceResponse()
            response.reject(reason="busy")
        else:
            response = self._connect(call_sid, identity, fields, request.host)
        return web.Response(text=str(response), content_type="text/xml")

    async def _caller(self, fields: Mapping[str, str], signed: bool) -> Identity:
        """Whose call it is. With `RELAY_AUTH=jwt` nobody is taken at their word, and a number names nobody."""
        authenticator = self._services.authenticator
        if not authenticator.required:
            return as_named(ANYBODY, fields.get("userId"))
        if token := fields.get("token"):
            return await authenticator.identify(token)
        sender = fields.get("From", "")
        return (
            as_named(ANYBODY, sender.removeprefix(CLIENT))
            if signed and sender.startswith(CLIENT)
            else ANYBODY
        )

    def _connect(
        self, call_sid: str, identity: Identity, fields: Mapping[str, str], host: str
    ) -> VoiceResponse:
        ticket = self._services.tickets.issue(call_sid, identity)
        public = (self._services.settings.public_url or f"http://{host}").rstrip("/")
        stream = Stream(url=f"ws{public.removeprefix('http')}{STREAM_PATH}/{ticket.code}")
        for name in PASSED_ON:
            if value := fields.get(name):
                stream.parameter(name=name, value=value)
        connect = Connect()
        connect.append(stream)
        response = VoiceResponse()
        response.append(connect)
        response.say(GOODBYE)
        return response


async def _form(request: web.Request) -> Mapping[str, str]:
    """The fields of a posted form. Raises `MalformedMessage`."""
    if request.method != "POST":
        return {}
    if request.content_type.startswith("multipart/"):
        raise MalformedMessage("A form is posted as application/x-www-form-urlencoded.")
    try:
        async with asyncio.timeout(FORM_SECONDS):
            form = await request.post()
    except TimeoutError:
        raise MalformedMessage("The form did not come in time.") from None
    except (LookupError, UnicodeError):
        raise MalformedMessage("The form is not in the character set that it names.") from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if len(fields) != len(form):
        raise MalformedMessage("A form has each field once.")
    return fields
