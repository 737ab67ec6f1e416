"""Making a custom vocabulary of Transcribe in an AWS account, and waiting until it can be used."""

from __future__ import annotations

import asyncio
from typing import Any, Literal
from urllib.parse import urlsplit

import aioboto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

POLL_SECONDS = 5.0
"""Between two looks at whether it is ready; Transcribe takes some minutes."""

CONNECT_SECONDS, READ_SECONDS = 10, 30
_CONFIG = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"mode": "standard"})


class VocabularyFailed(Exception):
    """It was not made; says in one sentence why."""


async def make_vocabulary(
    name: str,
    text: str,
    *,
    way: Literal["create", "update"],
    s3_address: str,
    language: str,
    region: str,
    wait_seconds: float,
) -> None:
    """Put the table `text` at `s3_address`, make the vocabulary of it, and return when it is READY.

    Transcribe reads a table from S3 only. Raises `VocabularyFailed`, also when it is not ready after `wait_seconds`;
    Transcribe goes on making it then.
    """
    bucket, key = _bucket_and_key(s3_address)
    session = aioboto3.Session()
    try:
        async with session.client("s3", region_name=region, config=_CONFIG) as s3:
            await s3.put_object(
                Bucket=bucket, Key=key, Body=text.encode(), ContentType="text/plain; charset=utf-8"
            )
        async with session.client("transcribe", region_name=region, config=_CONFIG) as transcribe:
            make = transcribe.create_vocabulary if way == "create" else transcribe.update_vocabulary
            await make(VocabularyName=name, LanguageCode=language, VocabularyFileUri=s3_address)
            async with asyncio.timeout(wait_seconds):
                await _until_ready(transcribe, name)
    except TimeoutError:
        raise VocabularyFailed(
            f"Vocabulary '{name}' is not ready after {wait_seconds:g} s; Transcribe is still making it."
        ) from None
    except ClientError as error:
        raise VocabularyFailed(_refusal(error, name)) from error
    except BotoCoreError as error:
        raise VocabularyFailed(f"AWS: {error}") from error


async def _until_ready(transcribe: Any, name: str) -> None:
    while True:
        found = await transcribe.get_vocabulary(VocabularyName=name)
        state = found.get("VocabularyState")
        if state == "READY":
            return
        if state == "FAILED":
            raise VocabularyFailed(
                f"Transcribe could not make '{name}': {found.get('FailureReason', 'no reason given')}"
            )
        await asyncio.sleep(POLL_SECONDS)


def _bucket_and_key(s3_address: str) -> tuple[str, str]:
    parts = urlsplit(s3_address)
    key = parts.path.removeprefix("/")
    if parts.scheme != "s3" or not parts.netloc or not key:
        raise VocabularyFailed(f"'{s3_address}' is not of the form s3://BUCKET/KEY.")
    return parts.netloc, key


def _refusal(error: ClientError, name: str) -> str:
    code = error.response.get("Error", {}).get("Code", "")
    if code == "ConflictException":
        return f"A vocabulary '{name}' exists already; change it with --update."
    if code == "NotFoundException":
        return f"There is no vocabulary '{name}'; make it with --create."
    return f"AWS: {error}"
