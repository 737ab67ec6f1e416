"""Run by Alembic: brings the database of `attributes["connection"]` up to date, in its own transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
