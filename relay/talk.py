"""`python -m relay.talk FILE.wav`: speaks a recording to a running relay, in real time, and shows what comes back."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import sys
import wave
from pathlib import Path
from typing import Any

from tzlocal import get_localzone_name
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from protocol.audio import BYTES_PER_SECOND, STT_CHUNK_BYTES
from relay.codecs.resample import to_16k_mono

ANSWER_SECONDS = 90.0
"""Longest wait for the answer after the last word; a receiver that is away may need a while."""

NOTHING_HEARD_SECONDS = 6.0
"""After the flush: longer than a flush may be held (2 s) and recognition may lag."""

PING_SECONDS, PONG_SECONDS, CLOSE_SECONDS = 10.0, 15.0, 2.0
"""A relay that is gone without a word is noticed within 30 s."""

CLOSED = "the relay closed the connection"

TOKEN_VARIABLE = "VOICE_TOKEN"  # noqa: S105 - a name, and no secret
"""Holds the token for a relay that asks for one: on the command line, every user of the machine could read it."""


class Talk:
    """One conversation in a terminal. `run()` gives the process's exit code."""

    def __init__(self, audio: bytes, texts: list[str], save_to: Path, name: str | None) -> None:
        self._audio = audio
        self._texts = texts
        self._save_to = save_to
        self._name = name
        self._said = 0  # the latest turn that has words
        self._answered = 0
        self._failed: str | None = None
        self._complaint: str | None = None  # the relay's latest
        self._changed = asyncio.Event()
        self._line_open = False

    async def run(self, url: str) -> int:
        try:
            async with connect(
                url,
                compression=None,
                max_size=16 * 1024 * 1024,
                ping_interval=PING_SECONDS,
                ping_timeout=PONG_SECONDS,
                close_timeout=CLOSE_SECONDS,
            ) as connection:
                return await self._converse(connection)
        except InvalidURI:
            return _fail(f"{url} is no address of a relay; it looks like ws://127.0.0.1:8765/")
        except InvalidStatus as error:
            return _fail(f"{url} refused the connection: HTTP {error.response.status_code}")
        except InvalidHandshake:
            return _fail(f"what answers at {url} is no relay")
        except (OSError, TimeoutError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "no answer"
            return _fail(f"no relay at {url} ({reason}); start one with: make run")
        except ConnectionClosed:
            return _fail(self._failed or CLOSED)

    async def _converse(self, connection: ClientConnection) -> int:
        hello = {
            "type": "hello", "name": self._name, "token": os.environ.get(TOKEN_VARIABLE),
            "timezone": _timezone(),
        }  # fmt: skip
        await connection.send(json.dumps(hello))
        reading = asyncio.create_task(self._read(connection))
        try:
            await self._speak(connection)
            for text in self._texts:
                before = self._answered
                await connection.send(json.dumps({"type": "text", "text": text}))
                if not await self._wait(lambda before=before: self._answered > before, ANSWER_SECONDS):
                    return _fail(self._failed or "no answer came")
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return 0 if self._failed is None else _fail(self._failed)

    async def _speak(self, connection: ClientConnection) -> None:
        if not self._audio:
            return
        loop = asyncio.get_running_loop()
        started = loop.time()
        for offset in range(0, len(self._audio), STT_CHUNK_BYTES):
            await connection.send(self._audio[offset : offset + STT_CHUNK_BYTES])
            await asyncio.sleep(max(0.0, started + offset / BYTES_PER_SECOND - loop.time()))
        await connection.send(json.dumps({"type": "flush"}))
        if not await self._wait(lambda: self._said > 0, NOTHING_HEARD_SECONDS):
            self._failed = self._failed or "nothing was heard in the recording"
            return
        await asyncio.sleep(0.5)  # a second final may be on its way
        if not await self._wait(lambda: self._answered >= self._said, ANSWER_SECONDS):
            self._failed = self._failed or "no answer came"

    async def _wait(self, done: Any, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while not done() and self._failed is None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return self._failed is None

    async def _read(self, connection: ClientConnection) -> None:
        reason = CLOSED
        try:
            async for message in connection:
                self._take(json.loads(message))
                self._changed.set()
        except ConnectionClosed:
            reason = self._complaint or CLOSED
        except OSError as error:
            reason = f"the answer cannot be saved: {error}"
        self._failed = self._failed or reason
        self._changed.set()

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "transcript" if message["final"]:
                self._said = max(self._said, message["turn"])
                self._print(f"you:    {message['text']}")
            case "transcript":
                self._print(f"   ...  {message['text']}", partial=True)
            case "status" if message["state"] in ("waiting_for_receiver", "reconnecting_stt"):
                self._print(f"        [{message['state'].replace('_', ' ')}]")
            case "server_response":
                self._answer(message)
            case "latency":
                self._print(f"        [{message['stages']['total']:.0f} ms from the end of the turn]")
            case "error":
                self._print(f"error:  {message['message']} ({message['code']})")
                self._complaint = message["message"]
                if not message["retryable"]:
                    self._failed = message["message"]
                if message["code"] == "unauthorized":
                    self._failed = f"{message['message']} Put one into {TOKEN_VARIABLE}."

    def _answer(self, message: dict[str, Any]) -> None:
        self._answered = max(self._answered, message["turn"])
        self._print(f"relay:  {message['message']}")
        if message["audio"] is not None:
            path = self._save_to.with_name(f"{self._save_to.stem}-{message['turn']}.mp3")
            path.write_bytes(base64.b64decode(message["audio"]))
            self._print(f"        [voice in {path}]")
        elif "audio_error" in message:
            self._print(f"        [not voiced: {message['audio_error']}]")

    def _print(self, line: str, *, partial: bool = False) -> None:
        """A partial is overwritten by what follows it, on a terminal."""
        terminal = sys.stdout.isatty()
        if partial and not terminal:
            return
        start = "\r\033[K" if self._line_open else ""
        print(start + line, end="" if partial else "\n", flush=True)
        self._line_open = partial


def read_wav(path: Path) -> bytes:
    """A WAV file of 16-bit PCM, any rate and channels, as 16 kHz mono PCM. Raises `ValueError`."""
    try:
        with wave.open(str(path)) as recording:
            if recording.getsampwidth() != 2:
                raise ValueError(f"{path} has {recording.getsampwidth() * 8}-bit samples; 16-bit is needed")
            pcm = recording.readframes(recording.getnframes())
            if not pcm:
                raise ValueError(f"there is no sound in {path}")
            return to_16k_mono(pcm, recording.getframerate(), recording.getnchannels())
    except (OSError, EOFError, wave.Error) as error:
        raise ValueError(f"{path} cannot be read as a WAV file: {error}") from None


def _timezone() -> str | None:
    """This machine's, as an IANA name: "tomorrow at nine" and "yesterday" are meant there."""
    try:
        return get_localzone_name()
    except LookupError:
        return None  # `TZ` names none that is known; the person is answered all the same


def _fail(reason: str) -> int:
    print(f"talk: {reason}", file=sys.stderr)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m relay.talk",
        description=__doc__,
        epilog=f"A relay that asks for a token gets the one in {TOKEN_VARIABLE}.",
    )
    parser.add_argument("recording", nargs="?", type=Path, help="a WAV file, 16-bit PCM")
    parser.add_argument("--text", action="append", default=[], help="type this; may be given again")
    here = f"ws://127.0.0.1:{os.environ.get('RELAY_PORT', '8765')}/"
    parser.add_argument("--url", default=here, help="the relay (default: %(default)s)")
    parser.add_argument("--name", help="your first name")
    parser.add_argument(
        "--save", type=Path, default=Path("answer.mp3"), help="where answers go, as NAME-TURN.mp3"
    )
    arguments = parser.parse_args()
    if arguments.recording is None and not arguments.text:
        parser.error("a recording or --text is needed")
    try:
        audio = read_wav(arguments.recording) if arguments.recording else b""
    except ValueError as error:
        return _fail(str(error))
    talk = Talk(audio, arguments.text, arguments.save, arguments.name)
    try:
        return asyncio.run(talk.run(arguments.url))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
