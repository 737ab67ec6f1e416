"""Amazon Polly's SynthesizeSpeech on this machine: real signatures, real MP3 and PCM, throttling and errors on request.

What it says is a tone as long as the text would take: moto answers with 8 NUL bytes, which no player takes.
"""

from __future__ import annotations

import array
import asyncio
import json
import math
from collections import deque
from typing import Any

import lameenc
from aiohttp import web

from tests.emulators.access_keys import ACCESS_KEY_ID, KEYS, SECRET
from tests.emulators.http_emulator import HttpEmulator
from tests.emulators.sigv4 import Keys, Refused, verify_headers

SECONDS_PER_CHARACTER = 0.06
FORMATS = {"mp3": ("audio/mpeg", (8000, 16000, 22050, 24000)), "pcm": ("audio/pcm", (8000, 16000))}
"""Content type and sample rates (Hz) of an OutputFormat."""

VOICES = {
    "Joanna": ("standard", "neural", "generative"),
    "Matthew": ("standard", "neural", "generative"),
    "Hans": ("standard",),
    "Stephen": ("neural", "generative"),
}
"""Some of its voices, and their engines ("Available voices" of the developer guide)."""

MAX_CHARACTERS = 3000


def tone(seconds: float, sample_rate: int = 24_000, hertz: float = 440.0) -> bytes:
    """A sine tone as PCM, mono."""
    count = round(seconds * sample_rate)
    step = 2 * math.pi * hertz / sample_rate
    return array.array("h", (round(8000 * math.sin(step * index)) for index in range(count))).tobytes()


def mp3(pcm: bytes, sample_rate: int) -> bytes:
    """MP3 at 48 kbit/s."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(48)
    encoder.set_in_sample_rate(sample_rate)
    encoder.set_channels(1)
    encoder.set_quality(7)
    encoder.silence()
    return bytes(encoder.encode(pcm) + encoder.flush())


def voiced(text: str, output_format: str, sample_rate: int) -> bytes:
    pcm = tone(len(text) * SECONDS_PER_CHARACTER, sample_rate)
    return pcm if output_format == "pcm" else mp3(pcm, sample_rate)


class PollyEmulator(HttpEmulator):
    """A server on a free port of the running loop. `problems` answer the next calls, in order."""

    def __init__(self, keys: Keys = KEYS, region: str = "eu-west-1") -> None:
        super().__init__()
        self._keys = keys
        self._region = region
        self.requests: list[dict[str, Any]] = []
        """Bodies of the calls with a good signature."""
        self.problems: deque[tuple[int, str]] = deque()
        """HTTP status and exception type; status 0 cuts the connection, -1 cuts it in the middle of the audio."""
        self.delay = 0.0
        """Seconds before each answer."""

    def throttle(self, times: int) -> None:
        self.problems.extend([(400, "ThrottlingException")] * times)

    def environment(self) -> dict[str, str]:
        """AWS's own variables that lead a client here, with good credentials."""
        return {
            "AWS_ENDPOINT_URL_POLLY": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/speech", self._speech)

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = [(name.lower(), value) for name, value in request.headers.items()]
        try:
            verified = verify_headers("POST", request.raw_path, headers, body, self._keys, "polly")
            if verified.region != self._region:
                raise Refused("InvalidSignatureException", "Credential should be scoped to a valid region.")
        except Refused as refused:
            return _error(403, refused.code, refused.message)
        call = json.loads(body)
        self.requests.append(call)
        if self.delay:
            await asyncio.sleep(self.delay)
        cut = False
        if self.problems:
            status, exception_type = self.problems.popleft()
            if status > 0:
                return _error(status, exception_type, "scripted")
            cut = True
            if status == 0:
                await _cut(request)
        return await self._speak(request, call, cut)

    async def _speak(self, request: web.Request, call: dict[str, Any], cut: bool) -> web.StreamResponse:
        text = str(call.get("Text", ""))
        output_format = str(call.get("OutputFormat"))
        content_type, sample_rates = FORMATS.get(output_format, ("", ()))
        sample_rate = int(call.get("SampleRate", "22050"))
        voice, engine = str(call.get("VoiceId")), call.get("Engine", "standard")
        if len(text) > MAX_CHARACTERS:
            return _error(400, "TextLengthExceededException", "Maximum text length has been exceeded")
        if voice not in VOICES:
            return _error(
                400,
                "ValidationException",
                f"1 validation error detected: Value '{voice}' at 'voiceId' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{', '.join(VOICES)}]",
            )
        if engine not in VOICES[voice]:
            message = f"This voice does not support the selected engine: {engine}"
            return _error(400, "ValidationException", message)
        if sample_rate not in sample_rates:
            return _error(400, "InvalidSampleRateException", "The specified sample rate is not valid.")
        if not text.strip():
            return _error(400, "InvalidParameterValueException", "Text is empty.")
        audio = await asyncio.to_thread(voiced, text, output_format, sample_rate)
        response = web.StreamResponse(
            headers={"Content-Type": content_type, "x-amzn-RequestCharacters": str(len(text))}
        )
        response.enable_chunked_encoding()
        await response.prepare(request)
        if cut:
            await response.write(audio[: len(audio) // 2])
            await _cut(request)
        await response.write(audio)
        await response.write_eof()
        return response


async def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    await asyncio.Event().wait()  # the loss of the connection cancels the handler


def _error(status: int, exception_type: str, message: str) -> web.Response:
    return web.json_response(
        {"message": message}, status=status, headers={"x-amzn-ErrorType": f"{exception_type}:"}
    )
