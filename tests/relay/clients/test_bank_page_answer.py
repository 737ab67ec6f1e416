"""The order in which the bank's page gets an answer's text and sound, whatever comes together, late or twice."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protocol.client_messages import Delta, ReplyAudio, ServerResponse
from relay.clients.bank.answer import MAX_PIECES, BankAnswer
from relay.clients.rate_limit import RateLimit
from relay.codecs import mp3
from relay.tts import MP3
from relay.tts.scripted import ScriptedVoice

SHORT = "Yes."


class Page:
    """What the page was told."""

    def __init__(self, prebuffer_seconds: float = 0.5) -> None:
        self.events: list[tuple[str, Any]] = []
        self.answer = BankAnswer(lambda event, data: self.events.append((event, data)), prebuffer_seconds)

    def of(self, event: str) -> list[Any]:
        return [data for name, data in self.events if name == event]

    @property
    def text(self) -> str:
        """What a page shows that adds the pieces up."""
        shown = ""
        for chunk in self.of("textChunk"):
            shown = chunk["text"] if chunk.get("restart") else shown + chunk["text"]
        return shown


async def sentence(seq: int, text: str, turn: int = 1) -> ReplyAudio:
    return ReplyAudio(turn=turn, seq=seq, text=text, audio=await ScriptedVoice().synthesize(text, MP3))


def end(text: str, turn: int = 1) -> ServerResponse:
    return ServerResponse(turn=turn, message=text, audio=None)


async def test_pieces_that_come_together_go_out_as_one_and_before_what_follows() -> None:
    page = Page()
    for text in ("You ", "have ", "ten "):
        page.answer.delta(Delta(turn=1, text=text))
    assert page.events == []
    await asyncio.sleep(0)
    assert page.of("textChunk") == [{"text": "You have ten ", "turn": 1}]
    page.answer.delta(Delta(turn=1, text="dollars"))
    page.answer.stop(1)
    assert [event for event, _ in page.events] == ["textChunk", "textChunk", "stopAudio"]


@given(st.lists(st.tuples(st.text(max_size=20), st.booleans(), st.booleans())), st.text(max_size=200))
def test_whatever_the_pieces_were_a_page_that_adds_them_up_shows_the_stored_text(
    pieces: list[tuple[str, bool, bool]], text: str
) -> None:
    async def told() -> Page:
        page = Page()
        for piece, restart, wait in pieces:
            page.answer.delta(Delta(turn=1, text=piece, restart=restart or None))
            if wait:
                await asyncio.sleep(0)
        page.answer.answer(1, text)
        page.answer.end(end(text))
        await asyncio.sleep(0)
        return page

    page = asyncio.run(told())
    assert page.text.strip() == text.strip()
    assert page.of("textResponse") == [{"text": text, "turn": 1}]
    assert len(page.of("textChunk")) <= len(pieces) + MAX_PIECES + 1
    assert [event for event, _ in page.events][-2:] == ["textResponse", "audioEnd"]


async def test_the_pieces_of_one_answer_are_not_taken_for_the_next_ones() -> None:
    page = Page()
    page.answer.delta(Delta(turn=1, text="I do"))
    page.answer.answer(2, "I do not know.")
    page.answer.answer(2, "I do not know.")
    assert "".join(chunk["text"] for chunk in page.of("textChunk") if chunk["turn"] == 2) == "I do not know."
    assert page.of("textResponse") == [{"text": "I do not know.", "turn": 2}]


async def test_sound_is_held_until_it_is_long_enough_and_then_no_more() -> None:
    page = Page(prebuffer_seconds=1.0)
    page.answer.answer(1, "Yes. No. Maybe. So.")
    sounds = []
    for seq, text in enumerate(["Yes.", "No.", "Maybe.", "So."]):
        spoken = await sentence(seq, text)
        assert spoken.audio is not None
        sounds.append(spoken.audio)
        page.answer.sound(spoken)
        assert len(page.of("audioResponse")) == max(0, seq - 1)
    assert page.of("audioResponse") == [mp3.join(sounds[:3]), sounds[3]]


async def test_the_end_of_an_answer_lets_out_what_is_held() -> None:
    page = Page(prebuffer_seconds=10)
    page.answer.sound(await sentence(0, SHORT))
    assert page.of("audioResponse") == []
    page.answer.end(end(SHORT))
    assert [event for event, _ in page.events] == ["textChunk", "textResponse", "audioResponse", "audioEnd"]


async def test_what_is_held_is_not_sent_once_the_person_speaks() -> None:
    page = Page(prebuffer_seconds=10)
    page.answer.answer(1, SHORT)
    page.answer.sound(await sentence(0, SHORT))
    page.answer.stop(1)
    page.answer.end(end(SHORT))
    assert page.of("audioResponse") == []
    assert [event for event, _ in page.events][-2:] == ["stopAudio", "audioEnd"]


async def test_a_stop_of_an_earlier_answer_keeps_the_sound_of_this_one() -> None:
    page = Page(prebuffer_seconds=10)
    page.answer.sound(await sentence(0, SHORT, turn=2))
    page.answer.stop(1)
    page.answer.end(end(SHORT, turn=2))
    assert len(page.of("audioResponse")) == 1


async def test_what_was_played_is_found_in_its_sentence() -> None:
    page = Page()
    for seq, text in enumerate(["One.", "Two."]):
        page.answer.sound(await sentence(seq, text))
    length = round(mp3.duration_seconds((await sentence(0, "One.")).audio or b"") * 1000)
    for at_ms, seq, left in ((0, 0, 0), (100, 0, 100), (length + 100, 1, 100), (60_000, 1, length)):
        played = page.answer.locate(1, at_ms)
        assert played is not None
        assert (played.turn, played.seq, played.at_ms) == (1, seq, left)
    assert page.answer.locate(2, 0) is None


def test_a_rate_limit_takes_a_second_at_once_and_then_as_many_as_it_says() -> None:
    now = 0.0
    limit = RateLimit(10, lambda: now)
    assert [limit.take() for _ in range(12)] == [True] * 10 + [False] * 2
    now = 0.25
    assert [limit.take() for _ in range(4)] == [True, True, False, False]
    now = 100.0
    assert [limit.take() for _ in range(12)].count(True) == 10


async def test_sentences_that_cannot_be_joined_are_sent_one_by_one() -> None:
    page = Page(prebuffer_seconds=10)
    other_rate = b"\xff\xf3\x24\xc4" + bytes(44)  # a frame of 24 kHz
    page.answer.sound(await sentence(0, SHORT))
    page.answer.sound(ReplyAudio(turn=1, seq=1, text="No.", audio=other_rate))
    page.answer.end(end("Yes. No."))
    assert page.of("audioResponse")[1:] == [other_rate]
