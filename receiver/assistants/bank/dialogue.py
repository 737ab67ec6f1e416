"""One turn by the rules: what was said, to an answer, effects and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from protocol.errors import BankError, BankTimeout
from receiver.assistants.assistant import Effect, State
from receiver.assistants.bank import changing, talk
from receiver.assistants.bank.answering import Answer, answer_all
from receiver.assistants.bank.brand import BrandBase
from receiver.assistants.bank.changing import Said, Target
from receiver.assistants.bank.desk import Desk
from receiver.assistants.bank.failing import say_error
from receiver.assistants.bank.question import Question
from receiver.assistants.bank.reading import read_questions
from receiver.assistants.bank.state import asked, complete, last_question
from receiver.assistants.bank.wishes import Wish, read_wish, wants_back
from receiver.assistants.phrase_tables import plain

BANK_SECONDS = 18.0
"""Longest that the bank is waited for in a turn."""

TURN_SECONDS = 28.0
"""What a language model and then the rules have together; the receiver gives an answer 30 s."""

MIN_SECONDS = 1.0
"""What the rules have in any case, to say at least that the bank takes too long."""

OpenDesk = Callable[[], Awaitable[Desk | str]]
"""The desk, or what to say where there is none. Raises `BankError`."""


class Dialogue:
    def __init__(self, brand: BrandBase, *, seconds: float = BANK_SECONDS) -> None:
        self._brand = brand
        self._seconds = seconds

    async def respond(
        self,
        state: State,
        now: datetime,
        zone: ZoneInfo,
        text: str,
        open_desk: OpenDesk,
        *,
        seconds: float | None = None,
    ) -> Said:
        """`seconds` are those that are left of the turn; the bank is waited for no longer."""
        turn = _Turn(complete(state), now, zone, text, self._brand)
        said = turn.without_the_bank()
        if said is not None:
            return said
        ask = turn.of_the_bank()
        if ask is None:
            return turn.not_understood()
        try:
            async with asyncio.timeout(self._seconds if seconds is None else min(self._seconds, seconds)):
                desk = await open_desk()
                return Said(desk) if isinstance(desk, str) else await ask(desk)
        except TimeoutError:
            return Said(say_error(BankTimeout()))
        except BankError as error:
            return Said(say_error(error))


class _Turn:
    def __init__(
        self, state: Mapping[str, Any], now: datetime, zone: ZoneInfo, text: str, brand: BrandBase
    ) -> None:
        self._pending = state["pending"]
        self._undo = state["undo"]
        self._last = last_question(state, now.astimezone(zone).date())
        self._now = now
        self._zone = zone
        self._text = text
        self._said = plain(text)
        self._brand = brand

    def without_the_bank(self) -> Said | None:
        """What needs nobody to be asked."""
        decided = self._decided()
        if decided is not None:
            return decided
        talked = talk.small_talk(self._said)
        if talked is not None:
            return Said(talked, self._dropped())
        if self._wish is not None or wants_back(self._text):
            return None
        refused = talk.cannot(self._text)
        if refused is not None:
            return Said(refused, self._dropped())
        if self._questions and self._is_own():
            return None
        passage = self._brand.find(self._text)
        if passage is not None:
            return Said(passage.text, self._dropped())
        if talk.seems_about_the_bank(self._text) or talk.asks_how(self._text):
            return Said(self._brand.unknown, self._dropped())
        return None

    def of_the_bank(self) -> Callable[[Desk], Awaitable[Said]] | None:
        if self._pending is not None and self._pending["about"] == "which":
            return self._picked
        if wants_back(self._text):
            return self._take_back
        if self._wish is not None:
            return self._wished
        if talk.is_repeat(self._said) and self._last is not None:
            return self._repeat
        return self._answered if self._questions else None

    def not_understood(self) -> Said:
        if self._pending is not None and self._pending["about"] == "confirm":
            doing = Target.from_json(self._pending["target"]).doing
            return Said(f"Shall I {doing}? Please say yes or no.")
        return Said(talk.NOT_UNDERSTOOD, self._dropped())

    def _decided(self) -> Said | None:
        """Yes or no to a change."""
        if self._pending is None:
            return None
        if talk.is_no(self._said) and self._wish is None and not self._questions:
            return Said("All right, I leave it as it is.", self._dropped())
        if self._pending["about"] == "confirm" and talk.is_yes(self._said) and self._wish is None:
            return changing.confirmed(self._pending)
        return None

    @cached_property
    def _wish(self) -> Wish | None:
        return read_wish(self._text)

    @cached_property
    def _questions(self) -> list[Question]:
        # While a change waits for a yes, only what is a question by itself is one.
        last = self._last if self._pending is None else None
        return read_questions(self._text, last, self._now, self._zone)

    def _is_own(self) -> bool:
        """Whether the questions that were read are meant, and are none about the bank."""
        if talk.is_about_the_bank(self._text):
            return False
        fresh = read_questions(self._text, None, self._now, self._zone)
        return bool(fresh) or self._last is not None

    def _dropped(self) -> Sequence[Effect]:
        """A change that waits for a yes does not wait on through other talk."""
        return [{"do": "ask", "pending": None}] if self._pending is not None else []

    async def _answered(self, desk: Desk) -> Said:
        return self._told(await answer_all(self._questions, desk))

    async def _repeat(self, desk: Desk) -> Said:
        assert self._last is not None
        return self._told(await answer_all([self._last], desk))

    def _told(self, outcomes: Sequence[Answer | BankError]) -> Said:
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        if not answers:
            assert isinstance(outcomes[0], BankError)
            raise outcomes[0]
        texts = [outcome.text for outcome in answers]
        errors = list(dict.fromkeys(say_error(one) for one in outcomes if isinstance(one, BankError)))
        texts += [f"The rest I could not find out. {error}" for error in errors]
        kept = list(dict.fromkeys(one.kept for one in answers if one.kept))
        effects = [*self._dropped(), asked(answers[-1].question, self._now.astimezone(self._zone).date())]
        return Said(" ".join(texts), effects, " ".join(kept) or None)

    async def _wished(self, desk: Desk) -> Said:
        assert self._wish is not None
        return self._asking(await changing.wish(self._wish, self._last, desk))

    async def _take_back(self, desk: Desk) -> Said:
        return self._asking(await changing.take_back(self._undo, desk))

    async def _picked(self, desk: Desk) -> Said:
        picked = await changing.picked(self._text, self._pending, desk)
        if picked is not None:
            return self._asking(picked)
        if self._wish is not None:
            return await self._wished(desk)
        if self._questions:
            return await self._answered(desk)
        return Said("I do not know which one you mean. Say the first, the second, or its day.")

    def _asking(self, said: Said) -> Said:
        """With the question that it asks in place of the one before."""
        return Said(said.text, said.effects or self._dropped(), said.kept)
