"""The real engine with the correction behind it, as a conversation has it."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import pytest

from protocol.audio import SAMPLE_RATE, STT_CHUNK_BYTES
from protocol.errors import SettingsError
from relay.settings import RelaySettings
from relay.stt import SttEngine, SttResult
from relay.stt.engines import make_stt

FOLDER = Path(__file__).parent


async def hear(engine: SttEngine, name: str) -> list[SttResult]:
    """All that the engine sends of a recording."""
    results: list[SttResult] = []
    failures: list[Exception] = []
    stream = await engine.open_stream(results.append, failures.append)
    with wave.open(str(FOLDER / f"{name}.wav")) as recording:
        pcm = recording.readframes(recording.getnframes())
    async with asyncio.timeout(60):
        for start in range(0, len(pcm), STT_CHUNK_BYTES):
            await stream.process_audio_data(pcm[start : start + STT_CHUNK_BYTES])
            # As somebody speaks: what comes all at once to a busy machine is told all at once, without captions.
            while stream.behind > SAMPLE_RATE:
                await asyncio.sleep(0.005)
        while stream.behind:
            await stream.drain()
    await stream.close()
    assert failures == []
    return results


@pytest.fixture(scope="module")
def heard() -> dict[str, list[SttResult]]:
    """Captions and finals of each recording, by the engine that the settings make."""

    async def listen() -> dict[str, list[SttResult]]:
        engine = make_stt(RelaySettings(stt="on-device"))
        await engine.start()
        try:
            return {name: await hear(engine, name) for name in ("cornbread", "routing_number")}
        finally:
            await engine.close()

    return asyncio.run(listen())


def said(results: list[SttResult]) -> str:
    return " ".join(result.text for result in results if result.final)


def test_a_word_written_apart_arrives_whole(heard: dict[str, list[SttResult]]) -> None:
    assert "cornbread" in said(heard["cornbread"])


def test_a_misheard_phrase_arrives_as_it_was_meant(heard: dict[str, list[SttResult]]) -> None:
    assert "routing number" in said(heard["routing_number"])


def test_captions_do_not_show_what_was_misheard(heard: dict[str, list[SttResult]]) -> None:
    captions = [result.text for results in heard.values() for result in results if not result.final]
    assert captions
    assert not [caption for caption in captions if "ratting" in caption or "breat" in caption]


def test_a_file_of_phrases_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RELAY_VOCABULARY_FILE"):
        make_stt(RelaySettings(stt="on-device", vocabulary_file=tmp_path / "gone.txt"))
