"""A hundred clients of all kinds at once on one relay: each hears its own answer, and nothing is left of them.

Every client has a number, and says it as a tone of its own, so that sound in the wrong conversation is noticed, too.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import wave
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from relay import sessions
from relay.server import Relay
from tests.client_answers import Answer
from tests.kinds_of_clients import (
    BankPage,
    BankWebmPage,
    CallScreen,
    CaptionsPage,
    CaptionsWebmPage,
    DietPage,
    Echo,
    NativePage,
    NativeTypingPage,
    NativeWebmPage,
    PostingPage,
    QuestionPage,
    Recorder,
    Telephone,
    WebmRecorder,
)
from tests.relay.conftest import StartRelay
from tests.scripted_receiver import ScriptedReceiver
from tests.tones import (
    NUMBERS,
    VOICE_SECONDS,
    ToneHearing,
    ToneVoice,
    all_numbers_in,
    numbers_in,
    tone,
)

Until = Callable[..., Awaitable[None]]

USERS = [f"user-{number}" for number in range(5)]
"""Who phones: each of them from several telephones, and each watches the calls."""

HEARD = {
    NativePage: 10, NativeWebmPage: 10, DietPage: 10, BankPage: 6, BankWebmPage: 6, Telephone: 15,
}  # fmt: skip
ASKING = {NativeTypingPage: 4, QuestionPage: 7, PostingPage: 5}
CAPTIONED = {CaptionsPage: 5, CaptionsWebmPage: 5}
RECORDED = {Recorder: 3, WebmRecorder: 3}
OTHERS = {Echo: 6, CallScreen: len(USERS)}

ROUNDS = 2
QUIET_SECONDS = 0.3
"""Longer than `ToneHearing` needs to know that a tone has ended."""


def lengths(number: int) -> list[float]:
    """Seconds for which a client says its number, each time."""
    return [0.5 + 0.1 * ((number + 3 * turn) % 5) for turn in range(ROUNDS)]


def told_twice(said: str) -> str:
    return f"I heard {said}. So it is {said}."


async def test_a_hundred_clients_of_all_kinds_are_not_mixed_up(
    start_relay: StartRelay,
    receiver: ScriptedReceiver,
    tmp_path: Path,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "FINISH_SECONDS", 0.1)  # who has left for good is gone as soon
    receiver.answer = told_twice
    receiver.before = tell_pieces
    hearing = ToneHearing()
    folder = tmp_path / "recordings"
    relay = await start_relay(
        stt=hearing,
        tts=ToneVoice(),
        recordings=str(folder),
        resume_seconds=0.1,
        socketio_audio_per_second=100,
    )
    await until(lambda: relay.link.error is None)
    before = os.listdir("/proc/self/fd")
    clients = hundred(relay.port)
    assert Counter(client.number for client in clients).most_common(1)[0][1] == 1
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(client) for client in clients))
        await asyncio.gather(*map(converse, clients))
        screens = [client for client in clients if isinstance(client, CallScreen)]
        phones = [client for client in clients if isinstance(client, Telephone)]
        for screen in screens:
            await check_screen(screen, phones)
        await asyncio.gather(*(client.leave() for client in clients))
    assert [client.errors for client in clients if client.errors] == []
    check_receiver(receiver, clients)
    check_hearing(hearing, clients)
    check_recordings(folder, clients)
    with suppress(TimeoutError):
        await until(lambda: not left_of(relay, hearing))
    assert left_of(relay, hearing) == []
    await until(lambda: len(os.listdir("/proc/self/fd")) <= len(before))


def hundred(port: int) -> Sequence[Any]:
    clients: list[Any] = []
    for kinds in (HEARD, ASKING, CAPTIONED, RECORDED, OTHERS):
        for kind, count in kinds.items():
            for _ in range(count):
                number = len(clients)
                match kind:
                    case _ if kind is Telephone:
                        clients.append(Telephone(port, number, USERS[number % len(USERS)], sentences=2))
                    case _ if kind is CallScreen:
                        clients.append(CallScreen(port, number, USERS[number % len(USERS)]))
                    case _:
                        clients.append(kind(port, number))
    assert len(clients) == NUMBERS
    return clients


def tell_pieces(message: dict[str, Any], receiver: ScriptedReceiver) -> None:
    """The receiver tells each answer in pieces while it makes it."""
    if message["type"] == "commit":
        said = " ".join(item["text"] for item in message["items"])
        for piece in re.findall(r".{1,20}", told_twice(said)):
            receiver.say(type="delta", session=message["session"], turn=message["turn"], text=piece)


# One client


async def converse(client: Any) -> None:
    if isinstance(client, CallScreen):
        return
    for turn, seconds in enumerate(lengths(client.number), start=1):
        if isinstance(client, Echo):
            await echo(client, turn)
        elif isinstance(client, Recorder):
            await record(client, seconds, turn)
        elif client.speaks:
            await speak(client, seconds)
            check_heard(client, await client.answered(turn), seconds)
        else:
            said = f"tone {client.number} in writing, {turn}"
            await client.send_text(said)
            check_answer(client, await client.answered(turn), told_twice(said))


async def speak(client: Any, seconds: float) -> None:
    quiet = bytes(2 * round(16_000 * QUIET_SECONDS))
    for piece in client.pieces(tone(client.number, seconds) + quiet):
        await client.send_sound(piece)


def check_heard(client: Any, answer: Answer, seconds: float) -> None:
    """Its own tone, and no longer or shorter than it was."""
    if isinstance(client, Telephone):
        check_sound(client, answer)
        return
    (tenths,) = set(re.findall(r"for (\d+) tenths", answer.text))
    assert abs(int(tenths) - 10 * seconds) <= 1.1, answer.text
    said = f"tone {client.number} for {tenths} tenths"
    if isinstance(client, CaptionsPage):
        assert answer.text == said
    else:
        check_answer(client, answer, told_twice(said))


def check_answer(client: Any, answer: Answer, text: str) -> None:
    assert answer.text == text
    check_sound(client, answer)


def check_sound(client: Any, answer: Answer) -> None:
    tones = client.tones_in(answer)
    assert set(tones) == {client.number}, (client.kind, client.number, tones)
    # Two sentences; the last tenth of a second of each may be in two windows.
    assert abs(len(tones) - 2 * VOICE_SECONDS / 0.1) <= 2, (client.kind, tones)


async def record(client: Recorder, seconds: float, turn: int) -> None:
    await client.send_text("START_RECORDING")
    await speak(client, seconds)
    await client.send_text("STOP_RECORDING")
    await client.answered(turn)


async def echo(client: Echo, turn: int) -> None:
    said, sound = f"tone {client.number}, {turn}", tone(client.number, 0.1)
    await client.send_text(said)
    await client.send_sound(sound)
    await client.answered(2 * turn)
    assert client.answers[-2:] == [Answer(said), Answer("", sound)]


# All of them


async def check_screen(screen: CallScreen, phones: Sequence[Telephone]) -> None:
    """Its user's calls, all that was said in them, and nobody else's."""
    mine = {phone.call_sid: phone.number for phone in phones if phone.user == screen.user}
    await screen.answered(len(mine) * ROUNDS * 2)
    assert screen.calls == mine.keys()
    for call_sid, number in mine.items():
        lines = [(speaker, text) for call, speaker, text in screen.lines if call == call_sid]
        assert all(all_numbers_in(text) == {number} for _, text in lines), lines
        assert [speaker for speaker, _ in lines] == ["caller", "assistant", "assistant"] * ROUNDS


def check_receiver(receiver: ScriptedReceiver, clients: Sequence[Any]) -> None:
    """A session for each that has conversations, in which one person alone has spoken."""
    people = {client.number for client in clients if type(client) in {*HEARD, *ASKING}}
    numbers = []
    for name, session in receiver.sessions.items():
        said = " ".join(said for said, _, _ in session.turns.values())
        heard = all_numbers_in(said)
        assert len(heard) == 1, (name, session)
        numbers.extend(heard)
        assert sorted(session.turns) == [1, 2], (name, session)
    assert sorted(numbers) == sorted(people)


def check_hearing(hearing: ToneHearing, clients: Sequence[Any]) -> None:
    listened = {client.number for client in clients if type(client) in {*HEARD, *CAPTIONED}}
    assert all(len(stream.numbers) == 1 for stream in hearing.streams)
    assert {number for stream in hearing.streams for number in stream.numbers} == listened


def check_recordings(folder: Path, clients: Sequence[Any]) -> None:
    """Each file has what its client sent, and there are no others."""
    named = {
        answer.text: (client.number, seconds)
        for client in clients
        if isinstance(client, Recorder)
        for answer, seconds in zip(client.answers, lengths(client.number), strict=True)
    }
    assert {path.name for path in folder.iterdir()} == named.keys()
    for name, (number, seconds) in named.items():
        with wave.open(str(folder / name)) as file:
            sound = file.readframes(file.getnframes())
        assert len(sound) / 32_000 == pytest.approx(seconds + QUIET_SECONDS, abs=0.07)
        tones = numbers_in(sound)
        assert set(tones) == {number}
        assert abs(len(tones) - 10 * seconds) <= 1.1


def left_of(relay: Relay, hearing: ToneHearing) -> list[object]:
    """What there still is of clients that have gone."""
    threads = [thread for thread in threading.enumerate() if thread.name == "recording decoder"]
    streams = [stream for stream in hearing.streams if not stream.closed]
    pages = ["diet pages"] * relay.health()["diet"]["pages"]
    sessions = ["sessions"] * len(relay.sessions)
    return [*sessions, *relay.services.calls, *pages, *streams, *threads]
