"""Whether a request is Twilio's (X-Twilio-Signature, twilio.com/docs/usage/security).

What is signed is the address in `RELAY_PUBLIC_URL`, not what the Host header says: that one anybody can write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog
from twilio.request_validator import RequestValidator

from protocol.errors import SignatureRefused
from relay.settings import RelaySettings
from relay.transport_security import is_direct

log = structlog.get_logger(__name__)

HEADER = "X-Twilio-Signature"


def check_signature(
    settings: RelaySettings,
    target: str,
    headers: Iterable[tuple[str, str]],
    parameters: Mapping[str, str] | None = None,
    *,
    websocket: bool,
) -> bool:
    """Whether Twilio has signed the request. Raises `SignatureRefused` when it has not, and should have.

    `target` is the path and query as they were sent; `parameters` are those of a posted form. Without
    `TWILIO_AUTH_TOKEN` there is nothing to check with: then `RELAY_TWILIO_UNSIGNED` lets everybody in, and without it
    only requests of this machine itself are let in.
    """
    headers = list(headers)
    if settings.twilio_auth_token is None:
        if settings.twilio_unsigned or is_direct(settings, headers):
            return False
        raise _refused("no_auth_token")
    if settings.public_url is None:
        raise _refused("no_public_url")
    signatures = [value for name, value in headers if name.lower() == HEADER.lower()]
    if len(signatures) != 1:
        raise _refused("missing" if not signatures else "repeated")
    address = settings.public_url.rstrip("/") + target
    if websocket:
        address = "ws" + address.removeprefix("http")
    if not RequestValidator(settings.twilio_auth_token).validate(address, parameters or {}, signatures[0]):
        raise _refused("wrong")
    return True


def _refused(reason: str) -> SignatureRefused:
    log.info("call_refused", reason=reason)
    return SignatureRefused()
