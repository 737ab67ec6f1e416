"""The AWS account as AWS's own variables and files describe it: credentials, endpoint, trust."""

from __future__ import annotations

import asyncio
import os
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiobotocore.session import AioSession  # type: ignore[import-untyped]
from amazon_transcribe.exceptions import CredentialsException
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, CredentialRetrievalError
from botocore.utils import validate_region_name

from protocol.errors import SettingsError

log = structlog.get_logger(__name__)

LOAD_TIMEOUT = 10.0
"""Seconds for the first look at the credentials; off AWS, the instance metadata service takes a while not to answer."""


class AwsAccount:
    """Credentials come from the standard chain (environment, profile, SSO, container, instance), and are refreshed."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._session: Any = None
        self._endpoint: str | None = None
        self.ca_bundle: str | None = None
        """File of the certificates to trust in place of the system's: AWS_CA_BUNDLE, a profile's `ca_bundle`, or
        SSL_CERT_FILE."""

    async def load(self) -> None:
        """Raises `SettingsError` for a profile, region, endpoint or bundle that cannot be."""
        try:
            # Reads files and loads botocore's data: up to half a second.
            await asyncio.to_thread(self._load)
        except BotoCoreError as error:
            raise SettingsError(f"AWS settings: {error}") from error
        try:
            async with asyncio.timeout(LOAD_TIMEOUT):
                await self.credentials()
        except (CredentialsException, BotoCoreError, TimeoutError) as error:
            # Not fatal: a role or a login may come while the relay runs; until then each stream says so.
            log.warning("aws_credentials_missing", cause=type(error).__name__)

    def _load(self) -> None:
        validate_region_name(self.region)
        session = AioSession()
        provider = ConfiguredEndpointProvider(
            full_config=session.full_config,
            scoped_config=session.get_scoped_config(),
            client_name="transcribe-streaming",
        )
        if not session.get_config_variable("ignore_configured_endpoint_urls"):
            self._endpoint = provider.provide()
        if self._endpoint is not None:
            _check_endpoint(self._endpoint)
        self.ca_bundle = session.get_config_variable("ca_bundle") or os.environ.get("SSL_CERT_FILE")
        if self.ca_bundle and not os.path.isfile(self.ca_bundle):
            raise SettingsError("AWS_CA_BUNDLE or SSL_CERT_FILE names a file that is not there.")
        session.get_component("credential_provider")
        self._session = session

    async def credentials(self) -> ReadOnlyCredentials:
        """Raises `CredentialsException` when there are none, `BotoCoreError` when those there cannot be had."""
        found = await self._session.get_credentials()
        if found is None:
            raise CredentialsException("no AWS credentials found")
        try:
            return await found.get_frozen_credentials()
        except RuntimeError as error:  # botocore's word for "refreshed, and still expired"
            raise CredentialRetrievalError(provider=found.method, error_msg=str(error)) from error

    def endpoint(self, port: int) -> str:
        """Scheme and authority of the service: `AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING`, `AWS_ENDPOINT_URL`, a
        profile's `endpoint_url`, or the region's own on `port`."""
        if self._endpoint is not None:
            return self._endpoint.rstrip("/")
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        host = f"transcribestreaming.{self.region}.{suffix}"
        return f"https://{host}" if port == 443 else f"https://{host}:{port}"

    async def knows_region(self) -> bool:
        """Whether botocore's data has Transcribe in this region, or we were told where to go."""
        if self._endpoint is not None:
            return True
        for partition in self._session.get_available_partitions():
            if self.region in await self._session.get_available_regions("transcribe", partition):
                return True
        return False


def _check_endpoint(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise SettingsError(
            "AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING has to be of the form https://HOST:PORT or http://HOST:PORT."
        )
