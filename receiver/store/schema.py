"""The tables as they are now. How they came to be so is in `migrations`; a change here needs one there.

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

SCHEMA_VERSION = 2
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
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
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
