"""The terminal client: what it prints, what it saves, and how it ends when something is wrong."""

from __future__ import annotations

import array
import asyncio
import os
import subprocess
import sys
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
import soxr
from websockets.asyncio.server import ServerConnection, serve

from protocol.audio import BYTES_PER_SECOND
from relay import talk
from relay.codecs import mp3
from relay.server import Relay
from relay.stt.scripted import ScriptedEngine
from relay.talk import Talk, read_wav
from tests.relay.conftest import StartRelay
from tests.relay.mp3_decoder import decode
from tests.relay.recordings import AUDIO, pcm
from tests.scripted_receiver import ScriptedReceiver
from tests.tokens import CHECKED, shown

Command = Callable[..., Awaitable[tuple[int, str, str]]]


def address(relay: Relay) -> str:
    return f"ws://127.0.0.1:{relay.port}/"


async def process(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """`python -m relay.talk`: exit code, output, errors."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relay.talk", *arguments,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **environ},
    )  # fmt: skip
    async with asyncio.timeout(30):
        out, err = await started.communicate()
    assert started.returncode is not None
    return started.returncode, out.decode(), err.decode()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The same without the process."""

    async def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["talk", *arguments])
            for name, value in environ.items():
                patch.setenv(name, value)
            try:
                code = await asyncio.to_thread(talk.main)
            except SystemExit as ended:
                code = int(str(ended.code))
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def lunch_22k(tmp_path: Path) -> Path:
    """A recording in stereo at 22.05 kHz."""
    path = tmp_path / "lunch.wav"
    with wave.open(str(AUDIO / "lunch.wav")) as source, wave.open(str(path), "wb") as made:
        rate = source.getframerate()
        mono = np.frombuffer(source.readframes(rate), "<i2")
        made.setparams((2, 2, 22_050, 0, "NONE", ""))
        made.writeframes(np.repeat(soxr.resample(mono, rate, 22_050), 2).tobytes())
    return path


async def test_tomorrow_at_nine_is_meant_where_the_terminal_is(
    relay: Relay, receiver: ScriptedReceiver
) -> None:
    code, _, _ = await process("--url", address(relay), "--text=hello", TZ="Australia/Melbourne")
    assert code == 0
    [opening] = receiver.of_type("open")
    assert opening["timezone"] == "Australia/Melbourne"


async def test_typed_words_are_answered_in_print_and_in_sound(
    relay: Relay, receiver: ScriptedReceiver, tmp_path: Path
) -> None:
    saved = tmp_path / "out.mp3"
    code, out, err = await process(
        "--text",
        "two eggs",
        "--text",
        "and tea",
        "--url",
        address(relay),
        "--save",
        str(saved),
        "--name",
        "Ada",
    )
    assert (code, err) == (0, "")
    assert "relay:  You said: two eggs." in out
    assert "relay:  You said: and tea." in out
    assert receiver.of_type("open")[0]["name"] == "Ada"
    assert sorted(os.listdir(tmp_path)) == ["out-1.mp3", "out-2.mp3"]
    for sound in await decode(*((tmp_path / name).read_bytes() for name in os.listdir(tmp_path))):
        assert sound.seconds > 0.4


async def test_a_recording_of_another_rate_is_spoken_in_real_time(
    start_relay: StartRelay, tmp_path: Path, lunch_22k: Path, command: Command
) -> None:
    relay = await start_relay(stt=ScriptedEngine("a bowl of rice", 0.9))
    started = asyncio.get_running_loop().time()
    code, out, err = await command(str(lunch_22k), "--url", address(relay), "--save", str(tmp_path / "a.mp3"))
    assert (code, err) == (0, "")
    assert asyncio.get_running_loop().time() - started > 0.9
    assert "you:    a bowl of rice" in out
    assert "relay:  You said: a bowl of rice." in out
    assert mp3.duration_seconds((tmp_path / "a-1.mp3").read_bytes()) > 0.4


def test_a_recording_of_another_rate_keeps_its_pace_and_its_sound(lunch_22k: Path) -> None:
    original, converted = pcm("lunch")[:BYTES_PER_SECOND], read_wav(lunch_22k)
    assert len(converted) == pytest.approx(BYTES_PER_SECOND, rel=0.001)
    pairs = zip(array.array("h", original), array.array("h", converted), strict=False)
    difference = sum((a - b) ** 2 for a, b in pairs)
    assert difference < 0.02 * sum(a * a for a in array.array("h", original))


async def test_no_relay_is_said_in_one_line_with_what_to_do(command: Command) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    code, out, err = await command("--text", "hi", "--url", f"ws://127.0.0.1:{port}/")
    assert (code, out) == (1, "")
    assert err.startswith(f"talk: no relay at ws://127.0.0.1:{port}/ (")
    assert err.endswith("start one with: make run\n")
    assert err.count("\n") == 1


