"""Chat completions, as OpenAI, Groq, OpenRouter, Ollama and many others serve them: `RECEIVER_LLM_BASE_URL` says
whose. ("Chat Completions" of the OpenAI API reference, streaming and function calling.)"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from protocol.errors import SettingsError
from receiver.llm import (
    Finished,
    ModelEvent,
    ModelFailed,
    ModelMessage,
    ModelRequest,
    ModelTurn,
    TextPiece,
    ToolCall,
    ToolSpec,
    UserText,
)
from receiver.llm.arguments import ArgumentPieces, parse_arguments
from receiver.llm.http_pool import open_pool
from receiver.llm.patient import parse_retry_after

DEFAULT_MODEL = "gpt-5.4-mini"
BASE_URL = "https://api.openai.com/v1"

MAX_CALLS = 32
"""Tool calls in one stream; what comes after them is left out."""

_KEYS = {"api.groq.com": "GROQ_API_KEY", "openrouter.ai": "OPENROUTER_API_KEY"}
"""Variable of each host's key; everybody else takes OPENAI_API_KEY, if any."""

_NOT_STREAMED = (400, 405, 415, 422, 501)
"""May mean that it is streaming that is not supported, or not allowed to this account."""

_ERRORS = (openai.OpenAIError, httpx2.HTTPError, OSError, ValueError)
"""httpx2's own comes through when the connection is lost within the answer, ValueError for what is no JSON."""

_REASONS = {"tool_calls": "tools", "function_call": "tools", "length": "length", "content_filter": "filtered"}


class OpenAiChatModel:
    def __init__(self, model: str, client: openai.AsyncOpenAI, pool: httpx2.AsyncClient) -> None:
        self.name = f"openai {model}"
        self._model = model
        self._client = client
        self._pool = pool

    @classmethod
    async def open(cls, model: str, base_url: str | None) -> OpenAiChatModel:
        """Raises `SettingsError` when the provider needs a key and there is none."""
        url = base_url or os.environ.get("OPENAI_BASE_URL") or BASE_URL
        pool = open_pool(url)
        # The retries are ours: they know how much time is left.
        client = openai.AsyncOpenAI(api_key=_key(url), base_url=url, max_retries=0, http_client=pool)
        return cls(model, client, pool)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        stream: Any = None
        try:
            stream = await self._client.chat.completions.create(
                **_completion(self._model, request), stream=True, stream_options={"include_usage": True}
            )
            async with aclosing(_events(stream)) as events:
                async for event in events:
                    yield event
        except _ERRORS as error:
            raise _failure_of(error, in_stream=stream is not None) from error
        finally:
            if stream is not None:
                await stream.close()

    async def complete(self, request: ModelRequest) -> list[ModelEvent]:
        try:
            response = await self._client.chat.completions.create(**_completion(self._model, request))
        except _ERRORS as error:
            raise _failure_of(error) from error
        choice = response.choices[0]
        said = [TextPiece(choice.message.content)] if choice.message.content else []
        calls = [
            ToolCall(call.id or f"call-{index}", call.function.name, parse_arguments(call.function.arguments))
            for index, call in enumerate((choice.message.tool_calls or ())[:MAX_CALLS])
        ]
        return [*said, *calls, _finished(choice.finish_reason, response.usage, called=bool(calls))]

    async def aclose(self) -> None:
        await self._pool.aclose()


async def _events(stream: AsyncIterator[Any]) -> AsyncGenerator[ModelEvent, None]:
    reason: str | None = None
    usage: Any = None
    calls: list[ArgumentPieces] = []
    at: dict[int, ArgumentPieces] = {}
    async for chunk in stream:
        usage = chunk.usage or usage
        if not chunk.choices:  # the last one, with the usage alone
            continue
        choice = chunk.choices[0]
        reason = choice.finish_reason or reason
        if choice.delta is None:
            continue
        if choice.delta.content:
            yield TextPiece(choice.delta.content)
        for piece in choice.delta.tool_calls or ():
            function = piece.function
            call = at.get(piece.index)
            # Some servers name no id, and some count every call as the first.
            if (call is None or (piece.id and piece.id != call.id)) and len(calls) < MAX_CALLS:
                call = ArgumentPieces(piece.id or f"call-{len(calls)}", (function and function.name) or "")
                at[piece.index] = call
                calls.append(call)
            if call is not None and function is not None and function.arguments:
                call.add(function.arguments)
    for call in calls:
        yield call.call()
    if reason is not None:
        yield _finished(reason, usage, called=bool(calls))


def _finished(reason: str, usage: Any, *, called: bool) -> Finished:
    # Some servers say "stop" after tool calls too.
    ended = "tools" if called else _REASONS.get(reason, "stop")
    return Finished(
        ended,  # type: ignore[arg-type]
        usage.prompt_tokens if usage else 0,
        usage.completion_tokens if usage else 0,
    )


def _completion(model: str, request: ModelRequest) -> dict[str, Any]:
    messages = [{"role": "system", "content": request.system}]
    for message in request.messages:
        messages += _messages(message)
    arguments: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "max_completion_tokens": request.max_tokens,
    }
    if request.tools:
        arguments["tools"] = [_tool(tool) for tool in request.tools]
    if request.required_tool is not None:
        arguments["tool_choice"] = {"type": "function", "function": {"name": request.required_tool}}
    return arguments


def _messages(message: ModelMessage) -> list[dict[str, Any]]:
    if isinstance(message, UserText):
        return [{"role": "user", "content": message.text}]
    if isinstance(message, ModelTurn):
        said: dict[str, Any] = {"role": "assistant", "content": message.text or None}
        if message.calls:
            said["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments or {}))},
                }
                for call in message.calls
            ]
        return [said]
    return [
        {"role": "tool", "tool_call_id": result.call.id, "content": json.dumps(dict(result.content))}
        for result in message.results
    ]


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.schema)}
    return {"type": "function", "function": function}


def _key(url: str) -> str:
    """The provider's key. A server of one's own needs none, but the library wants a word."""
    host = urlsplit(url).hostname or ""
    variable = _KEYS.get(host, "OPENAI_API_KEY")
    key = os.environ.get(variable, "").strip()
    if not key and (host in _KEYS or host.endswith("openai.com")):
        raise SettingsError(f"RECEIVER_LLM=openai needs {variable} to talk to {host}.")
    return key or "none"


def _failure_of(error: Exception, *, in_stream: bool = False) -> ModelFailed:
    name = type(error).__name__
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        detail = f"{status} {error.code or ''}".strip()
        if status == 429 and error.code == "insufficient_quota":
            return ModelFailed("refused", detail)  # no wait helps
        if status == 429:
            after = parse_retry_after(error.response.headers.get("retry-after"))
            return ModelFailed("throttled", detail, retry_after=after)
        if status in (408, 409) or (status >= 500 and status != 501):
            after = parse_retry_after(error.response.headers.get("retry-after"))
            return ModelFailed("unavailable", detail, retry_after=after)
        return ModelFailed("refused", detail, stream=status in _NOT_STREAMED)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ModelFailed("timeout", name, stream=in_stream)
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError | OSError):
        return ModelFailed("unavailable", name, stream=in_stream)
    # An error within the stream (`openai.APIError`), or what is no chat completion.
    return ModelFailed("broken", name, stream=True)
