"""Google's Gemini, by the Gemini API (`generateContent`, streamed or not, with function declarations)."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import httpx2
from google import genai
from google.genai import errors, types

from protocol.errors import SettingsError
from protocol.settings import is_loopback
from receiver.llm import (
    Finished,
    ModelEvent,
    ModelFailed,
    ModelMessage,
    ModelRequest,
    ModelTurn,
    TextPiece,
    ToolCall,
    ToolResult,
    ToolSpec,
    UserText,
)
from receiver.llm.http_pool import READ_SECONDS, open_pool
from receiver.llm.patient import parse_retry_after

DEFAULT_MODEL = "gemini-3.8-flash"
BASE_URL = "https://generativelanguage.googleapis.com"

KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")

_UNNAMED = "unnamed-"
"""Begins the ids of calls that the model gave none; only its own go back to it."""

_REASONS = {"MAX_TOKENS": "length", "STOP": "stop"}
_MALFORMED = ("MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "OTHER")

_NOT_STREAMED = (400, 404, 405, 501)
"""May mean that it is streaming that the model does not support: it "is not found [...] or is not supported for
streamGenerateContent", says a 404."""

_ERRORS = (errors.APIError, httpx2.HTTPError, OSError, ValueError)
"""httpx2's own comes through when the connection is lost within the answer, ValueError for what is no JSON or not of
the API's form."""

_response: ContextVar[list[httpx2.Response] | None] = ContextVar("gemini_response", default=None)
"""Where the response of the call that is being made is put. The client hides it, and closing its stream closes
the connection only when the garbage collector comes by."""


class GeminiModel:
    def __init__(self, model: str, client: genai.Client, pool: httpx2.AsyncClient) -> None:
        self.name = f"gemini {model}"
        self._model = model
        self._client = client
        self._pool = pool

    @classmethod
    async def open(cls, model: str, base_url: str | None) -> GeminiModel:
        """Raises `SettingsError` when there is no key; a server on this machine needs none."""
        key = next((key for name in KEYS if (key := os.environ.get(name, "").strip())), "")
        if not key:
            if base_url is None or not is_loopback(urlsplit(base_url).hostname or ""):
                raise SettingsError(f"RECEIVER_LLM=gemini needs {' or '.join(KEYS)}.")
            key = "none"
        pool = open_pool(base_url or BASE_URL, event_hooks={"response": [_remember]})
        # Without a time-out of its own the client turns the pool's off. In milliseconds.
        timeout = round(READ_SECONDS * 1000)
        options = types.HttpOptions(base_url=base_url, httpx_async_client=pool, timeout=timeout)
        client = genai.Client(vertexai=False, api_key=key, http_options=options)
        return cls(model, client, pool)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        responses: list[httpx2.Response] = []
        _response.set(responses)
        try:
            chunks = await self._client.aio.models.generate_content_stream(
                **_generation(self._model, request)
            )
            reader = _Reader()
            async for chunk in chunks:
                for event in reader.read(chunk):
                    yield event
            if reader.finished is not None:
                yield reader.finished
        except _ERRORS as error:
            raise _failure_of(error, in_stream=any(response.is_success for response in responses)) from error
        finally:
            _response.set(None)
            for response in responses:
                await response.aclose()

    async def complete(self, request: ModelRequest) -> list[ModelEvent]:
        try:
            response = await self._client.aio.models.generate_content(**_generation(self._model, request))
        except _ERRORS as error:
            raise _failure_of(error) from error
        reader = _Reader()
        events = reader.read(response)
        return [*events, reader.finished] if reader.finished is not None else events

    async def aclose(self) -> None:
        await self._client.aio.aclose()
        self._client.close()
        await self._pool.aclose()


async def _remember(response: httpx2.Response) -> None:
    responses = _response.get()
    if responses is not None:
        responses.append(response)


