"""Amazon Polly: one sentence a call, answered as one whole MP3, or as PCM in the telephone's own rate.

Limits ("Quotas in Amazon Polly" of its developer guide): 3,000 billed characters a call; 8 requests a second for the
neural, long-form and generative engines, 80 for the standard one. Throttling is therefore part of a normal day.
"""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import AsyncExitStack
from typing import Any, Literal

import aioboto3
import aiohttp
import structlog
from aiobotocore.config import AioConfig  # type: ignore[import-untyped]
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
)

from protocol.errors import SettingsError, TtsError, TtsRefused, TtsThrottled, TtsUnavailable
from relay.tts import PCM_SAMPLE_RATE, Encoding, Speech

log = structlog.get_logger(__name__)

MAX_CHARACTERS = 3_000
TIMEOUT = 30.0
"""Seconds for one sentence, all retries included."""
FIRST_BACKOFF = 0.25
"""Seconds; doubles with each retry."""
MAX_BACKOFF = 4.0
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 15.0
MAX_CONNECTIONS = 50
"""Calls past that wait their turn in the connection pool, within their time."""
MAX_AUDIO_BYTES = 8 << 20
"""3,000 characters are about four minutes: 1.5 MB at Polly's 48 kbit/s, 3.8 MB as PCM."""
MAX_REFUSED_VOICES = 256
"""Voices that are remembered as refused; past it the one that was refused first is tried again."""

_VOICE = re.compile(r"[A-Za-z]{2,40}")
"""The form of all of Polly's voices, "Joanna": what has another one is not worth a call."""

_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "ServiceQuotaExceededException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_CREDENTIALS = "Amazon Polly did not accept this relay's AWS credentials, so this answer comes as text alone."
_NO_CREDENTIALS = "This relay has no AWS credentials, so this answer comes as text alone."
_CERTIFICATE = "The voice service's certificate is not trusted here, so this answer comes as text alone."
_REFUSED = "Amazon Polly refused to speak this answer; here is its text."
_TOO_LONG = f"This answer has a sentence of more than {MAX_CHARACTERS} characters, which cannot be spoken."
_THROTTLE = "Amazon Polly has too much to do right now, so this answer comes as text alone."
_AWAY = "Amazon Polly cannot be reached right now, so this answer comes as text alone."


