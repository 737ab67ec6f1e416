"""Secrets in AWS Secrets Manager: `PREFIX/SERVICE/USER`, the secret's text alone (no JSON around it)."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from typing import Any, Self

import aioboto3
import aiohttp
import structlog
from aiobotocore.config import AioConfig  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from protocol.errors import SecretsUnavailable, SettingsError
from receiver.secrets.naming import name_of
from receiver.secrets.secret_store import MAX_SECRET_CHARS

log = structlog.get_logger(__name__)

# At `debug` they log bodies of answers, whatever the level of everything else.
for _library in ("botocore", "aiobotocore", "boto3", "aioboto3"):
    logging.getLogger(_library).setLevel(logging.WARNING)

CONNECT_SECONDS, READ_SECONDS = 3.0, 4.0
ATTEMPTS = 3
"""Of each request: throttling, a lost connection and 5xx are tried again, with backoff; `cached` bounds all of it."""

MAX_CONNECTIONS = 32

ABSENT = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
"""Codes for what is not there, or about to be deleted."""


class SecretsManager:
    """`open` it; `aclose()` it. Needs `secretsmanager:GetSecretValue`.

    Credentials and region come from the standard AWS chain; `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_CA_BUNDLE`
    are botocore's own.
    """

    def __init__(self, client: Any, stack: AsyncExitStack, prefix: str) -> None:
        self._client = client
        self._stack = stack
        self._prefix = prefix

    @classmethod
    async def open(cls, prefix: str, *, attempts: int = ATTEMPTS) -> Self:
        """Raises `SettingsError` for a profile, region or endpoint that cannot be."""
        config = AioConfig(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=MAX_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": attempts},
        )
        stack = AsyncExitStack()
        try:
            client = await stack.enter_async_context(
                aioboto3.Session().client("secretsmanager", config=config)
            )
        except (BotoCoreError, ValueError) as error:
            raise SettingsError(f"RECEIVER_SECRETS=secretsmanager:{prefix}: AWS settings: {error}") from None
        return cls(client, stack, prefix)

    async def find(self, service: str, user: str) -> SecretStr | None:
        cause = ""
        try:
            answer = await self._client.get_secret_value(SecretId=f"{self._prefix}/{name_of(service, user)}")
        except ClientError as error:
            cause = str(error.response.get("Error", {}).get("Code", "")) or "ClientError"
            if cause in ABSENT:
                return None
        except (BotoCoreError, aiohttp.ClientError, OSError, RuntimeError, ValueError) as error:
            # RuntimeError is botocore's for credentials that are expired even when refreshed.
            cause = type(error).__name__
        else:
            text = answer.get("SecretString")
            if isinstance(text, str) and len(text.strip()) <= MAX_SECRET_CHARS:
                return SecretStr(text.strip()) if text.strip() else None
            cause = "no text, or too long"
        log.warning("secrets_unavailable", service=service, cause=cause)
        # Not from within a handler: the error names the secret, and with it the user.
        raise SecretsUnavailable

    async def aclose(self) -> None:
        await self._stack.aclose()
