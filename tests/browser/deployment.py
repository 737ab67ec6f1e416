"""The relay and the receiver as they ship, in processes of their own."""

from __future__ import annotations

from pathlib import Path

from tests.ports import next_port
from tests.processes import Process

ANSWER_MS = 60_000
"""Hearing, 3 s of silence and an answer, on a machine that has other things to do."""


class Deployment:
    """A receiver, and a relay that can be killed and comes back at the same port."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._port = next_port()
        database = f"sqlite:///{folder / 'receiver.db'}"
        self.receiver = Process("receiver", folder, RECEIVER_PORT="0", RECEIVER_DATABASE_URL=database)
        self._settings = {
            "RELAY_PORT": str(self._port),
            "RELAY_RECEIVER": f"tcp://127.0.0.1:{self.receiver.port()}",
            **settings,
        }
        self.relay = self.start_relay()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start_relay(self) -> Process:
        self.relay = Process("relay", self._folder, **self._settings)
        self.relay.port()
        return self.relay

    def stop(self) -> None:
        assert self.relay.stop() == 0, self.relay.output
        assert self.receiver.stop() == 0, self.receiver.output
        assert "Traceback" not in self.relay.output + self.receiver.output
