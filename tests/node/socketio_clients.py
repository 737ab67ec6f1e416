"""The official socket.io-client, in one Node process for all tests of a run: `socketio_clients.mjs` from Python."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
WAIT_SECONDS = 30.0
"""How long anything may take before a test gives up on it."""


class NodeClients:
    """The process. Each `open` makes a client of its own."""

    def __init__(self) -> None:
        assert (FOLDER / "node_modules").is_dir(), (
            "socket.io-client is not installed: run tests/node/install.sh"
        )
        self._clients: dict[str, NodeClient] = {}
        self._names = count()
        self._process = subprocess.Popen(
            ["node", str(FOLDER / "socketio_clients.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def open(self, port: int, **options: Any) -> NodeClient:
        """A client that connects by WebSocket alone, as the page does, unless `options` say otherwise."""
        client = NodeClient(f"client {next(self._names)}", self.run)
        self._clients[client.name] = client
        options = {
            "transports": ["websocket"],
            "reconnectionDelay": 50,
            "reconnectionDelayMax": 100,
            **options,
        }
        self.run({"do": "open", "client": client.name, "url": f"http://127.0.0.1:{port}", "options": options})
        return client

    def run(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def forget(self) -> None:
        """Let go of all clients there are: one that is left looks for its server, at whoever has the port next."""
        for name in list(self._clients):
            self.run({"do": "forget", "client": name})
            del self._clients[name]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._reader.join(30)
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if client := self._clients.get(told["client"]):
                client.events.append((told["event"], _decode(told["args"])))


class NodeClient:
    """One client: everything that it was told, in order."""

    def __init__(self, name: str, run: Callable[[dict[str, Any]], None]) -> None:
        self.name = name
        self.events: list[tuple[str, list[Any]]] = []
        self._run = run
        self._acks = count()

    def of(self, event: str) -> list[Any]:
        """The first argument of each such event."""
        return [args[0] if args else None for name, args in list(self.events) if name == event]

    async def expect(self, event: str, after: int = 0, **fields: Any) -> Any:
        """The argument of the event number `after` (from 0) of those that have these fields; waits for it."""

        def found() -> list[Any]:
            return [
                data
                for data in self.of(event)
                if not fields or (isinstance(data, dict) and fields.items() <= data.items())
            ]

        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while len(found()) <= after:
                    await asyncio.sleep(0.005)
        except TimeoutError:
            shown = "; ".join(str(event)[:160] for event in self.events[-12:])
            raise AssertionError(f"no {event} {fields} came: {shown}") from None
        return found()[after]

    def emit(self, event: str, *args: Any) -> None:
        self._run({"do": "emit", "client": self.name, "event": event, "args": [_encode(arg) for arg in args]})

    async def ask(self, event: str, *args: Any) -> Any:
        """Emit, and the answer of its acknowledgement."""
        number = next(self._acks)
        arguments = [_encode(arg) for arg in args]
        self._run({"do": "emit", "client": self.name, "event": event, "args": arguments, "ack": number})
        async with asyncio.timeout(WAIT_SECONDS):
            while not (found := [a for name, a in list(self.events) if name == "ack" and a[0] == number]):
                await asyncio.sleep(0.005)
        return found[0][1]

    def authenticate(self, **auth: Any) -> None:
        """What it says when it connects the next time."""
        self._run({"do": "auth", "client": self.name, "auth": auth})

    def do(self, what: str) -> None:
        """`connect`, `disconnect`, `cut` or `pause`."""
        self._run({"do": what, "client": self.name})


def _encode(value: Any) -> Any:
    return {"base64": b64encode(value).decode()} if isinstance(value, bytes) else value


def _decode(args: list[Any]) -> list[Any]:
    return [b64decode(arg["base64"]) if isinstance(arg, dict) and "base64" in arg else arg for arg in args]
