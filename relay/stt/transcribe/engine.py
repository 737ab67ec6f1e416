"""Transcribe as an `SttEngine`."""

from __future__ import annotations

from typing import Literal

from protocol.errors import SettingsError
from relay.stt import OnFailure, OnResult
from relay.stt.transcribe.account import AwsAccount
from relay.stt.transcribe.stream import SEND_TIMEOUT, START_TIMEOUT, AudioStreamHandler
from relay.stt.transcribe.transport import Transport
from relay.stt.transcribe.vocabulary import CustomVocabulary
from relay.stt.transcribe.websocket import WebSocketTransport


class TranscribeEngine:
    """Opens streams in one AWS account and region.

    `language` is one of Transcribe's codes (`en-US`). `transport` is `websocket`, or `http2`: the amazon-transcribe
    package's own client, about ten times the CPU.
    """

    name = "transcribe"
    wants_silence = True
    """Without audio it closes the stream after 15 s, and it ends a line by the silence it hears."""
    can_fail = True

    def __init__(
        self,
        language: str,
        region: str,
        transport: Literal["websocket", "http2"] = "websocket",
        vocabulary: str | None = None,
        *,
        start_timeout: float = START_TIMEOUT,
        send_timeout: float = SEND_TIMEOUT,
    ) -> None:
        """Raises `SettingsError` for what cannot be a vocabulary's name."""
        self._language = language
        self._vocabulary = CustomVocabulary(vocabulary)
        self._account = AwsAccount(region)
        self._kind = transport
        self._start_timeout = start_timeout
        self._send_timeout = send_timeout
        self._transport: Transport | None = None

    async def start(self) -> None:
        """Load what AWS's variables and files say. Raises `SettingsError`."""
        await self._account.load()
        if self._kind == "websocket":
            self._transport = WebSocketTransport(self._account, self._language, self._vocabulary)
            return
        # awscrt starts its threads with the first client, so only who chose this transport has them.
        from relay.stt.transcribe.http2 import PORT, Http2Transport

        if self._account.endpoint(PORT).startswith("http:"):
            raise SettingsError(
                "RELAY_TRANSCRIBE_TRANSPORT=http2 needs an https:// endpoint; websocket also takes http://."
            )
        self._transport = Http2Transport(self._account, self._language, self._vocabulary)

    async def open_stream(self, on_result: OnResult, on_failure: OnFailure) -> AudioStreamHandler:
        if self._transport is None:
            raise RuntimeError("start() comes before open_stream()")
        stream = AudioStreamHandler(
            self._transport,
            on_result,
            on_failure,
            start_timeout=self._start_timeout,
            send_timeout=self._send_timeout,
        )
        await stream.initialize_transcribe()
        return stream

    async def close(self) -> None:
        """Nothing is shared between streams but settings, so there is nothing to close."""
        self._transport = None
