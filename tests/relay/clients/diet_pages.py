"""The diet bot's page, by a client written from the table of `protocol/CLIENTS.md`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from relay.server import Relay
from tests.relay.conftest import Join
from tests.wire_client import WireClient

ANN = "Ann@Example.com"


def path(session: str | None = "s-1", email: str | None = ANN, **fields: str) -> str:
    named = {"sessionId": session, "userEmail": email, **fields}
    return "/ws/diet?" + "&".join(
        f"{name}={quote(value)}" for name, value in named.items() if value is not None
    )


async def opened(join: Join, relay: Relay, *named: str | None, **options: Any) -> WireClient:
    """A page whose session is open."""
    page = await join(relay, path=path(*named), **options)
    await page.expect("status", status="connected")
    await page.expect("status", status="ready")
    return page


async def asked(page: WireClient, text: str) -> dict[str, Any]:
    """The answer to typed words, once it has been spoken too."""
    count = len(page.of("tts_response"))
    await page.send("user_message", text=text)
    await page.expect("tts_response", after=count)
    return page.of("ai_response")[-1]
