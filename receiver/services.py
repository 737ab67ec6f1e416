"""What sessions need of the receiver they run in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.errors import Unsupported
from receiver.assistants.assistant import Assistant
from receiver.clock import Clock, utc_now
from receiver.kept_answers import WholeAnswers
from receiver.open_sessions import OpenSessions
from receiver.signals import Signals
from receiver.store import Store
from receiver.summing_up import SummingUp
from receiver.thinking import ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Services:
    store: Store
    assistants: Mapping[str, Assistant]
    default_assistant: str
    clock: Clock = utc_now
    """For all but turns: a turn's time is that of its last item."""
    answer_seconds: float = ANSWER_SECONDS
    whole_answers: WholeAnswers = field(default_factory=WholeAnswers)
    open_sessions: OpenSessions = field(default_factory=OpenSessions)
    signals: Signals = field(default_factory=Signals)
    summing_up: SummingUp = field(default_factory=SummingUp)

    def assistant(self, name: str | None) -> Assistant:
        """Raises `Unsupported`."""
        try:
            return self.assistants[name or self.default_assistant]
        except KeyError:
            raise Unsupported(f"There is no assistant '{name}' here.") from None
