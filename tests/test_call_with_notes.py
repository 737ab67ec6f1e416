"""Whole telephone calls with the notes assistant, through both real processes, and what they come down to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.emulators.model_brain import Call, Conversation, Reply
from tests.emulators.model_fixtures import bare_aws, bare_keys  # noqa: F401  (fixtures)
from tests.emulators.openai_chat import KEY, OpenAiEmulator
from tests.ports import next_port
from tests.processes import Process
from tests.twilio_caller import TwilioCaller, silence
from tests.wire_client import WireClient

SAID = (
    "hello this is Ann",
    "remind me tomorrow at nine to call the dentist",
    "no make that ten",
    "add oat milk and candles to my list",
    "the meeting with Acme has moved to the fourteenth of March because Tom is away",
    "I'll send Tom the slides by Friday",
    "no thanks",
    "could you ask Paul for the invoice",
    "note that the door code is four seven one one",
    "every Monday at half past eight remind me to put the bins out",
    "we still have to decide who pays for the trip",
    "that's all goodbye",
)
PIECE_SECONDS = 0.5


class Phone:
    """Both processes; the receiver may be killed and come back."""

    def __init__(
        self, folder: Path, stack: ExitStack, *, assistant: str = "notes", model: dict[str, str] | None = None
    ) -> None:
        """`model` are the receiver's settings for a language model."""
        self._folder = folder
        self._stack = stack
        self._model = model or {}
        self._receiver_port = str(next_port())
        self.receiver = self.start_receiver()
        self.relay = Process(
            "relay", folder, RELAY_PORT=str(next_port()), RELAY_RECEIVER=f"tcp://127.0.0.1:{self._receiver_port}",
            RELAY_STT="scripted", RELAY_SCRIPTED_TEXT="|".join(SAID), RELAY_TTS="scripted",
            RELAY_SCRIPTED_EVERY_SECONDS=str(PIECE_SECONDS), RELAY_SILENCE_SECONDS="0",
            RELAY_CALL_CHUNKS_PER_SECOND="1000", RELAY_ASSISTANTS=f"phone={assistant}",
        )  # fmt: skip
        stack.callback(self.relay.kill)
        self.port = self.relay.port()

    def start_receiver(self) -> Process:
        database = f"sqlite:///{self._folder / 'receiver.db'}"
        process = Process(
            "receiver", self._folder, RECEIVER_PORT=self._receiver_port, RECEIVER_DATABASE_URL=database,
            **self._model,
        )  # fmt: skip
        self._stack.callback(process.kill)
        return process

    async def bring_back(self) -> None:
        self.receiver = self.start_receiver()
        await asyncio.to_thread(self.receiver.port)

    def check_logs(self) -> None:
        output = self.relay.output + self.receiver.output
        assert "Traceback" not in output
        # What people say is in no log.
        assert "dentist" not in output


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    with ExitStack() as stack:
        found = Phone(tmp_path, stack)
        yield found
        found.check_logs()


async def talk(caller: TwilioCaller, screen: WireClient, turns: int) -> None:
    """So many sentences, each answered before the next."""
    await caller.start({"userId": "ann", "timezone": "Europe/Dublin"})
    await caller.expect("mark")  # the greeting
    for turn in range(1, turns + 1):
        async with asyncio.timeout(30):
            # As much as it takes: with more, a screen that is late would have the next sentence heard.
            await caller.say(silence(PIECE_SECONDS if turn > 1 else PIECE_SECONDS + 0.1), pause=0.002)
            while len(heard(screen)) < turn:
                await asyncio.sleep(0.005)
            while not any(mark.startswith(f"{turn}:") for mark in caller.marks):
                await asyncio.sleep(0.005)
    assert heard(screen) == list(SAID[:turns])


def heard(screen: WireClient) -> list[str]:
    """What the caller has said, line by line."""
    lines = [line for line in screen.of("transcript") if line["speaker"] == "caller" and line["isFinal"]]
    return [line["text"] for line in lines]


