"""Every way in which Transcribe, AWS or the network can fail, as one of our errors.

What the person reads says what is wrong in one sentence; the operator finds the cause in the log.
"""

from __future__ import annotations

import json
import socket
import ssl

import structlog
from amazon_transcribe.exceptions import (
    BadRequestException,
    ConflictException,
    CredentialsException,
    InternalFailureException,
    LimitExceededException,
    SerializationException,
    ServiceException,
    ServiceUnavailableException,
    UnknownServiceException,
)
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.http11 import Response

from protocol.errors import SttError, SttLimit, SttRefused, SttTimeout, SttUnavailable

log = structlog.get_logger(__name__)

CREDENTIALS = (
    "Amazon Transcribe did not accept this relay's AWS credentials; its operator needs to look at them."
)
NO_CREDENTIALS = "This relay has no AWS credentials; its operator needs to set them."
CERTIFICATE = (
    "The speech service's certificate is not trusted here; the relay's operator needs to look at it."
)
REGION = "Amazon Transcribe is not to be found in the region this relay is set to; its operator needs to change it."
SETTINGS = (
    "Amazon Transcribe did not accept this relay's request; its operator needs to look at the settings."
)
LIMIT = "Amazon Transcribe's limit for this account or stream is reached; trying again."
NO_AUDIO = "Amazon Transcribe heard nothing for 15 seconds and closed the stream; trying again."
NO_ANSWER = "Amazon Transcribe did not answer in time; trying again."
LOST = "The connection to Amazon Transcribe was lost; trying again."
BROKEN = "Amazon Transcribe has a problem; trying again."
VOCABULARY = "Amazon Transcribe did not take this relay's vocabulary; going on without it."

_LIMIT_CODES = frozenset(
    {
        "LimitExceededException",
        "ServiceQuotaExceededException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_CREDENTIAL_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


class StreamEnded(ServiceException):
    """The service ended the stream without saying why."""


class NotTakingAudio(ServiceException):
    """The service has stopped reading what it is sent."""


class RegionUnknown(Exception):
    """No address for the region, and botocore does not know it either."""


def failure_of(error: BaseException) -> SttError:
    """The error of ours that `error` amounts to. Logs the cause, without the URL: its signature is a key."""
    if isinstance(error, SttError):
        return error
    failure = _failure_of(error)
    # Handshake errors of websockets may quote the presigned URL.
    detail = "" if isinstance(error, WebSocketException) else str(error)
    if isinstance(error, UnknownServiceException):
        detail = f"{error.status_code} {error.error_code}: {error.message}"
    elif isinstance(error, ServiceException):
        detail = str(getattr(error, "message", detail))
    log.warning("transcribe_failed", code=failure.code, cause=type(error).__name__, detail=detail[:500])
    return failure


def names_vocabulary(error: BaseException) -> bool:
    """Whether the request was refused for its custom vocabulary.

    There is no exception type for it: Transcribe says "The specified vocabulary doesn't exist. Check the name and try
    your request again." in a BadRequestException.
    """
    if isinstance(error, InvalidStatus):
        error = refusal(error.response)
    return isinstance(error, BadRequestException) and "vocabulary" in error.message.lower()


def refusal(response: Response) -> ServiceException:
    """A refused handshake as the package's exception: `x-amzn-ErrorType` names it, the body explains it."""
    code = response.headers.get("x-amzn-ErrorType", "").partition(":")[0]
    try:
        body = json.loads(response.body or b"")
        message = body.get("Message") or body.get("message") or ""
    except (ValueError, AttributeError):
        message = ""
    return exception_of(code, str(message), response.status_code)


def exception_of(code: str, message: str, status: int) -> ServiceException:
    """The package's exception class for `code`, or an `UnknownServiceException` that keeps the code."""
    modelled = _MODELLED.get(code)
    if modelled is not None:
        return modelled(message)
    return UnknownServiceException(status, code or "Unknown", message)  # type: ignore[no-untyped-call]


_MODELLED: dict[str, type[ServiceException]] = {
    cls.__name__: cls
    for cls in (
        BadRequestException,
        ConflictException,
        InternalFailureException,
        LimitExceededException,
        SerializationException,
        ServiceUnavailableException,
    )
}


def _failure_of(error: BaseException) -> SttError:
    if isinstance(error, ServiceException):
        return _service_failure(error)
    if isinstance(error, InvalidStatus):
        return _service_failure(refusal(error.response))
    if isinstance(error, ssl.SSLCertVerificationError):
        return SttRefused(CERTIFICATE)
    if isinstance(error, RegionUnknown):
        return SttRefused(REGION)
    if isinstance(error, TimeoutError):
        return SttTimeout(NO_ANSWER)
    if isinstance(error, HTTPClientError | AwsConnectionError):
        return SttUnavailable(LOST)  # on the way to the credentials
    if isinstance(error, CredentialsException):
        return SttRefused(NO_CREDENTIALS)
    if isinstance(error, ClientError | BotoCoreError):
        return SttRefused(CREDENTIALS)
    if isinstance(error, OSError | WebSocketException | EOFError):
        return SttUnavailable(LOST)
    return SttUnavailable(BROKEN)


def _service_failure(error: ServiceException) -> SttError:
    if isinstance(error, StreamEnded):
        return SttUnavailable(LOST)
    if isinstance(error, NotTakingAudio):
        return SttTimeout(NO_ANSWER)
    if isinstance(error, LimitExceededException):
        return SttLimit(LIMIT)
    if isinstance(error, BadRequestException):
        # The time-out for want of audio has no type of its own; its text is all there is to know it by.
        if "timed out" in error.message:
            return SttTimeout(NO_AUDIO)
        return SttUnavailable(VOCABULARY) if names_vocabulary(error) else SttRefused(SETTINGS)
    if isinstance(error, SerializationException):
        return SttRefused(SETTINGS)
    if isinstance(error, UnknownServiceException):
        code, status = str(error.error_code), error.status_code
        if code in _LIMIT_CODES or status == 429:
            return SttLimit(LIMIT)
        if code in _CREDENTIAL_CODES or status in (401, 403):
            return SttRefused(CREDENTIALS)
        if status == 408:
            return SttTimeout(NO_ANSWER)
        if 400 <= status < 500:
            return SttRefused(SETTINGS)
    return SttUnavailable(BROKEN)


def name_not_found(error: OSError) -> bool:
    """Whether the host name does not exist (no network at all looks different: EAI_AGAIN)."""
    return isinstance(error, socket.gaierror) and error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)
