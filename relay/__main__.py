"""`python -m relay`: the relay as a process."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

from protocol import log
from protocol.errors import SettingsError
from protocol.settings import from_command_line
from relay.server import Relay
from relay.settings import RelaySettings

GC_THRESHOLD = (50_000, 20, 20)
"""A collection starts where something is allocated, so it falls into somebody's turn: at Python's default of 700 one
turn in a hundred waits for it (measured 2026-11-21 with 150 conversations). A turn leaves no cycles behind; nothing
is lost by looking seldom."""


def main() -> int:
    settings = from_command_line(
        RelaySettings, "relay", "Hears people over WebSocket, asks the receiver, voices its answers."
    )
    log.configure(settings.log_level, settings.log_json)
    try:
        asyncio.run(run(settings))
    except SettingsError as error:
        print(f"relay: {error.message}", file=sys.stderr)
        return 1
    return 0


async def run(settings: RelaySettings) -> None:
    """Until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    relay = Relay(settings)
    starting = asyncio.create_task(relay.start(progress=lambda line: print(f"relay: {line} ...", flush=True)))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    try:
        await starting
    except SettingsError:
        stopping.cancel()
        raise
    # The engines' modules are hundreds of thousands of objects that never die: without this every full collection
    # walks them all, tens of milliseconds in which nobody is served.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    where = f"{host}:{relay.port}"
    print(f"relay: page       http://{where}/", flush=True)
    print(f"relay: WebSocket  ws://{where}/", flush=True)
    print(f"relay: health     http://{where}/healthz", flush=True)
    print(f"relay: receiver   {', '.join(settings.receiver)}", flush=True)
    await stopping
    print("relay: stopping", flush=True)
    await relay.stop()


if __name__ == "__main__":
    sys.exit(main())
