"""Published keys over https, as a relay on its own trusts them: a certificate that nobody vouches for has no say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.emulators.tls import CertificateAuthority
from tests.processes import Process
from tests.tokens import AUDIENCE, ISSUER, KeyServer, rsa_key


@contextmanager
def relay_process(folder: Path, keys: KeyServer, **environ: str) -> Iterator[int]:
    """The port of a relay that lets in whom these keys have signed for."""
    settings = {
        "RELAY_PORT": "0", "RELAY_STT": "scripted", "RELAY_TTS": "scripted", "RELAY_AUTH": "jwt",
        "RELAY_JWT_JWKS_URL": keys.url, "RELAY_JWT_AUDIENCE": AUDIENCE, "RELAY_JWT_ISSUER": ISSUER,
    }  # fmt: skip
    relay = Process("relay", folder, **settings, **environ)
    try:
        yield relay.port()
    finally:
        assert relay.stop() == 0
        assert "Traceback" not in relay.output


async def status(port: int, token: str) -> int:
    try:
        async with connect(
            f"ws://127.0.0.1:{port}/", additional_headers={"Authorization": f"Bearer {token}"}
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_keys_come_from_whom_a_trusted_certificate_names(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path)
    async with KeyServer(rsa_key(), tls=authority.server_context()) as keys:
        with relay_process(tmp_path, keys, SSL_CERT_FILE=str(authority.bundle)) as port:
            assert await status(port, rsa_key().token("ann")) == 101
            assert await status(port, rsa_key("mine").token("ann")) == 401
        assert keys.requests == 1


async def test_keys_of_a_certificate_that_nobody_vouches_for_let_nobody_in(tmp_path: Path) -> None:
    async with KeyServer(rsa_key(), tls=CertificateAuthority(tmp_path).server_context()) as keys:
        with relay_process(tmp_path, keys) as port:
            assert await status(port, rsa_key().token("ann")) == 503
        assert keys.requests == 0
