"""`python -m receiver`: run the receiver until SIGINT or SIGTERM, or one of its commands."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import structlog

from protocol import log
from protocol.errors import SettingsError, StoreUnavailable
from protocol.settings import describe, load
from receiver import commands
from receiver.assistants import make_assistants
from receiver.assistants.assistant import Assistant
from receiver.commands import CommandFailed
from receiver.hook import Hook
from receiver.link_tls import server_context
from receiver.llm.engines import open_model
from receiver.secrets import open_secrets
from receiver.secrets.secret_store import SecretStore
from receiver.server import Server
from receiver.services import Services
from receiver.settings import ReceiverSettings
from receiver.store.sql_store import SqlStore

PROGRAM = "receiver"


def main(argv: Sequence[str] | None = None) -> None:
    """Exit codes: 0 done, or stopped by a signal; 1 could not start or be done; 2 a wrong setting or argument."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load(ReceiverSettings)
    except SettingsError as error:
        print(f"{PROGRAM}: {error.message}", file=sys.stderr)
        raise SystemExit(2) from None
    log.configure(settings.log_level, settings.log_json)
    try:
        asyncio.run(_run(settings, arguments))
    except (SettingsError, StoreUnavailable) as error:
        print(f"{PROGRAM}: {error.message}", file=sys.stderr)
        raise SystemExit(1) from None
    except CommandFailed as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage="%(prog)s [-h] [COMMAND ...]",
        description="Decides what to say, and keeps each turn once. Without a command, it does so until it is "
        "stopped.",
        epilog=describe(ReceiverSettings),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found = parser.add_subparsers(prog=PROGRAM, dest="command", title="commands", metavar="COMMAND")
    whose: dict[str, Any] = {"required": True, "metavar": "USER", "help": "id or e-mail address of the user"}
    about = "write the diary of a user to a file"
    export = found.add_parser("export", help=about, description=f"{about.capitalize()}.")
    export.add_argument("--user", **whose)
    export.add_argument(
        "--format", choices=("csv", "json"), default="csv",
        help="csv: the diary, one item a line; json: also who they are and what was said (default: csv)",
    )  # fmt: skip
    export.add_argument("--output", type=Path, metavar="FILE", help="(default: standard output)")
    about = "delete all that is kept about a user"
    forget = found.add_parser("forget", help=about, description=f"{about.capitalize()}.")
    forget.add_argument("--user", **whose)
    forget.add_argument("--yes", action="store_true", help="do not ask whether to")
    about = "encrypt what is in the database already, or is under an older key, with RECEIVER_ENCRYPTION_KEY"
    found.add_parser("encrypt", help=about, description=f"{about[:1].upper()}{about[1:]}.")
    return parser


async def _run(settings: ReceiverSettings, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "export":
            await commands.export(settings, arguments.user, arguments.format, arguments.output)
        case "forget":
            await commands.forget(settings, arguments.user, confirmed=arguments.yes)
        case "encrypt":
            await commands.encrypt(settings)
        case _:
            await serve(settings)


async def serve(settings: ReceiverSettings) -> None:
    """Raises `SettingsError` when the database or the address cannot be used."""
    # What a start makes stays, so that collections would look at it time and again to find nothing.
    gc.disable()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    tls = None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        tls = server_context(settings.tls_certificate, settings.tls_key)
    async with AsyncExitStack() as stack:
        if (model := await open_model(settings)) is not None:
            stack.push_async_callback(model.aclose)
        secrets = await open_secrets(settings.secrets, settings.bank_token)
        stack.push_async_callback(secrets.aclose)
        hook = Hook(settings.hook_url, settings.hook_secret)
        stack.push_async_callback(hook.aclose)
        from receiver.bank.client import BankClient

        bank = await stack.enter_async_context(BankClient(settings.bank_url))
        assistants = make_assistants(
            model,
            seconds=settings.llm_seconds,
            context_tokens=settings.llm_context_tokens,
            hook=hook,
            bank=bank,
            secrets=secrets,
            bank_about=settings.bank_about,
            bank_keep_answers=settings.bank_keep_answers,
        )
        for assistant in assistants.values():
            assistant.warm_up()
        if settings.bank_webhook_port is not None:
            stack.push_async_callback(
                await _take_webhooks(settings, settings.bank_webhook_port, secrets, hook)
            )
        await _serve(settings, assistants, tls, stopped)


async def _take_webhooks(
    settings: ReceiverSettings, port: int, secrets: SecretStore, hook: Hook
) -> Callable[[], Awaitable[None]]:
    """Listen for the bank's webhooks; gives what stops that. Raises `SettingsError`."""
    from receiver.bank.webhook_server import BankWebhookServer, told

    server = BankWebhookServer(secrets, lambda user, event: hook.send(*told(user, event)))
    try:
        port = await server.start(settings.host, port)
    except OSError as error:
        raise SettingsError(
            f"RECEIVER_BANK_WEBHOOK_PORT={port} on {settings.host}: {error.strerror or 'it is no address here'}."
        ) from None
    print(f"{PROGRAM}: bank webhooks at http://{_shown(settings.host)}:{port}/bank/webhooks/USER", flush=True)
    return server.stop


async def _serve(
    settings: ReceiverSettings,
    assistants: Mapping[str, Assistant],
    tls: ssl.SSLContext | None,
    stopped: asyncio.Event,
) -> None:
    store = await SqlStore.open(settings.database_url, encryption_key=settings.encryption_key)
    try:
        server = Server(Services(store, assistants, settings.assistant), token=settings.token, tls=tls)
        try:
            host, port = await server.start(settings.host, settings.port)
        except OSError as error:
            raise SettingsError(_why_not(error, settings)) from None
        scheme = "tcp" if tls is None else "tls"
        print(f"{PROGRAM}: listening on {scheme}://{_shown(host)}:{port} ({settings.assistant})", flush=True)
        if settings.encryption_key is None:
            structlog.get_logger(__name__).warning(
                "database_not_encrypted", setting="RECEIVER_ENCRYPTION_KEY"
            )
        # Nor need they later.
        gc.collect()
        gc.freeze()
        gc.enable()
        await stopped.wait()
        await server.stop()
    finally:
        await store.close()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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
