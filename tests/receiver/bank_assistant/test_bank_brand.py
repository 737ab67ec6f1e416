"""Questions about the bank itself find their passage, and questions about anything else find none."""

from __future__ import annotations

import re
import time
from importlib.resources import files
from pathlib import Path

import pytest

from protocol.errors import SettingsError
from receiver.assistants.bank.brand import (
    MAX_BYTES,
    MAX_FILES,
    MAX_PASSAGE_CHARS,
    MAX_PASSAGES,
    BrandBase,
)

OURS = BrandBase.load()

ABOUT_THE_BANK = {
    "what's a round up": "What is a round-up?",
    "how do round ups work exactly": "What is a round-up?",
    "um where does the spare change go": "What is a round-up?",
    "so what kind of bank is Up anyway": "What is Up?",
    "do you have any branches in Geelong": "What is Up?",
    "who actually owns Up": "Who is behind Up?",
    "is my money safe with you guys": "Is money with Up safe?",
    "what happens to my money if the bank goes broke": "Is money with Up safe?",
    "how do I get a personal access token": "How do I get a personal access token?",
    "how can I connect my bank account to this": "How do I get a personal access token?",
    "how can I revoke the token": "How do I revoke a personal access token?",
    "I think someone has stolen my access token, what do I do": "How do I revoke a personal access token?",
    "is it okay to give my token to my partner": "May I give my token to others?",
    "could you send fifty dollars to my sister": "Can you make a payment?",
    "can you transfer money from spending to savings": "Can you make a payment?",
    "why can't you make payments": "Can you make a payment?",
    "what does it mean when a transaction is held": "What is a pending transaction?",
    "what's the difference between pending and settled": "What is a pending transaction?",
    "what does available balance mean": "Available balance",
    "what is a saver": "What is a saver?",
    "what interest rate do I get on savers": "What interest do savers earn?",
    "are there any monthly fees": "What does Up cost?",
    "does it cost anything to use my card overseas": "Can I use the card overseas?",
    "I lost my card": "What if my card is lost or stolen?",
    "can you freeze my card please": "What if my card is lost or stolen?",
    "how do I talk to a real person at the bank": "How do I reach support?",
    "what is two up": "What is a joint account?",
    "how old do I have to be to open an account": "Who can open an account?",
    "can I deposit cash somewhere": "How do I pay in cash?",
    "does it work with Apple Pay": "How can I pay with Up?",
    "do you do home loans": "Does Up have home loans?",
    "what can you actually see in my account": "What can the API do?",
    "can I make up my own categories": "What categories are there?",
    "how many tags can I put on a transaction": "What are tags?",
    "my wallet was stolen": "What if my card is lost or stolen?",
    "what do you charge for withdrawals abroad": "What does Up cost?",
    "how can I get rid of your access": "How do I revoke a personal access token?",
    "can my girlfriend and I share an account": "What is a joint account?",
}

ABOUT_SOMETHING_ELSE = (
    "what's my balance",
    "what is my savings balance",
    "how much money do I have",
    "how much have I got in my emergency fund",
    "how much is in the Japan trip saver",
    "what's in my joint account",
    "any pending transactions",
    "what's still pending",
    "which payments are still pending",
    "show me my last five transactions",
    "how much did I spend on groceries last month",
    "how much did I pay in ATM fees last month",
    "how much went out on fees this year",
    "how much interest did I earn this year",
    "how much was my last round up",
    "did my salary come in",
    "did I get a refund from Uniqlo",
    "what did Netflix charge me",
    "what did I buy overseas",
    "tag my coffee from this morning as work",
    "put the last one under groceries",
    "take the holiday tag off",
    "can I afford a new phone",
    "what are my savers",
    "list my tags",
    "when did I last pay the rent",
    "is my rent paid",
    "what was that card payment",
    "where's my account number",
    "can I turn round ups off",
    "do I have any savings goals",
    "can you recommend a stock",
    "how do I save more money",
    "what's the weather like tomorrow",
    "who won the football",
    "what is the capital of France",
    "what bank holiday is coming up",
    "how do I cook rice",
    "set a reminder for nine",
    "tell me a joke",
    "good morning",
    "yes please",
    "mhm",
    "",
)


@pytest.mark.parametrize("said", ABOUT_THE_BANK)
def test_a_question_about_the_bank_finds_its_passage(said: str) -> None:
    passage = OURS.find(said)
    assert passage is not None
    assert passage.title == ABOUT_THE_BANK[said]


@pytest.mark.parametrize("said", ABOUT_SOMETHING_ELSE)
def test_a_question_about_ones_money_or_anything_else_finds_none(said: str) -> None:
    assert OURS.find(said) is None


