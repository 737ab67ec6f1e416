"""The control: what the same traffic costs on a bare `websockets` server with a msgpack hop to a second process.

It understands nothing. It counts the bytes of audio and sends, at the same points of every 3.0 s, the very messages
that the relay sent to a client in a recorded turn (`bench.load.record_turn`): as many, as long, each made with
`json.dumps`, the audio's base64 ready-made. Where the relay commits a turn, it sends a map of the same form to the
same receiver and waits for the answer. No state, no checks, no task beyond one a connection.

`python -m bench.control_server tcp://HOST:PORT TURN` prints its address and runs until SIGTERM; TURN is a
`RecordedTurn` as JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.load import TURN_BYTES, RecordedTurn
from protocol.errors import MalformedMessage
from protocol.framing import Decoder, encode

READ_BYTES = 64 * 1024


class Hop:
    """One TCP connection for all conversations."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._writer: asyncio.StreamWriter | None = None

    async def run(self, address: str, connected: asyncio.Event) -> None:
        host, port = address.removeprefix("tcp://").split(":")
        reader, self._writer = await asyncio.open_connection(host, int(port))
        connected.set()
        decoder = Decoder()
        while data := await reader.read(READ_BYTES):
            for message in decoder.feed(data):
                assert not isinstance(message, MalformedMessage)
                self._waiting.pop(message["session"]).set_result(message["text"])

    async def ask(self, session: str, turn: int, text: str) -> str:
        assert self._writer is not None
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[session] = answer
        item = {"text": text, "timestamp": "2026-01-01T00:00:00.000+00:00", "confidence": 1.0}
        commit = {
            "type": "commit",
            "session": session,
            "epoch": 1,
            "turn": turn,
            "items": [item],
            "audio_until": 0,
        }
        self._writer.write(encode(commit))
        return await answer


async def _converse(connection: ServerConnection, hop: Hop, recorded: RecordedTurn) -> None:
    heard = next_message = 0
    turn = 1
    try:
        async for message in connection:
            if isinstance(message, str):
                await connection.send(json.dumps(recorded.ready))
                continue
            heard += len(message)
            while next_message < len(recorded.meanwhile) and recorded.meanwhile[next_message][0] <= heard:
                await connection.send(json.dumps(recorded.meanwhile[next_message][1]))
                next_message += 1
            if heard >= TURN_BYTES:
                for answer in recorded.before_hop:
                    await connection.send(json.dumps(answer))
                await hop.ask(str(connection.id), turn, recorded.said)
                for answer in recorded.after_hop:
                    await connection.send(json.dumps(answer))
                heard, next_message, turn = heard - TURN_BYTES, 0, turn + 1
    except ConnectionClosed:
        pass


async def _run(receiver: str, recorded: RecordedTurn) -> None:
    stop, connected = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    hop = Hop()
    hopping = asyncio.create_task(hop.run(receiver, connected))
    await connected.wait()
    async with serve(
        lambda connection: _converse(connection, hop, recorded),
        "127.0.0.1",
        0,
        compression=None,
        close_timeout=1,
    ) as server:
        gc.collect()
        gc.freeze()
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}", flush=True)
        await stop.wait()
    hopping.cancel()
    await asyncio.gather(hopping, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], RecordedTurn.from_json(sys.argv[2])))
