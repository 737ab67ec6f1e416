"""One conversation's speech recognition: feeds it, keeps it alive, opens it again when it dies.

One task for a conversation, woken once for every 100 ms of audio. `add` is what runs on every chunk.
"""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

import structlog

from protocol.audio import SAMPLE_RATE, STT_CHUNK_BYTES, samples, seconds, silence
from protocol.errors import AudioLost, SttError, SttTimeout, VoiceError
from relay.audio_feed import AudioFeed
from relay.stt import SttEngine, SttResult, SttStream
from relay.vad import LOUDSPEAKER, Onset, VoiceDetector

log = structlog.get_logger(__name__)

BEHIND_SAMPLES = SAMPLE_RATE
"""More than this waiting, and silence stands still."""

QUIET_AFTER_SECONDS = 0.3
"""A client that has sent nothing for this long is silent: recognition hears silence from then on."""

LOOK_SECONDS = 0.1
"""While recognition is behind, it is looked at so often whether it has caught up."""

MAX_PIECE_SECONDS = 1.0
"""A recorder that hands over a second at a time is not silent until its next piece is late: silence before that would
cut each second of its speech from the next."""

IDLE_SECONDS = 30.0
"""A stream whose client has sent nothing for this long is closed: it costs money, or a place. Audio opens the
next one."""

FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.25, 10.0
"""Waits before the next stream, doubled each time until a stream has lasted longer than the last of them: one that
opens only to die at once is no success."""
REFUSED_RETRY_SECONDS = 30.0
"""Wait after an error that trying again does not mend: an operator may mend it meanwhile."""

AT_ONCE_PIECES = 10
"""100 ms pieces that go out in a row without a pause: recorders hand over a second at a time."""

CATCH_UP_SECONDS = 0.02
"""Pause between all further ones: old audio goes at five times real time, so that no provider is flooded."""

SEND_SECONDS = 10.0
"""Longest wait for recognition to take 100 ms of audio."""

_SILENCE = silence(samples(STT_CHUNK_BYTES))


class HearingListener(Protocol):
    """What `Hearing` tells its conversation; all plain calls on the event loop."""

    def on_result(self, result: SttResult, audio_until: int) -> None: ...
    def on_drained(self) -> None: ...
    def on_behind(self, behind: bool) -> None: ...
    def on_stt_lost(self, error: VoiceError) -> None: ...
    def on_stt_back(self) -> None: ...
    def on_voice(self) -> None: ...
    def on_hearing_error(self, error: VoiceError) -> None: ...


