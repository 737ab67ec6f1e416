"""Make the tables or bring them up to date, once, however many receivers start together."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from protocol.errors import SettingsError
from receiver.store.encryption import TextCipher
from receiver.store.engine import Location, create_engine, make_file
from receiver.store.retrying import DATABASE_ERRORS, reason, retry
from receiver.store.schema import SCHEMA_VERSION, meta, metadata

_MIGRATION_LOCK = 0x566F696365526C79
"""Of Postgres's advisory locks, which are numbers that whoever uses a database agrees on."""

_alembic_version = Table(
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
"""Alembic's own, which tells it where to go on."""


async def prepare(
    location: Location, cipher: TextCipher, busy_seconds: float, retry_seconds: tuple[float, ...]
) -> dict[str, str]:
    """What `meta` says, once the tables are as this receiver needs them. Raises `SettingsError`."""
    if location.path is not None:
        make_file(location.path)
    engine = create_engine(location, busy_seconds=busy_seconds, starting=True)
    try:
        return await retry(lambda: _prepare(engine, location, cipher), retry_seconds)
    except DATABASE_ERRORS as error:
        raise SettingsError(f"RECEIVER_DATABASE_URL: {location} cannot be used: {_why(error)}.") from None
    finally:
        await engine.dispose()


def _why(error: Exception) -> str:
    """For who has set the address: "password authentication failed for user ..."."""
    said = getattr(getattr(error, "orig", None), "__cause__", None)
    return str(said).partition("\n")[0] if said else reason(error)


async def _prepare(engine: AsyncEngine, location: Location, cipher: TextCipher) -> dict[str, str]:
    async with engine.execution_options(writes=True).begin() as connection:
        if location.path is None:
            # Held until the transaction ends; on SQLite, the transaction itself is the lock.
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        found = await connection.run_sync(_recognise)
        version = _version(found, location)
        if version < SCHEMA_VERSION:
            if version:
                await connection.run_sync(_migrate, cipher, version)
            else:
                await connection.run_sync(_create)
            found = await connection.run_sync(_recognise)
        made = _missing(found, cipher, location)
        if made:
            await connection.execute(delete(meta).where(meta.c.key.in_(made)))
            await connection.execute(
                insert(meta), [{"key": key, "value": value} for key, value in made.items()]
            )
        return {**found, **made}


def _recognise(connection: Connection) -> dict[str, str]:
    """What `meta` says; empty for an empty database. Raises `SettingsError` for something else's."""
    inspector = inspect(connection)
    tables = inspector.get_table_names()
    if not tables:
        return {}
    if meta.name in tables:
        columns = {column["name"] for column in inspector.get_columns(meta.name)}
        if columns == set(meta.c.keys()):
            found = {row.key: row.value for row in connection.execute(select(meta.c.key, meta.c.value))}
            if "schema_version" in found:
                return found
    raise SettingsError("RECEIVER_DATABASE_URL names a database of something else; name another.")


def _version(found: Mapping[str, str], location: Location) -> int:
    """0 for an empty database."""
    version = found.get("schema_version", "0")
    if not version.isdecimal() or int(version) > SCHEMA_VERSION:
        raise SettingsError(
            f"RECEIVER_DATABASE_URL: {location} has schema version {version}, and this receiver knows "
            f"{SCHEMA_VERSION} at most; run the receiver that made it, or name another."
        )
    return int(version)


def _create(connection: Connection) -> None:
    """The tables as they are now, where there are none: what all migrations lead to, in a fraction of the time."""
    metadata.create_all(connection, checkfirst=False)
    _alembic_version.create(connection)
    connection.execute(insert(_alembic_version).values(version_num=f"{SCHEMA_VERSION:04}"))
    connection.execute(insert(meta).values(key="schema_version", value=str(SCHEMA_VERSION)))


def _migrate(connection: Connection, cipher: TextCipher, version: int) -> None:
    # Most starts need none of it.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "cipher": cipher})
    config.set_main_option("script_location", "receiver.store:migrations")
    if version == 1 and not inspect(connection).has_table("alembic_version"):
        # Made before there were migrations.
        command.stamp(config, "0001")
    command.upgrade(config, "head")


def _missing(found: Mapping[str, str], cipher: TextCipher, location: Location) -> dict[str, str]:
    """Rows that `meta` is to get. Raises `SettingsError` where a key that is needed is not set."""
    made: dict[str, str] = {}
    if "store_id" not in found:
        made |= {"store_id": uuid.uuid4().hex, "plan_key": secrets.token_hex(32)}
    checks: list[str] = json.loads(found.get("encryption_checks", "[]"))
    if cipher.missing(checks):
        if not cipher:
            raise SettingsError(f"RECEIVER_ENCRYPTION_KEY: {location} is encrypted; set the key that it has.")
        raise SettingsError(
            f"RECEIVER_ENCRYPTION_KEY: {location} is encrypted under another key; add that one behind a comma."
        )
    if (check := cipher.check(checks)) is not None:
        made["encryption_checks"] = json.dumps([*checks, check])
    return made
