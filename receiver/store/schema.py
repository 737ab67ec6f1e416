"""The tables as they are now, and as a new database gets them. How they came to be so is in `migrations`, which
databases go through that were made earlier; a change here needs one there.

Columns called `Sealed` hold what `receiver.store.encryption` makes of a text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 3
"""The latest migration's number."""

Sealed = Text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(referred_table_name)s_fk",
        "uq": "%(table_name)s_%(column_0_name)s_key",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("key", name="meta_pkey"),  # as Postgres named it when nobody did
)
"""`schema_version`; `store_id`; `plan_key`, the secret that signs plans; `encryption_checks`, a JSON list with a
value for each key that anything is encrypted under."""

users = Table(
    "users",
    metadata,
    Column("id", String(160), nullable=False),
    Column("email", String(80)),
    Column("first_name", Sealed),
    Column("timezone", String(80)),
    Column("goal_kcal", Double),
    Column("goal_protein_g", Double),
    Column("goal_carbs_g", Double),
    Column("goal_fat_g", Double),
    Column("next_item", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("email"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session", String(128), nullable=False),
    Column("user", String(160), ForeignKey("users.id"), nullable=False),
    Column("key", String(128)),
    Column("locale", String(80)),
    Column("assistant", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("holder", String(128)),
    Column("next_turn", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Sealed, nullable=False),
    Column("audio_until", BigInteger, nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("session"),
    Index("sessions_user", "user"),
)
"""`state` is JSON, without the diary."""

turns = Table(
    "turns",
    metadata,
    Column("session", String(128), ForeignKey("sessions.session"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("answer_chars", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("session", "turn"),
)

messages = Table(
    "messages",
    metadata,
    Column("session", String(128), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("speaker", String(10), nullable=False),
    Column("voice", String(80)),
    Column("text", Sealed, nullable=False),
    Column("confidence", Double),
    Column("timestamp", String(40), nullable=False),
    Column("client_id", String(128)),
    PrimaryKeyConstraint("session", "turn", "position"),
    ForeignKeyConstraint(["session", "turn"], ["turns.session", "turns.turn"]),
)
"""What was said in a turn, in its order: by the `user` what was heard or typed, then by the `assistant` the
answer. `voice` is the label that the speech engine gave whoever spoke."""

meals = Table(
    "meals",
    metadata,
    Column("user", String(160), ForeignKey("users.id"), nullable=False),
    Column("date", String(10), nullable=False),
    Column("meal", String(20), nullable=False),
    PrimaryKeyConstraint("user", "date", "meal"),
)
"""Those that have items."""

items = Table(
    "items",
    metadata,
    Column("user", String(160), nullable=False),
    Column("item", String(128), nullable=False),
    Column("date", String(10), nullable=False),
    Column("meal", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("food", Sealed, nullable=False),
    Column("quantity", Double, nullable=False),
    Column("unit", Text, nullable=False),
    Column("grams", Double),
    Column("kcal", Double, nullable=False),
    Column("protein_g", Double, nullable=False),
    Column("carbs_g", Double, nullable=False),
    Column("fat_g", Double, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("fdc_id", Integer),
    Column("session", String(128), ForeignKey("sessions.session")),
    Column("turn", Integer),
    PrimaryKeyConstraint("user", "item"),
    ForeignKeyConstraint(["user", "date", "meal"], ["meals.user", "meals.date", "meals.meal"]),
    Index("items_user_date", "user", "date"),
    Index("items_session", "session"),
)
"""`position` orders a date's items. `session` and `turn` wrote the item down last; a turn is missing where that
was done by hand."""

actions = Table(
    "actions",
    metadata,
    Column("session", String(128), ForeignKey("sessions.session"), nullable=False),
    Column("action", String(128), nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("session", "action"),
)

user_states = Table(
    "user_states",
    metadata,
    Column("user", String(160), ForeignKey("users.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("state", Sealed, nullable=False),
    Column("next_due", String(40)),
    PrimaryKeyConstraint("user", "name"),
    Index("user_states_next_due", "next_due"),
)
"""`name` is a key in the states of the user's sessions, `state` what they all have there, as JSON. `next_due` is when
something in it is to be done without anybody having said something (ISO 8601, UTC, as all times here)."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("user", String(160), ForeignKey("users.id"), nullable=False),
    Column("session", String(128), ForeignKey("sessions.session")),
    Column("assistant", String(80), nullable=False),
    Column("key", String(64)),
    Column("body", Sealed, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", String(40), nullable=False),
    Column("holder", String(40)),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("user", "assistant", "key"),
    Index("outbox_order", "user", "assistant", "id"),
    Index("outbox_next_at", "next_at"),
    # Else SQLite gives the number of a row that is gone to the next one, and who comes late to drop the one drops both.
    sqlite_autoincrement=True,
)
"""What is to be done outside, a row each until it is done. Those of one user and assistant are in the order of `id`,
as whoever adds one has the user locked. `key` is the SHA-256 of what tells two of a user's apart. `holder` names the
receiver that is at it, until `next_at`; where there is none, `next_at` is when it is tried again. `session` is
missing where nobody has said anything."""

summaries = Table(
    "summaries",
    metadata,
    Column("session", String(128), ForeignKey("sessions.session"), nullable=False),
    Column("turns", Integer, nullable=False),
    Column("summary", Sealed, nullable=False),
    Column("created", String(40), nullable=False),
    PrimaryKeyConstraint("session"),
)
"""Of the turns before number `turns`. `summary` is JSON."""
