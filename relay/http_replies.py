"""What all replies over HTTP have in common, whichever server gives them."""

from __future__ import annotations

from http import HTTPStatus

from protocol.errors import CapacityError, InternalError, MalformedMessage, Unauthorized, VoiceError

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; media-src 'self' blob: data:; img-src 'self' data:; connect-src 'self' ws: wss:; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def status_of(error: VoiceError) -> HTTPStatus:
    """The HTTP status of a refusal."""
    if isinstance(error, Unauthorized):
        return HTTPStatus.UNAUTHORIZED
    if isinstance(error, MalformedMessage):
        return HTTPStatus.BAD_REQUEST
    if isinstance(error, CapacityError) or error.retryable:
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, InternalError):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.FORBIDDEN
