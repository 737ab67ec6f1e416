"""Amazon Bedrock: ConverseStream and Converse, which are the same for every model with tools that it has.

"Use the Converse API" and "Tool use" of the Bedrock user guide say what goes in and what comes out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import aioboto3
import aiohttp
import structlog
from aiobotocore.config import AioConfig  # type: ignore[import-untyped]
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)

from protocol.errors import SettingsError
from receiver.llm import (
    Cause,
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
from receiver.llm.arguments import ArgumentPieces
from receiver.llm.patient import parse_retry_after

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
"""botocore's own bound; ours on each piece is shorter."""

MAX_CONNECTIONS = 50
"""Calls past that wait their turn in the pool, within their time."""

CREDENTIALS_SECONDS = 5.0
"""For the first look at them; off AWS, the instance metadata service takes a while not to answer."""

_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ModelNotReadyException",
        "RequestLimitExceeded",
        "ServiceQuotaExceededException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_UNAVAILABLE = frozenset(
    {
        "InternalServerException",
        "ModelErrorException",
        "ModelStreamErrorException",
        "ModelTimeoutException",
        "ServiceUnavailableException",
    }
)
_NOT_STREAMED = frozenset({"AccessDeniedException", "ValidationException"})
"""A policy may allow `bedrock:InvokeModel` and not `InvokeModelWithResponseStream`, and not every model streams, or
not with tools ("Supported models and model features" of the Bedrock user guide)."""

_ERRORS = (ClientError, BotoCoreError, aiohttp.ClientError, OSError, RuntimeError)
"""aiohttp's own comes through when the connection is lost within the answer; RuntimeError is botocore's for
credentials that are expired even when refreshed."""

_REASONS = {
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filtered": "filtered",
    "guardrail_intervened": "filtered",
}


_TAKES_TOOL_CHOICE = re.compile(r"(?:^|[./])(?:anthropic\.claude|amazon\.nova)")
"""Others refuse a request that names the tool to be called ("ToolChoice", Amazon Bedrock API reference)."""


def default_model(region: str) -> str:
    """Amazon Nova Lite, by the inference profile of the region's geography where it has one.

    Most regions take Nova on demand only by such a profile (model card of Nova Lite, Bedrock user guide).
    """
    geography, _, rest = region.partition("-")
    profile = f"{geography}." if geography in ("eu", "us") and not rest.startswith("gov") else ""
    return f"{profile}amazon.nova-lite-v1:0"


class BedrockModel:
    """Credentials come from the standard AWS chain; `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, `AWS_CA_BUNDLE` and the
    others are botocore's own."""

    def __init__(self, model: str, client: Any, stack: AsyncExitStack) -> None:
        self.name = f"bedrock {model}"
        self._model = model
        self._client = client
        self._stack = stack

    @classmethod
    async def open(cls, model: str, region: str, base_url: str | None) -> BedrockModel:
        """Raises `SettingsError` for a profile, region or endpoint that cannot be."""
        config = AioConfig(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=MAX_CONNECTIONS,
            retries={"total_max_attempts": 1},  # ours know how much time is left
        )
        stack = AsyncExitStack()
        try:
            session = aioboto3.Session()
            client = await stack.enter_async_context(
                session.client("bedrock-runtime", region_name=region, endpoint_url=base_url, config=config)
            )
        except (BotoCoreError, ValueError) as error:
            raise SettingsError(f"AWS settings: {error}") from error
        try:
            async with asyncio.timeout(CREDENTIALS_SECONDS):
                found = await session.get_credentials()
        except (BotoCoreError, TimeoutError):
            found = None
        if found is None:
            # Not fatal, as the instance metadata service may be slow to start: rules answer. A client that began
            # without credentials never looks again, so it takes a restart.
            log.warning("aws_credentials_missing", service="bedrock-runtime")
        return cls(model, client, stack)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        stream: Any = None
        try:
            response = await self._client.converse_stream(**_converse(self._model, request))
            stream = response["stream"]
            async with aclosing(_events(stream)) as events:
                async for event in events:
                    yield event
        except _ERRORS as error:
            raise _failure_of(error, in_stream=stream is not None) from error
        finally:
            if stream is not None:
                stream.close()

    async def complete(self, request: ModelRequest) -> list[ModelEvent]:
        try:
            response = await self._client.converse(**_converse(self._model, request))
        except _ERRORS as error:
            raise _failure_of(error) from error
        events: list[ModelEvent] = []
        for block in response["output"]["message"]["content"]:
            if text := block.get("text"):
                events.append(TextPiece(text))
            elif use := block.get("toolUse"):
                arguments = use["input"] if isinstance(use["input"], dict) else None
                events.append(ToolCall(use["toolUseId"], use["name"], arguments))
        return [*events, _finished(response["stopReason"], response.get("usage", {}))]

    async def aclose(self) -> None:
        await self._stack.aclose()


