"""TLS for the link: the receiver's certificate, and a word in the log about whoever does not come through."""

from __future__ import annotations

import ssl
from pathlib import Path

import structlog

from protocol.errors import SettingsError

log = structlog.get_logger(__name__)

CLIENT_HELLO = b"\x16\x03"
"""How a connection begins that asks for TLS (RFC 8446, section 5.1)."""


class Handshake(ssl.SSLObject):
    """One connection's TLS. asyncio closes one that fails without a word to anybody."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise  # it goes on
        except ssl.SSLError as error:
            # Besides a relay that speaks plainly, one that does not accept our certificate and says so (..._ALERT_...).
            log.warning(
                "link_tls_failed", reason=error.reason, hint="RELAY_RECEIVER=tls://..., RELAY_RECEIVER_CA"
            )
            raise


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer. Both are PEM files: the certificate with those that vouch for it, and its key, not encrypted.

    They are read now and not again: a new certificate is used after a restart. Raises `SettingsError`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslobject_class = Handshake
    for variable, path in (("RECEIVER_TLS_CERTIFICATE", certificate), ("RECEIVER_TLS_KEY", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{variable}={path}: it cannot be read ({error.strerror}).") from None
    try:
        # Without a password OpenSSL would ask at the terminal for that of an encrypted key.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            what = "the key is another certificate's"
        else:
            what = f"they are not a certificate and its key in PEM, unencrypted ({error.reason or 'no PEM'})"
        raise SettingsError(f"RECEIVER_TLS_CERTIFICATE, RECEIVER_TLS_KEY: {what}.") from None
    return context
