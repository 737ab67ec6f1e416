"""A year of three people's money, made from a seed up to a given moment: the same seed and moment, the same year.

Sam and Robin live together in Melbourne, with an account each, savers, and one account that both own. Sam rounds
purchases up into a saver and was in Japan for nine days. Robin pays off a flat. Alex in Perth opened an account three
days ago and has done nothing with it yet.
"""

from __future__ import annotations

import functools
import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.emulators import up_bank_habits as habits
from tests.emulators.up_bank_habits import Bill, Habit
from tests.emulators.up_bank_ledger import BankAccount, Ledger, Movement, Person, Sum

SAM = Person("Sam", "up:demo:Sam7Kq2xYw9PzR4t", "Australia/Melbourne")
ROBIN = Person("Robin", "up:demo:RobH3vNc8LmT5sWd", "Australia/Melbourne")
ALEX = Person("Alex", "up:demo:AlxZ6bGj1QfE0uKy", "Australia/Perth")
PEOPLE = (SAM, ROBIN, ALEX)

ZONE = ZoneInfo("Australia/Melbourne")

DAYS = 365
JAPAN_BEGAN = 152
"""Days before today."""
JAPAN_DAYS = 9
CENTS_PER_YEN = 1.02
US_RATE = 1.53

_MAY_BE_RETURNED = ("clothing-and-accessories", "technology")

ROUND_UP_TO = 100
"""Cents."""