class Hearing:
    """Make it, run `run()` as a task, `add` audio; cancel the task to end it."""

    def __init__(self, engine: SttEngine, listener: HearingListener, position: int = 0) -> None:
        self._engine = engine
        self._listener = listener
        self._time = asyncio.get_running_loop().time
        self._spoken_until = 0.0  # when what the client has sent would end if it began as it came
        self.feed = AudioFeed(keep=engine.can_fail, position=position)
        self._wake = asyncio.Event()
        self._stream: SttStream | None = None
        self._failure: SttError | None = None
        self._told_lost = False
        self._behind = False
        self._dropped = 0
        self._drain_asked = False
        self._drain_again = False  # asked for while one was going on
        self._draining: asyncio.Task[None] | None = None
        self._heard_client = False  # whether the client has sent audio since the last look
        self._idle = 0.0  # seconds of silence put in since the client's last audio
        self.onset: Onset = LOUDSPEAKER
        """What counts as barge-in; set by a client on another kind of line."""
        self._vad: VoiceDetector | None = None

    def add(self, chunk: bytes) -> None:
        """Take a checked chunk of the client's audio. Never blocks."""
        self._heard_client = True
        now = self._time()
        self._spoken_until = min(max(self._spoken_until, now) + seconds(len(chunk)), now + MAX_PIECE_SECONDS)
        if self.feed.add(chunk):
            self._wake.set()
        if self._vad is not None and self._vad.hears_voice(chunk):
            self._vad.reset()
            self._listener.on_voice()

    def drain(self) -> None:
        """Decode what has come so far as though silence followed; `on_drained` tells when it is done."""
        self._drain_asked = True
        self._drain_again = self._draining is not None
        self._wake.set()

    def watch_for_voice(self, on: bool) -> None:
        """Whether to look out for barge-in; off, it costs nothing."""
        if on and self._vad is None:
            self._vad = VoiceDetector(self.onset)
        elif not on:
            self._vad = None

    async def run(self) -> None:
        """Feed recognition until cancelled."""
        loop = asyncio.get_running_loop()
        delay, opened_at = FIRST_RETRY_SECONDS, loop.time()
        try:
            while True:
                try:
                    if self._stream is None:
                        await self._wait_for_audio()
                        opened_at = loop.time()
                        await self._open()
                    await self._feed_stream(self._stream)
                except VoiceError as error:
                    await self._close_stream()
                    self.feed.rewind()
                    if not self._told_lost:
                        self._told_lost = True
                        self._listener.on_stt_lost(error)
                    if self._drain_asked:
                        self._drained()  # what recognition has lost, a flush need not wait for
                    if loop.time() - opened_at > LAST_RETRY_SECONDS:
                        delay = FIRST_RETRY_SECONDS
                    wait = delay if error.retryable else REFUSED_RETRY_SECONDS
                    await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                    delay = min(delay * 2, LAST_RETRY_SECONDS)
        finally:
            await self._close_stream()

    async def _wait_for_audio(self) -> None:
        while not self.feed.waiting:
            if self._drain_asked:
                self._drained()
            self._wake.clear()
            await self._wake.wait()

    async def _open(self) -> None:
        self._failure = None
        self._stream = await self._engine.open_stream(self._on_result, self._on_failure)
        self._idle = 0.0
        self._judge_backlog(self._stream)  # before `on_stt_back`, which sets the silence going
        if self._told_lost:
            self._told_lost = False
            self._listener.on_stt_back()

    async def _feed_stream(self, stream: SttStream | None) -> None:
        """Until the stream fails (raises) or has been idle for long (returns with no stream)."""
        assert stream is not None
        while True:
            in_a_row = 0
            while chunk := self.feed.take(all_of_it=self._drain_asked):
                if self._failure is not None:
                    raise self._failure
                self._idle = 0.0
                await self._send(stream, chunk)
                self._judge_backlog(stream)
                in_a_row += 1
                if in_a_row > AT_ONCE_PIECES:
                    await asyncio.sleep(CATCH_UP_SECONDS)
            self._judge_backlog(stream)
            if self._failure is not None:
                raise self._failure
            if self._drain_asked and self._draining is None:
                self._draining = asyncio.create_task(self._drain(stream))
            if not await self._woken():
                await self._be_silent(stream)
                if self._idle >= IDLE_SECONDS and self._draining is None:
                    await self._close_stream()
                    self.feed.forget()
                    return

    async def _send(self, stream: SttStream, pcm: bytes) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await stream.process_audio_data(pcm)
        except TimeoutError:
            raise SttTimeout from None

    async def _woken(self) -> bool:
        """Wait for 100 ms of audio, a drain or a failure. False when the client has been silent."""
        self._heard_client = False
        silent_at, wait = self._silent_at(), None
        if silent_at is not None:
            wait = max(0.0, silent_at - self._time())
        if self._behind:
            wait = LOOK_SECONDS if wait is None else min(wait, LOOK_SECONDS)
        try:
            async with asyncio.timeout(wait):
                await self._wake.wait()
        except TimeoutError:
            # Less than 100 ms came, neither a piece nor silence; or it is only time to look at the backlog.
            return self._heard_client or silent_at is None or self._time() < silent_at
        self._wake.clear()
        return True

    def _silent_at(self) -> float | None:
        """When the client counts as silent if nothing more comes; None where recognition need not hear that."""
        if not self._engine.wants_silence:
            return None
        if self._idle:
            return self._time() + seconds(STT_CHUNK_BYTES)
        # Pieces are mostly no longer than recognition's, so that is the time from one to the next.
        return self._spoken_until - seconds(STT_CHUNK_BYTES) + QUIET_AFTER_SECONDS

    async def _be_silent(self, stream: SttStream) -> None:
        rest = self.feed.take(all_of_it=True)
        if rest:
            await self._send(stream, rest)
        pieces = 1 if self._idle else round(QUIET_AFTER_SECONDS * 10)
        for _ in range(pieces):
            self.feed.add_silence(samples(len(_SILENCE)))
            await self._send(stream, _SILENCE)
        self._idle += pieces * 0.1

    async def _drain(self, stream: SttStream) -> None:
        try:
            await stream.drain()
        except SttError as error:
            self._on_failure(error)
        self._draining = None
        if self._drain_again:
            self._drain_again = False
            self._wake.set()
        else:
            self._drained()

    def _drained(self) -> None:
        self._drain_asked = self._drain_again = False
        self._listener.on_drained()

    def _judge_backlog(self, stream: SttStream) -> None:
        behind = self.feed.waiting + stream.behind > BEHIND_SAMPLES
        if behind is not self._behind:
            self._behind = behind
            self._listener.on_behind(behind)
        if self.feed.dropped > self._dropped:
            self._dropped = self.feed.dropped
            self._listener.on_hearing_error(AudioLost())

    def _on_result(self, result: SttResult) -> None:
        if result.final:
            self._listener.on_result(result, self.feed.covered(result.end))
        else:
            self._listener.on_result(result, 0)

    def _on_failure(self, error: SttError) -> None:
        self._failure = error
        self._wake.set()

    async def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if self._draining is not None:
            self._draining.cancel()
            self._draining = None
        if stream is not None:
            await stream.close()
