"""Transcribe's HTTP/2 interface through the amazon-transcribe package's own client: every audio event is signed.

awscrt tells of the end of an answer only when the request has ended too, or the service resets the stream (as
RFC 9113, 8.1 lets a server do that has answered early). A service that did neither, and sent no exception either, would
look alive.
"""

from __future__ import annotations

import asyncio
import copy
import ssl
from typing import Any, Self
from urllib.parse import urlsplit

from amazon_transcribe.auth import StaticCredentialResolver
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.deserialize import TranscribeStreamingResponseParser
from amazon_transcribe.endpoints import StaticEndpointResolver
from amazon_transcribe.model import (
    AudioStream,
    StartStreamTranscriptionRequest,
    StartStreamTranscriptionResponse,
    TranscriptResultStream,
)
from amazon_transcribe.request import Request
from amazon_transcribe.response import Response
from amazon_transcribe.serialize import TranscribeStreamingSerializer
from awscrt import io

from protocol.audio import SAMPLE_RATE
from relay.stt.transcribe.account import AwsAccount
from relay.stt.transcribe.crt_connection import CrtConnection
from relay.stt.transcribe.events import EventSource
from relay.stt.transcribe.failures import NotTakingAudio, RegionUnknown, name_not_found
from relay.stt.transcribe.paced_body import PacedBody, Pacer
from relay.stt.transcribe.vocabulary import CustomVocabulary

PORT = 443
FINISH_TIMEOUT = 0.5
"""Seconds for the service to end the stream after the audio has."""
SHUTDOWN_TIMEOUT = 1.0
"""Seconds for awscrt to shut the connection down."""
PROBE_AFTER = 2.0
"""Seconds without an answer after which the certificate is looked at."""


class _Serializer(TranscribeStreamingSerializer):
    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer

    def serialize_start_stream_transcription_request(
        self, endpoint: str, request_shape: StartStreamTranscriptionRequest
    ) -> Request:
        request = super().serialize_start_stream_transcription_request(endpoint, request_shape)
        request.body = PacedBody(self._pacer)
        return request


class _ResponseParser(TranscribeStreamingResponseParser):
    def parse_start_stream_transcription_response(
        self, http_response: Response, body_stream: Any
    ) -> StartStreamTranscriptionResponse:
        response = super().parse_start_stream_transcription_response(http_response, body_stream)
        response.transcript_result_stream = EventSource(body_stream.chunks()).stream()
        return response


class PacedTranscribeClient(TranscribeStreamingClient):
    """The package's client with a body that lets the CPU rest, and a connection and credentials for each stream.

    It sets four attributes of its base class that have no argument there.
    """

    def __init__(self, region: str, endpoint: str) -> None:
        super().__init__(
            region=region,
            endpoint_resolver=StaticEndpointResolver(endpoint),  # type: ignore[no-untyped-call]
            credential_resolver=StaticCredentialResolver("", ""),
        )
        self._serializer = _Serializer(Pacer())
        self._response_parser = _ResponseParser()

    def for_stream(self, credentials: StaticCredentialResolver, connection: CrtConnection) -> Self:
        """A copy for one stream.

        Its chunk signatures continue from the request's and name no key, so they need the credentials of the request
        to the end, whatever is refreshed meanwhile. A connection of its own lets a stream be cut off without harm to
        the others: awscrt 0.26 cannot cancel a single request.
        """
        client = copy.copy(self)
        client._credential_resolver = credentials
        client._session_manager = connection  # type: ignore[assignment]
        return client


class Http2Transport:
    def __init__(self, account: AwsAccount, language: str, vocabulary: CustomVocabulary) -> None:
        self.vocabulary = vocabulary
        self._account = account
        self._language = language
        self._endpoint = account.endpoint(PORT)
        self._client = PacedTranscribeClient(account.region, self._endpoint)
        options = io.TlsContextOptions()
        if account.ca_bundle:
            options.override_default_trust_store_from_path(None, account.ca_bundle)
        self._tls = io.ClientTlsContext(options)

    async def open(self) -> Http2Channel:
        given = await self._account.credentials()
        credentials = StaticCredentialResolver(given.access_key, given.secret_key, given.token)
        connection = CrtConnection(self._tls)
        client = self._client.for_stream(credentials, connection)
        starting = asyncio.ensure_future(
            client.start_stream_transcription(
                language_code=self._language,
                media_sample_rate_hz=SAMPLE_RATE,
                media_encoding="pcm",
                vocabulary_name=self.vocabulary.name,
            )
        )
        try:
            done, _ = await asyncio.wait([starting], timeout=PROBE_AFTER)
            if not done or isinstance(starting.exception(), OSError):
                await self._probe()
            stream = await starting
        except BaseException:
            starting.cancel()
            await asyncio.wait([starting])
            if not starting.cancelled():
                starting.exception()
            await _shut_down(connection)
            raise
        return Http2Channel(stream.input_stream, stream.output_stream, connection)

    async def _probe(self) -> None:
        """Find out whether it is name or certificate. Raises `RegionUnknown` or `ssl.SSLCertVerificationError`.

        awscrt says neither: s2n holds the news of a failed handshake back for 10 to 30 s, against timing attacks, and
        then gives one code for all.
        """
        parts = urlsplit(self._endpoint)
        context = await asyncio.to_thread(ssl.create_default_context, cafile=self._account.ca_bundle)
        try:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or PORT, ssl=context)
        except ssl.SSLCertVerificationError:
            raise
        except OSError as error:
            if name_not_found(error) and not await self._account.knows_region():
                raise RegionUnknown(self._account.region) from error
            return  # whatever it is, awscrt reports it
        writer.transport.abort()


class Http2Channel:
    def __init__(self, audio: AudioStream, events: TranscriptResultStream, connection: CrtConnection) -> None:
        self._audio = audio
        self.events = events
        self._connection = connection
        self._closed = False

    async def send(self, pcm: bytes) -> None:
        await self._audio.send_audio_event(audio_chunk=pcm)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            async with asyncio.timeout(FINISH_TIMEOUT):
                await self._audio.end_stream()  # type: ignore[no-untyped-call]
                if self._connection.response is not None:
                    await self._connection.response.completed()
        except (OSError, NotTakingAudio):  # TimeoutError is an OSError
            pass
        finally:
            await _shut_down(self._connection)


async def _shut_down(connection: CrtConnection) -> None:
    try:
        async with asyncio.timeout(SHUTDOWN_TIMEOUT):
            await connection.close()
    except TimeoutError:
        pass
