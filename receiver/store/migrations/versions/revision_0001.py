"""Sessions, turns and actions, each session with its whole state in one JSON map."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    meta = op.create_table(
        "meta",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.bulk_insert(meta, [{"key": "schema_version", "value": "1"}])
    op.create_table(
        "sessions",
        sa.Column("session", sa.String(128), primary_key=True),
        sa.Column("key", sa.String(128)),
        sa.Column("user", sa.String(80)),
        sa.Column("name", sa.String(80)),
        sa.Column("timezone", sa.String(80)),
        sa.Column("locale", sa.String(80)),
        sa.Column("assistant", sa.String(80), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(128)),
        sa.Column("next_turn", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("audio_until", sa.Integer, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("session", sa.String(128), sa.ForeignKey("sessions.session"), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("ids", sa.JSON, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("session", "turn"),
    )
    op.create_table(
        "actions",
        sa.Column("session", sa.String(128), sa.ForeignKey("sessions.session"), nullable=False),
        sa.Column("action", sa.String(128), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("session", "action"),
    )
