"""An S3 bucket that finished recordings go to."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, BinaryIO

import aioboto3
import aiohttp
import structlog
from aiobotocore.config import AioConfig  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError

from protocol.errors import SettingsError

log = structlog.get_logger(__name__)

PART_BYTES = 8 * 1024 * 1024
"""A file goes up in parts of this size, one after the other, so that no more of it is in memory. S3 wants at least
5 MiB a part, except for the last ("Amazon S3 multipart upload limits")."""

MAX_UPLOADS = 4
"""Files on their way at once: 32 MiB of memory. Others wait."""

ATTEMPTS = 5
"""Of each request: what fails for a moment (throttling, a lost connection, 5xx) is tried again, with backoff."""

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
UPLOAD_SECONDS = 600.0
"""Longest time of one file, retries included: an hour of speech (115 MB) at 1.5 Mbit/s."""

CONTENT_TYPE = "audio/wav"


class RecordingBucket:
    """`start()`, `upload` files, `close()`.

    Credentials come from the standard AWS chain; `AWS_ENDPOINT_URL_S3` and `AWS_CA_BUNDLE` are botocore's own.
    """

    def __init__(self, bucket: str, prefix: str, region: str, *, attempts: int = ATTEMPTS) -> None:
        """`prefix` is put before a file's name, with a slash between them; it may be empty."""
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._region = region
        self._attempts = attempts
        self._client: Any = None
        self._stack = AsyncExitStack()
        self._places = asyncio.Semaphore(MAX_UPLOADS)

    async def start(self) -> None:
        """Raises `SettingsError` for a profile, region or endpoint that cannot be."""
        config = AioConfig(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=MAX_UPLOADS,
            retries={"mode": "standard", "total_max_attempts": self._attempts},
        )
        try:
            session = aioboto3.Session()
            self._client = await self._stack.enter_async_context(
                session.client("s3", region_name=self._region, config=config)
            )
        except (BotoCoreError, ValueError) as error:
            raise SettingsError(f"AWS settings: {error}") from error

    async def upload(self, path: Path) -> bool:
        """Copy the file into the bucket; False when that cannot be, and nothing of it is there."""
        try:
            async with self._places, asyncio.timeout(UPLOAD_SECONDS):
                await self._upload(path)
        except (ClientError, BotoCoreError, aiohttp.ClientError, OSError, RuntimeError) as error:
            # RuntimeError is botocore's for credentials that are expired even when refreshed; TimeoutError is an
            # OSError.
            log.warning("recording not uploaded", name=path.name, cause=_cause(error))
            return False
        return True

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    async def _upload(self, path: Path) -> None:
        target = {"Bucket": self._bucket, "Key": self._prefix + path.name}
        file = await asyncio.to_thread(path.open, "rb")
        try:
            first = await _read(file)
            if len(first) < PART_BYTES:
                await self._client.put_object(**target, Body=first, ContentType=CONTENT_TYPE)
            else:
                await self._upload_parts(target, first, file)
        finally:
            await asyncio.to_thread(file.close)

    async def _upload_parts(self, target: dict[str, str], first: bytes, file: BinaryIO) -> None:
        created = await self._client.create_multipart_upload(**target, ContentType=CONTENT_TYPE)
        upload = {**target, "UploadId": created["UploadId"]}
        try:
            parts: list[dict[str, Any]] = []
            part = first
            while part:
                number = len(parts) + 1
                done = await self._client.upload_part(**upload, PartNumber=number, Body=part)
                parts.append({"PartNumber": number, "ETag": done["ETag"]})
                part = await _read(file)
            await self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        except BaseException:
            await self._abort(upload)
            raise

    async def _abort(self, upload: dict[str, str]) -> None:
        """Parts of an upload that is given up would stay, and be paid for."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._client.abort_multipart_upload(**upload)
        except (ClientError, BotoCoreError, aiohttp.ClientError, OSError, RuntimeError) as error:
            log.warning("parts of a recording are left in the bucket", cause=_cause(error))


async def _read(file: BinaryIO) -> bytes:
    return await asyncio.to_thread(file.read, PART_BYTES)


def _cause(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "")) or "ClientError"
    return type(error).__name__
