"""`python -m receiver`: run the receiver until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import socket
import sys

from protocol import log
from protocol.errors import SettingsError
from protocol.settings import from_command_line
from receiver.assistants import ASSISTANTS
from receiver.server import Server
from receiver.session import Services
from receiver.settings import ReceiverSettings
from receiver.store.sqlite import SqliteStore

PROGRAM = "receiver"


def main() -> None:
    """Exit codes: 0 stopped by a signal, 1 could not start, 2 a wrong setting."""
    settings = from_command_line(ReceiverSettings, PROGRAM, "Decides what to say, and keeps each turn once.")
    log.configure(settings.log_level, settings.log_json)
    try:
        asyncio.run(serve(settings))
    except SettingsError as error:
        print(f"{PROGRAM}: {error.message}", file=sys.stderr)
        raise SystemExit(1) from None


async def serve(settings: ReceiverSettings) -> None:
    """Raises `SettingsError` when the database or the address cannot be used."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    store = await SqliteStore.open(settings.database_url)
    try:
        server = Server(Services(store, ASSISTANTS, settings.assistant), token=settings.token)
        try:
            host, port = await server.start(settings.host, settings.port)
        except OSError as error:
            raise SettingsError(_why_not(error, settings)) from None
        shown = f"[{host}]" if ":" in host else host
        print(f"{PROGRAM}: listening on tcp://{shown}:{port} ({settings.assistant})", flush=True)
        # What start-up made lives as long as the process: collections need not look at it again.
        gc.collect()
        gc.freeze()
        await stopped.wait()
        await server.stop()
    finally:
        await store.close()


def _why_not(error: OSError, settings: ReceiverSettings) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {settings.port} on {settings.host} is in use, perhaps by another receiver; "
            "stop it or set RECEIVER_PORT."
        )
    if isinstance(error, socket.gaierror) or error.errno is None:
        return f"RECEIVER_HOST={settings.host} is not an address of this machine."
    return f"RECEIVER_HOST={settings.host}, RECEIVER_PORT={settings.port}: {os.strerror(error.errno)}."


if __name__ == "__main__":
    main()