class PollyEngine:
    """One client, and its connections, for all conversations.

    Credentials come from the standard AWS chain; `AWS_ENDPOINT_URL_POLLY` and `AWS_CA_BUNDLE` are botocore's own.

    A client may ask for a voice of its own. One that Polly does not have, or not in this engine, costs one call;
    from then on the default voice speaks in its place.
    """

    name = "polly"

    def __init__(
        self,
        voice: str,
        engine: Literal["standard", "neural", "long-form", "generative"],
        region: str,
        *,
        sample_rate: int = 24_000,
        timeout: float = TIMEOUT,
        first_backoff: float = FIRST_BACKOFF,
    ) -> None:
        """`sample_rate` of MP3 in Hz: 8000, 16000, 22050 or 24000."""
        self._voice = voice
        self._engine = engine
        self._region = region
        self._sample_rate = sample_rate
        self._timeout = timeout
        self._first_backoff = first_backoff
        self._refused_voices: dict[str, None] = {}  # oldest first
        self._client: Any = None
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        """Raises `SettingsError` for a profile, region or endpoint that cannot be."""
        config = AioConfig(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=MAX_CONNECTIONS,
            # Retries are ours: botocore's wait 1 s, 2 s, 4 s times a random number, too long between two sentences,
            # and know no bound on the whole.
            retries={"total_max_attempts": 1},
        )
        try:
            session = aioboto3.Session()
            self._client = await self._stack.enter_async_context(
                session.client("polly", region_name=self._region, config=config)
            )
        except (BotoCoreError, ValueError) as error:
            raise SettingsError(f"AWS settings: {error}") from error

    async def synthesize(self, text: str, speech: Speech) -> bytes:
        """One sentence of plain text. Raises `TtsError`, within `TIMEOUT`."""
        if self._client is None:
            raise RuntimeError("start() comes before synthesize()")
        if len(text) > MAX_CHARACTERS:
            raise TtsRefused(_TOO_LONG)
        last: TtsError = TtsUnavailable(_AWAY)
        voice = self._voice_for(speech)
        refused: str | None = None
        try:
            async with asyncio.timeout(self._timeout):
                backoff = self._first_backoff
                while True:
                    try:
                        audio = await self._call(text, voice, speech.encoding)
                        if refused is not None:  # and the same text was not: it was the voice
                            self._remember(refused)
                        return audio
                    except (ClientError, BotoCoreError, aiohttp.ClientError, RuntimeError) as error:
                        # aiohttp's own comes through when the connection is lost within the audio; RuntimeError
                        # is botocore's for credentials that are expired even when refreshed.
                        last = _failure_of(error)
                        if not last.retryable:
                            if voice == self._voice or not _may_be_the_voice(error):
                                raise last from error
                            refused, voice = voice, self._voice
                            continue
                    # Full jitter: conversations that were throttled together do not come back together.
                    await asyncio.sleep(random.uniform(0, backoff))
                    backoff = min(2 * backoff, MAX_BACKOFF)
        except TimeoutError:
            log.warning("polly_gave_up", code=last.code, seconds=self._timeout)
            raise last from None

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    def _voice_for(self, speech: Speech) -> str:
        if speech.voice is None or speech.voice in self._refused_voices:
            return self._voice
        if not _VOICE.fullmatch(speech.voice):
            log.info("polly_voice_replaced", cause="no name of a voice", by=self._voice)
            return self._voice
        return speech.voice

    def _remember(self, voice: str) -> None:
        log.warning("polly_voice_replaced", voice=voice, engine=self._engine, by=self._voice)
        self._refused_voices[voice] = None
        if len(self._refused_voices) > MAX_REFUSED_VOICES:
            del self._refused_voices[next(iter(self._refused_voices))]

    async def _call(self, text: str, voice: str, encoding: Encoding) -> bytes:
        response = await self._client.synthesize_speech(
            Text=text,
            TextType="text",
            VoiceId=voice,
            Engine=self._engine,
            OutputFormat=encoding,
            SampleRate=str(PCM_SAMPLE_RATE if encoding == "pcm" else self._sample_rate),
        )
        audio = bytearray()
        body = response["AudioStream"]
        async with body:
            async for chunk in body.iter_chunks():
                audio += chunk
                if len(audio) > MAX_AUDIO_BYTES:
                    raise TtsRefused(_REFUSED)
        if not audio:
            raise TtsUnavailable(_AWAY)
        return bytes(audio)


def _may_be_the_voice(error: Exception) -> bool:
    """Whether another voice may say what was refused.

    The API reference has `EngineNotSupportedException`; a `ValidationException` ("This voice does not support the
    selected engine") is what users report, and it also answers a voice that there is not.
    """
    if not isinstance(error, ClientError):
        return False
    if error.response.get("Error", {}).get("Code") == "TextLengthExceededException":
        return False
    return bool(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 400)


def _failure_of(error: ClientError | BotoCoreError | aiohttp.ClientError | RuntimeError) -> TtsError:
    """The error of ours that a failed call amounts to; the retryable ones are tried again."""
    failure: TtsError
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
        if code in _THROTTLED or status == 429:
            failure = TtsThrottled(_THROTTLE)
        elif code == "TextLengthExceededException":
            failure = TtsRefused(_TOO_LONG)
        elif status >= 500:
            failure = TtsUnavailable(_AWAY)
        else:
            failure = TtsRefused(_CREDENTIALS if status in (401, 403) else _REFUSED)
        log.warning("polly_failed", code=failure.code, cause=code, status=status)
        return failure
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        failure = TtsRefused(_NO_CREDENTIALS)
    elif isinstance(error, SSLError):
        failure = TtsRefused(_CERTIFICATE)
    elif isinstance(error, RuntimeError) and "expired" in str(error):
        failure = TtsRefused(_CREDENTIALS)
    elif isinstance(error, HTTPClientError | ConnectionError | aiohttp.ClientError | RuntimeError):
        failure = TtsUnavailable(_AWAY)
    else:
        failure = TtsRefused(_REFUSED)
    log.warning("polly_failed", code=failure.code, cause=type(error).__name__)
    return failure
