"""Does at the bank what was agreed on, once the turn is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from protocol.error_codes import BY_CODE
from protocol.errors import MalformedMessage, VoiceError
from receiver.assistants.assistant import Effect, Outgoing
from receiver.assistants.bank.changing import Target
from receiver.bank.client import BankClient
from receiver.bank.secret import BankToken


def outgoing(effects: Sequence[Effect]) -> list[Outgoing]:
    return [Outgoing(effect["change"]) for effect in effects if effect["do"] == "change"]


async def deliver(client: BankClient, token: BankToken, body: Mapping[str, Any]) -> None:
    """Doing it twice is the same as once. Raises `BankError`."""
    try:
        do, transaction, value = body["do"], str(body["transaction"]), body["value"]
    except KeyError:
        raise MalformedMessage("That is no change of a transaction.") from None
    match do:
        case "categorise" | "uncategorise":
            await client.categorise(token, transaction, value)
        case "tag":
            await client.tag(token, transaction, [value])
        case "untag":
            await client.untag(token, transaction, [value])
        case _:
            raise MalformedMessage("That is no change of a transaction.")


def failed(body: Mapping[str, Any], error: VoiceError) -> list[Effect]:
    """What to tell when the person comes back: without a word of what the transaction was."""
    return [{"do": "failed", "doing": Target.from_json(body).doing, "code": error.code}]


def say_failed(failures: Sequence[Mapping[str, Any]]) -> str:
    """ "I could not put it into groceries, as you had asked: ...", for each of them."""
    said = []
    for failure in failures:
        error = BY_CODE.get(failure["code"])
        doing = str(failure["doing"]).replace(" it ", " that transaction ", 1).removesuffix(" it")
        if str(failure["doing"]).endswith(" it"):
            doing += " that transaction"
        said.append(f"I could not {doing}, as I had said. {error.sentence if error else ''}".strip())
    return " ".join(said)