class _Reader:
    """Makes events of the chunks of one stream."""

    def __init__(self) -> None:
        self.finished: Finished | None = None
        self._calls = 0

    def read(self, chunk: types.GenerateContentResponse) -> list[ModelEvent]:
        events: list[ModelEvent] = []
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
            self.finished = Finished("filtered")
        for candidate in (chunk.candidates or ())[:1]:
            for part in (candidate.content.parts if candidate.content else None) or ():
                if part.function_call is not None:
                    self._calls += 1
                    events.append(_call(part, self._calls))
                elif part.text and not part.thought:
                    events.append(TextPiece(part.text))
            if candidate.finish_reason is not None:
                self._finish(candidate.finish_reason.value, chunk.usage_metadata)
        return events

    def _finish(self, reason: str, usage: types.GenerateContentResponseUsageMetadata | None) -> None:
        if reason in _MALFORMED:
            raise ModelFailed("broken", reason, stream=True)
        ended = "tools" if self._calls else _REASONS.get(reason, "filtered")
        self.finished = Finished(
            ended,  # type: ignore[arg-type]
            (usage and usage.prompt_token_count) or 0,
            (usage and usage.candidates_token_count) or 0,
        )


def _call(part: types.Part, number: int) -> ToolCall:
    call = part.function_call
    assert call is not None
    return ToolCall(
        call.id or f"{_UNNAMED}{number}", call.name or "", call.args or {}, part.thought_signature
    )


def _given_id(call: ToolCall) -> str | None:
    return None if call.id.startswith(_UNNAMED) else call.id


def _generation(model: str, request: ModelRequest) -> dict[str, Any]:
    contents = [_content(message) for message in request.messages]
    return {"model": model, "contents": contents, "config": _config(request)}


def _config(request: ModelRequest) -> types.GenerateContentConfig:
    tools: Any = [types.Tool(function_declarations=[_tool(tool) for tool in request.tools])]
    return types.GenerateContentConfig(
        system_instruction=request.system,
        max_output_tokens=request.max_tokens,
        tools=tools if request.tools else None,
        tool_config=_required(request.required_tool) if request.required_tool is not None else None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def _required(tool: str) -> types.ToolConfig:
    calling = types.FunctionCallingConfig(
        mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=[tool]
    )
    return types.ToolConfig(function_calling_config=calling)


def _content(message: ModelMessage) -> types.Content:
    if isinstance(message, UserText):
        return types.Content(role="user", parts=[types.Part(text=message.text)])
    if isinstance(message, ModelTurn):
        parts = [types.Part(text=message.text)] if message.text.strip() else []
        for call in message.calls:
            function = types.FunctionCall(id=_given_id(call), name=call.name, args=dict(call.arguments or {}))
            parts.append(types.Part(function_call=function, thought_signature=call.signature))
        return types.Content(role="model", parts=parts)
    return types.Content(role="user", parts=[_result(result) for result in message.results])


def _result(result: ToolResult) -> types.Part:
    content = dict(result.content)
    return types.Part(
        function_response=types.FunctionResponse(
            id=_given_id(result.call),
            name=result.call.name,
            response={"error": content} if result.error else {"output": content},
        )
    )


def _tool(tool: ToolSpec) -> types.FunctionDeclaration:
    return types.FunctionDeclaration(
        name=tool.name, description=tool.description, parameters_json_schema=dict(tool.schema)
    )


def _failure_of(error: Exception, *, in_stream: bool = False) -> ModelFailed:
    name = type(error).__name__
    if isinstance(error, errors.APIError):
        status = error.code if isinstance(error.code, int) else 0
        detail = f"{status} {error.status or ''}".strip()
        headers = getattr(error.response, "headers", None) or {}
        after = parse_retry_after(headers.get("retry-after"))
        if status == 429:
            return ModelFailed("throttled", detail, retry_after=after)
        if status == 408 or (status >= 500 and status != 501):
            return ModelFailed("unavailable", detail, retry_after=after, stream=in_stream)
        # A key that is not valid gets a 400, too.
        stream = in_stream or (status in _NOT_STREAMED and "API key" not in str(error.message))
        return ModelFailed("refused", detail, stream=stream)
    if isinstance(error, httpx2.TimeoutException):
        return ModelFailed("timeout", name, stream=in_stream)
    if isinstance(error, httpx2.TransportError | OSError):
        return ModelFailed("unavailable", name, stream=in_stream)
    return ModelFailed("broken", name, stream=True)
