"""One session, as one link has opened it: draft, commit, heard, action, summarize.

Nothing here is remembered for safety: the store decides what happened. What a `Session` holds is the state
as this link last saw it and the draft that is being thought of; both are only there to be quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from protocol.client_messages import PastTurn
from protocol.errors import (
    AnswerFailed,
    MalformedMessage,
    SessionMoved,
    TurnConflict,
    Unsupported,
)
from protocol.link_messages import (
    Commit,
    Committed,
    Delta,
    Draft,
    Heard,
    Item,
    LinkAction,
    LinkActionDone,
    Open,
    Opened,
    Reply,
    Summarize,
    Summarized,
)
from protocol.messages import Message
from protocol.users import PRIVATE_USER, canonical_user
from receiver.assistants.assistant import Assistant, Context, Outgoing, State
from receiver.clock import timestamp
from receiver.diary_file import checked_format, diary_file
from receiver.history import HISTORY_TURNS, History
from receiver.plan import Thought, digest_of, seal, told, unseal
from receiver.said import text_of, time_of
from receiver.services import Services
from receiver.sharing import sharing_by_name
from receiver.store import OpenedSession, SessionRequest, Snapshot, StoredTurn, TurnWrite
from receiver.thinking import think

MAX_RETHINKS = 8
"""Times that a turn is thought out while its session changes under it; then `answer_failed`."""


@dataclass(slots=True)
class _Drafting:
    turn: int
    attempt: int
    digest: bytes
    task: asyncio.Task[Thought]


class Session:
    """Made by `Session.open`. `send` gives a message to the relay."""

    def __init__(
        self,
        services: Services,
        assistant: Assistant,
        snapshot: Snapshot,
        send: Callable[[Message], None],
        credentials: Mapping[str, SecretStr],
    ) -> None:
        self.epoch = snapshot.epoch
        self.user = snapshot.user
        self.credentials = credentials
        """Of this `open` alone. They go nowhere but to the assistant."""
        self._services = services
        self._assistant = assistant
        self._snapshot = snapshot
        self._history = History()
        self._send = send
        self._drafting: _Drafting | None = None

    @classmethod
    async def open(
        cls, services: Services, request: Open, send: Callable[[Message], None]
    ) -> tuple[Session, Opened]:
        """Raises `SessionRefused`, `SessionMoved`, `Unsupported` (no such assistant) or `StoreUnavailable`."""
        assistant = services.assistant(request.assistant)
        now = services.clock()
        known = await services.store.read_profile(request.user) if request.user else None
        name, timezone = (known.name, known.timezone) if known is not None else (None, None)
        credentials = dict(request.credentials or {})
        context = replace(
            Context.of(now, request.name or name, request.timezone or timezone, request.locale),
            user=canonical_user(request.user or "") or PRIVATE_USER + request.session,
            credentials=credentials,
        )
        beginning = assistant.begin(context)
        earlier = [(turn.text, turn.message) for turn in request.history or ()]
        opened = await services.store.open_session(
            SessionRequest(
                session=request.session, assistant=assistant.name, state=beginning.state,
                # Nobody is greeted in the middle of a conversation.
                greeting=None if earlier else beginning.greeting, history=earlier,
                created=timestamp(now), key=request.key, user=request.user,
                name=request.name, timezone=request.timezone, locale=request.locale, holder=request.holder,
                again=bool(request.again), sharing=sharing_by_name(services.assistants),
            )
        )  # fmt: skip
        # A session stays with the assistant that began it: another could not read its state.
        assistant = services.assistant(opened.snapshot.assistant)
        session = cls(services, assistant, opened.snapshot, send, credentials)
        session._history = History(opened.history)
        return session, session._opened(opened, now)

    def cancel_draft(self) -> None:
        if self._drafting is not None:
            self._drafting.task.cancel()

    def discard(self, turn: int, attempt: int) -> None:
        drafting = self._drafting
        if drafting is not None and (drafting.turn, drafting.attempt) == (turn, attempt):
            drafting.task.cancel()

    async def draft(self, message: Draft) -> None:
        """Think and change nothing. Raises `AnswerFailed`, `TurnConflict`, `MalformedMessage`."""
        self.cancel_draft()
        snapshot = self._snapshot
        text_of(message.items)
        context = self._context(message.items)
        if message.turn < snapshot.next_turn:
            raise TurnConflict(f"Turn {message.turn} is stored already; the next is {snapshot.next_turn}.")
        if message.turn > snapshot.next_turn:
            raise MalformedMessage(f"Turn {message.turn} is not next; that is turn {snapshot.next_turn}.")

        def on_text(text: str, restart: bool) -> None:
            self._send(
                Delta(
                    session=message.session, turn=message.turn, attempt=message.attempt, text=text,
                    restart=restart or None,
                )
            )  # fmt: skip

        thinking = asyncio.create_task(
            self._think(snapshot, context, message.turn, message.items, on_text),
            name=f"draft {message.turn}/{message.attempt}",
        )
        thinking.add_done_callback(_retrieve)
        digest = digest_of(self._assistant, snapshot, message.turn, message.items)
        self._drafting = _Drafting(message.turn, message.attempt, digest, thinking)
        # Not awaited directly: that it was discarded is no cancellation of whoever waits for it.
        try:
            await asyncio.wait({thinking})
        except asyncio.CancelledError:
            thinking.cancel()
            raise
        if thinking.cancelled():
            return
        thought = thinking.result()
        self._send(
            Reply(
                session=message.session, turn=message.turn, attempt=message.attempt, text=thought.text,
                plan=seal(self._services.store.plan_key, thought),
            )
        )  # fmt: skip

    async def commit(self, message: Commit) -> None:
        """Answer the turn and store it once. Raises what `Store.commit_turn` does, and `AnswerFailed`."""
        text = text_of(message.items)
        context = self._context(message.items)
        ids = tuple(item.id for item in message.items if item.id is not None)
        drafting = self._drafting
        if drafting is not None and (drafting.turn, drafting.attempt) != (message.turn, message.attempt):
            drafting.task.cancel()
        for round_ in range(MAX_RETHINKS):
            snapshot = self._snapshot
            if message.turn > snapshot.next_turn or message.epoch > snapshot.epoch:
                await self._refresh()
                snapshot = self._snapshot
            if message.turn != snapshot.next_turn or message.epoch != snapshot.epoch:
                # Thinking would be in vain: it is stored already, or never will be.
                await self._repeat(message, text)
                return
            thought = await self._thought(message, snapshot, context, first=round_ == 0)
            outgoing = self._assistant.outgoing(thought.effects)
            written = await self._services.store.commit_turn(
                TurnWrite(
                    snapshot=snapshot, epoch=message.epoch, turn=message.turn, text=text,
                    items=[item.model_dump(exclude_none=True) for item in message.items], ids=ids,
                    answer=thought.stored, state=self._assistant.apply(snapshot.state, thought.effects),
                    created=timestamp(context.now), audio_until=message.audio_until, outgoing=outgoing,
                    outgoing_at=timestamp(self._services.clock()) if outgoing else "",
                )
            )  # fmt: skip
            if written is None:
                await self._refresh()
                continue
            self._drafting = None
            if written.snapshot is None:
                await self._refresh()
                self._send_committed(message, self._whole_answer(message, text, written.answer))
                return
            self._history.add(StoredTurn(message.turn, text, written.answer, ids))
            if thought.kept is not None:
                whole_answers = self._services.whole_answers
                whole_answers.add(message.session, message.turn, text, thought.kept, thought.text)
            self._stored(snapshot.state, written.snapshot, outgoing)
            self._send_committed(message, thought.text)
            return
        raise AnswerFailed("This conversation is being changed from elsewhere all the time.")

    async def heard(self, message: Heard) -> None:
        """Raises `MalformedMessage` when the turn is not stored."""
        if not await self._services.store.mark_heard(message.session, message.turn, message.chars):
            raise MalformedMessage(f"Turn {message.turn} has no answer that could have been heard.")

    async def action(self, message: LinkAction) -> None:
        """Raises `Unsupported` or `MalformedMessage` for what the assistant cannot do."""
        if message.name == "export":
            await self._export(message)
            return
        store, now = self._services.store, self._services.clock()
        for _ in range(MAX_RETHINKS):
            if await store.action_done(message.session, message.id):
                await self._refresh()
                break
            snapshot = self._snapshot
            context = self._context_at(now)
            effects = self._assistant.act(snapshot.state, context, message.name, message.args)
            state = self._assistant.apply(snapshot.state, effects)
            outgoing = self._assistant.outgoing(effects)
            after = await store.apply_action(snapshot, message.id, state, timestamp(now), outgoing)
            if after is not None:
                self._stored(snapshot.state, after, outgoing)
                break
            await self._refresh()
        else:
            raise AnswerFailed("This conversation is being changed from elsewhere all the time.")
        diary = self._assistant.diary(self._snapshot.state, self._context_at(now))
        self._send(LinkActionDone(session=message.session, id=message.id, diary=diary))

    async def summarize(self, message: Summarize) -> None:
        """Raises `Unsupported` where there is nothing to sum up, `AnswerFailed` where that takes too long."""
        await self._refresh()
        context = self._context_at(self._services.clock())
        summary = await self._services.summing_up.sum_up(
            self._services.store, self._assistant, self._snapshot, context
        )
        self._send(Summarized(session=message.session, id=message.id, summary=summary))

    async def _export(self, message: LinkAction) -> None:
        """The whole diary as a file. Raises `Unsupported` (there is none) or `MalformedMessage` (another format)."""
        context = self._context_at(self._services.clock())
        if self._assistant.diary(self._snapshot.state, context) is None:
            raise Unsupported("This assistant keeps no diary.")
        form = checked_format(message.args.get("format"))
        export = await self._services.store.read_export(message.session)
        self._check_user(export.user["id"])
        file = diary_file(export, form, context.local_now.date())
        self._send(LinkActionDone(session=message.session, id=message.id, export=file))

    async def _thought(
        self, message: Commit, snapshot: Snapshot, context: Context, *, first: bool
    ) -> Thought:
        """The plan that came back, or the draft that is still being thought of, or a new thought."""
        digest = digest_of(self._assistant, snapshot, message.turn, message.items)

        def holds(thought: Thought) -> bool:
            return (thought.digest, thought.revision) == (digest, snapshot.revision)

        if message.plan is not None:
            planned = unseal(self._services.store.plan_key, message.plan)
            if planned is not None and holds(planned):
                return planned
        drafting = self._drafting
        if drafting is not None and message.attempt == drafting.attempt and drafting.digest == digest:
            await asyncio.wait({drafting.task})
            if not drafting.task.cancelled() and drafting.task.exception() is None:
                drafted = drafting.task.result()
                if holds(drafted):
                    return drafted

        again = not first

        def on_text(text: str, restart: bool) -> None:
            # Pieces of two thoughts do not join.
            nonlocal again
            restart, again = restart or again, False
            self._send(Delta(session=message.session, turn=message.turn, text=text, restart=restart or None))

        return await self._think(snapshot, context, message.turn, message.items, on_text)

    async def _think(
        self,
        snapshot: Snapshot,
        context: Context,
        turn: int,
        items: list[Item],
        on_text: Callable[[str, bool], None],
    ) -> Thought:
        context = replace(context, history=await self._recall(snapshot))
        answer = await think(
            self._assistant, snapshot.state, context, items, on_text, self._services.answer_seconds
        )
        return Thought(digest_of(self._assistant, snapshot, turn, items), snapshot.revision, *answer)

    async def _recall(self, snapshot: Snapshot) -> tuple[PastTurn, ...]:
        """The turns before the next one; read again where another link has added to them."""
        if not self._history.reaches(snapshot.next_turn - 1):
            self._history = History(await self._services.store.read_history(snapshot.session, HISTORY_TURNS))
        return self._history.before(snapshot.next_turn)

    async def _repeat(self, message: Commit, text: str) -> None:
        """Answer a commit that came before, on this link or another, in this epoch or an older one.

        The order of the two reads matters: a turn that is stored in between is found.
        """
        await self._refresh()
        stored = await self._services.store.read_turn(message.session, message.turn)
        if stored is not None:
            if stored.text != text:
                raise TurnConflict
            await self._refresh()
            self._send_committed(message, self._whole_answer(message, text, stored.answer))
            return
        snapshot = self._snapshot
        if message.turn >= snapshot.next_turn and message.epoch < snapshot.epoch:
            raise SessionMoved
        raise MalformedMessage(
            f"Turn {message.turn} of epoch {message.epoch} cannot be answered; the next is turn "
            f"{snapshot.next_turn} of epoch {snapshot.epoch}."
        )

    async def _refresh(self) -> None:
        """Raises `SessionMoved` when the session has become somebody's who opened it elsewhere."""
        now = self._snapshot
        snapshot = await self._services.store.read_session(now.session, now.sharing)
        self._check_user(snapshot.user)
        self._take(snapshot)

    def _check_user(self, user: str) -> None:
        if user != self._snapshot.user:
            raise SessionMoved  # their diary is not for whoever had the session before them

    def _take(self, snapshot: Snapshot) -> None:
        # Answers of the store may overtake each other; the state never goes back.
        if (snapshot.revision, snapshot.epoch) >= (self._snapshot.revision, self._snapshot.epoch):
            self._snapshot = snapshot

    def _stored(self, before: State, after: Snapshot, outgoing: Sequence[Outgoing]) -> None:
        """A write of ours has led to `after`: tell those who act on it."""
        self._take(after)
        if outgoing:
            self._services.signals.outgoing()
        key = self._assistant.shared
        if key is not None and after.state.get(key) != before.get(key):
            self._services.signals.shared()

    def _whole_answer(self, message: Commit, text: str, stored: str) -> str:
        """The answer of a stored turn as the person was told it, as far as that is known any more."""
        whole = self._services.whole_answers.find(message.session, message.turn, text, stored)
        if whole is None and message.plan is not None:
            digest = digest_of(self._assistant, self._snapshot, message.turn, message.items)
            whole = told(self._services.store.plan_key, message.plan, digest, stored)
        return stored if whole is None else whole

    def _send_committed(self, message: Commit, answer: str) -> None:
        diary = self._assistant.diary(self._snapshot.state, self._context(message.items))
        self._send(Committed(session=message.session, turn=message.turn, text=answer, diary=diary))

    def _opened(self, opened: OpenedSession, now: datetime) -> Opened:
        snapshot = opened.snapshot
        context = self._context_at(now)
        return Opened(
            session=snapshot.session, epoch=snapshot.epoch, next_turn=snapshot.next_turn,
            history=self._history.fitting(), greeting=opened.greeting,
            diary=self._assistant.diary(snapshot.state, context), audio_until=snapshot.audio_until,
        )  # fmt: skip

    def _context(self, items: list[Item]) -> Context:
        """Raises `MalformedMessage` for a timestamp that is none."""
        return self._context_at(time_of(items))

    def _context_at(self, now: datetime) -> Context:
        snapshot = self._snapshot
        context = Context.of(now, snapshot.name, snapshot.timezone, snapshot.locale)
        return replace(context, user=snapshot.email or snapshot.user, credentials=self.credentials)


def _retrieve(thinking: asyncio.Task[Thought]) -> None:
    """A failed draft that nobody waits for any more is no news."""
    if not thinking.cancelled():
        thinking.exception()
