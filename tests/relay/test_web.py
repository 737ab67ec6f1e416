"""The page and /healthz on the WebSocket's port, and the pages of others, which get neither."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.exceptions import InvalidStatus

from relay.server import Relay
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.wire_client import WireClient


class Reply:
    """What came back for one HTTP request."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}


async def get(relay: Relay, path: str = "/", host: str | None = None, **headers: str) -> Reply:
    """One GET, with its path and its headers as they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{relay.port}'}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        async with asyncio.timeout(30):
            return Reply(await reader.read())
    finally:
        writer.close()
        await writer.wait_closed()


HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec_WebSocket_Version": "13",
}


async def test_the_page_and_its_files_are_served_with_their_types(relay: Relay) -> None:
    page = await get(relay)
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert b"<html" in page.body
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for path, content_type in {"/main.js": "text/javascript", "/page.css": "text/css"}.items():
        file = await get(relay, path)
        assert (file.status, file.headers["content-type"]) == (200, f"{content_type}; charset=utf-8")
        assert int(file.headers["content-length"]) == len(file.body) > 0
    assert (await get(relay, "/?debug")).body == page.body


async def test_a_file_that_has_not_changed_is_not_sent_again(relay: Relay) -> None:
    first = await get(relay, "/main.js")
    again = await get(relay, "/main.js", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/__init__.py",
        "/../pyproject.toml",
        "/%2e%2e/pyproject.toml",
        "//[",
        "/main.js/",
        "*",
        "http://[/",
    ],
)
async def test_what_is_not_there_is_not_found(relay: Relay, path: str, join: Join) -> None:
    assert (await get(relay, path)).status in (400, 404)
    client = await join(relay)
    await client.hello()


async def test_health_tells_whether_the_receiver_is_there(
    relay: Relay, receiver: ScriptedReceiver, join: Join
) -> None:
    client = await join(relay)
    await client.hello()
    reply = await get(relay, "/healthz")
    assert reply.headers["content-type"].startswith("application/json")
    health = json.loads(reply.body)
    assert (health["status"], health["receiver"], health["conversations"]) == ("ok", "connected", 1)
    await receiver.stop()
    await client.expect("status", state="waiting_for_receiver")
    health = json.loads((await get(relay, "/healthz")).body)
    assert (health["status"], health["receiver"]) == ("degraded", "receiver_unavailable")


async def refused(relay: Relay, path: str = "/", **options: object) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as caught:
        async with WireClient(relay.port, path, **options):
            pass
    return caught.value


FOREIGN = ["https://evil.example", "http://127.0.0.1:1", "null", "http://127.0.0.1.evil.example", "http://["]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_somebody_else_gets_no_socket(relay: Relay, join: Join, origin: str) -> None:
    response = (await refused(relay, origin=origin)).response
    assert response.status_code == 403
    assert json.loads(response.body or b"")["code"] == "origin_refused"
    client = await join(relay)
    await client.hello()
    assert len(relay.sessions) == 1


async def test_our_own_page_and_a_listed_one_get_a_socket(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay(allowed_origins="https://app.example/, https://other.example")
    for origin in (f"http://127.0.0.1:{relay.port}", "https://app.example", "https://other.example"):
        await (await join(relay, origin=origin)).hello()
    assert (await refused(relay, origin="https://third.example")).response.status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[", "10.0.0.1"]
)
async def test_a_foreign_name_that_points_here_is_refused(relay: Relay, host: str) -> None:
    """DNS rebinding: the page of that name would be same-origin with this relay."""
    assert (await get(relay, "/", host=host or " ")).status == 403
    assert (await get(relay, "/", host=host or " ", Origin=f"http://{host}", **HANDSHAKE)).status == 403
    assert (await get(relay, "/healthz", host=host or " ")).status == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1", "[::1]:8765", "[::1]"])
async def test_every_name_of_this_machine_is_let_in(relay: Relay, host: str) -> None:
    assert (await get(relay, "/healthz", host=host)).status == 200


async def test_a_tls_proxy_on_this_machine_may_keep_the_name_of_a_listed_origin(
    start_relay: StartRelay,
) -> None:
    relay = await start_relay(allowed_origins="https://voice.example.com, https://[2001:db8::1]:8443")
    for host in ("voice.example.com", "Voice.Example.com:443", "[2001:db8::1]", "localhost"):
        assert (await get(relay, "/", host=host)).status == 200
    for host in ("example.com", "voice.example.com.evil.example", "evil.example", " "):
        assert (await get(relay, "/", host=host)).status == 403
    public = {"host": "voice.example.com", **HANDSHAKE}
    assert (await get(relay, "/", Origin="https://evil.example", **public)).status == 403
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in public.items()]
    writer.write(
        "\r\n".join(["GET / HTTP/1.1", *lines, "Origin: https://voice.example.com", "", ""]).encode()
    )
    async with asyncio.timeout(30):
        assert b" 101 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_an_open_relay_answers_to_any_name(start_relay: StartRelay) -> None:
    relay = await start_relay(host="0.0.0.0", auth="none")
    assert (await get(relay, "/healthz", host="voice.example")).status == 200
    reply = await get(relay, "/", host="voice.example", Origin="http://evil.example", **HANDSHAKE)
    assert reply.status == 403


async def test_there_is_no_socket_at_another_path(relay: Relay) -> None:
    assert (await refused(relay, "/nothing")).response.status_code == 404
    assert (await refused(relay, "/healthz")).response.status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"\r\n" * 99,
    ],
    ids=["TLS", "no HTTP", "POST", "empty lines"],
)
async def test_what_is_no_get_is_let_go_quietly(relay: Relay, join: Join, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(raw)
    writer.write_eof()
    async with asyncio.timeout(30):
        await reader.read()
    writer.close()
    await writer.wait_closed()
    client = await join(relay)
    await client.hello()
