"""Causes that the emulator cannot bring about, and what may be said of each."""

from __future__ import annotations

import socket

import pytest
from botocore.exceptions import EndpointConnectionError, TokenRetrievalError
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus, InvalidURI
from websockets.http11 import Response

from protocol.errors import SttError, SttLimit, SttRefused, SttTimeout, SttUnavailable
from relay.stt.transcribe.account import AwsAccount
from relay.stt.transcribe.failures import RegionUnknown, failure_of, name_not_found


def handshake(status: int, body: bytes = b"", **headers: str) -> InvalidStatus:
    return InvalidStatus(Response(status, "", Headers(**headers), body))


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (handshake(429), SttLimit),
        (handshake(403), SttRefused),
        (handshake(401, b"no JSON"), SttRefused),
        (handshake(408), SttTimeout),
        (handshake(404, b"[]"), SttRefused),
        (handshake(500), SttUnavailable),
        (handshake(301), SttUnavailable),
        (handshake(400, b'{"Message": "x"}', **{"x-amzn-ErrorType": "LimitExceededException:"}), SttLimit),
        (RegionUnknown("eu-nowhere-1"), SttRefused),
        (TimeoutError(), SttTimeout),
        (ConnectionRefusedError(), SttUnavailable),
        (socket.gaierror(socket.EAI_AGAIN, "no network"), SttUnavailable),
        (TokenRetrievalError(provider="sso", error_msg="login expired"), SttRefused),
        (EndpointConnectionError(endpoint_url="https://sts"), SttUnavailable),
        (EOFError(), SttUnavailable),
        (RuntimeError("a mistake of ours"), SttUnavailable),
    ],
)
def test_each_cause_has_its_code(cause: Exception, expected: type[SttError]) -> None:
    assert type(failure_of(cause)) is expected


def test_one_of_ours_stays_as_it_is() -> None:
    mine = SttLimit()
    assert failure_of(mine) is mine


def test_the_signed_url_reaches_neither_the_person_nor_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    failure = failure_of(InvalidURI("wss://host/?X-Amz-Signature=secret", "bad"))
    written = capsys.readouterr()
    assert "secret" not in failure.message + written.out + written.err


def test_a_name_that_is_not_there_is_told_from_a_network_that_is_not() -> None:
    assert name_not_found(socket.gaierror(socket.EAI_NONAME, "unknown"))
    assert not name_not_found(socket.gaierror(socket.EAI_AGAIN, "try again"))
    assert not name_not_found(ConnectionRefusedError())


@pytest.mark.parametrize(
    ("region", "known", "endpoint"),
    [
        ("eu-west-1", True, "https://transcribestreaming.eu-west-1.amazonaws.com:8443"),
        ("cn-north-1", True, "https://transcribestreaming.cn-north-1.amazonaws.com.cn:8443"),
        ("eu-nowhere-1", False, "https://transcribestreaming.eu-nowhere-1.amazonaws.com:8443"),
    ],
)
async def test_regions_and_their_addresses(bare_aws: None, region: str, known: bool, endpoint: str) -> None:
    account = AwsAccount(region)
    await account.load()
    assert await account.knows_region() is known
    assert account.endpoint(8443) == endpoint
    assert account.endpoint(443) == endpoint.removesuffix(":8443")
