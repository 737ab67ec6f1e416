"""A real relay in the test's own process, for the pages of its other clients. What it hears, the test says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from relay.server import Relay
from relay.settings import RelaySettings
from relay.tts.scripted import ScriptedVoice
from tests.ports import next_port
from tests.scripted_receiver import ScriptedReceiver
from tests.speech_doubles import TriggeredHearing


class LiveRelay:
    """`start` it, `stop` it, and `start` it again: it comes back at the same port."""

    def __init__(self, folder: Path, receiver: ScriptedReceiver, **settings: Any) -> None:
        self.receiver = receiver
        self.hearing = TriggeredHearing()
        self.folder = folder
        self._settings = {
            "port": next_port(),
            "receiver": (receiver.address,),
            "silence_seconds": 0.2,
            "draft_after_seconds": 0.05,
            "recordings": str(folder),
            **settings,
        }
        self.relay: Relay | None = None

    @property
    def port(self) -> int:
        assert self.relay is not None
        return self.relay.port

    def url(self, page: str = "") -> str:
        """Of a client's page by its name, or of the main page."""
        return f"http://127.0.0.1:{self._settings['port']}/{f'clients/{page}.html' if page else ''}"

    async def start(self) -> None:
        self.relay = Relay(RelaySettings(**self._settings), stt=self.hearing, tts=ScriptedVoice())
        await self.relay.start()
        self._settings["port"] = self.relay.port

    async def stop(self) -> None:
        if self.relay is None:
            return
        relay, self.relay = self.relay, None
        assert relay._server is not None
        # asyncio leaks a connection that it accepts in the same turn of the loop in which it closes, and pages
        # come back at once.
        for socket in relay._server.sockets:
            asyncio.get_running_loop().remove_reader(socket.fileno())
        await asyncio.sleep(0.01)
        await relay.stop()
