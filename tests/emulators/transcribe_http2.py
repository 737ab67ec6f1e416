"""Transcribe's HTTP/2 interface: a signed POST whose body is a stream of signed event-stream messages, and the
answer a stream of transcript events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from tests.emulators.eventstream import Decoder, MalformedStream, decode_one
from tests.emulators.sigv4 import ChunkChain, Refused, verify_headers
from tests.emulators.transcribe_service import SERVICE, Refusal, TranscribeService
from tests.emulators.transcribe_session import Session

PATH = "/stream-transcription"
_PREFIX = "x-amzn-transcribe-"
_WINDOW = 1 << 24


@dataclass(slots=True)
class _Stream:
    session: Session
    chain: ChunkChain
    decoder: Decoder = field(default_factory=Decoder)


class _Outbound:
    def __init__(self, connection: _Connection, stream_id: int) -> None:
        self._connection, self._stream_id = connection, stream_id

    def send(self, message: bytes) -> None:
        self._connection.write(self._stream_id, message)

    def end(self) -> None:
        self._connection.write(self._stream_id, b"", end=True)

    def cut(self) -> None:
        self._connection.abort()


class _Connection(asyncio.Protocol):
    """One TLS connection and the streams on it."""

    def __init__(self, service: TranscribeService, connections: set[_Connection]) -> None:
        self._service = service
        self._connections = connections
        self._streams: dict[int, _Stream] = {}
        self._queued: dict[int, tuple[bytes, bool]] = {}
        """Stream id -> bytes that wait for the client's flow-control window, and whether the stream ends after them."""
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._h2 = h2.connection.H2Connection(config)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)
        self._h2.local_settings = h2.settings.Settings(
            client=False,
            initial_values={
                h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 500,
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 20,
            },
        )
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_WINDOW)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        for stream_id in list(self._streams):
            self._drop(stream_id)

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            for event in self._h2.receive_data(data):
                self._handle(event)
        except h2.exceptions.ProtocolError:  # also: to answer on a connection that the client has just closed
            self._flush()
            self._transport.close()
            return
        self._flush()

    def _handle(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.DataReceived):
            assert event.stream_id is not None
            assert event.data is not None
            assert event.flow_controlled_length is not None
            stream = self._streams.get(event.stream_id)
            if stream is None or not stream.session.stalled:
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self._body(event.stream_id, event.data)
        elif isinstance(event, h2.events.RequestReceived):
            assert event.stream_id is not None
            self._request(event.stream_id, [(str(name), str(value)) for name, value in event.headers])
        elif isinstance(event, h2.events.StreamEnded | h2.events.StreamReset):
            self._drop(event.stream_id)
        elif isinstance(event, h2.events.WindowUpdated):
            for stream_id in list(self._queued):
                self._pump(stream_id)

    def write(self, stream_id: int, data: bytes, end: bool = False) -> None:
        waiting, ending = self._queued.get(stream_id, (b"", False))
        self._queued[stream_id] = (waiting + data, ending or end)
        self._pump(stream_id)
        self._flush()

    def _flush(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._h2.data_to_send())

    def _request(self, stream_id: int, headers: list[tuple[str, str]]) -> None:
        if self._service.script.deaf:
            return
        values = dict(headers)
        values.setdefault("host", values.get(":authority", ""))
        parameters = {
            name.removeprefix(_PREFIX): value for name, value in values.items() if name.startswith(_PREFIX)
        }
        try:
            if values[":method"] != "POST" or values[":path"] != PATH:
                raise Refusal(404, "UnknownOperationException", "no such path")
            verified = self._service.authorise(
                lambda: verify_headers(
                    "POST", values[":path"], list(values.items()), b"", self._service.keys, SERVICE
                )
            )
            script = self._service.check(parameters)
        except Refusal as refusal:
            answer = [
                (":status", str(refusal.status)),
                ("content-type", "application/json"),
                ("x-amzn-errortype", f"{refusal.code}:http://internal.amazon.com/"),
            ]
            self._h2.send_headers(stream_id, answer)
            self.write(stream_id, json.dumps({"Message": refusal.message}).encode(), end=True)
            return
        answer = [
            (":status", "200"),
            ("content-type", "application/vnd.amazon.eventstream"),
            ("x-amzn-request-id", f"emulated-{self._service.requests}"),
            *((_PREFIX + name, value) for name, value in parameters.items()),
        ]
        self._h2.send_headers(stream_id, answer)
        session = self._service.open(script, parameters, _Outbound(self, stream_id))
        self._streams[stream_id] = _Stream(session, ChunkChain(verified, SERVICE))

    def _body(self, stream_id: int, data: bytes) -> None:
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        try:
            for message in stream.decoder.feed(data):
                stream.chain.verify(message)
                # The signed message holds the audio event; an empty one says that the audio is over.
                stream.session.receive(decode_one(message.payload).payload if message.payload else b"")
        except Refused as refused:
            stream.session.fail(refused.code, refused.message)
        except MalformedStream as error:
            stream.session.fail("BadRequestException", f"Could not decode the audio stream: {error}.")

    def _drop(self, stream_id: int | None) -> None:
        if stream_id is not None and (stream := self._streams.pop(stream_id, None)) is not None:
            stream.session.gone()

    def _pump(self, stream_id: int) -> None:
        data, end = self._queued.pop(stream_id)
        try:
            while data:
                room = min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size)
                if room <= 0:
                    self._queued[stream_id] = (data, end)
                    return
                self._h2.send_data(stream_id, data[:room])
                data = data[room:]
            if end:
                self._h2.end_stream(stream_id)
                # RFC 9113, 8.1: having answered in full, a server asks the client to stop sending its request.
                self._h2.reset_stream(stream_id, h2.errors.ErrorCodes.NO_ERROR)
        except (h2.exceptions.StreamClosedError, h2.exceptions.ProtocolError):
            return  # the client reset the stream or is gone


class Http2Transcribe:
    """The listening side; always with TLS, since the protocol is agreed on in its handshake."""

    def __init__(self, service: TranscribeService) -> None:
        self._service = service
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def start(self, context: ssl.SSLContext, port: int = 0) -> int:
        """Listen on loopback. Returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self._service, self._connections), "127.0.0.1", port, ssl=context, backlog=512
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for connection in list(self._connections):
                connection.abort()
            # awscrt keeps a connection whose handshake failed for up to 30 s, and Python 3.12 waits for those too.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 1)
