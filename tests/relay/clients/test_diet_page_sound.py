"""The pieces of sound that a diet bot's page sends: silent, empty, long, or more than can be taken."""

from __future__ import annotations

import pytest

from protocol.audio import seconds
from relay.clients.diet import sound as diet_sound
from relay.server import Relay
from tests.relay.clients.diet_pages import asked, opened
from tests.relay.conftest import Join, StartRelay, Until
from tests.relay.webm_recording import one_second_pieces, pieces
from tests.speech_doubles import TriggeredHearing


async def test_a_long_piece_is_told_once_a_recording_and_heard(
    relay: Relay, join: Join, hearing: TriggeredHearing, until: Until
) -> None:
    page = await opened(join, relay)
    for number in range(2):
        for piece in one_second_pieces():
            await page.socket.send(piece)
        await page.send("conversation_completed")
        await page.expect("status", status="completed", after=number)
    assert [told["limit"] for told in page.of("status", status="listening") if "limit" in told] == [5120] * 2
    stream = await hearing.stream()
    assert seconds(2 * stream.samples) == pytest.approx(2 * 3.96, abs=0.2)
    assert relay.services.diet_pages.counters.long_pieces == 8


@pytest.fixture
def by_the_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is judged when the next one comes, also when that is less than a second later."""
    monkeypatch.setattr(diet_sound, "SECOND", 0.0)


async def test_silence_is_told_and_heard_all_the_same(
    relay: Relay, join: Join, hearing: TriggeredHearing, by_the_piece: None, until: Until
) -> None:
    """A muted microphone sends pieces that are as good as any, of zeros."""
    page = await opened(join, relay)
    for _ in range(4):
        await page.socket.send(bytes(32_000))
    told = await page.expect("status", status="audio_silent")
    assert "muted" in told["message"]
    stream = await hearing.stream()
    stream.final("in spite of it")
    await page.expect("ai_response")
    assert len(page.of("status", status="audio_silent")) == 1, "told again after a while only"
    await until(lambda: stream.samples == 4 * 16_000)
    assert relay.services.diet_pages.counters.silent == 3


async def test_a_piece_that_decodes_to_nothing_is_told(
    relay: Relay, join: Join, by_the_piece: None, until: Until
) -> None:
    page = await opened(join, relay)
    header, *rest = one_second_pieces()
    await page.socket.send(header[:150])
    await page.socket.send(header[150:160])
    pages = relay.services.diet_pages
    await until(lambda: pages.counters.pieces == 2 and pages.waiting(0) == 0)
    await page.socket.send(header[160:])
    await page.expect("status", status="audio_empty")
    for piece in rest:
        await page.socket.send(piece)
    await page.send("conversation_completed")
    await page.expect("status", status="completed")
    assert page.of("error") == []
    assert pages.counters.empty >= 1


@pytest.mark.parametrize(
    "limit", [{"diet_queue": 1}, {"diet_buffer_bytes": 2000}, {"diet_total_bytes": 2000}]
)
async def test_a_full_queue_pushes_back_says_so_and_loses_nothing(
    start_relay: StartRelay, join: Join, hearing: TriggeredHearing, limit: dict[str, int]
) -> None:
    relay = await start_relay(**limit, silence_seconds=60)
    page = await opened(join, relay)
    for piece in pieces():
        await page.socket.send(piece)
    await page.send("conversation_completed")
    await page.expect("status", status="completed")
    assert "Nothing is lost" in (await page.expect("status", status="queue_full"))["message"]
    stream = await hearing.stream()
    assert seconds(2 * stream.samples) == pytest.approx(3.96, abs=0.1)
    assert relay.services.diet_pages.counters.queue_full >= 1
    assert page.of("error") == []


class Hoarder:
    """Another page, with a decoder that does not go on."""

    waiting = 600_000


async def test_a_page_is_not_held_back_for_ever_by_the_others(
    relay: Relay, join: Join, hearing: TriggeredHearing, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(diet_sound, "HOLD_SECONDS", 0.05)
    shared, other = relay.services.diet_pages, Hoarder()
    shared.add(other)
    shared.note(other)
    page = await opened(join, relay)
    for _ in range(3):
        await page.socket.send(bytes(3200))
    await page.expect("status", status="queue_full")
    stream = await hearing.stream()
    await until(lambda: stream.samples == 4800)
    shared.remove(other)
    assert shared.waiting(0) == 0
    held_back = shared.counters.queue_full
    await page.socket.send(bytes(3200))
    await until(lambda: stream.samples == 6400)
    assert shared.counters.queue_full == held_back


async def test_pieces_are_acknowledged_now_and_then(relay: Relay, join: Join, by_the_piece: None) -> None:
    page = await opened(join, relay)
    for _ in range(6):
        await page.socket.send(bytes(3200))
    acknowledged = await page.expect("audio", after=2)
    assert [message["received"] for message in page.of("audio")] == [6400, 12_800, 19_200]
    assert (acknowledged["buffered"], acknowledged["queue"]) == (0, 0)


async def test_what_is_counted_shows_in_healthz(start_relay: StartRelay, join: Join) -> None:
    relay = await start_relay()
    page = await opened(join, relay)
    await page.socket.send(bytes(6400))
    await asked(page, "hello")
    counted = relay.health()["diet"]
    assert (counted["pages"], counted["pieces"], counted["long_pieces"]) == (1, 1, 1)
    await page.leave()
