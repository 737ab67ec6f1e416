"""Fixtures for tests that meet AWS: nothing of this machine's own AWS settings reaches them."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import botocore.session
import pytest
from botocore.loaders import create_loader

from tests.emulators.access_keys import EXPIRED_KEY_ID, EXPIRED_TOKEN
from tests.emulators.polly import PollyEmulator
from tests.emulators.tls import CertificateAuthority
from tests.emulators.transcribe import Interface, TranscribeEmulator

UseTranscribe = Callable[[Interface], None]

_shared_loader = functools.cache(create_loader)
"""AWS's libraries parse their tables of endpoints and operations anew for each session, which is most of its cost."""


@pytest.fixture
def bare_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment in which AWS's libraries find nothing: no credentials, no files, no instance metadata."""
    for name in list(os.environ):
        if name.upper().startswith("AWS_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(botocore.session, "create_loader", _shared_loader)


@pytest.fixture
def expired_profile(bare_aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Name of a profile whose credentials come from a program, and are expired whenever it is asked."""
    answer = {
        "Version": 1,
        "AccessKeyId": EXPIRED_KEY_ID,
        "SecretAccessKey": "secret",
        "SessionToken": EXPIRED_TOKEN,
        "Expiration": "2020-01-01T00:00:00Z",
    }
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    config = tmp_path / "aws-config"
    config.write_text(f"[profile expired]\ncredential_process = cat {tmp_path / 'answer.json'}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    return "expired"


@functools.cache
def _authority(folder: Path) -> CertificateAuthority:
    """One for all tests of a run: what they prove is in no certificate's being new."""
    return CertificateAuthority(folder)


@pytest.fixture
async def transcribe_emulator(
    bare_aws: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TranscribeEmulator]:
    """Amazon Transcribe on free ports, in the test's own loop."""
    authority = _authority(tmp_path_factory.getbasetemp() / "transcribe")
    async with TranscribeEmulator(authority) as emulator:
        yield emulator


@pytest.fixture
def use_transcribe(transcribe_emulator: TranscribeEmulator, monkeypatch: pytest.MonkeyPatch) -> UseTranscribe:
    """Point AWS's own variables at one interface of the emulator."""

    def use(interface: Interface) -> None:
        for name, value in transcribe_emulator.environment(interface).items():
            monkeypatch.setenv(name, value)

    return use


@pytest.fixture
async def polly_emulator(bare_aws: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PollyEmulator]:
    """Amazon Polly on a free port, with AWS's own variables pointing at it."""
    async with PollyEmulator() as emulator:
        for name, value in emulator.environment().items():
            monkeypatch.setenv(name, value)
        yield emulator
