"""Users with a diary in rows, which all their sessions share, and a row for each message."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

FIGURES = ("kcal", "protein_g", "carbs_g", "fat_g")
BATCH = 500


def upgrade() -> None:
    old = _set_aside("sessions", "turns", "actions")
    new = _create()
    connection = op.get_bind()
    _move_sessions(connection, old, new)
    _move_turns(connection, old["turns"], new)
    for batch in _batches(connection, sa.select(old["actions"])):
        connection.execute(new["actions"].insert(), batch)
    for name in ("actions", "turns", "sessions"):
        op.drop_table(f"old_{name}")
    op.execute("UPDATE meta SET value = '2' WHERE key = 'schema_version'")


def _set_aside(*names: str) -> dict[str, sa.Table]:
    for name in names:
        op.rename_table(name, f"old_{name}")
    found = sa.MetaData()
    return {name: sa.Table(f"old_{name}", found, autoload_with=op.get_bind()) for name in names}


def _create() -> dict[str, sa.Table]:
    users = op.create_table(
        "users",
        sa.Column("id", sa.String(160), nullable=False),
        sa.Column("email", sa.String(80)),
        sa.Column("first_name", sa.Text),
        sa.Column("timezone", sa.String(80)),
        *(sa.Column(f"goal_{figure}", sa.Double) for figure in FIGURES),
        sa.Column("next_item", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="users_pk"),
        sa.UniqueConstraint("email", name="users_email_key"),
    )
    sessions = op.create_table(
        "sessions",
        sa.Column("session", sa.String(128), nullable=False),
        sa.Column("user", sa.String(160), nullable=False),
        sa.Column("key", sa.String(128)),
        sa.Column("locale", sa.String(80)),
        sa.Column("assistant", sa.String(80), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(128)),
        sa.Column("next_turn", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("audio_until", sa.BigInteger, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("session", name="sessions_pk"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="sessions_users_fk"),
    )
    op.create_index("sessions_user", "sessions", ["user"])
    turns = op.create_table(
        "turns",
        sa.Column("session", sa.String(128), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("answer_chars", sa.Integer, nullable=False),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("session", "turn", name="turns_pk"),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name="turns_sessions_fk"),
    )
    messages = op.create_table(
        "messages",
        sa.Column("session", sa.String(128), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String(10), nullable=False),
        sa.Column("voice", sa.String(80)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("confidence", sa.Double),
        sa.Column("timestamp", sa.String(40), nullable=False),
        sa.Column("client_id", sa.String(128)),
        sa.PrimaryKeyConstraint("session", "turn", "position", name="messages_pk"),
        sa.ForeignKeyConstraint(
            ["session", "turn"], ["turns.session", "turns.turn"], name="messages_turns_fk"
        ),
    )
    meals = op.create_table(
        "meals",
        sa.Column("user", sa.String(160), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("meal", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("user", "date", "meal", name="meals_pk"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="meals_users_fk"),
    )
    items = op.create_table(
        "items",
        sa.Column("user", sa.String(160), nullable=False),
        sa.Column("item", sa.String(128), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("meal", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("food", sa.Text, nullable=False),
        sa.Column("quantity", sa.Double, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("grams", sa.Double),
        *(sa.Column(figure, sa.Double, nullable=False) for figure in FIGURES),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("fdc_id", sa.Integer),
        sa.Column("session", sa.String(128)),
        sa.Column("turn", sa.Integer),
        sa.PrimaryKeyConstraint("user", "item", name="items_pk"),
        sa.ForeignKeyConstraint(
            ["user", "date", "meal"], ["meals.user", "meals.date", "meals.meal"], name="items_meals_fk"
        ),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name="items_sessions_fk"),
    )
    op.create_index("items_user_date", "items", ["user", "date"])
    op.create_index("items_session", "items", ["session"])
    actions = op.create_table(
        "actions",
        sa.Column("session", sa.String(128), nullable=False),
        sa.Column("action", sa.String(128), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("session", "action", name="actions_pk"),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name="actions_sessions_fk"),
    )
    tables = (users, sessions, turns, messages, meals, items, actions)
    return {table.name: table for table in tables}


def _batches(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[list[dict[str, Any]]]:
    for rows in connection.execute(query).mappings().partitions(BATCH):
        yield [dict(row) for row in rows]


def _move_sessions(connection: sa.Connection, old: dict[str, sa.Table], new: dict[str, sa.Table]) -> None:
    """Each session had a diary of its own: now those of one user are one."""
    cipher = op.get_context().config.attributes["cipher"]  # type: ignore[union-attr]
    users: dict[str, dict[str, Any]] = {}
    places: dict[tuple[str, str], int] = {}
    query = sa.select(old["sessions"]).order_by(old["sessions"].c.created, old["sessions"].c.session)
    for batch in _batches(connection, query):
        for row in batch:
            known_as = row["user"].lower() if "@" in (row["user"] or "") else row["user"]
            user = users.get(known_as or "")
            if user is None:
                user = {
                    "id": known_as or f"session:{row['session']}", "email": None, "next_item": 1, "revision": 0,
                    "created": row["created"],
                }  # fmt: skip
                if "@" in (known_as or ""):
                    user |= {"id": uuid.uuid4().hex, "email": known_as}
                connection.execute(new["users"].insert(), user)
                if known_as:
                    users[known_as] = user
            state = dict(row["state"])
            items = list(_items(state, user, row, places)) if "days" in state else []
            connection.execute(
                new["sessions"].insert(),
                {
                    **{column.name: row[column.name] for column in new["sessions"].c if column.name in row},
                    "user": user["id"],
                    "state": cipher.seal_json(state),
                },
            )
            for item in items:
                meal = {name: item[name] for name in ("user", "date", "meal")}
                if (meal["user"], f"{meal['date']} {meal['meal']}") not in places:
                    places[meal["user"], f"{meal['date']} {meal['meal']}"] = 1
                    connection.execute(new["meals"].insert(), meal)
            if items:
                sealed = [{**item, "food": cipher.seal(item["food"])} for item in items]
                connection.execute(new["items"].insert(), sealed)
            details: dict[str, Any] = {"next_item": user["next_item"]}
            if row["name"] is not None:
                details["first_name"] = cipher.seal(row["name"])
            if row["timezone"] is not None:
                details["timezone"] = row["timezone"]
            connection.execute(new["users"].update().where(new["users"].c.id == user["id"]).values(**details))


def _items(
    state: dict[str, Any], user: dict[str, Any], session: dict[str, Any], places: dict[tuple[str, str], int]
) -> Iterator[dict[str, Any]]:
    """Take the diary out of a session's state, and what refers to it."""
    days, next_item = state.pop("days"), state.pop("next_item", 1)
    state.pop("undo", None)
    state.pop("unclear", None)
    first = user["next_item"] == 1
    for date, items in sorted(days.items()):
        for item in items:
            name = item["id"] if first else f"item-{user['next_item']}"
            if not first:
                user["next_item"] += 1
            position = places.get((user["id"], date), 0)
            places[user["id"], date] = position + 1
            yield {
                "user": user["id"], "item": name, "date": date, "meal": item["meal"], "position": position,
                "food": item["food"], "quantity": item["quantity"], "unit": item["unit"],
                "grams": item.get("grams"), **{figure: item[figure] for figure in FIGURES},
                "known": item["known"], "fdc_id": item.get("fdc_id"), "session": session["session"],
                "turn": None,
            }  # fmt: skip
    if first:
        user["next_item"] = max(next_item, 1)


def _move_turns(connection: sa.Connection, old: sa.Table, new: dict[str, sa.Table]) -> None:
    cipher = op.get_context().config.attributes["cipher"]  # type: ignore[union-attr]
    for batch in _batches(connection, sa.select(old).order_by(old.c.session, old.c.turn)):
        connection.execute(
            new["turns"].insert(),
            [
                {
                    **{name: row[name] for name in ("session", "turn", "heard", "created")},
                    "answer_chars": len(row["answer"]),
                }
                for row in batch
            ],
        )
        said = []
        for row in batch:
            spoken = [{**item, "voice": item.get("speaker"), "speaker": "user"} for item in row["items"]]
            answer = {"speaker": "assistant", "text": row["answer"]}
            said += [
                {
                    "session": row["session"], "turn": row["turn"], "position": position,
                    "speaker": item["speaker"], "voice": item.get("voice"), "text": cipher.seal(item["text"]),
                    "confidence": item.get("confidence"), "timestamp": item.get("timestamp", row["created"]),
                    "client_id": item.get("id"),
                }
                for position, item in enumerate([*spoken, answer])
            ]  # fmt: skip
        connection.execute(new["messages"].insert(), said)