class Year:
    def __init__(self, now: datetime, seed: int) -> None:
        self.now = now
        self.today = now.astimezone(ZONE).date()
        self._random = random.Random(seed)
        self.movements: list[Movement] = []
        began = self._at(self.today - timedelta(days=DAYS + 40), 10)

        def account(
            name: str, kind: str, opening: int, *owners: Person, opened: datetime = began
        ) -> BankAccount:
            return BankAccount(self._id(), name, kind, owners, opened, opening)

        self.sam = account("Spending", "TRANSACTIONAL", 184_215, SAM)
        self.emergency = account("🛟 Emergency Fund", "SAVER", 620_000, SAM)
        self.japan = account("🗾 Japan Trip", "SAVER", 310_050, SAM)
        self.joint = account("2Up Spending", "TRANSACTIONAL", 312_480, SAM, ROBIN)
        self.robin = account("Spending", "TRANSACTIONAL", 268_930, ROBIN)
        self.rainy = account("☔ Rainy Day", "SAVER", 1_250_000, ROBIN)
        self.loan = account("Home Loan", "HOME_LOAN", -41_862_500, ROBIN)
        self.alex = account(
            "Spending", "TRANSACTIONAL", 0, ALEX, opened=self._at(self.today - timedelta(days=3), 9)
        )
        self.accounts = [
            self.sam, self.emergency, self.japan, self.joint, self.robin, self.rainy, self.loan, self.alex
        ]  # fmt: skip

    def ledger(self) -> Ledger:
        for back in range(DAYS, -1, -1):
            self._live(self.today - timedelta(days=back), back)
        self._lately()
        past = [movement for movement in self.movements if movement.at <= self.now]
        self._attach(past)
        return Ledger(self.accounts, past)

    def _live(self, day: date, back: int) -> None:
        if back == JAPAN_BEGAN:
            self._move(self.japan, self.sam, 200_000, self._at(day, 5), SAM)
        abroad = JAPAN_BEGAN - JAPAN_DAYS < back <= JAPAN_BEGAN
        if abroad:
            self._in_japan(day)
        else:
            self._shop(day, self.sam, SAM, habits.SAM_ALONE)
        self._shop(day, self.robin, ROBIN, habits.ROBIN_ALONE)
        self._shop(day, self.joint, SAM if self._random.random() < 0.5 else ROBIN, habits.TOGETHER)
        self._pay_bills(day, self.sam, SAM, habits.SAM_BILLS)
        self._pay_bills(day, self.joint, ROBIN, habits.SHARED_BILLS)
        self._salaries(day)
        self._rent_and_loan(day)
        self._friends(day)
        if day.day == 1:
            for saver, owner, cents in ((self.emergency, SAM, 2_315), (self.rainy, ROBIN, 4_870)):
                self._add(saver, cents + self._random.randint(0, 300), self._at(day, 1), "Interest",
                          kind="Interest", by=owner.name)  # fmt: skip

    def _salaries(self, day: date) -> None:
        if day.weekday() == 3 and day.toordinal() // 7 % 2 == 0:
            pay = 341_276 if day.month < 7 else 352_890
            self._add(self.sam, pay, self._at(day, 6, 12), "Northwind Logistics", kind="Salary",
                      raw_text="NORTHWIND LOGISTICS PAYROLL", message="Salary", by=SAM.name)  # fmt: skip
            self._move(self.sam, self.emergency, 100_000, self._at(day, 6, 30), SAM)
            self._move(self.sam, self.japan, 25_000, self._at(day, 6, 31), SAM)
            self._move(self.sam, self.joint, 110_000, self._at(day, 6, 32), SAM)
        if day.day == 15:
            self._add(self.robin, 689_240, self._at(day, 5, 50), "Merri Health", kind="Salary",
                      raw_text="MERRI HEALTH SALARY", message="Monthly pay", by=ROBIN.name)  # fmt: skip
            self._move(self.robin, self.joint, 190_000, self._at(day, 6, 10), ROBIN)
            self._move(self.robin, self.rainy, 150_000, self._at(day, 6, 11), ROBIN)

    def _rent_and_loan(self, day: date) -> None:
        if day.weekday() == 4 and day.toordinal() // 7 % 2 == 0:
            self._add(self.joint, -118_000, self._at(day, 9), "Ray White", kind="BPAY Payment", by=SAM.name,
                      raw_text="RAY WHITE BRUNSWICK RENT", category="rent-and-mortgage",
                      categorisable=True)  # fmt: skip
        if day.day == 18:
            self._move(self.robin, self.loan, 254_000, self._at(day, 4), ROBIN)
        if day.day == 28:
            self._add(self.loan, -(198_450 + self._random.randint(-900, 900)), self._at(day, 2), "Interest",
                      kind="Interest", by=ROBIN.name)  # fmt: skip

    def _friends(self, day: date) -> None:
        chance = self._random.random()
        if chance < 0.03:
            self._add(self.sam, -self._random.randrange(1_500, 6_500, 50), self._at(day, 21), "David Taylor",
                      kind="Payment", message="Pizza last night", categorisable=True, by=SAM.name,
                      tags=["Pizza Night"])  # fmt: skip
        elif chance < 0.05:
            self._add(self.sam, self._random.randrange(1_000, 5_000, 50), self._at(day, 12), "Priya Nair",
                      kind="Osko Payment Received", message="thanks for dinner", by=SAM.name)  # fmt: skip
        elif chance < 0.06:
            self._add(self.sam, -10_000, self._at(day, 20), "ATM Brunswick", kind="ATM Cash Out",
                      raw_text="ATM 224 SYDNEY RD BRUNSWICK", categorisable=True, card="CARD_PIN",
                      by=SAM.name)  # fmt: skip

    def _shop(self, day: date, account: BankAccount, who: Person, shops: tuple[Habit, ...]) -> None:
        for shop in shops:
            goes = str(day.weekday()) in shop.weekdays and self._random.random() < shop.chance
            cents = self._random.randint(shop.low, shop.high)
            minute, refunded = self._random.randrange(60), self._random.random() < 0.5
            if not goes:
                continue
            at = self._at(day, shop.hour, minute)
            self._buy(account, who, shop.merchant, shop.raw, shop.category, cents, at, shop.method)
            if refunded and shop.category in _MAY_BE_RETURNED:
                self._add(account, cents, at + timedelta(days=9, hours=2), shop.merchant, kind="Refund",
                          raw_text=f"{shop.raw} REFUND", category=shop.category, categorisable=True,
                          card=shop.method, by=who.name)  # fmt: skip

    def _pay_bills(self, day: date, account: BankAccount, who: Person, bills: tuple[Bill, ...]) -> None:
        for bill in bills:
            cents = bill.cents + self._random.randint(-bill.spread, bill.spread)
            if day.day != bill.day or day.month % bill.every:
                continue
            at = self._at(day, 3, 20)
            if bill.dollars is not None:
                foreign = Sum(-bill.dollars, "USD")
                self._buy(account, who, bill.merchant, bill.raw, bill.category, round(bill.dollars * US_RATE),
                          at, bill.method, kind=bill.kind, foreign=foreign)  # fmt: skip
            elif bill.method is not None:
                self._buy(account, who, bill.merchant, bill.raw, bill.category, cents, at, bill.method)
            else:
                self._add(account, -cents, at, bill.merchant, kind=bill.kind, raw_text=bill.raw,
                          category=bill.category, categorisable=True, by=who.name)  # fmt: skip

    def _in_japan(self, day: date) -> None:
        for hour in (9, 13, 19):
            merchant, raw, category, low, high = self._random.choice(habits.JAPAN)
            yen = self._random.randrange(low, high, 10)
            held = round(yen * CENTS_PER_YEN * self._random.uniform(0.995, 1.02))
            self._buy(self.sam, SAM, merchant, raw, category, round(yen * CENTS_PER_YEN), self._at(day, hour),
                      "CONTACTLESS", kind="International Purchase", foreign=Sum(-yen, "JPY", 0), held=held,
                      tags=["Holiday", "Japan"])  # fmt: skip

    def _lately(self) -> None:
        """So that there is always something pending."""
        for hours, shop in ((3, "Industry Beans"), (19, "Uber Eats"), (29, "Uber")):
            habit = next(habit for habit in habits.SAM_ALONE if habit.merchant == shop)
            cents = self._random.randint(habit.low, habit.high)
            self._buy(self.sam, SAM, habit.merchant, habit.raw, habit.category, cents,
                      self.now - timedelta(hours=hours), habit.method)  # fmt: skip
        self._buy(self.joint, ROBIN, "Ampol", "AMPOL FOODARY 32217", "fuel", 15_000,
                  self.now - timedelta(hours=7), "CARD_PIN")  # fmt: skip
        self._add(self.sam, -4_250, self._at(self.today - timedelta(days=20), 12), "Sendle", kind="Purchase",
                  raw_text="SENDLE", category="life-admin", categorisable=True, card="ECOMMERCE", by=SAM.name,
                  cashback=("Perk Up: 10% back", 425))  # fmt: skip

    def _buy(
        self, account: BankAccount, who: Person, merchant: str, raw: str, category: str | None, cents: int,
        at: datetime, method: str | None, *, kind: str = "Purchase", foreign: Sum | None = None,
        held: int | None = None, tags: list[str] | None = None,
    ) -> None:  # fmt: skip
        """A purchase by card: held at first, settled some nights later."""
        settles = datetime.combine(
            at.astimezone(ZONE).date() + timedelta(days=self._random.randint(1, 3)), time(4), ZONE
        )
        settled = settles <= self.now
        round_up = 0
        if account is self.sam and cents % ROUND_UP_TO:
            round_up = ROUND_UP_TO - cents % ROUND_UP_TO
        first = cents if held is None else held
        self._add(
            account, -(cents if settled else first), at, merchant, settled_at=settles if settled else None,
            kind=kind, raw_text=raw, category=category, categorisable=True, card=method, by=who.name,
            foreign=foreign, hold=(-first, foreign), round_up=-round_up, tags=list(tags or ()),
        )  # fmt: skip
        if round_up:
            self._add(
                self.emergency, round_up, at, "Round Up", kind="Round Up", transfer=account, by=who.name
            )

    def _move(self, source: BankAccount, target: BankAccount, cents: int, at: datetime, who: Person) -> None:
        self._add(
            source, -cents, at, f"Transfer to {target.name}", kind="Transfer", transfer=target, by=who.name
        )
        self._add(
            target, cents, at, f"Transfer from {source.name}", kind="Transfer", transfer=source, by=who.name
        )

    def _add(self, account: BankAccount, amount: int, at: datetime, description: str, **more: Any) -> None:
        more.setdefault("settled_at", at)
        self.movements.append(Movement(self._id(), account, amount, at, description, **more))

    def _attach(self, movements: list[Movement]) -> None:
        """Receipts and notes on some, as people do for what they may want to return."""
        dear = [m for m in movements if m.category in _MAY_BE_RETURNED and m.amount < 0]
        for movement in dear[-4:]:
            movement.attachment = self._id()
            movement.note = "Receipt kept for the warranty"

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        second = self._random.randrange(60)
        return datetime.combine(day, time(hour, minute, second), ZONE)

    def _id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def identifiers(seed: int) -> Iterator[str]:
    """Ids for what comes into being later on."""
    source = random.Random(f"later {seed}")
    while True:
        yield str(uuid.UUID(int=source.getrandbits(128), version=4))


def ledger(now: datetime, seed: int = 1) -> Ledger:
    """Everything up to `now`, which has to be aware; one's own, to be changed."""
    return _made(now, seed).copy()


@functools.lru_cache(maxsize=8)
def _made(now: datetime, seed: int) -> Ledger:
    # To copy a year takes a fraction of the time that it takes to make it.
    return Year(now, seed).ledger()
