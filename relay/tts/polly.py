"""Amazon Polly: one sentence a call, answered as one whole MP3.

Limits ("Quotas in Amazon Polly" of its developer guide): 3,000 billed characters a call; 8 requests a second for the
neural, long-form and generative engines, 80 for the standard one. Throttling is therefore part of a normal day.
"""

from __future__ import annotations

import asyncio
import random
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
"""3,000 characters are about four minutes: 1.5 MB at Polly's 48 kbit/s."""

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
        """`sample_rate` in Hz: 8000, 16000, 22050 or 24000, the highest that Polly makes MP3 of."""
        self._voice = voice
        self._engine = engine
        self._region = region
        self._sample_rate = sample_rate
        self._timeout = timeout
        self._first_backoff = first_backoff
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

    async def synthesize(self, text: str) -> bytes:
        """One sentence of plain text as an MP3, mono. Raises `TtsError`, within `TIMEOUT`."""
        if self._client is None:
            raise RuntimeError("start() comes before synthesize()")
        if len(text) > MAX_CHARACTERS:
            raise TtsRefused(_TOO_LONG)
        last: TtsError = TtsUnavailable(_AWAY)
        try:
            async with asyncio.timeout(self._timeout):
                backoff = self._first_backoff
                while True:
                    try:
                        return await self._call(text)
                    except (ClientError, BotoCoreError, aiohttp.ClientError, RuntimeError) as error:
                        # aiohttp's own comes through when the connection is lost within the audio; RuntimeError
                        # is botocore's for credentials that are expired even when refreshed.
                        last = _failure_of(error)
                        if not last.retryable:
                            raise last from error
                    # Full jitter: conversations that were throttled together do not come back together.
                    await asyncio.sleep(random.uniform(0, backoff))
                    backoff = min(2 * backoff, MAX_BACKOFF)
        except TimeoutError:
            log.warning("polly_gave_up", code=last.code, seconds=self._timeout)
            raise last from None

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    async def _call(self, text: str) -> bytes:
        response = await self._client.synthesize_speech(
            Text=text,
            TextType="text",
            VoiceId=self._voice,
            Engine=self._engine,
            OutputFormat="mp3",
            SampleRate=str(self._sample_rate),
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
