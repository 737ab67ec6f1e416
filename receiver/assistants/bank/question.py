"""What somebody wants to know of their money, apart from how they said it. It holds nothing of what they have.

The parser makes one from words, a language model by a tool; `answering.answer` answers it, and the state keeps the
last one, as JSON, for what refers to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from receiver.bank.calendar_days import ONE_DAY, midnight
from receiver.bank.periods import Period
from receiver.bank.weekdays import Weekdays

Kind = Literal[
    "balance", "transactions", "count", "spending", "income", "paid", "categories", "tags", "regular"
]
"""What is asked for. `paid`: whether and when something such as the rent was paid last; `count`: how many times money
was spent; `categories`, `tags`: what there are; `regular`: what comes out again and again,
with a period what may be expected in it, with the flow `salary` the next pay."""

Flow = Literal["any", "out", "in", "salary", "refund", "internal"]
"""Which transactions count: all but those between one's own accounts; money spent; what came from outside; of that the
salary; what came back; those between one's own accounts."""

By = Literal["none", "category", "merchant", "month", "week", "day", "weekday", "weekpart"]
"""`weekday`: each Monday to Sunday; `weekpart`: weekends and the other days."""

Order = Literal["newest", "oldest", "largest", "smallest"]
Per = Literal["day", "week", "month"]

MAX_TEXT_CHARS = 80
MAX_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days where the person is, both ends included."""

    first: date | None
    """None: as far back as there is anything."""
    last: date
    label: str
    """To be said: "last week", "since Friday", "in March"."""

    @classmethod
    def of(cls, period: Period, zone: ZoneInfo) -> Span:
        first = None if period.start is None else period.start.astimezone(zone).date()
        last = (period.end - timedelta(microseconds=1)).astimezone(zone).date()
        # A period of hours becomes its days; a label such as "in the last 3 hours" would say less than is counted.
        whole = period.end == midnight(last + ONE_DAY, zone)
        return cls(first, last, period.label if whole else "today" if first == last else "since yesterday")

    def period(self, zone: ZoneInfo) -> Period:
        start = None if self.first is None else midnight(self.first, zone)
        return Period(start, midnight(self.last + ONE_DAY, zone), self.label)

    def days_until(self, now: datetime, zone: ZoneInfo) -> int | None:
        """How many of its days have begun; None for one without a beginning."""
        if self.first is None:
            return None
        return max(0, (min(self.last, now.astimezone(zone).date()) - self.first).days + 1)

    def as_json(self) -> dict[str, Any]:
        first = None if self.first is None else self.first.isoformat()
        return {"first": first, "last": self.last.isoformat(), "label": self.label}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises `KeyError`, `TypeError` or `ValueError`."""
        first = None if data["first"] is None else date.fromisoformat(data["first"])
        last = date.fromisoformat(data["last"])
        if first is not None and first > last:
            raise ValueError("a period ends before it begins")
        label = _text(data.get("label")) or f"from {first or 'the beginning'} to {last}"
        return cls(first, last, label)


@dataclass(frozen=True, slots=True)
class Question:
    kind: Kind
    account: str | None = None
    """As it was said: "savings", "joint account", "emergency fund"."""
    merchant: str | None = None
    """As it was said. Who paid, where money came in. It may also turn out to be a tag ("Japan")."""
    categories: tuple[str, ...] = ()
    """Identifiers of categories or groups of them; one of them is enough."""
    part: str | None = None
    """Of the one category, as `category_words.part_of` names it; all of the category where the payments do not tell."""
    beside: str | None = None
    """What was said beside a category and may be a shop: "that Chin Chin dinner"."""
    but_categories: tuple[str, ...] = ()
    """Categories or groups that are left out."""
    but_merchant: str | None = None
    """One that is left out, as it was said."""
    period: Span | None = None
    """None: what goes with the question; the answer says which days it took."""
    weekdays: Weekdays = ()
    """Only what was on those days of the week; of all where there are none."""
    since_pay: bool = False
    """From the day of the latest salary on, in place of a period; only the bank knows which day that is."""
    against: Span | None = None
    """Spending is compared with that of these days."""
    least: int | None = None
    """Cents that the person named, the sign left out; both bounds are included."""
    most: int | None = None
    held: bool | None = None
    """Pending (True) or settled (False)."""
    tag: str | None = None
    flow: Flow = "any"
    by: By = "none"
    """Spending in parts, the most first; by time, the earliest first, or with the order `largest` or `smallest` only
    the one that is asked for."""
    per: Per | None = None
    """Spending on average, for each day, week or month."""
    order: Order = "newest"
    limit: int | None = None
    """How many are asked for; None: as many as can be listened to."""
    skip: int = 0
    """How many of them were told before."""

    def as_json(self) -> dict[str, Any]:
        """Only what is not as it is by itself."""
        data: dict[str, Any] = {"kind": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "kind" or value == field.default:
                continue
            if isinstance(value, Span):
                value = value.as_json()
            data[field.name] = list(value) if isinstance(value, tuple) else value
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From a state or a model's arguments. Raises `ValueError` for what is none."""
        try:
            return cls._read(data)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("that is no question") from error

    @classmethod
    def _read(cls, data: Mapping[str, Any]) -> Self:
        spans = {name: data.get(name) for name in ("period", "against")}
        held = data.get("held")
        if held not in (None, True, False):
            raise ValueError("held is true, false or null")
        return cls(
            kind=_one_of(data["kind"], Kind),
            account=_text(data.get("account")),
            merchant=_text(data.get("merchant")),
            categories=_categories(data.get("categories")),
            part=_text(data.get("part")),
            beside=_text(data.get("beside")),
            but_categories=_categories(data.get("but_categories")),
            but_merchant=_text(data.get("but_merchant")),
            period=None if spans["period"] is None else Span.from_json(spans["period"]),
            weekdays=_weekdays(data.get("weekdays")),
            since_pay=data.get("since_pay") is True,
            against=None if spans["against"] is None else Span.from_json(spans["against"]),
            least=_number(data.get("least"), 0, 10**11),
            most=_number(data.get("most"), 0, 10**11),
            held=held,
            tag=_text(data.get("tag")),
            flow=_one_of(data.get("flow") or "any", Flow),
            by=_one_of(data.get("by") or "none", By),
            per=None if data.get("per") is None else _one_of(data["per"], Per),
            order=_one_of(data.get("order") or "newest", Order),
            limit=_number(data.get("limit"), 1, MAX_LIMIT),
            skip=_number(data.get("skip"), 0, 10_000) or 0,
        )

    def plain(self) -> Question:
        """The same transactions, and nothing said of how they are shown."""
        return replace(self, by="none", per=None, order="newest", limit=None, skip=0, against=None)


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(UTC).astimezone(zone).date()


def _one_of(value: Any, choices: Any) -> Any:
    if value not in get_args(choices):
        raise ValueError("not one of the choices")
    return value


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError
    return " ".join(value.split())[:MAX_TEXT_CHARS] or None


def _categories(value: Any) -> tuple[str, ...]:
    categories = value or ()
    if isinstance(categories, str) or len(categories) > 20:
        raise ValueError("categories are a list of at most 20")
    return tuple(text for text in map(_text, categories) if text)


def _weekdays(value: Any) -> Weekdays:
    numbers = {_number(day, 0, 6) for day in value or ()}
    days = tuple(sorted(day for day in numbers if day is not None))
    return () if len(days) == 7 else days


def _number(value: Any, least: int, most: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError("not a number within its bounds")
    return value
