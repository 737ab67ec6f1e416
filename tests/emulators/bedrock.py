"""Amazon Bedrock's ConverseStream and Converse on this machine: real signatures, and an event stream with real
checksums.

Written from "ConverseStream" and "Converse" of the Amazon Bedrock API reference; no emulator at large has them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from tests.emulators.access_keys import ACCESS_KEY_ID, KEYS, SECRET
from tests.emulators.eventstream import encode
from tests.emulators.model_brain import Conversation, Entry, InvalidConversation, Reply
from tests.emulators.model_server import Denied, ModelServer, pieces
from tests.emulators.sigv4 import Refused, verify_headers

_PATH = re.compile(r"/model/[A-Za-z0-9.:_-]+/converse(-stream)?")


class BedrockEmulator(ModelServer):
    content_type = "application/vnd.amazon.eventstream"
    region = "eu-west-1"

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def authorize(self, request: web.Request, body: bytes) -> None:
        headers = [(name.lower(), value) for name, value in request.headers.items()]
        try:
            verified = verify_headers("POST", request.raw_path, headers, body, KEYS, "bedrock")
        except Refused as refused:
            raise Denied(403, refused.code) from None
        if verified.region != self.region or not _PATH.fullmatch(request.path):
            raise Denied(404, "ResourceNotFoundException")

    def read(self, body: dict[str, Any]) -> Conversation:
        tools = [tool["toolSpec"] for tool in body.get("toolConfig", {}).get("tools", [])]
        for tool in tools:
            if tool["inputSchema"]["json"].get("type") != "object":
                raise InvalidConversation("The tool's schema must be an object.")
        return Conversation(
            "".join(part["text"] for part in body.get("system", [])),
            tuple(_entry(message) for message in body["messages"]),
            tuple(tool["name"] for tool in tools),
        )

    def frames(self, reply: Reply) -> list[bytes]:
        frames = [_event("messageStart", {"role": "assistant"})]
        index = 0
        if reply.text:
            frames += [_delta(index, {"text": piece}) for piece in pieces(reply.text, 9)]
            frames.append(_event("contentBlockStop", {"contentBlockIndex": index}))
            index += 1
        for call in reply.calls:
            start = {"toolUse": {"toolUseId": f"tooluse_{index}", "name": call.name}}
            frames.append(_event("contentBlockStart", {"contentBlockIndex": index, "start": start}))
            frames += [_delta(index, {"toolUse": {"input": piece}}) for piece in pieces(call.json, 7)]
            frames.append(_event("contentBlockStop", {"contentBlockIndex": index}))
            index += 1
        reason = "tool_use" if reply.calls else "end_turn"
        usage = {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120}
        return [
            *frames,
            _event("messageStop", {"stopReason": reason}),
            _event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}}),
        ]

    def is_streamed(self, request: web.Request, body: dict[str, Any]) -> bool:
        return request.path.endswith("-stream")

    def whole(self, reply: Reply) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"text": reply.text}] if reply.text else []
        content += [
            {"toolUse": {"toolUseId": f"tooluse_{index}", "name": call.name, "input": call.arguments}}
            for index, call in enumerate(reply.calls)
        ]
        return {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": "tool_use" if reply.calls else "end_turn",
            "usage": {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120},
            "metrics": {"latencyMs": 1},
        }

    def error_frame(self, code: str) -> bytes:
        headers = {
            ":message-type": "exception",
            ":exception-type": code or "modelStreamErrorException",
            ":content-type": "application/json",
        }
        return encode(headers, json.dumps({"message": "scripted"}).encode())

    def refusal(self, status: int, code: str, headers: dict[str, str]) -> web.Response:
        kind, _, message = code.partition(" ")
        return web.json_response(
            {"message": message or "scripted"},
            status=status,
            headers=headers | {"x-amzn-ErrorType": f"{kind or 'ThrottlingException'}:"},
        )


def _entry(message: dict[str, Any]) -> Entry:
    content = message["content"]
    text = "".join(part.get("text", "") for part in content)
    if any("text" in part and not part["text"].strip() for part in content):
        raise InvalidConversation("The text field in the ContentBlock object is blank.")
    if message["role"] == "assistant":
        return Entry("model", text, tuple(part["toolUse"]["name"] for part in content if "toolUse" in part))
    results = [part["toolResult"] for part in content if "toolResult" in part]
    if results:
        return Entry("results", results=tuple(result["content"][0]["json"] for result in results))
    return Entry("user", text)


def _event(kind: str, payload: dict[str, Any]) -> bytes:
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return encode(headers, json.dumps(payload | {"p": "abcd"}).encode())


def _delta(index: int, delta: dict[str, Any]) -> bytes:
    return _event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
