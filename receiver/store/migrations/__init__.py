"""Changes of the tables, one file each in `versions`, run by Alembic when a receiver starts on a database that was
made before them. (A new one gets the tables of `receiver.store.schema` at once.)

A new one takes the next number as its revision, writes it to `meta` as `schema_version`, and goes together
with `receiver.store.schema`. It is never changed afterwards, and imports nothing that may change: tables stand
in it as they were then.
"""
