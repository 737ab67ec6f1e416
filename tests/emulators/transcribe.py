"""Amazon Transcribe streaming on this machine: real servers, real TLS, real signatures; only the hearing is scripted.

In a test:

    async with TranscribeEmulator(CertificateAuthority(tmp_path)) as emulator:
        emulator.service.script = Script(lines=spoken("two eggs", start=0.5, seconds=1.0))
        for name, value in emulator.environment("websocket").items():
            monkeypatch.setenv(name, value)

By hand, or for a load run: `python -m tests.emulators.transcribe --help`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TextIO

from tests.emulators.access_keys import ACCESS_KEY_ID, SECRET
from tests.emulators.tls import CertificateAuthority
from tests.emulators.transcribe_http2 import Http2Transcribe
from tests.emulators.transcribe_service import TranscribeService
from tests.emulators.transcribe_session import Script, Sent
from tests.emulators.transcribe_websocket import WebSocketTranscribe

Interface = Literal["websocket", "websocket-plain", "http2"]


class TranscribeEmulator:
    """All three interfaces on free ports of the running loop, over one `TranscribeService`."""

    def __init__(self, authority: CertificateAuthority, service: TranscribeService | None = None) -> None:
        self.service = service or TranscribeService()
        self.authority = authority
        self.http2 = Http2Transcribe(self.service)
        self._secure = WebSocketTranscribe(self.service)
        self._plain = WebSocketTranscribe(self.service)
        self._endpoints: dict[Interface, str] = {}

    async def start(self) -> None:
        http2 = await self.http2.start(self.authority.server_context(("h2",)))
        secure = await self._secure.start(self.authority.server_context(("http/1.1",)))
        plain = await self._plain.start(None)
        self._endpoints = {
            "http2": f"https://localhost:{http2}",
            "websocket": f"https://localhost:{secure}",
            "websocket-plain": f"http://localhost:{plain}",
        }

    def endpoint(self, interface: Interface) -> str:
        """The value for `AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING`."""
        return self._endpoints[interface]

    def environment(self, interface: Interface) -> dict[str, str]:
        """AWS's own variables that lead a client here, with good credentials and the authority to trust."""
        return {
            "AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING": self.endpoint(interface),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_CA_BUNDLE": str(self.authority.bundle),
            "SSL_CERT_FILE": str(self.authority.bundle),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    async def close(self) -> None:
        for session in list(self.service.sessions):
            session.gone()
        await asyncio.gather(self.http2.close(), self._secure.close(), self._plain.close())

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.emulators.transcribe",
        description="Emulate Amazon Transcribe streaming. Prints one JSON line of environment variables for each "
        "interface once it listens, then runs until it gets SIGINT or SIGTERM.",
    )
    parser.add_argument("--text", default=Script().text, help="what is heard; {n} and {stream} are filled in")
    parser.add_argument("--every", type=float, default=5.0, help="seconds of audio between two finals")
    parser.add_argument("--region", default="eu-west-1")
    parser.add_argument("--limit", type=int, default=1000, help="concurrent streams")
    parser.add_argument("--audio-timeout", type=float, default=15.0, help="seconds without audio")
    parser.add_argument("--refuse", help="exception type that answers every request")
    parser.add_argument("--fail-after", type=float, help="seconds of audio before --fail-with ends a stream")
    parser.add_argument("--fail-with", default="InternalFailureException", help="exception type")
    parser.add_argument(
        "--sent-log", help="file for a JSON line a final: stream, text and monotonic time of its sending"
    )
    return parser.parse_args(argv)


def _run_until_stopped(arguments: argparse.Namespace) -> None:
    with ExitStack() as stack:
        log = (
            stack.enter_context(Path(arguments.sent_log).open("w", buffering=1))
            if arguments.sent_log
            else None
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="transcribe-emulator-"))
        asyncio.run(_run(arguments, Path(folder), log))


async def _run(arguments: argparse.Namespace, folder: Path, log: TextIO | None) -> None:
    script = Script(
        every=arguments.every,
        text=arguments.text,
        refuse=arguments.refuse,
        fail=None if arguments.fail_after is None else (arguments.fail_after, arguments.fail_with),
        audio_timeout=arguments.audio_timeout,
    )
    service = TranscribeService(region=arguments.region, script=script, limit=arguments.limit)

    def record(sent: Sent) -> None:
        if log is not None and sent.final:
            log.write(json.dumps({"stream": sent.stream, "text": sent.text, "at": sent.at}) + "\n")

    service.on_sent = record
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with TranscribeEmulator(CertificateAuthority(folder), service) as emulator:
        interfaces: tuple[Interface, ...] = ("websocket", "websocket-plain", "http2")
        for interface in interfaces:
            line = {"interface": interface, "environment": emulator.environment(interface)}
            sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    _run_until_stopped(_arguments(None))
