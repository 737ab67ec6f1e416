"""What clients need of the relay they run in."""

from __future__ import annotations

from dataclasses import dataclass

from relay.call_summary import CallSummaries
from relay.calls import Calls
from relay.clients.diet.pages import DietPages
from relay.identity import Authenticator
from relay.recordings import Recordings
from relay.sessions import Sessions
from relay.settings import RelaySettings
from relay.stt import SttEngine
from relay.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all clients of one relay."""

    settings: RelaySettings
    authenticator: Authenticator
    sessions: Sessions
    stt: SttEngine
    calls: Calls
    summaries: CallSummaries
    tickets: Tickets
    recordings: Recordings
    diet_pages: DietPages
