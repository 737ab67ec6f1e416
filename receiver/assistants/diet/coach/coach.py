"""The diet coach with a language model: it talks, and acts only through tools.

What it says goes out sentence by sentence, each one after its figures were found to be the table's. What it does
are the same effects that the rules make. When it fails in whatever way, the turn begins anew and the rules answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from receiver.assistants.assistant import RESTART, Context, Effect, Restart, State
from receiver.assistants.diet import diary
from receiver.assistants.diet.coach.checks import claims_change, is_written, meal_asked, overlooked
from receiver.assistants.diet.coach.figures import FIGURE_WORDS, Figures, claims
from receiver.assistants.diet.coach.foods import describe_day
from receiver.assistants.diet.coach.prompt import SUMMARY, coach_prompt, read_prompt
from receiver.assistants.diet.coach.tools import TOOLS, Tools
from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.care import care
from receiver.assistants.diet.dialogue.dialogue import respond
from receiver.assistants.diet.dialogue.turn import Turn, begin_turn
from receiver.assistants.diet.items import totals_of
from receiver.assistants.diet.parser.tokens import tokenize
from receiver.llm import (
    ANSWER_SECONDS,
    LanguageModel,
    ModelFailed,
    ModelMessage,
    ModelRequest,
    ModelTurn,
    Restarted,
    TextPiece,
    ToolCall,
    ToolResults,
)
from receiver.llm.prompt import enclosed
from receiver.llm.recall import CONTEXT_TOKENS, Recall
from receiver.llm.sentences import sentences

log = structlog.get_logger(__name__)

MAX_ROUNDS = 6
"""Calls of the model in a turn. One that still wants tools then goes round in circles."""

MAX_CALLS = 16
"""Tool calls in one round. A model that makes more of them is not to be trusted with the diary."""

MAX_OUTPUT_TOKENS = 1_024
MAX_ANSWER_CHARS = 1_500
"""About two minutes of speech. The answer ends with the sentence that reaches it."""

_NO_FOOD = ("finish", "gentle", "goal")
"""Effects of tools that write nothing down."""

_NOT_SPEECH = ("{", "[", "`", "<")
"""How a tool call begins that a small model writes as text."""


class Coach:
    """Stateless: one serves all sessions."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        seconds: float = ANSWER_SECONDS,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        self._model = model
        self._seconds = seconds
        self._context_tokens = context_tokens

    async def think(
        self, state: State, context: Context, text: str
    ) -> AsyncGenerator[str | Effect | Restart, None]:
        """The answer and its effects, from the model or else from the rules; never from both."""
        turn = begin_turn(state, context, text)
        answer = care(turn)
        if answer is not None:
            # No model is asked what to say to somebody in need.
            for effect in turn.effects:
                yield effect
            yield answer
            return
        attempt = _Attempt(self._model, turn, time.monotonic() + self._seconds)
        try:
            async with aclosing(attempt.answer(self._context_tokens)) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelFailed as failure:
            # That it rests was told when it began to.
            tell = log.info if failure.cause == "resting" else log.warning
            tell("model_gave_up", model=self._model.name, cause=failure.cause, detail=failure.detail)
        else:
            for effect in attempt.effects():
                yield effect
            return
        yield RESTART
        answer, effects = respond(state, context, text)
        for effect in effects:
            yield effect
        yield answer


