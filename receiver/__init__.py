"""The receiver: decides what to say, and writes down each turn exactly once.

It listens on TCP for relays (`protocol/README.md`, part "Link"), thinks with one of its `assistants` and
keeps sessions and turns in its `store`. It never imports the relay.
"""