def test_ours_can_be_read_aloud_names_its_sources_and_no_figure_that_changes() -> None:
    assert OURS.name == "Up"
    assert OURS.unknown.startswith("I do not know that about Up.")
    for passage in OURS.passages:
        assert 40 < len(passage.text) <= MAX_PASSAGE_CHARS
        assert 1 <= len(re.findall(r"[.!?](?=\s|$)", passage.text)) <= 4
        assert not re.search(r"[*_`#<>\[\]|]|https?:|%|\$", passage.text)
        assert re.match(r"https://(?:developer\.)?up\.com\.au/", passage.source)
        assert not re.search(r"\d", passage.text.replace("2Up", ""))


def test_every_title_and_every_other_way_to_ask_finds_its_own_passage() -> None:
    text = (files("receiver.assistants.bank") / "about_the_bank.md").read_text(encoding="utf-8")
    missed = []
    for section in text.split("\n## ")[1:]:
        title = section.splitlines()[0]
        also = re.search(r"^Also asked as: (.*)$", section, re.MULTILINE)
        assert also is not None
        for asked in (title, *also[1].split(";")):
            found = OURS.find(asked)
            if found is None or found.title != title:
                missed.append((asked.strip(), None if found is None else found.title))
    assert missed == []


def test_a_file_of_a_deployers_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "about.md"
    file.write_text(
        "# Bank of Meadows\n\nI do not know.\nAsk at the counter.\n\n## Opening hours\n\n"
        "We are open from **nine to five**,\nMonday to Friday.\n\n## Safe deposit boxes\n\n"
        "We have boxes in [two sizes](https://example.com/boxes).\n",
        encoding="utf-8",
    )
    base = BrandBase.load(file)
    assert (base.name, base.unknown) == ("Bank of Meadows", "I do not know. Ask at the counter.")
    found = base.find("when are you open")
    assert found is not None
    assert found.text == "We are open from nine to five, Monday to Friday."
    boxes = base.find("do you have deposit boxes")
    assert boxes is not None
    assert boxes.text == "We have boxes in two sizes."
    assert base.find("what is a round up") is None


def test_a_folder_is_read_file_by_file_and_only_its_markdown(tmp_path: Path) -> None:
    (tmp_path / "2_cards.md").write_text("## Cards\n\nCards are blue.\n", encoding="utf-8")
    (tmp_path / "1_bank.md").write_text("# Meadows\n\n## Branches\n\nThere are three.\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("## Secret\n\nNot for anybody.\n", encoding="utf-8")
    base = BrandBase.load(tmp_path)
    assert base.name == "Meadows"
    assert [passage.title for passage in base.passages] == ["Branches", "Cards"]


def test_comments_lists_and_headings_without_text_are_not_said(tmp_path: Path) -> None:
    file = tmp_path / "about.md"
    file.write_text(
        "\ufeff# Meadows\n<!-- ## Draft\nnot yet -->\n## Cards\n\n### Colours ###\n\n- blue\n- green\n",
        encoding="utf-8",
    )
    (passage,) = BrandBase.load(file).passages
    assert (passage.title, passage.text) == ("Colours", "blue. green")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing to say"),
        (b"Only a text, without a heading.", "nothing to say"),
        (b"# Meadows\n\nOnly a name.\n", "nothing to say"),
        (b"## Cards\n\n\xff\xfe\n", "UTF-8"),
        (b"## Cards\n\n" + b"Blue. " * 200, "too many to be said"),
        (b"## Cards\n\nBlue.\n" * (MAX_PASSAGES + 1), "at most"),
        (b"## Cards\n\n" + b"x" * MAX_BYTES, "KiB"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_with_the_reason(
    tmp_path: Path, content: bytes, why: str
) -> None:
    file = tmp_path / "about.md"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=why) as caught:
        BrandBase.load(file)
    assert "RECEIVER_BANK_ABOUT" in caught.value.message


def test_a_path_without_a_file_or_with_too_many_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        BrandBase.load(tmp_path / "missing.md")
    with pytest.raises(SettingsError, match="has 0 files"):
        BrandBase.load(tmp_path)
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.md").write_text("## Cards\n\nBlue.\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{MAX_FILES + 1} files"):
        BrandBase.load(tmp_path)


def test_whatever_speech_recognition_writes_takes_no_time() -> None:
    began = time.process_time()
    for said in (
        "token " * 3_000,
        "a b c d e " * 2_000,
        "how much " * 2_000,
        "？！ 💸 " * 1_000,
        "my " * 5_000,
    ):
        OURS.find(said)
    assert time.process_time() - began < 1.0
