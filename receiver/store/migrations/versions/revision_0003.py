"""What sessions of a user share beside the diary, what is to be done outside, and summaries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "user_states",
        sa.Column("user", sa.String(160), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("next_due", sa.String(40)),
        sa.PrimaryKeyConstraint("user", "name", name="user_states_pk"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="user_states_users_fk"),
    )
    op.create_index("user_states_next_due", "user_states", ["next_due"])
    op.create_table(
        "outbox",
        # Only an INTEGER numbers its rows by itself in SQLite.
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True
        ),
        sa.Column("user", sa.String(160), nullable=False),
        sa.Column("session", sa.String(128)),
        sa.Column("assistant", sa.String(80), nullable=False),
        sa.Column("key", sa.String(64)),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(40)),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pk"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="outbox_users_fk"),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name="outbox_sessions_fk"),
        sa.UniqueConstraint("user", "assistant", "key", name="outbox_user_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_order", "outbox", ["user", "assistant", "id"])
    op.create_index("outbox_next_at", "outbox", ["next_at"])
    op.create_table(
        "summaries",
        sa.Column("session", sa.String(128), nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("session", name="summaries_pk"),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name="summaries_sessions_fk"),
    )
    op.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")
