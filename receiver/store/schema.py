"""The tables. A change of them raises `SCHEMA_VERSION`: a receiver refuses a database of another version."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text

SCHEMA_VERSION = 1

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""`schema_version`, `store_id`, and `plan_key`, the secret that signs plans."""

sessions = Table(
    "sessions",
    metadata,
    Column("session", String(128), primary_key=True),
    Column("key", String(128)),
    Column("user", String(80)),
    Column("name", String(80)),
    Column("timezone", String(80)),
    Column("locale", String(80)),
    Column("assistant", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("holder", String(128)),
    Column("next_turn", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", JSON, nullable=False),
    Column("audio_until", Integer, nullable=False),
    Column("created", String(40), nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("session", String(128), ForeignKey("sessions.session"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("items", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("ids", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("session", "turn"),
)

actions = Table(
    "actions",
    metadata,
    Column("session", String(128), ForeignKey("sessions.session"), nullable=False),
    Column("action", String(128), nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("session", "action"),
)
