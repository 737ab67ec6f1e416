"""What each of the adviser's tools takes. The docstrings and descriptions are what a language model reads.

Times, amounts, categories and accounts come in words, and are understood here as the rules understand them: a model
gets dates wrong. None of the tools takes an identifier of the bank.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from receiver.assistants.bank.question import MAX_LIMIT, MAX_TEXT_CHARS, By, Flow, Order, Per

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT_CHARS)]

_PERIOD = (
    "The time in words, as it was said: last month, since Friday, in March, yesterday, since payday, this financial "
    "year; or from 2026-03-01 to 2026-03-31. Leave it out if no time was said."
)
_AMOUNT = (
    "Bounds of each amount in words, as they were said: over fifty dollars, between 10 and 20 dollars, "
    "exactly $12.50."
)
_CATEGORIES = (
    "Kinds of spending, as they were said: groceries, eating out, petrol. Shops go into merchant instead."
)
_ACCOUNT = "An account as it was said: savings, joint account, emergency fund. Left out: all."
_MERCHANT = "One shop or company, as it was said."


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    tool: ClassVar[str]


class Balances(Arguments):
    """What is in the person's accounts now. What is pending has been taken off already."""

    tool = "balances"
    account: Words | None = Field(None, description=_ACCOUNT)


class Selection(Arguments):
    merchant: Words | None = Field(None, description=_MERCHANT)
    categories: list[Words] = Field(default_factory=list, max_length=5, description=_CATEGORIES)
    account: Words | None = Field(None, description=_ACCOUNT)
    period: Words | None = Field(None, description=_PERIOD)
    weekdays: Words | None = Field(
        None, description="Only those on some days of the week, in words: weekends, weekdays, Saturdays."
    )
    amount: Words | None = Field(None, description=_AMOUNT)
    pending: bool | None = Field(None, description="Only pending (true) or only settled (false) ones.")
    tag: Words | None = Field(None, description="A tag that the person has put on them.")


class Transactions(Selection):
    """Single transactions, each with a handle such as t1 that propose_change takes."""

    tool = "transactions"
    flow: Flow = Field(
        "any",
        description="out: money spent; in: what came from outside; salary; refund; internal: between own accounts.",
    )
    order: Order = Field("newest", description="Which come first.")
    limit: int | None = Field(None, ge=1, le=MAX_LIMIT, description="How many, if a number was said.")
    skip: int = Field(0, ge=0, le=1_000, description="How many were told before, for what else there is.")


class Spending(Selection):
    """How much was spent, less what came back: in all, in parts, on average, compared, or how many times."""

    tool = "spending"
    compared_with: Words | None = Field(
        None, description="A second time, to compare that of period with: the month before."
    )
    by: By = Field("none", description="The sum in parts.")
    average_per: Per | None = Field(None, description="The average a day, week or month.")
    how_many_times: bool = Field(False, description="The number of purchases is what was asked for.")


class Income(Arguments):
    """What came in from outside: pay, interest, what others paid. Refunds and own transfers are none."""

    tool = "income"
    salary_only: bool = Field(False, description="Only pay from an employer.")
    payer: Words | None = Field(None, description="Who paid, as it was said; Interest for interest.")
    period: Words | None = Field(None, description=_PERIOD)
    account: Words | None = Field(None, description=_ACCOUNT)
    limit: int | None = Field(None, ge=1, le=MAX_LIMIT, description="1 for the last one.")


class Regular(Arguments):
    """What comes out again and again, such as subscriptions, rent and bills, and when it should next; or the next
    pay. It goes by the past: what is planned cannot be seen."""

    tool = "regular_payments"
    merchant: Words | None = Field(None, description=_MERCHANT)
    categories: list[Words] = Field(
        default_factory=list,
        max_length=5,
        description="Kinds of them, as they were said: subscriptions, bills.",
    )
    until: Words | None = Field(
        None, description="What may be expected until then: this month, next week, Friday."
    )
    next_pay: bool = Field(False, description="Not what comes out, but when the next pay should come.")


class Labels(Arguments):
    """The categories that the bank has, or the tags that the person uses."""

    tool = "labels"
    of: Literal["categories", "tags"]


class AboutTheBank(Arguments):
    """Looks up a question about the bank itself: what it offers, fees, safety, access, what its words mean, what you
    can do for the person. Never for their own money."""

    tool = "about_the_bank"
    question: str = Field(min_length=1, max_length=300, description="The question, as it was said.")


class ProposeChange(Arguments):
    """Proposes one change of a transaction, which the person then has to confirm; nothing is changed by the call."""

    tool = "propose_change"
    action: Literal["categorise", "tag", "untag"]
    transaction: str = Field(
        max_length=20,
        description="Its handle from a result in this turn. Call transactions first if you have none.",
    )
    category: Words | None = Field(None, description="For categorise: where it belongs. Left out: none.")
    tag: Words | None = Field(None, description="For tag and untag: the tag as it was said.")
