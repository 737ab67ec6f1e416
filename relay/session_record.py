"""What the relay remembers of a session for a client that comes back: its turns, and how far its audio has got."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

from protocol.client_messages import DiaryUpdate, PastTurn, Ready, Turn
from protocol.diary import Diary
from protocol.link_messages import Opened
from protocol.messages import Message

HISTORY_TURNS = 50
"""Turns kept in memory for a client that comes back; the receiver keeps all of them."""

SEEN_IDS = 1_000
"""Ids of typed texts that are remembered, so that sending one again is harmless."""

MISSED_ANSWERS = 4
"""Answers said again to a client that comes back; those before them it reads in the history."""


class SessionRecord:
    """One session, as far as this relay knows. Positions are in samples of the client's audio."""

    def __init__(self) -> None:
        self.history: deque[PastTurn] = deque(maxlen=HISTORY_TURNS)
        self.shown: Turn | None = None
        """The turn that is being committed."""
        self.diary: Diary | None = None
        self.opened = False
        self.base = 0
        """Audio of the session before this relay took it up."""
        self.durable = 0
        """Audio that is in stored turns."""
        self._ids: OrderedDict[str, None] = OrderedDict()

    def open(self, opened: Opened) -> None:
        """The receiver's word on the session, which replaces ours."""
        if not self.opened:
            self.base = self.durable = opened.audio_until
        self.opened = True
        self.history.clear()
        self.history.extend(opened.history)
        for id in (id for turn in opened.history for id in turn.ids):
            self._remember(id)
        self.diary = opened.diary

    def welcome(self, session_id: str, resume_token: str, received: int) -> list[Message]:
        """What a client is told that joins; `received`: samples that this relay has of the session's audio."""
        told: list[Message] = [
            Ready(
                session_id=session_id,
                resume_token=resume_token,
                resume_at=self.base + received,
                history=list(self.history),
            )
        ]
        if self.diary is not None:
            told.append(DiaryUpdate(diary=self.diary))
        if self.shown is not None:
            told.append(self.shown)
        return told

    def answer(self, turn: int, text: str, audio_until: int) -> None:
        """A turn is stored. One that was stored before the link broke is in the history already."""
        shown, self.shown = self.shown, None
        said, ids = (shown.text, shown.ids) if shown is not None else ("", [])
        while self.history and self.history[-1].turn >= turn:
            self.history.pop()
        self.history.append(PastTurn(turn=turn, text=said, message=text, ids=ids))
        self.durable = max(self.durable, self.base + audio_until)

    def take_id(self, id: str) -> bool:
        """Whether a typed text with this id is new; from now on it is not."""
        new = id not in self._ids
        self._remember(id)
        return new

    def forget_ids(self, ids: Iterable[str | None]) -> None:
        """What was refused or given up may be sent again under its id."""
        for id in ids:
            if id is not None:
                self._ids.pop(id, None)

    def missed(self, turn: int) -> list[PastTurn]:
        """The latest answers after that of `turn`, oldest first."""
        return [past for past in self.history if past.turn > turn][-MISSED_ANSWERS:]

    def _remember(self, id: str) -> None:
        self._ids[id] = None
        if len(self._ids) > SEEN_IDS:
            self._ids.popitem(last=False)
