"""The bank assistant: a person's balances, transactions and spending, by rules or with a language model.

`reading` makes a `Question` of what was said, `answering` answers it from a `Desk`, which asks the bank; `changing`
talks a change over, `delivery` does it once the turn is stored. `brand` knows the bank itself, `adviser` is the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import structlog

from protocol.errors import BankError, BankUnavailable, Unsupported, VoiceError
from protocol.link_messages import Item, spoken_text
from receiver.assistants.assistant import (
    RESTART,
    Assistant,
    Beginning,
    Context,
    Effect,
    KeepOnly,
    Outgoing,
    Restart,
    State,
)
from receiver.assistants.bank import delivery
from receiver.assistants.bank import state as bank_state
from receiver.assistants.bank.access import NEEDS_ACCESS, NO_BANK, find_token, need_token
from receiver.assistants.bank.adviser.adviser import Adviser
from receiver.assistants.bank.brand import BrandBase
from receiver.assistants.bank.changing import Said
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.dialogue import BANK_SECONDS, MIN_SECONDS, TURN_SECONDS, Dialogue
from receiver.assistants.care import urgent_answer
from receiver.assistants.phrase_tables import plain
from receiver.bank.client import BankClient
from receiver.llm import ANSWER_SECONDS, LanguageModel, ModelFailed
from receiver.llm.prompt import first_name
from receiver.llm.recall import CONTEXT_TOKENS
from receiver.secrets.secret_store import SecretStore

log = structlog.get_logger(__name__)


class BankAssistant(Assistant):
    name = "bank"
    version = 1

    def __init__(
        self,
        client: BankClient | None = None,
        secrets: SecretStore | None = None,
        model: LanguageModel | None = None,
        *,
        brand: BrandBase | None = None,
        keep_answers: bool = False,
        seconds: float = ANSWER_SECONDS,
        bank_seconds: float = BANK_SECONDS,
        turn_seconds: float = TURN_SECONDS,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        """Without `client` it says that no bank is set up. `secrets` has the tokens of those whose client brings none.

        `keep_answers`: what somebody was told of their money is stored as any other answer. `bank_seconds` is the
        longest that the bank is waited for in a turn that the rules answer, `turn_seconds` what a model that gave up
        and the rules have together, `seconds` and `context_tokens` are the model's.
        """
        self._client = client
        self._secrets = secrets
        self.brand = brand or BrandBase.load()
        self._keep_answers = keep_answers
        self._turn_seconds = turn_seconds
        self._dialogue = Dialogue(self.brand, seconds=bank_seconds)
        self._adviser = None
        if model is not None and client is not None:
            self._adviser = Adviser(model, brand=self.brand, seconds=seconds, context_tokens=context_tokens)

    def begin(self, context: Context) -> Beginning:
        name = first_name(context.name)
        hello = f"Hello, {name}!" if name else "Hello!"
        question = NO_BANK if self._client is None else "What would you like to know about your money?"
        return Beginning(bank_state.empty_state(), f"{hello} {question}")

    async def think(
        self, state: State, context: Context, items: Sequence[Item]
    ) -> AsyncIterator[str | Effect | KeepOnly | Restart]:
        until = asyncio.get_running_loop().time() + self._turn_seconds
        text = spoken_text(list(items))
        urgent = urgent_answer(plain(text), context.locale)
        if urgent is not None:
            yield urgent
            return
        failed = bank_state.complete(state)["failed"]
        news = f"{delivery.say_failed(failed)} " if failed else ""
        if news:
            yield news
            yield {"do": "told"}
        if self._adviser is not None and bank_state.complete(state)["pending"] is None:
            try:
                async with aclosing(self._adviser.think(text, context, await self._desk(context))) as pieces:
                    async for piece in pieces:
                        if not isinstance(piece, KeepOnly):
                            yield piece
                        elif not self._keep_answers:
                            yield KeepOnly(f"{news}{piece.text}")
                return
            except (ModelFailed, BankError):
                yield RESTART
                if news:
                    yield news
                    yield {"do": "told"}
        said = await self._by_rules(state, context, text, until)
        for effect in said.effects:
            yield effect
        yield said.text
        if said.kept is not None and not self._keep_answers:
            yield KeepOnly(f"{news}{said.kept}")

    def apply(self, state: State, effects: Sequence[Effect]) -> State:
        return bank_state.apply(state, effects)

    def outgoing(self, effects: Sequence[Effect]) -> Sequence[Outgoing]:
        return delivery.outgoing(effects)

    async def deliver(self, body: Mapping[str, Any], context: Context) -> None:
        if self._client is None:
            raise Unsupported(NO_BANK)
        token = await need_token(context, self._secrets)
        await delivery.deliver(self._client, token, body)

    def undelivered(self, body: Mapping[str, Any], error: VoiceError) -> Sequence[Effect]:
        return delivery.failed(body, error)

    async def _by_rules(self, state: State, context: Context, text: str, until: float) -> Said:
        async def open_desk() -> Desk | str:
            desk = await self._desk(context)
            if desk is None:
                return NO_BANK if self._client is None else NEEDS_ACCESS
            return desk

        left = max(MIN_SECONDS, until - asyncio.get_running_loop().time())
        return await self._dialogue.respond(
            state, context.now, context.timezone, text, open_desk, seconds=left
        )

    async def _desk(self, context: Context) -> Desk | None:
        """None without a bank or a token. Raises `BankError`."""
        if self._client is None:
            return None
        try:
            token = await find_token(context, self._secrets)
        except BankError:
            raise
        except VoiceError as error:
            log.warning("token_store_failed", code=error.code)
            raise BankUnavailable(
                "I cannot get at your bank's access token right now; please try again."
            ) from None
        return None if token is None else Desk(self._client, token, context.now, context.timezone)