async def test_a_call_ends_with_a_summary_whose_action_items_are_word_for_word_in_the_transcript(
    phone: Phone,
) -> None:
    async with (
        WireClient(phone.port, path="/ws/calls?userId=ann") as screen,
        TwilioCaller(phone.port) as caller,
    ):
        await talk(caller, screen, len(SAID))
        await caller.stop()
        told = await screen.expect("call_summary")
    assert told["callSid"] == caller.call_sid
    summary = told["summary"]
    for item in summary["actionItems"]:
        assert item["text"] in SAID[item["turn"] - 1], item
    assert [(item["kind"], item["turn"]) for item in summary["actionItems"]] == [
        ("reminder", 2), ("todo", 4), ("promise", 6), ("request", 8), ("reminder", 10),
    ]  # fmt: skip
    reminder = summary["actionItems"][0]
    assert reminder["answer"].startswith("I'll remind you to call the dentist tomorrow, ")
    assert reminder["answer"].endswith("at ten in the morning.")
    assert any("Acme" in point for point in summary["keyPoints"])
    assert any("door code" in point for point in summary["keyPoints"])
    assert summary["openQuestions"] == ["we still have to decide who pays for the trip"]
    assert all(point in SAID for point in summary["keyPoints"])
    assert summary["text"].startswith("Five action items: ")


async def test_a_call_that_ends_while_the_receiver_is_away_is_summed_up_when_it_is_back(phone: Phone) -> None:
    async with WireClient(phone.port, path="/ws/calls?userId=ann") as screen:
        async with TwilioCaller(phone.port) as caller:
            await talk(caller, screen, 2)
            phone.receiver.kill()
            caller.socket.transport.abort()
        await screen.expect("call_ended")
        assert screen.of("call_summary") == []
        await phone.bring_back()
        told = await screen.expect("call_summary")
        assert [item["text"] for item in told["summary"]["actionItems"]] == [SAID[1]]
        # Kept there too: the same, word for word, for a screen that comes later.
        async with WireClient(phone.port, path="/ws/calls?userId=ann") as later:
            assert await later.expect("call_summary") == told


def take_minutes(conversation: Conversation) -> Reply:
    """Talks, and when the call is over writes minutes of it, of which two things were never said."""
    if conversation.tools != ("minutes",):
        return Reply("I see.")
    return Reply("", (Call("minutes", {
        "key_points": [
            {"turn": 5, "text": "The Acme meeting moves to the 14th of March."},
            {"turn": 5, "text": "The Acme meeting costs 900 euros."},
        ],
        "action_items": [
            {"turn": 6, "kind": "promise", "quote": "I'll send Tom the slides by Friday"},
            {"turn": 6, "kind": "promise", "quote": "I'll send Tom 900 euros by Friday"},
        ],
        "open_questions": [],
    }),))  # fmt: skip


@pytest.mark.parametrize(
    ("assistant", "kinds"), [("notes", ["reminder", "todo", "promise"]), ("chat", ["promise"])]
)
async def test_where_there_is_a_model_it_sums_the_call_up_with_what_was_said(
    assistant: str,
    kinds: list[str],
    tmp_path: Path,
    bare_keys: None,  # noqa: F811
) -> None:
    with ExitStack() as stack:
        async with OpenAiEmulator(take_minutes) as server:
            model = {
                "RECEIVER_LLM": "openai", "RECEIVER_LLM_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY,
            }  # fmt: skip
            phone = Phone(tmp_path, stack, assistant=assistant, model=model)
            async with (
                WireClient(phone.port, path="/ws/calls?userId=ann") as screen,
                TwilioCaller(phone.port) as caller,
            ):
                await talk(caller, screen, 6)
                await caller.stop()
                summary = (await screen.expect("call_summary"))["summary"]
            assert [asked.tools for asked in server.conversations].count(("minutes",)) == 1
        phone.check_logs()
    assert [item["kind"] for item in summary["actionItems"]] == kinds
    assert all(item["text"] in SAID[item["turn"] - 1] for item in summary["actionItems"])
    assert summary["keyPoints"] == ["The Acme meeting moves to the 14th of March"]
    assert "900" not in str(summary)
