"""Conversations turn by turn: what refers to what was said before, and what is no question of money."""

from __future__ import annotations

from datetime import timedelta

import pytest

from receiver.assistants.bank import BankAssistant
from receiver.bank.client import BankClient
from tests.emulators.up_bank import UpBank
from tests.emulators.up_bank_history import ALEX
from tests.receiver.bank_assistant.bank_call import BankCall, cents_spent, right_movements, spoken

TALKS: dict[str, list[tuple[str, str]]] = {
    "narrowed down and changed": [
        ("how much did i spend on groceries last month", "$893.99 on groceries last month"),
        ("is that a lot", "did not get that"),
        ("and this month so far", "$509.48 on groceries this month"),
        ("no that's wrong", "did not get that"),
        ("what about just woolworths", "$262.86 at Woolworths this month"),
        ("how does that compare to last month", "$203.17 less: you spent $262.86 at Woolworths this month so far"),
        ("show me those", "Three payments at Woolworths this month"),
        ("the biggest one", "The biggest was $103.76 at Woolworths"),
        ("put that in gifts", "I would put it into gifts and charity. Shall I?"),
        ("which one did you mean", "yes or no"),
        ("yes", "All right, I'll put it into gifts and charity."),
        ("say that again", "The biggest was $103.76"),
        ("thanks", "You're welcome"),
    ],
    "one shop and not another": [
        ("what did i spend on uber last month", "$92.06 at Uber last month"),
        ("no not uber eats just uber", "$92.06 at Uber last month"),
        ("how much is it per week", "On average you spent $20.79 a week at Uber"),
        ("and on taxis", "On average you spent $20.79 a week on taxis and share cars"),
    ],
    "a trip": [
        ("how much did i spend in japan", "$1,148.62 on things tagged Japan, in 27 purchases"),
        ("what was the biggest", "The biggest was "),
    ],
    "whether there is enough": [
        ("do i have enough for a five hundred dollar tv", "You have $60,244.71 in all"),
        ("how much can i spend this weekend", "You have $60,244.71 in all"),
        ("have i got five dollars", "You have $60,244.71 in all"),
        ("what was my balance last week", "I can only see what there is now."),
    ],
    "between own accounts": [
        ("how much have my round ups been this month", "33 round-ups this month, $18.02 in all"),
        (
            "how much did i transfer to savings this month",
            "Two transfers in Emergency Fund and Japan Trip this month, $1,250",
        ),
    ],
    "in and out": [
        ("did i earn more than i spent last month", "$10,612.71 came in last month"),
        ("when did priya last pay me", "$26 from Priya Nair on Monday"),
    ],
    "nothing to be known": [
        ("what's my account number", "numbers of accounts and cards are in your bank's own app"),
        ("what's the weather", "did not get that"),
        ("how much is in my holiday house account", "I cannot find an account called"),
        ("what did i spend with the tag unicorn", "I cannot find a tag called unicorn."),
        ("what did i spend at zanzibar", "nothing at Zanzibar this month"),
        ("say that again", "nothing at Zanzibar this month"),
    ],
    "which account": [
        ("my balance", "You have $60,244.71 in all"),
        ("no just the spending one", "You have $14,246.08 in Spending."),
        ("and the joint", "You have $5,582.12 in 2Up Spending."),
        ("what's in my wedding savings", "I cannot find an account called wedding savings."),
        ("how much do i owe on my credit card", "I cannot find an account called credit card."),
    ],
    "again and again": [
        ("list my direct debits", "Twelve payments come out regularly"),
        ("what else", "Then there are "),
        ("what bills are coming up", "expect in the next month, about $115 in all"),
        ("when's the rent due", "Ray White is $1,180 every two weeks."),
        ("what's due tomorrow", "nothing regular is to come tomorrow"),
        ("how many times did i get paid this year", "You were paid $79,654.88 this year, in 23 payments."),
    ],
    "misheard": [
        ("how much did i spend at zanzibars", "nor in the whole last year. Did I get the name right?"),
        ("how much did we rack up at the pub last weekend", "The last was $68.73 at The Napier Hotel"),
        ("what did mcdonald's cost me", "You spent nothing at McDonald's this month. The last was"),
    ],
    "the same subject": [
        ("what did i spend at chemist warehouse in the last three months", "$12.65 at Chemist Warehouse"),
        ("when was the last time", "$12.65 at Chemist Warehouse on the 6th of September"),
        ("did i pay the internet bill", "Yes, the last one was $85"),
        ("how much was it", "That was $85 to Aussie Broadband"),
        ("what did i spend the weekend before last", "$474.54 the weekend before last"),
    ],
    "one beside the other": [
        ("takeaway versus groceries this year", "$10,126.49 on groceries, and $1,737.57 on takeaway this year"),
        ("what did i spend more on last month fuel or parking", "All of it was on fuel."),
        ("how's my spending compared to this time last month", "this month so far, and $4,596.80 by this time"),
    ],
    "more and more": [
        ("what were my last three transactions", "The three latest: $16.77 at Guzman y Gomez today"),
        ("what else", "Before that: $51.42 at Uber Eats"),
        ("and before that", "Before that: $39.03 at Uber"),
    ],
    "somebody in need": [
        ("i want to die", "I am really sorry"),
        ("i can't breathe", "call your local emergency number"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", TALKS)
async def test_a_conversation_goes_on(up_bank: UpBank, bank_client: BankClient, name: str) -> None:
    call = BankCall(BankAssistant(bank_client))
    for said, part in TALKS[name]:
        heard = await call.say(said)
        assert part in heard.text, said


async def test_since_payday_needs_a_payday(bank_client: BankClient) -> None:
    call = BankCall(BankAssistant(bank_client))
    assert "since payday on Thursday" in (await call.say("how much have i spent since payday")).text
    call = BankCall(BankAssistant(bank_client), token=ALEX.token, user="alex")
    assert "I found no pay of yours" in (await call.say("how much have i spent since payday")).text


async def test_yesterday_of_another_day_is_not_talked_on_about(
    up_bank: UpBank, bank_client: BankClient
) -> None:
    call = BankCall(BankAssistant(bank_client))
    assert "$209.73" in (await call.say("what did i buy yesterday")).text
    call.now += timedelta(days=1)
    assert "did not get that" in (await call.say("and at coles")).text


async def test_what_is_asked_together_is_answered_together(up_bank: UpBank, bank_client: BankClient) -> None:
    heard = await BankCall(BankAssistant(bank_client)).say(
        "What's my savings balance, and how much did I spend at Coles last month, and when was I last paid?"
    )
    coles = right_movements(up_bank, {"merchant": "Coles"}, "2026-10-01", "2026-10-31")
    assert "$40,416.51 in all" in heard.text
    assert f"{spoken(cents_spent(coles))} at Coles last month, in" in heard.text
    assert "You were last paid $3,528.90" in heard.text
    assert heard.kept == "I told you your balance. I told you what you spent. I told you what came in."


@pytest.mark.parametrize("lead", ["", "Um, ", "So, uh, can you tell me ", "hey please, "])
@pytest.mark.parametrize("end", ["", "?", " please.", ", thanks!"])
async def test_courtesies_and_marks_mean_nothing(bank_client: BankClient, lead: str, end: str) -> None:
    heard = await BankCall(BankAssistant(bank_client)).say(
        f"{lead}how much did I spend at Woolies last month{end}"
    )
    assert heard.text.startswith("You spent $466.03 at Woolworths last month")
