"""Who is on the phone, what is being said, and how much came in: for the call screens that watch.

In memory alone, and bounded; nothing of a call outlives the relay here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import structlog
from pydantic_core import to_json

from protocol.audio import SAMPLE_BYTES
from protocol.errors import AtCapacity
from protocol.link_messages import Summary
from relay.audio_feed import AudioFeed

log = structlog.get_logger(__name__)

Speaker = Literal["caller", "assistant"]

KEPT_SECONDS = 3600.0
"""How long the figures of a call that is over can be asked for."""

MAX_KEPT = 1_000
"""Calls that are over and still have figures; past it the oldest are forgotten first."""

MAX_WATCHERS = 1_000
"""Call screens at once; one more gets `at_capacity`."""

MAX_SUMMARY_BYTES = 64 * 1024
"""Of one call's summary as JSON; a longer one is neither kept nor told."""

MAX_TOLD = 10
"""Summaries that a screen is told when it is opened, of the calls that ended last; the others it can ask for."""

COUNTED = ("audioChunksReceived", "bytesReceived", "transcriptLinesReceived", "duration", "bufferSize")
"""Figures that can be added up over a user's calls, under the names that the app has always had."""

Event = dict[str, Any]
"""What a call screen is sent: a JSON object with a `type`."""


class Call:
    """One stream of one call. The counters are its client's to move; moving them costs an addition."""

    def __init__(
        self, call_sid: str, stream_sid: str, user: str | None, feed: AudioFeed | None = None
    ) -> None:
        self.call_sid = call_sid
        self.stream_sid = stream_sid
        self.user = user
        self.chunks = 0
        """Pieces of the caller's audio that were taken."""
        self.bytes = 0
        """Bytes of mu-law in them."""
        self.lines = 0
        """Final lines of the caller's transcript."""
        self.dropped_chunks = 0
        """Pieces that were left out because too many came at once."""
        self.bad_messages = 0
        self.feed = feed
        """Its audio on the way to recognition; None when it is over."""
        self.summary: Event | None = None
        """What it comes down to; None as long as it has not been summed up."""
        self._dropped_samples = 0
        self._started_at = datetime.now(UTC)
        self._began = time.monotonic()
        self._ended: float | None = None

    @property
    def live(self) -> bool:
        return self._ended is None

    @property
    def ended(self) -> float | None:
        """When it ended, on the monotonic clock; None while it goes on."""
        return self._ended

    @property
    def duration(self) -> float:
        """Seconds since it began, or that it lasted."""
        return (self._ended if self._ended is not None else time.monotonic()) - self._began

    def end(self) -> None:
        self._ended = time.monotonic()
        if self.feed is not None:
            self._dropped_samples, self.feed = self.feed.dropped, None

    def stats(self) -> Event:
        waiting, dropped = 0, self._dropped_samples
        if self.feed is not None:
            waiting, dropped = self.feed.waiting, self.feed.dropped
        return {
            "callSid": self.call_sid,
            "streamSid": self.stream_sid,
            "userId": self.user,
            "active": self.live,
            "startedAt": timestamp(self._started_at),
            "audioChunksReceived": self.chunks,
            "bytesReceived": self.bytes,
            "transcriptLinesReceived": self.lines,
            "duration": round(self.duration, 3),
            "bufferSize": waiting * SAMPLE_BYTES,
            "audioChunksDropped": self.dropped_chunks,
            "bufferBytesDropped": dropped * SAMPLE_BYTES,
            "badMessages": self.bad_messages,
        }

    def summed_up(self) -> Event:
        """What call screens are told when there is a `summary`."""
        return {"type": "call_summary", **self.stats(), "summary": self.summary}


class Watcher:
    """A call screen: whose calls it shows, and how it is told. `everybody` shows all calls of this relay."""

    def __init__(self, tell: Callable[[Event], None], user: str | None, *, everybody: bool = False) -> None:
        self.tell = tell
        self.user = user
        self.everybody = everybody
        self.call_sid: str | None = None
        """The only call to show; None: all of the user's."""

    def may_see(self, call: Call) -> bool:
        return self.everybody or (self.user is not None and call.user == self.user)

    def shows(self, call: Call) -> bool:
        return self.may_see(call) and self.call_sid in (None, call.call_sid)


