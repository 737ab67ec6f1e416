"""Which client is behind which path."""

from __future__ import annotations

from aiohttp import web

from relay.clients.answers.over_http import answer
from relay.clients.answers.stream import StreamedAnswersClient
from relay.clients.bank.server import attach
from relay.clients.calls import CallsClient
from relay.clients.captions import CaptionsClient
from relay.clients.diet.page import DietPageClient
from relay.clients.echo import EchoClient
from relay.clients.native import NativeClient
from relay.clients.recorder import RecorderClient
from relay.clients.socket_client import SocketClient
from relay.clients.twilio.stream import TwilioStream
from relay.clients.twilio.voice import METHODS, PATH, STREAM_PATH, VoiceWebhook
from relay.http_app import SOCKET_IO_PATH
from relay.services import Services

SOCKETS: dict[str, type[SocketClient]] = {
    "/": NativeClient,
    STREAM_PATH: TwilioStream,
    "/ws/calls": CallsClient,
    "/ws/transcribe-stream": CaptionsClient,
    "/ws/llm-stream": StreamedAnswersClient,
    "/ws/audio-stream": RecorderClient,
    "/ws": EchoClient,
    "/ws/diet": DietPageClient,
}
"""WebSockets, by path."""

HTTP_PATHS: dict[str, frozenset[str]] = {PATH: METHODS}
"""Paths that the HTTP application answers, and the methods that it takes there."""


def client_for(path: str) -> type[SocketClient] | None:
    """The client of a WebSocket's path, or None."""
    if path.startswith(f"{STREAM_PATH}/"):
        return TwilioStream  # with a ticket
    return SOCKETS.get(path)


def is_plain(method: str, path: str) -> bool:
    """Whether a request is for the HTTP application, and not for a WebSocket, the page or `/healthz`."""
    return method != "GET" or path.startswith(SOCKET_IO_PATH) or "GET" in HTTP_PATHS.get(path, ())


def add_http_routes(app: web.Application, services: Services) -> None:
    """Everything that is no GET and no WebSocket of ours."""
    for method in METHODS:
        app.router.add_route(method, PATH, VoiceWebhook(services).handle)
    app.router.add_post("/ws/llm-stream", answer)
    attach(app, services)