async def _events(stream: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[ModelEvent, None]:
    reason = None
    usage: dict[str, int] = {}
    pieces: ArgumentPieces | None = None
    async for event in stream:
        if start := event.get("contentBlockStart", {}).get("start", {}).get("toolUse"):
            pieces = ArgumentPieces(start["toolUseId"], start["name"])
        elif delta := event.get("contentBlockDelta", {}).get("delta"):
            # Reasoning and citations are no part of what is said.
            if text := delta.get("text"):
                yield TextPiece(text)
            elif (use := delta.get("toolUse")) and pieces is not None:
                pieces.add(use["input"])
        elif "contentBlockStop" in event:
            if pieces is not None:
                yield pieces.call()
                pieces = None
        elif "messageStop" in event:
            reason = event["messageStop"]["stopReason"]
        elif "metadata" in event:
            usage = event["metadata"].get("usage", {})
    if reason is not None:
        yield _finished(reason, usage)


def _finished(reason: str, usage: dict[str, int]) -> Finished:
    return Finished(
        _REASONS.get(reason, "stop"),  # type: ignore[arg-type]
        usage.get("inputTokens", 0),
        usage.get("outputTokens", 0),
    )


def _converse(model: str, request: ModelRequest) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "modelId": model,
        "system": [{"text": request.system}],
        "messages": [_message(message) for message in request.messages],
        "inferenceConfig": {"maxTokens": request.max_tokens},
    }
    if request.tools:
        arguments["toolConfig"] = {"tools": [_tool(tool) for tool in request.tools]}
    if request.required_tool is not None and _TAKES_TOOL_CHOICE.search(model):
        arguments["toolConfig"]["toolChoice"] = {"tool": {"name": request.required_tool}}
    return arguments


def _message(message: ModelMessage) -> dict[str, Any]:
    if isinstance(message, UserText):
        return {"role": "user", "content": [{"text": message.text}]}
    if isinstance(message, ModelTurn):
        content: list[dict[str, Any]] = [{"text": message.text}] if message.text.strip() else []
        content += [
            {"toolUse": {"toolUseId": call.id, "name": call.name, "input": dict(call.arguments or {})}}
            for call in message.calls
        ]
        return {"role": "assistant", "content": content}
    return {"role": "user", "content": [_result(result) for result in message.results]}


def _result(result: ToolResult) -> dict[str, Any]:
    return {
        "toolResult": {
            "toolUseId": result.call.id,
            "content": [{"json": dict(result.content)}],
            "status": "error" if result.error else "success",
        }
    }


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {
        "toolSpec": {
            "name": tool.name,
            "description": tool.description,
            "inputSchema": {"json": dict(tool.schema)},
        }
    }


def _failure_of(error: Exception, *, in_stream: bool = False) -> ModelFailed:
    name = type(error).__name__
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        metadata = error.response.get("ResponseMetadata", {})
        status = int(metadata.get("HTTPStatusCode", 400))
        # In a stream the codes begin with a small letter.
        code = code[:1].upper() + code[1:]
        if code in _THROTTLED or status == 429:
            after = metadata.get("HTTPHeaders", {}).get("retry-after")
            return ModelFailed("throttled", code, retry_after=parse_retry_after(after))
        if code in _UNAVAILABLE or (status >= 500 and not in_stream):
            return ModelFailed("unavailable", code, stream=in_stream)
        cause: Cause = "broken" if in_stream else "refused"
        return ModelFailed(cause, code, stream=in_stream or code in _NOT_STREAMED)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError | SSLError):
        return ModelFailed("refused", name)
    if isinstance(error, ParamValidationError):
        return ModelFailed("broken", name)
    if isinstance(error, RuntimeError):
        return ModelFailed("refused", "expired credentials" if "expired" in str(error) else name)
    if isinstance(error, HTTPClientError | ConnectionError | aiohttp.ClientError | OSError):
        return ModelFailed("unavailable", name, stream=in_stream)
    return ModelFailed("broken" if in_stream else "refused", name, stream=in_stream)
