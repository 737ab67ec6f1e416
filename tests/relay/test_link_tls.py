"""The link with TLS, on real sockets with real certificates: who is believed, and what is said of who is not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import SettingsError
from receiver.assistants import make_assistants
from receiver.connection import Limits
from receiver.link_tls import server_context
from receiver.server import Server
from receiver.services import Services
from receiver.store.sql_store import SqlStore
from relay.receiver_link import ReceiverLink
from tests.emulators.tls import CertificateAuthority
from tests.ports import next_port
from tests.processes import Process
from tests.receiver.raw_relay import Closed, RawRelay
from tests.relay.conftest import Join, StartRelay
from tests.scripted_receiver import ScriptedReceiver

Until = Callable[..., Awaitable[None]]
Records = list[dict[str, Any]]

pytestmark = pytest.mark.usefixtures("quick_retries")


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path / "ca")


@asynccontextmanager
async def receiver_of(
    tmp_path: Path, certificate: Path | None, limits: Limits | None = None, drain_seconds: float = 1.0
) -> AsyncIterator[int]:
    """A real receiver, with TLS where it has a certificate: its port."""
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'receiver.db'}")
    try:
        tls = server_context(certificate, certificate) if certificate is not None else None
        services = Services(store, make_assistants(), "echo")
        server = Server(services, tls=tls, limits=limits, drain_seconds=drain_seconds)
        _, port = await server.start("127.0.0.1", next_port())
        try:
            yield port
        finally:
            await server.stop()
    finally:
        await store.close()


@asynccontextmanager
async def running(link: ReceiverLink) -> AsyncIterator[ReceiverLink]:
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def reasons(records: Records, event: str) -> list[str]:
    return [str(record.get("reason")) for record in records if record["event"] == event]


# Who is believed


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_whole_conversation_goes_over_tls(
    tmp_path: Path, authority: CertificateAuthority, start_relay: StartRelay, join: Join, host: str
) -> None:
    async with receiver_of(tmp_path, authority.issue()) as port:
        relay = await start_relay(receiver=(f"tls://{host}:{port}",), receiver_ca=authority.bundle)
        client = await join(relay)
        await client.hello()
        for turn in range(1, 4):
            assert (await client.ask(f"hello {turn} " * 700))["turn"] == turn
        assert relay.link.private
        await relay.stop()


async def test_a_receiver_that_nobody_trusted_vouches_for_is_not_talked_to(
    tmp_path: Path, authority: CertificateAuthority, records: Records, until: Until
) -> None:
    other = CertificateAuthority(tmp_path / "other", "Another CA")
    async with (
        receiver_of(tmp_path, other.issue()) as port,
        running(ReceiverLink([f"tls://127.0.0.1:{port}"], "a token", ca=authority.bundle)) as link,
    ):
        await until(lambda: reasons(records, "receiver not reached"))
        assert not link.up
        assert link.error is not None
        assert link.error.code == "receiver_unavailable"
    (reason,) = reasons(records, "receiver not reached")
    assert reason.startswith("its certificate is not accepted: ")


async def test_without_a_ca_of_its_own_the_relay_trusts_whom_the_system_trusts(
    tmp_path: Path, authority: CertificateAuthority, records: Records, until: Until
) -> None:
    async with (
        receiver_of(tmp_path, authority.issue()) as port,
        running(ReceiverLink([f"tls://127.0.0.1:{port}"])),
    ):
        await until(lambda: reasons(records, "receiver not reached"))
    assert "certificate is not accepted" in reasons(records, "receiver not reached")[0]


async def test_a_certificate_of_another_host_is_not_accepted(
    tmp_path: Path, authority: CertificateAuthority, records: Records, until: Until
) -> None:
    async with (
        receiver_of(tmp_path, authority.issue("receiver.example", None)) as port,
        running(ReceiverLink([f"tls://127.0.0.1:{port}"], ca=authority.bundle)) as link,
    ):
        await until(lambda: reasons(records, "receiver not reached"))
        assert not link.up
    assert "127.0.0.1" in reasons(records, "receiver not reached")[0]


async def test_nothing_older_than_tls_1_2_is_spoken(tmp_path: Path, authority: CertificateAuthority) -> None:
    async with receiver_of(tmp_path, authority.issue()) as port:
        old = ssl.create_default_context(cafile=authority.bundle)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=old)


# One side with TLS, the other without


async def test_a_relay_without_tls_at_a_receiver_with_it_is_told_of_on_both_sides(
    tmp_path: Path, authority: CertificateAuthority, records: Records, until: Until
) -> None:
    async with (
        receiver_of(tmp_path, authority.issue()) as port,
        running(ReceiverLink([f"tcp://127.0.0.1:{port}"], "a token")) as link,
    ):
        await until(lambda: reasons(records, "link_tls_failed") and reasons(records, "receiver not reached"))
        assert not link.up
    assert "tls://" in reasons(records, "receiver not reached")[0]
    assert len(reasons(records, "receiver not reached")) == 1, "said once, however often it is tried"


async def test_a_relay_with_tls_at_a_receiver_without_it_is_told_of_on_both_sides(
    tmp_path: Path, authority: CertificateAuthority, records: Records, until: Until
) -> None:
    async with (
        receiver_of(tmp_path, None) as port,
        running(ReceiverLink([f"tls://127.0.0.1:{port}"], ca=authority.bundle)) as link,
    ):
        await until(lambda: reasons(records, "link_refused") and reasons(records, "receiver not reached"))
        assert not link.up
    assert "has no TLS" in reasons(records, "link_refused")[0]
    assert "RECEIVER_TLS_CERTIFICATE" in reasons(records, "receiver not reached")[0]


async def test_of_two_receivers_each_is_reached_in_its_own_way(
    tmp_path: Path, authority: CertificateAuthority, until: Until
) -> None:
    plain, secret = ScriptedReceiver(), ScriptedReceiver()
    secret.tls = server_context(file := authority.issue(), file)
    async with plain, secret:
        link = ReceiverLink([plain.address, secret.address], ca=authority.bundle)
        async with running(link):
            await until(lambda: link.up)
            assert (len(plain.of_type("hello")), secret.of_type("hello")) == (1, [])
            await plain.stop()
            await secret.wait_for("hello")


# Connections that end


async def test_a_receiver_that_is_killed_is_found_again(
    authority: CertificateAuthority, start_relay: StartRelay, join: Join
) -> None:
    receiver = ScriptedReceiver()
    receiver.tls = server_context(file := authority.issue(), file)
    async with receiver:
        relay = await start_relay(receiver=(receiver.address,), receiver_ca=authority.bundle)
        client = await join(relay)
        await client.hello()
        for turn in range(1, 4):
            await receiver.stop()
            await client.send("text", text=f"turn {turn}")
            await receiver.start()
            assert (await client.expect("server_response", turn=turn))["message"] == f"You said: turn {turn}."
        await relay.stop()


async def test_a_receiver_stops_as_quickly_as_without_tls(
    tmp_path: Path, authority: CertificateAuthority, until: Until
) -> None:
    loop = asyncio.get_running_loop()
    async with receiver_of(tmp_path, authority.issue(), drain_seconds=20) as port:
        link = ReceiverLink([f"tls://127.0.0.1:{port}"], ca=authority.bundle)
        task = asyncio.create_task(link.run())
        await until(lambda: link.up)
        began = loop.time()
    assert loop.time() - began < 10
    assert not link.up
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def raw_relay(port: int, authority: CertificateAuthority) -> AsyncIterator[RawRelay]:
    context = ssl.create_default_context(cafile=authority.bundle)
    relay = RawRelay(*await asyncio.open_connection("127.0.0.1", port, ssl=context))
    try:
        yield relay
    finally:
        await relay.close()


async def test_a_relay_that_is_refused_reads_why(tmp_path: Path, authority: CertificateAuthority) -> None:
    limits = Limits(linger_seconds=0.2)
    async with (
        receiver_of(tmp_path, authority.issue(), limits) as port,
        raw_relay(port, authority) as relay,
    ):
        relay.send(type="hello", protocol="9.0")
        relay.send_bytes(b"\x00" * 100_000)
        assert (await relay.receive())["code"] == "version_mismatch"
        with pytest.raises(Closed):
            await relay.receive()


async def ended(connection: socket.socket) -> bool:
    try:
        return await asyncio.get_running_loop().sock_recv(connection, 100) == b""
    except ConnectionResetError:
        return True


async def test_who_never_shakes_hands_is_cut_and_keeps_nobody_from_stopping(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    limits = Limits(hello_seconds=0.2, linger_seconds=0.2)
    async with receiver_of(tmp_path, authority.issue(), limits) as port:
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.setblocking(False)
            async with asyncio.timeout(30):
                assert await ended(silent)
        with socket.create_connection(("127.0.0.1", port)):
            pass  # it is there while the receiver stops
        waiting = socket.create_connection(("127.0.0.1", port))
    waiting.close()


# Settings


def mixed(authority: CertificateAuthority, folder: Path) -> dict[str, dict[str, str]]:
    """Wrong settings of a receiver, by what has to be said of them."""
    good, other = str(authority.issue()), str(authority.issue())
    key_alone = folder / "key.pem"
    key_alone.write_text(Path(good).read_text().partition("-----BEGIN CERTIFICATE")[0])
    certificate_alone = folder / "certificate.pem"
    certificate_alone.write_text(
        "-----BEGIN CERTIFICATE" + Path(good).read_text().partition("-----BEGIN CERTIFICATE")[2]
    )
    locked = folder / "locked.pem"
    locked.write_bytes(encrypted(Path(good).read_bytes()))
    rubbish = folder / "rubbish.pem"
    rubbish.write_text("no PEM at all")

    def pair(certificate: object, key: object) -> dict[str, str]:
        return {"RECEIVER_TLS_CERTIFICATE": str(certificate), "RECEIVER_TLS_KEY": str(key)}

    return {
        "one of them is missing": {"RECEIVER_TLS_CERTIFICATE": good},
        "belong together": {"RECEIVER_TLS_KEY": good},
        f"RECEIVER_TLS_CERTIFICATE={folder / 'none'}: it cannot be read": pair(folder / "none", good),
        f"RECEIVER_TLS_KEY={folder}: it cannot be read": pair(good, folder),
        "the key is another certificate's": pair(certificate_alone, other),
        "PEM": pair(rubbish, good),
        "unencrypted": pair(certificate_alone, locked),
        "not a certificate and its key": pair(key_alone, key_alone),
    }


def encrypted(pem: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization as se

    key = se.load_pem_private_key(pem, None)
    return key.private_bytes(
        se.Encoding.PEM, se.PrivateFormat.PKCS8, se.BestAvailableEncryption(b"a password")
    )


def test_wrong_files_end_the_receiver_with_one_clear_line(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    cases = mixed(authority, tmp_path)
    processes = {
        words: Process("receiver", tmp_path, RECEIVER_PORT="0", XDG_STATE_HOME=str(tmp_path), **settings)
        for words, settings in list(cases.items())[::4]
    }
    for words, process in processes.items():
        assert process.wait() in (1, 2)
        (line,) = process.lines
        assert line.startswith("receiver: ")
        assert words in line
    for words, settings in cases.items():
        if len(settings) == 2:
            with pytest.raises(SettingsError) as caught:
                server_context(Path(settings["RECEIVER_TLS_CERTIFICATE"]), Path(settings["RECEIVER_TLS_KEY"]))
            assert words in caught.value.message


def test_the_receivers_first_line_says_tls(tmp_path: Path, authority: CertificateAuthority) -> None:
    file = str(authority.issue())
    process = Process(
        "receiver", tmp_path, RECEIVER_PORT="0", XDG_STATE_HOME=str(tmp_path), RECEIVER_TLS_CERTIFICATE=file,
        RECEIVER_TLS_KEY=file,
    )  # fmt: skip
    try:
        assert "listening on tls://127.0.0.1:" in process.wait_for_line("listening")
    finally:
        assert process.stop() == 0


@pytest.mark.parametrize(
    ("ca", "words"),
    [
        ("none", "cannot be read (No such file or directory)"),
        ("rubbish", "is no PEM file"),
        ("", "cannot be read"),
    ],
)
def test_a_ca_that_cannot_be_used_is_named(tmp_path: Path, ca: str, words: str) -> None:
    (tmp_path / "rubbish").write_text("no PEM at all")
    with pytest.raises(SettingsError) as caught:
        ReceiverLink(["tls://127.0.0.1:1"], ca=tmp_path / ca)
    assert caught.value.message.startswith(f"RELAY_RECEIVER_CA={tmp_path / ca}: ")
    assert words in caught.value.message


def test_a_ca_that_cannot_be_used_ends_the_relay_with_one_clear_line(tmp_path: Path) -> None:
    settings = {"RELAY_RECEIVER": "tls://127.0.0.1:1", "RELAY_RECEIVER_CA": str(tmp_path / "none")}
    process = Process("relay", tmp_path, RELAY_STT="scripted", RELAY_TTS="none", RELAY_PORT="0", **settings)
    assert process.wait() == 1
    (line,) = process.lines
    assert line.startswith(f"relay: RELAY_RECEIVER_CA={tmp_path / 'none'}: cannot be read")
