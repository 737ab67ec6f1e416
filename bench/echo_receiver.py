"""A receiver that keeps nothing: the least that can stand at the other end of the link.

Relay overhead is what the relay adds, so neither side of the comparison pays for a store: the real receiver writes
each turn to disk before it says `committed`, which is the price of never losing a meal and not of relaying. Both the
relay and the control talk to this process, over the same framing.

`python -m bench.echo_receiver [--commits FILE]` prints its address and runs until SIGTERM. FILE gets a JSON line a
commit: its text, and `time.monotonic()` of the moment its bytes were read from the socket.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from protocol import PROTOCOL_VERSION
from protocol.errors import MalformedMessage
from protocol.framing import Decoder, encode

ANSWER = "Noted."
"""Short, so that the scripted voice speaks for half a second."""


class EchoReceiver(asyncio.Protocol):
    """One link."""

    def __init__(self, commits: TextIO | None) -> None:
        self._commits = commits
        self._decoder = Decoder()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        for message in self._decoder.feed(data):
            assert not isinstance(message, MalformedMessage)
            if (answer := self._answer(message, now)) is not None:
                assert self._transport is not None
                self._transport.write(encode(answer))

    def _answer(self, message: dict[str, Any], now: float) -> dict[str, Any] | None:
        about: dict[str, Any] = {
            name: message[name] for name in ("session", "turn", "attempt") if name in message
        }
        match message["type"]:
            case "commit":
                if self._commits is not None:
                    text = " ".join(item["text"] for item in message["items"])
                    self._commits.write(json.dumps({"text": text, "at": now}) + "\n")
                return {
                    "type": "committed",
                    "session": message["session"],
                    "turn": message["turn"],
                    "text": ANSWER,
                }
            case "draft":
                return {"type": "reply", **about, "text": ANSWER, "plan": ANSWER.encode()}
            case "open":
                return {"type": "opened", "session": message["session"], "epoch": 1, "next_turn": 1}
            case "hello":
                return {"type": "welcome", "protocol": PROTOCOL_VERSION, "store_id": "bench"}
            case "ping":
                return {"type": "pong"}
        return None


async def _run(commits: TextIO | None) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.get_running_loop().create_server(lambda: EchoReceiver(commits), "127.0.0.1", 0)
    async with server:
        print(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.echo_receiver")
    parser.add_argument("--commits", type=Path, help="file for a JSON line a commit")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        commits = stack.enter_context(arguments.commits.open("w", buffering=1)) if arguments.commits else None
        asyncio.run(_run(commits))


if __name__ == "__main__":
    main()
