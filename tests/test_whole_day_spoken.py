"""A day told to the diet coach in ten spoken turns: both real processes, speech recognised on this machine."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from protocol.audio import BYTES_PER_SECOND
from tests.processes import Process
from tests.wire_client import WireClient

DAY = Path(__file__).parent / "audio" / "day"

EATEN = {
    "breakfast": {"egg": 3.0, "banana": 1.0, "coffee": 1.0},
    "lunch": {"sandwich": 1.0},
    "snack": {"strawberr": 1.0},
    "dinner": {"chicken": None, "rice": None, "broccoli": None, "juice": 1.0},
}
"""A word of each food and its quantity (None: none was said).

The apple was taken out again, and the two eggs became three.
"""

BEFORE_THE_QUESTION = 5


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    database = f"sqlite:///{tmp_path / 'receiver.db'}"
    receiver = Process("receiver", tmp_path, RECEIVER_PORT="0", RECEIVER_DATABASE_URL=database)
    address = f"tcp://127.0.0.1:{receiver.port()}"
    relay = Process("relay", tmp_path, RELAY_PORT="0", RELAY_RECEIVER=address, RELAY_TTS="none")
    try:
        yield relay.port()
    finally:
        assert relay.stop() == 0
        assert receiver.stop() == 0
        assert "Traceback" not in relay.output + receiver.output


def zone_where_it_is_noon() -> str:
    """So that the day does not end while it is told."""
    west = datetime.now(UTC).hour - 12
    return f"Etc/GMT{west:+d}"


async def test_the_diary_is_right_after_a_day_of_ten_spoken_turns(port: int) -> None:
    async with WireClient(port) as client:
        await client.hello(timezone=zone_where_it_is_noon(), name="Ann")
        await client.expect("server_response")
        for number, path in enumerate(sorted(DAY.glob("*.wav")), start=1):
            with wave.open(str(path)) as recording:
                pcm = recording.readframes(recording.getnframes())
            await client.speak(pcm=pcm + bytes(BYTES_PER_SECOND))
            await client.expect("transcript", turn=number, final=True)
            await client.send("flush")
            await client.expect("server_response", turn=number)
            if number == BEFORE_THE_QUESTION:
                so_far = client.of("diary")[-1]["totals"]["kcal"]
        heard = " / ".join(turn["text"] for turn in client.of("turn"))
        answer = client.of("server_response", turn=6)[0]["message"]
        diary = client.of("diary")[-1]

    said = [float(number) for number in re.findall(r"\d+", answer.replace(",", ""))]
    assert any(abs(number - so_far) <= 5 for number in said), (answer, so_far)
    meals = {meal["meal"]: meal["items"] for meal in diary["meals"]}
    assert set(meals) == set(EATEN), heard
    for meal, foods in EATEN.items():
        items = list(meals[meal])
        assert len(items) == len(foods), (meal, items, heard)
        for word, quantity in foods.items():
            item = next((item for item in items if word in item["food"]), None)
            assert item is not None, (word, items, heard)
            assert item["known"], item
            assert item["kcal"] > 0, item
            assert quantity is None or item["quantity"] == quantity, (item, heard)
    assert diary["totals"]["kcal"] == pytest.approx(
        sum(item["kcal"] for items in meals.values() for item in items), abs=1.0
    )
