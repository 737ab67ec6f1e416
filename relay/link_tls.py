"""TLS to receivers: who may vouch for them, and in plain words what went wrong."""

from __future__ import annotations

import ssl
from pathlib import Path

from protocol.errors import SettingsError


def client_context(ca: Path | None) -> ssl.SSLContext:
    """Checks a receiver's certificate and that it has the name or address in `RELAY_RECEIVER`. TLS 1.2 or newer.

    `ca`: a PEM file of who may vouch for it, and nobody else then; None: whom this system trusts. Read now and not
    again. Raises `SettingsError`.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ValueError) as error:  # an `SSLError` is an `OSError`
        reason = "is no PEM file" if isinstance(error, ssl.SSLError) else f"cannot be read ({_why(error)})"
        raise SettingsError(f"RELAY_RECEIVER_CA={ca}: {reason}.") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def explain(error: Exception) -> str:
    """For the log: why a connection did not come about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS does not come about ({error.reason}); does the receiver have RECEIVER_TLS_CERTIFICATE?"
    return str(error) or type(error).__name__


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