class _Attempt:
    """The model's attempt at a turn."""

    def __init__(self, model: LanguageModel, turn: Turn, deadline: float) -> None:
        self._model = model
        self._turn = turn
        self._state = turn.state
        self._context = turn.context
        self._deadline = deadline
        self._figures = Figures()
        self._tools = Tools(turn.state, turn.context, self._figures)
        self._kept: list[Effect] = []
        self._said = ""
        self._put_right = False
        self._claimed = False
        self._asked_for_figures = False

    def effects(self) -> list[Effect]:
        """Of the whole turn, once it is answered."""
        today = self._tools.today
        shown: list[Effect] = []
        date = self._tools.talked_of or today
        if date != diary.shown_date(self._state, today):
            shown.append({"do": "show", "date": date, "on": today})
        pending = [item["id"] for item in self._tools.changed if not item["known"]]
        # So that the rules know what was talked about, should they have to answer the next turn.
        asking: Effect = {"do": "ask", "asking": meal_asked(self._said), "on": today}
        if pending:
            asking = {**asking, "pending": {"about": "like", "ids": pending}}
        return [*self._tools.effects, *shown, asking, *self._kept]

    async def answer(self, context_tokens: int) -> AsyncGenerator[str | Restart, None]:
        """Raises `ModelFailed`."""
        text = self._turn.text
        self._asked_for_figures = any(word in FIGURE_WORDS for word in tokenize(text))
        recall = Recall(
            self._state["summary"], self._context.history, context_tokens,
            instructions=read_prompt(SUMMARY), speaker="Coach",
        )  # fmt: skip
        await recall.shorten(self._model, self._left() / 2)
        if recall.new_summary is not None:
            self._kept = [{"do": "summary", **recall.new_summary}]
        today = describe_day(self._state, self._tools.today, self._tools.today)
        self._figures.learn(today)
        data = enclosed("diary", json.dumps(today, ensure_ascii=False))
        messages = list(recall.messages(f"{data}\n{enclosed('said', text)}"))
        for _ in range(MAX_ROUNDS):
            calls: list[ToolCall] = []
            spoken: list[str] = []
            async with aclosing(self._round(messages, calls, spoken)) as pieces:
                async for piece in pieces:
                    yield piece
            if not calls or len(self._said) >= MAX_ANSWER_CHARS:
                break
            results = tuple(self._tools.call(call) for call in calls)
            messages += [ModelTurn("".join(spoken), tuple(calls)), ToolResults(results)]
        else:
            raise ModelFailed("broken", "too many rounds of tools")
        if not self._said and self._tools.changed and not self._gentle:
            # What it did is right, it has only nothing to say.
            for said in self._say(self._facts()):
                yield said
        if not self._said:
            raise ModelFailed("broken", "no answer")
        if self._claimed and not self._tools.effects and not is_written(self._turn):
            raise ModelFailed("broken", "said that it changed what it did not")
        if all(effect["do"] in _NO_FOOD for effect in self._tools.effects) and overlooked(self._turn):
            raise ModelFailed("broken", "wrote no food down")

    async def _round(
        self, messages: list[ModelMessage], calls: list[ToolCall], spoken: list[str]
    ) -> AsyncGenerator[str | Restart, None]:
        """One call of the model: yields what may be said, and adds to `calls` and `spoken` what came."""
        request = ModelRequest(
            coach_prompt(self._context, gentle=self._gentle),
            tuple(messages),
            TOOLS,
            MAX_OUTPUT_TOKENS,
            max(0.0, self._left()),
        )
        rest = ""
        before = self._said, self._put_right, self._claimed
        async with aclosing(self._model.stream(request)) as events:
            async for event in events:
                if isinstance(event, TextPiece):
                    spoken.append(event.text)
                    whole, rest = sentences(rest + event.text)
                    for sentence in whole:
                        for said in self._say(sentence):
                            yield said
                    if len(self._said) >= MAX_ANSWER_CHARS:
                        return
                elif isinstance(event, ToolCall):
                    if len(calls) >= MAX_CALLS:
                        raise ModelFailed("broken", "too many tool calls")
                    calls.append(event)
                elif isinstance(event, Restarted):
                    rest = ""
                    calls.clear()
                    spoken.clear()
                    if self._said != before[0]:
                        # What was said in the rounds before this one holds.
                        yield RESTART
                        if before[0]:
                            yield before[0]
                    self._said, self._put_right, self._claimed = before
                elif event.reason == "filtered":
                    raise ModelFailed("broken", "filtered")
                elif event.reason == "length" and self._said:
                    rest = ""  # half a sentence
        for said in self._say(rest):
            yield said

    def _say(self, sentence: str) -> list[str]:
        """The sentence as it may be said: with a wrong figure, what the table says takes its place."""
        if not sentence.strip():
            return []
        if sentence.lstrip().startswith(_NOT_SPEECH):
            raise ModelFailed("broken", "a tool call as text")
        if self._gentle and not self._asked_for_figures and any(claims(sentence)):
            return []
        if not self._figures.bear_out(sentence):
            log.warning("model_figure_wrong", model=self._model.name)
            if self._put_right:
                return []
            self._put_right = True
            sentence = self._facts()
        self._claimed = self._claimed or claims_change(sentence)
        # Rounds of one answer, and a sentence put in place of another, come without a blank between them.
        blank = "" if not self._said or sentence[:1].isspace() else " "
        self._said += blank + sentence
        return [blank + sentence]

    def _facts(self) -> str:
        """What was changed in this turn, else what the day holds, by the table."""
        changed = self._tools.changed
        if changed:
            said = phrases.join([phrases.say_item(item) for item in changed])
            known = [item for item in changed if item["known"]]
            figures = (
                f", about {phrases.calories(totals_of(known).kcal)}" if known else ", without figures yet"
            )
            return f"That is {said}{figures}."
        date = self._tools.talked_of or self._tools.today
        day = "So far today" if date == self._tools.today else self._turn.day(date).capitalize()
        totals = totals_of(diary.items_of(self._tools.state, date))
        return f"{day} I have {phrases.calories(totals.kcal)} written down."

    @property
    def _gentle(self) -> bool:
        """Figures are kept back today, unless they are asked for."""
        return bool(self._tools.state["gentle_on"] == self._tools.today)

    def _left(self) -> float:
        return self._deadline - time.monotonic()
