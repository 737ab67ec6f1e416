"""What the receiver checks the certificates of the servers with that it asks."""

from __future__ import annotations

import functools
import ssl

import httpx2


@functools.cache
def client_context() -> ssl.SSLContext:
    """Trusts the system's authorities, or those of `SSL_CERT_FILE` or `SSL_CERT_DIR`.

    One for the whole process: every client would else read all the certificates for itself.
    """
    return httpx2.create_ssl_context()
