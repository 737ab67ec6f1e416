"""The presigned URL of Transcribe's WebSocket interface.

"Setting up a WebSocket stream" of the Transcribe developer guide: service `transcribe`, only `host` signed (with its
port), the hash of an empty payload, valid for 300 s at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

PATH = "/stream-transcription-websocket"
EXPIRES_SECONDS = 300


def presigned_url(
    credentials: ReadOnlyCredentials, region: str, endpoint: str, parameters: Mapping[str, str]
) -> str:
    """A wss:// (or, from an http:// endpoint, ws://) URL. Whoever has it can open a stream: never log it."""
    query = urlencode(parameters, quote_via=quote)
    request = AWSRequest("GET", f"{endpoint}{PATH}?{query}")
    SigV4QueryAuth(credentials, "transcribe", region, expires=EXPIRES_SECONDS).add_auth(request)
    return "ws" + str(request.url).removeprefix("http")