async def test_a_recording_in_which_nothing_is_heard_ends_with_1(
    relay: Relay, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "NOTHING_HEARD_SECONDS", 0.2)
    silent = Talk(bytes(3_200), [], tmp_path / "a.mp3", None)
    assert await silent.run(address(relay)) == 1
    assert capsys.readouterr().err == "talk: nothing was heard in the recording\n"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:8765", "is no address of a relay"),
        ("http://127.0.0.1/", "is no address of a relay"),
        ("{relay}nothing", "HTTP 404"),
        ("ws://127.0.0.1:{receiver}/", "is no relay"),
    ],
)
async def test_a_wrong_address_is_said_in_one_line(
    relay: Relay,
    receiver: ScriptedReceiver,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    url: str,
    words: str,
) -> None:
    async def no_relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(no_relay, "127.0.0.1", 0)
    port = str(server.sockets[0].getsockname()[1])
    client = Talk(b"", ["hi"], tmp_path / "a.mp3", None)
    assert await client.run(url.replace("{relay}", address(relay)).replace("{receiver}", port)) == 1
    server.close()
    await server.wait_closed()
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


async def test_a_relay_that_dies_in_mid_answer_is_noticed_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def die(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.recv()
        connection.transport.abort()

    async with serve(die, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.timeout(30):
            assert await Talk(b"", ["hi"], tmp_path / "a.mp3", None).run(f"ws://127.0.0.1:{port}/") == 1
    assert capsys.readouterr().err == "talk: the relay closed the connection\n"


async def test_a_relay_that_is_gone_without_a_word_is_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert talk.PING_SECONDS + talk.PONG_SECONDS + talk.CLOSE_SECONDS < 30
    for name in ("PING_SECONDS", "PONG_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(talk, name, 0.1)
    over = asyncio.Event()

    async def freeze(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await over.wait()
        connection.transport.abort()

    async with serve(freeze, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.timeout(30):
            assert await Talk(b"", ["hi"], tmp_path / "a.mp3", None).run(f"ws://127.0.0.1:{port}/") == 1
        over.set()
    assert capsys.readouterr().err == "talk: the relay closed the connection\n"


async def test_a_full_relay_is_said_with_its_own_words(
    start_relay: StartRelay, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    relay = await start_relay(max_conversations=1)
    held = asyncio.create_task(Talk(bytes(32_000), [], tmp_path / "a.mp3", None).run(address(relay)))
    while len(relay.sessions) == 0:
        await asyncio.sleep(0.01)
    async with asyncio.timeout(30):
        assert await Talk(b"", ["hi"], tmp_path / "b.mp3", None).run(address(relay)) == 1
    assert "talk: All places are taken; please try again in a minute.\n" in capsys.readouterr().err
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)


async def test_an_answer_that_cannot_be_saved_is_said_at_once(
    relay: Relay, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with asyncio.timeout(30):
        assert await Talk(b"", ["hi"], tmp_path / "no" / "a.mp3", None).run(address(relay)) == 1
    err = capsys.readouterr().err
    assert "cannot be saved" in err
    assert err.count("\n") == 1


async def test_a_turn_that_fails_ends_with_1(
    relay: Relay, receiver: ScriptedReceiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(message: dict[str, object], receiver: ScriptedReceiver) -> object:
        if message["type"] != "commit":
            return None
        about = {name: message[name] for name in ("session", "turn", "epoch")}
        receiver.say(type="error", **about, code="malformed_message", message="I will not.", retryable=False)
        return False

    receiver.before = fail
    assert await Talk(b"", ["hi"], tmp_path / "a.mp3", None).run(address(relay)) == 1
    assert capsys.readouterr().err == "talk: I will not.\n"


def write_wav(path: Path, frames: bytes, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, width, 16_000, 0, "NONE", ""))
        file.writeframes(frames)
    return path


async def test_what_is_no_recording_is_said_in_one_line(tmp_path: Path, command: Command) -> None:
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    cut = write_wav(tmp_path / "cut.wav", bytes(4_000))
    cut.write_bytes(cut.read_bytes()[:30])
    for path, words in {
        tmp_path / "missing.wav": "No such file",
        text: "cannot be read as a WAV file",
        cut: "cannot be read as a WAV file",
        write_wav(tmp_path / "empty.wav", b""): "there is no sound in",
        write_wav(tmp_path / "wide.wav", bytes(300), width=3): "24-bit samples; 16-bit is needed",
    }.items():
        with pytest.raises(ValueError, match=words):
            read_wav(path)
    code, out, err = await command(str(text))
    assert (code, out) == (1, "")
    assert err.startswith("talk: ")
    assert err.count("\n") == 1


async def test_nothing_to_say_is_a_mistake_of_usage(command: Command) -> None:
    code, _, err = await command()
    assert code == 2
    assert "a recording or --text is needed" in err


async def test_where_a_token_is_asked_for_it_is_shown_and_a_missing_one_is_said(
    start_relay: StartRelay, tmp_path: Path, command: Command
) -> None:
    relay = await start_relay(**CHECKED)
    here = ("--url", address(relay), "--text", "hi", "--save", str(tmp_path / "answer.mp3"))
    code, out, err = await command(*here, VOICE_TOKEN=shown("ann"))
    assert (code, err) == (0, "")
    assert "You said: hi." in out
    code, out, err = await command(*here)
    assert code == 1
    assert "token" in err
    assert "VOICE_TOKEN" in err
