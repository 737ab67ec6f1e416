"""Changes of the tables, one file each in `versions`, run by Alembic when a receiver starts.

A new one takes the next number as its revision, writes it to `meta` as `schema_version`, and goes together
with `receiver.store.schema`. It is never changed afterwards, and imports nothing that may change: tables stand
in it as they were then.
"""
