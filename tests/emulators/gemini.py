"""Google's Gemini API on this machine: `streamGenerateContent` as server-sent events, and `generateContent`.

Like the newer models it signs its function calls and refuses a conversation that brings one back without its
signature ("Thought signatures" of the Gemini API's documentation).
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from typing import Any

from aiohttp import web

from tests.emulators.model_brain import Conversation, Entry, InvalidConversation, Reply
from tests.emulators.model_server import Denied, ModelServer, pieces

KEY = "AIza-emulated-0123456789"
SIGNATURE = base64.b64encode(b"thought signature").decode()

_PATH = re.compile(r"/v1(beta)?/models/[a-z0-9.-]+:(generateContent|streamGenerateContent)")


class GeminiEmulator(ModelServer):
    content_type = "text/event-stream"
    key: str | None = KEY

    def environment(self) -> dict[str, str]:
        return {"GEMINI_API_KEY": KEY}

    def authorize(self, request: web.Request, body: bytes) -> None:
        if not _PATH.fullmatch(request.path) or (request.query.get("alt") == "sse") != _streams(request):
            raise Denied(404, "NOT_FOUND")
        if self.key is not None and request.headers.get("x-goog-api-key") != self.key:
            raise Denied(400, "INVALID_ARGUMENT API key not valid. Please pass a valid API key.")

    def read(self, body: dict[str, Any]) -> Conversation:
        _check_ids(body["contents"])
        system = body.get("systemInstruction", {"parts": []})
        declared = [tool["functionDeclarations"] for tool in body.get("tools", ())]
        return Conversation(
            "".join(part["text"] for part in system["parts"]),
            tuple(_entry(content) for content in body["contents"]),
            tuple(function["name"] for functions in declared for function in functions),
        )

    def frames(self, reply: Reply) -> list[bytes]:
        frames = [_chunk([{"text": "The person has eaten.", "thought": True}])]
        frames += [_chunk([{"text": piece}]) for piece in pieces(reply.text, 9)]
        if any(call.raw is not None for call in reply.calls):
            return [*frames, _chunk([], "MALFORMED_FUNCTION_CALL")]
        frames += [_chunk([part]) for part in _calls(reply)]
        return [*frames, _chunk([{"text": ""}], "STOP")]

    def is_streamed(self, request: web.Request, body: dict[str, Any]) -> bool:
        return _streams(request)

    def whole(self, reply: Reply) -> dict[str, Any]:
        if any(call.raw is not None for call in reply.calls):
            return _response([], "MALFORMED_FUNCTION_CALL")
        texts: list[dict[str, Any]] = [{"text": "The person has eaten.", "thought": True}]
        texts += [{"text": reply.text}] if reply.text else []
        return _response([*texts, *_calls(reply)], "STOP")

    def error_frame(self, code: str) -> bytes:
        return _data({"error": {"code": 503, "message": "scripted", "status": code or "UNAVAILABLE"}})

    def refusal(self, status: int, code: str, headers: dict[str, str]) -> web.Response:
        kind, _, message = code.partition(" ")
        error = {"code": status, "message": message or "scripted", "status": kind}
        return web.json_response({"error": error}, status=status, headers=headers)


def _check_ids(contents: list[dict[str, Any]]) -> None:
    """A call that has an id is answered with it; one that has none is not."""
    for before, after in itertools.pairwise(contents):
        called = [part["functionCall"].get("id") for part in before["parts"] if "functionCall" in part]
        answered = [
            part["functionResponse"].get("id") for part in after["parts"] if "functionResponse" in part
        ]
        if called != answered:
            raise InvalidConversation("Function responses must match the ids of their calls.")


def _entry(content: dict[str, Any]) -> Entry:
    parts = content["parts"]
    text = "".join(part.get("text", "") for part in parts)
    calls = [part for part in parts if "functionCall" in part]
    if content["role"] == "model":
        if calls and calls[0].get("thoughtSignature") != SIGNATURE:
            raise InvalidConversation("Function call is missing a thought_signature.")
        return Entry("model", text, tuple(part["functionCall"]["name"] for part in calls))
    results = [part["functionResponse"]["response"] for part in parts if "functionResponse" in part]
    if results:
        return Entry(
            "results", results=tuple(result.get("output", result.get("error")) for result in results)
        )
    return Entry("user", text)


def _streams(request: web.Request) -> bool:
    return request.path.endswith(":streamGenerateContent")


def _calls(reply: Reply) -> list[dict[str, Any]]:
    parts = []
    for index, call in enumerate(reply.calls):
        part: dict[str, Any] = {"functionCall": {"name": call.name, "args": call.arguments}}
        if index == 0:
            part["thoughtSignature"] = SIGNATURE
        else:
            part["functionCall"]["id"] = f"function-call-{index}"
        parts.append(part)
    return parts


def _response(parts: list[dict[str, Any]], reason: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "emulated"}


def _chunk(parts: list[dict[str, Any]], reason: str | None = None) -> bytes:
    return _data(_response(parts, reason))


def _data(payload: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(payload)}\r\n\r\n".encode()
