"""Checks AWS Signature Version 4 from its public description, without botocore, as AWS itself would.

Sources: "Create a signed AWS API request" and "Authenticating requests: using query parameters" of the IAM user
guide; "Setting up a streaming transcription" of the Transcribe developer guide for the chained chunk signatures.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.emulators.eventstream import Message

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
MAX_SKEW_SECONDS = 300
MAX_PRESIGNED_SECONDS = 300
"""What Transcribe accepts as X-Amz-Expires."""
_ALGORITHM = "AWS4-HMAC-SHA256"
_QUERY = frozenset(
    f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What AWS knows of an access key id."""

    secret: str
    token: str | None = None
    """The session token that must come with it."""
    expired: bool = False


Keys = Mapping[str, AccessKey]


class Refused(Exception):
    """`code` is the exception type that AWS answers with; all of these have HTTP status 403."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _mismatch() -> Refused:
    return Refused(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method.",
    )


@dataclass(frozen=True, slots=True)
class Verified:
    """A good signature, and what the chunk signatures continue from."""

    access_key_id: str
    secret: str
    region: str
    signature: str


def verify_headers(
    method: str, target: str, headers: Sequence[tuple[str, str]], payload: bytes, keys: Keys, service: str
) -> Verified:
    """Check an `Authorization` header. `target` is path?query; `headers` have lower-case names. Raises `Refused`."""
    values = {name: " ".join(value.split()) for name, value in headers}
    authorization = values.get("authorization")
    if not authorization:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    algorithm, _, rest = authorization.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if algorithm != _ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
        raise Refused("IncompleteSignatureException", "The Authorization header is incomplete.")
    names = fields["SignedHeaders"].split(";")
    required = {"host", "x-amz-date"} | {name for name in values if name.startswith("x-amz")}
    if not required <= set(names):
        raise _mismatch()
    path, _, query = target.partition("?")
    return _verify(
        method,
        path,
        _pairs(query),
        names,
        values,
        hashlib.sha256(payload).hexdigest(),
        credential=fields["Credential"],
        date=values.get("x-amz-date", ""),
        valid_seconds=MAX_SKEW_SECONDS,
        token=values.get("x-amz-security-token"),
        signature=fields["Signature"],
        keys=keys,
        service=service,
    )


def verify_presigned(target: str, headers: Mapping[str, str], keys: Keys, service: str) -> Verified:
    """Check a presigned GET. `target` is path?query as it came; `headers` have lower-case names. Raises `Refused`."""
    path, _, query = target.partition("?")
    pairs = _pairs(query)
    values = dict(pairs)
    if len(values) != len(pairs):
        raise _mismatch()
    if not values.keys() >= _QUERY:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    if values["X-Amz-Algorithm"] != _ALGORITHM or not values["X-Amz-Expires"].isdigit():
        raise Refused("IncompleteSignatureException", "The signature parameters are incomplete.")
    expires = int(values["X-Amz-Expires"])
    names = values["X-Amz-SignedHeaders"].split(";")
    if not 0 < expires <= MAX_PRESIGNED_SECONDS or "host" not in names:
        raise _mismatch()
    return _verify(
        "GET",
        path,
        [pair for pair in pairs if pair[0] != "X-Amz-Signature"],
        names,
        headers,
        EMPTY_SHA256,
        credential=values["X-Amz-Credential"],
        date=values["X-Amz-Date"],
        valid_seconds=expires,
        token=values.get("X-Amz-Security-Token"),
        signature=values["X-Amz-Signature"],
        keys=keys,
        service=service,
    )


class ChunkChain:
    """The signatures of an event stream's messages, each made over the one before, from the request's on."""

    def __init__(self, request: Verified, service: str) -> None:
        self._request = request
        self._service = service
        self._prior = request.signature

    def verify(self, message: Message) -> None:
        """Raises `Refused` for a message that is unsigned, out of order or changed."""
        signature = message.headers.get(":chunk-signature")
        stamp = message.headers.get(":date")
        if signature is None or stamp is None or len(stamp) != 8:
            raise _mismatch()
        moment = datetime.datetime.fromtimestamp(int.from_bytes(stamp, "big") / 1000, datetime.UTC)
        if abs((datetime.datetime.now(datetime.UTC) - moment).total_seconds()) > MAX_SKEW_SECONDS:
            raise Refused("InvalidSignatureException", "Signature expired.")
        day = f"{moment:%Y%m%d}"
        scope = f"{day}/{self._request.region}/{self._service}/aws4_request"
        text = "\n".join(
            [
                "AWS4-HMAC-SHA256-PAYLOAD",
                f"{moment:%Y%m%dT%H%M%SZ}",
                scope,
                self._prior,
                hashlib.sha256(message.signed_header_bytes).hexdigest(),
                hashlib.sha256(message.payload).hexdigest(),
            ]
        )
        expected = _hmac_chain(self._request.secret, day, self._request.region, self._service, text)
        if not hmac.compare_digest(expected, signature):
            raise _mismatch()
        self._prior = expected.hex()


def _verify(
    method: str,
    path: str,
    query: list[tuple[str, str]],
    signed_headers: list[str],
    headers: Mapping[str, str],
    payload_hash: str,
    *,
    credential: str,
    date: str,
    valid_seconds: int,
    token: str | None,
    signature: str,
    keys: Keys,
    service: str,
) -> Verified:
    try:
        access_key_id, day, region, scope_service, terminator = credential.split("/")
        moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
    except ValueError:
        raise Refused("IncompleteSignatureException", "Credential or date is malformed.") from None
    key = keys.get(access_key_id)
    if key is None or token != key.token:
        raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    if (scope_service, terminator, day) != (service, "aws4_request", date[:8]):
        raise Refused("InvalidSignatureException", "Credential should be scoped to the correct service.")
    age = (datetime.datetime.now(datetime.UTC) - moment).total_seconds()
    if not -MAX_SKEW_SECONDS <= age <= valid_seconds:
        raise Refused("InvalidSignatureException", "Signature expired.")
    canonical = "\n".join(
        [
            method,
            urllib.parse.quote(path, safe="/-_.~"),
            "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(query)),
            "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed_headers),
            ";".join(signed_headers),
            payload_hash,
        ]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join([_ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    expected = _hmac_chain(key.secret, day, region, service, text).hex()
    if not hmac.compare_digest(expected, signature):
        raise _mismatch()
    if key.expired:
        raise Refused("ExpiredTokenException", "The security token included in the request is expired")
    return Verified(access_key_id, key.secret, region, signature)


def _hmac_chain(secret: str, day: str, region: str, service: str, text: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _pairs(query: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, _, value in parts]


def _encode(text: str) -> str:
    return urllib.parse.quote(text, safe="-_.~")
