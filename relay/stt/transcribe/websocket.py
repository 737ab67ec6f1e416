"""Transcribe's WebSocket interface: one event-stream message a frame, and no signature but the URL's."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress

from amazon_transcribe.eventstream import EventStreamMessageSerializer
from amazon_transcribe.model import AudioEvent
from amazon_transcribe.serialize import AudioEventSerializer
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from protocol.audio import SAMPLE_RATE
from relay.stt.transcribe.account import AwsAccount
from relay.stt.transcribe.events import MAX_EVENT_BYTES, EventSource
from relay.stt.transcribe.failures import RegionUnknown, name_not_found
from relay.stt.transcribe.presign import presigned_url
from relay.stt.transcribe.vocabulary import CustomVocabulary

PORT = 8443
CLOSE_TIMEOUT = 0.5
"""Seconds for the closing handshake; twice that with the last frame."""
DEAD_PEER_MILLISECONDS = 10_000
"""Audio that nobody acknowledges for so long ends the connection; the kernel alone would try for 15 minutes."""


class WebSocketTransport:
    def __init__(self, account: AwsAccount, language: str, vocabulary: CustomVocabulary) -> None:
        self.vocabulary = vocabulary
        self._account = account
        self._endpoint = account.endpoint(PORT)
        self._parameters = {
            "language-code": language,
            "media-encoding": "pcm",
            "sample-rate": str(SAMPLE_RATE),
        }
        self._tls: ssl.SSLContext | None = None
        if self._endpoint.startswith("https:"):
            # With a file, that file alone is trusted; without one, the system's certificates.
            self._tls = ssl.create_default_context(cafile=account.ca_bundle)

    async def open(self) -> WebSocketChannel:
        credentials = await self._account.credentials()
        parameters = dict(self._parameters)
        if self.vocabulary.name is not None:
            parameters["vocabulary-name"] = self.vocabulary.name
        url = presigned_url(credentials, self._account.region, self._endpoint, parameters)
        try:
            connection = await connect(
                url,
                ssl=self._tls,
                origin=Origin(self._endpoint),  # among the headers that the developer guide asks for
                compression=None,
                open_timeout=None,  # the caller's bound is the one that counts
                close_timeout=CLOSE_TIMEOUT,
                # The developer guide knows no pings, and audio is always flowing: the kernel sees a dead peer.
                ping_interval=None,
                max_size=MAX_EVENT_BYTES,
                max_queue=16,
                user_agent_header="voice-relay",
            )
        except OSError as error:
            if name_not_found(error) and not await self._account.knows_region():
                raise RegionUnknown(self._account.region) from error
            raise
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            tcp = connection.transport.get_extra_info("socket")
            tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MILLISECONDS)
        return WebSocketChannel(connection)


class WebSocketChannel:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._audio = AudioEventSerializer()
        self._codec = EventStreamMessageSerializer()
        self.events = EventSource(_frames(connection)).stream()

    async def send(self, pcm: bytes) -> None:
        headers, payload = self._audio.serialize(AudioEvent(pcm))
        await self._connection.send(self._codec.serialize(headers, payload))

    async def close(self) -> None:
        try:
            # A peer that has stopped reading blocks either step, and close_timeout does not count until its turn.
            with suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(2 * CLOSE_TIMEOUT):
                    await self.send(b"")  # an empty event: the audio is over
                    await self._connection.close()
        finally:
            self._connection.transport.abort()
        await self._connection.wait_closed()


async def _frames(connection: ClientConnection) -> AsyncIterator[bytes]:
    async for (
        frame
    ) in connection:  # ends after a close in order, raises ConnectionClosedError after any other
        yield frame if isinstance(frame, bytes) else frame.encode()