class Calls:
    """The calls of one relay. Watchers are told in plain calls; each bounds what it queues."""

    def __init__(self, max_calls: int) -> None:
        self._max_calls = max_calls
        self._places = 0
        self._live: dict[Call, None] = {}  # the oldest first, as in `_over`
        self._over: dict[Call, None] = {}
        self._watchers: dict[str | None, set[Watcher]] = {}  # by user; None for those of everybody

    def __len__(self) -> int:
        """How many calls are going on."""
        return len(self._live)

    def __iter__(self) -> Iterator[Call]:
        """The calls that are going on, the oldest first."""
        return iter(self._live)

    # Places: a connection has one before its call has begun

    @property
    def full(self) -> bool:
        return self._places >= self._max_calls

    def take_place(self) -> None:
        """Raises `AtCapacity` when there is none."""
        if self.full:
            raise AtCapacity
        self._places += 1

    def give_place_back(self) -> None:
        self._places -= 1

    # Calls

    def begin(self, call: Call) -> None:
        self._live[call] = None
        self._tell(call, {"type": "call_started", **call.stats()})

    def say(self, call: Call, speaker: Speaker, text: str, *, final: bool, confidence: float | None) -> None:
        """A line of the call's transcript; one that is not final replaces the one before."""
        if final and speaker == "caller":
            call.lines += 1
        if self._watchers:
            self._tell(
                call,
                {
                    "type": "transcript",
                    "callSid": call.call_sid,
                    "streamSid": call.stream_sid,
                    "text": text,
                    "speaker": speaker,
                    "confidence": confidence,
                    "isFinal": final,
                    "timestamp": timestamp(datetime.now(UTC)),
                },
            )

    def end(self, call: Call) -> None:
        """The call is over; its figures are kept for a while."""
        if call not in self._live:
            return
        del self._live[call]
        call.end()
        self._over[call] = None
        if len(self._over) > MAX_KEPT:
            del self._over[next(iter(self._over))]
        self._tell(call, {"type": "call_ended", **call.stats()})

    def sum_up(self, call: Call, summary: Summary) -> None:
        """The call has been summed up: told, and kept with its figures."""
        told = {
            "keyPoints": summary.key_points,
            "actionItems": [item.model_dump(exclude_none=True) for item in summary.action_items],
            "openQuestions": summary.open_questions,
            "text": summary.text,
        }
        if len(to_json(told)) > MAX_SUMMARY_BYTES:
            log.warning("summary too long", call=call.call_sid)
            return
        call.summary = told
        self._tell(call, call.summed_up())

    # Watching

    def watch(self, watcher: Watcher) -> None:
        """Raises `AtCapacity` when there are too many."""
        if sum(map(len, self._watchers.values())) >= MAX_WATCHERS:
            raise AtCapacity
        self._watchers.setdefault(None if watcher.everybody else watcher.user, set()).add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        key = None if watcher.everybody else watcher.user
        group = self._watchers.get(key, set())
        group.discard(watcher)
        if not group:
            self._watchers.pop(key, None)

    def find(self, call_sid: str) -> list[Call]:
        """All streams of a call, whoever's it is."""
        return [call for call in self._known() if call.call_sid == call_sid]

    def live(self, watcher: Watcher) -> list[Event]:
        """The calls that are going on and that `watcher` shows."""
        return [call.stats() for call in self._live if watcher.shows(call)]

    def summaries(self, watcher: Watcher) -> list[Event]:
        """Those of the latest calls that `watcher` shows, the oldest first."""
        shown = (call for call in self._known() if call.summary is not None and watcher.shows(call))
        return [call.summed_up() for call in deque(shown, MAX_TOLD)]

    def stats(self, watcher: Watcher) -> Event:
        """Figures of each call that `watcher` shows, and of all that it may see together."""
        mine = [call for call in self._known() if watcher.may_see(call)]
        return {
            "calls": [call.stats() for call in mine if watcher.shows(call)],
            "user": {"userId": watcher.user, "calls": len(mine), **_sum(call.stats() for call in mine)},
        }

    def _known(self) -> list[Call]:
        long_ago = time.monotonic() - KEPT_SECONDS
        while self._over and ((oldest := next(iter(self._over))).ended or 0.0) < long_ago:
            del self._over[oldest]
        return [*self._over, *self._live]

    def _tell(self, call: Call, event: Event) -> None:
        for key in {None, call.user}:
            for watcher in tuple(self._watchers.get(key, ())):
                if watcher.shows(call):
                    watcher.tell(event)


def timestamp(moment: datetime) -> str:
    """ISO 8601 with milliseconds, in UTC."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sum(stats: Iterable[Event]) -> Event:
    total: Event = dict.fromkeys(COUNTED, 0)
    for figures in stats:
        for name in COUNTED:
            total[name] += figures[name]
    return total | {"duration": round(total["duration"], 3)}
