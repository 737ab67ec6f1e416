"""An OpenAI-compatible server on this machine: chat completions with tools, also streamed as server-sent events."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.emulators.model_brain import Conversation, Entry, InvalidConversation, Reply
from tests.emulators.model_server import Denied, ModelServer, merge_results, pieces

KEY = "sk-emulated-0123456789"

_USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


class OpenAiEmulator(ModelServer):
    content_type = "text/event-stream"
    key: str | None = KEY
    """None: it asks for none, like a server of one's own."""

    @property
    def base_url(self) -> str:
        return f"{self.endpoint}/v1"

    def environment(self) -> dict[str, str]:
        return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.base_url}

    def authorize(self, request: web.Request, body: bytes) -> None:
        if request.path != "/v1/chat/completions":
            raise Denied(404, "not_found")
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            raise Denied(401, "invalid_api_key")

    def read(self, body: dict[str, Any]) -> Conversation:
        if "model" not in body or ("stream_options" in body) != bool(body.get("stream")):
            raise InvalidConversation("a model is needed, and 'stream_options' only with 'stream'")
        system, *messages = body["messages"]
        if system["role"] != "system":
            raise InvalidConversation("the system prompt comes first")
        open_calls: set[str] = set()
        for message in messages:
            open_calls |= {call["id"] for call in message.get("tool_calls") or ()}
            if message["role"] == "tool":
                if message["tool_call_id"] not in open_calls:
                    raise InvalidConversation("messages with role 'tool' must answer a call")
                open_calls.discard(message["tool_call_id"])
        if open_calls:
            raise InvalidConversation("every tool_call_id needs its message")
        return Conversation(
            system["content"],
            merge_results([_entry(message) for message in messages]),
            tuple(tool["function"]["name"] for tool in body.get("tools", ())),
        )

    def frames(self, reply: Reply) -> list[bytes]:
        frames = [_chunk({"role": "assistant", "content": ""})]
        frames += [_chunk({"content": piece}) for piece in pieces(reply.text, 9)]
        for index, call in enumerate(reply.calls):
            start = {"name": call.name, "arguments": ""}
            head = {"index": index, "id": f"call_{index}", "type": "function", "function": start}
            frames.append(_chunk({"tool_calls": [head]}))
            frames += [
                _chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
                for piece in pieces(call.json, 7)
            ]
        frames.append(_chunk({}, "tool_calls" if reply.calls else "stop"))
        return [*frames, _data(_completion([], _USAGE)), b"data: [DONE]\n\n"]

    def is_streamed(self, request: web.Request, body: dict[str, Any]) -> bool:
        return bool(body.get("stream"))

    def whole(self, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
        if reply.calls:
            message["tool_calls"] = [
                {
                    "id": f"call_{index}",
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.json},
                }
                for index, call in enumerate(reply.calls)
            ]
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if reply.calls else "stop"}
        return _completion([choice], _USAGE) | {"object": "chat.completion"}

    def error_frame(self, code: str) -> bytes:
        return _data(
            {"error": {"message": "scripted", "type": "server_error", "code": code or "server_error"}}
        )

    def refusal(self, status: int, code: str, headers: dict[str, str]) -> web.Response:
        kind, _, message = code.partition(" ")
        error = {"message": message or "scripted", "type": "error", "param": None, "code": kind or None}
        return web.json_response({"error": error}, status=status, headers=headers)


def _entry(message: dict[str, Any]) -> Entry:
    match message["role"]:
        case "assistant":
            calls = tuple(call["function"]["name"] for call in message.get("tool_calls") or ())
            return Entry("model", message["content"] or "", calls)
        case "tool":
            return Entry("results", results=(json.loads(message["content"]),))
        case _:
            return Entry("user", message["content"])


def _completion(choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "emulated",
        "choices": choices, "usage": usage,
    }  # fmt: skip


def _chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
    return _data(_completion([{"index": 0, "delta": delta, "finish_reason": reason}]))


def _data(payload: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(payload)}\n\n".encode()
