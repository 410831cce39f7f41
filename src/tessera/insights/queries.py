"""Counts of one merchant by merchant-local day, hour and product; plain numbers, no charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from tessera.insights.errors import RangeInvalid
from tessera.kit.clock import NEVER
from tessera.kit.sql import statement
from tessera.ledger.queries import get_issued
from tessera.merchants.queries import get_merchant
from tessera.orders.queries import earliest_id

__all__ = [
    "MOST_DAYS",
    "DayOfLiability",
    "DayOfMoves",
    "DayOfPoints",
    "Hour",
    "MonthOfExpiry",
    "SoldProduct",
    "count_new_members",
    "expiring_by_month",
    "liability_by_day",
    "moved_by_day",
    "outstanding_by_day",
    "points_by_day",
    "purchases_by_hour",
    "top_products",
]

MOST_MONTHS = 36
MOST_DAYS = 400
"""Longest range of one count: a year and a bit, to compare with the year before."""


@dataclass(frozen=True, slots=True)
class DayOfPoints:
    """What happened on one merchant-local day, by the moment of the purchase or return."""

    day: date
    purchases: int
    amount_minor: int
    points: int
    returns: int
    points_returned: int


@dataclass(frozen=True, slots=True)
class DayOfLiability:
    """Points that members held at the end of a booking day (UTC): given, taken, and outstanding then."""

    day: date
    given: int
    taken: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class DayOfMoves:
    """Points of one merchant-local day: given, taken back for returns, spent, expired; none of them is negative."""

    day: date
    given: int
    returned: int
    spent: int
    expired: int


@dataclass(frozen=True, slots=True)
class MonthOfExpiry:
    """Points that end with the days of one merchant-local month, and how many members hold them."""

    month: date
    points: int
    members: int


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """One product in a range of days."""

    product_id: UUID
    sku: str
    name: str
    quantity: int
    returned_quantity: int
    amount_minor: int
    points: int


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the merchant-local day, over all days of the range."""

    hour: int
    purchases: int
    amount_minor: int
    points: int


def _range(merchant_id: UUID, since: date, until: date) -> dict[str, Any]:
    """Return the parameters of all statements; `until` is the last day. Refuses `not_found` and `range_invalid`."""
    merchant = get_merchant(merchant_id).merchant
    days = (until - since).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise RangeInvalid(most=MOST_DAYS, since=since.isoformat(), until=until.isoformat(), days=days)
    zone = ZoneInfo(merchant.time_zone)
    begins, ends = _midnight(since, zone), _midnight(until + timedelta(days=1), zone)
    return {
        "merchant": merchant_id,
        "zone": merchant.time_zone,
        "since": begins,
        "until": ends,
        "first_id": earliest_id(begins),
        "first_day": since,
        "last_day": until,
    }


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _rows(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement("insights", name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def points_by_day(merchant_id: UUID, since: date, until: date) -> Sequence[DayOfPoints]:
    """Return every merchant-local day from `since` to `until` (both included), days without purchases too.

    Refuses `not_found` and `range_invalid` (more than MOST_DAYS).
    """
    return [DayOfPoints(*row) for row in _rows("points_by_day", _range(merchant_id, since, until))]


def liability_by_day(merchant_id: UUID, since: date, until: date) -> Sequence[DayOfLiability]:
    """Return the booking days from `since` to `until` with what was outstanding at the end of each.

    Counted backwards from what is outstanding now, so it takes as long as the entries since then. Refuses as above.
    """
    asked = _range(merchant_id, since, until)
    outstanding = get_issued(merchant_id).outstanding
    found: list[DayOfLiability] = []
    for day, given, taken in _rows("liability_by_day", asked):
        if day <= until:
            found.append(DayOfLiability(day, given, taken, outstanding))
        outstanding -= given - taken
    return found[::-1]


def moved_by_day(merchant_id: UUID, since: date, until: date) -> Sequence[DayOfMoves]:
    """Return every merchant-local day with the points that were given and taken, by the moment of what happened.

    Refuses as above. Source: spec/points.md, Receipt with a why (all of it is read from the ledger).
    """
    rows = {row[0]: DayOfMoves(*row) for row in _rows("moved_by_day", _range(merchant_id, since, until))}
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return [rows.get(day) or DayOfMoves(day, 0, 0, 0, 0) for day in days]


def outstanding_by_day(merchant_id: UUID, since: date, until: date) -> Sequence[tuple[date, int]]:
    """Return every merchant-local day with the points in members' hands at its end, by the moment of what happened.

    Counted backwards from what is outstanding now; `liability_by_day` says the same by booking day. Refuses as above.
    """
    asked = _range(merchant_id, since, until)
    outstanding = get_issued(merchant_id).outstanding
    moved = {row[0]: row[1] - sum(row[2:]) for row in _rows("moved_by_day", {**asked, "until": NEVER})}
    outstanding -= sum(change for day, change in moved.items() if day > until)
    found: list[tuple[date, int]] = []
    for n in range((until - since).days + 1):
        day = until - timedelta(days=n)
        found.append((day, outstanding))
        outstanding -= moved.get(day, 0)
    return found[::-1]


def expiring_by_month(merchant_id: UUID, *, months: int = 12, now: datetime) -> Sequence[MonthOfExpiry]:
    """Return the present merchant-local month and the following ones, `months` in all, with what ends in each.

    As things stand: what is spent until then does not end. Refuses `not_found`.
    """
    assert 1 <= months <= MOST_MONTHS, "the edge bounds it"
    merchant = get_merchant(merchant_id).merchant
    zone = ZoneInfo(merchant.time_zone)
    first = now.astimezone(zone).date().replace(day=1)
    starts = [_month_after(first, n) for n in range(months + 1)]
    asked = {
        "merchant": merchant_id,
        "zone": merchant.time_zone,
        "now": now,
        "until": _midnight(starts[-1], zone),
    }
    rows = {row[0]: MonthOfExpiry(*row) for row in _rows("expiring_by_month", asked)}
    return [rows.get(month) or MonthOfExpiry(month, 0, 0) for month in starts[:-1]]


def _month_after(month: date, n: int) -> date:
    year, place = divmod(month.year * 12 + month.month - 1 + n, 12)
    return date(year, place + 1, 1)


def count_new_members(merchant_id: UUID, since: date, today: date) -> tuple[int, int]:
    """Return how many members the merchant came to know since the day `since`, and on `today`. Refuses as above."""
    asked = _range(merchant_id, since, today)
    zone = ZoneInfo(asked["zone"])
    found = _rows("new_members", {**asked, "today": _midnight(today, zone)})[0]
    return found[0], found[1]


def top_products(merchant_id: UUID, since: date, until: date, *, most: int = 20) -> Sequence[SoldProduct]:
    """Return the `most` products of which most pieces were sold and kept. Refuses as above."""
    return [
        SoldProduct(*row)
        for row in _rows("top_products", {**_range(merchant_id, since, until), "most": most})
    ]


def purchases_by_hour(merchant_id: UUID, since: date, until: date) -> Sequence[Hour]:
    """Return the 24 hours of the merchant-local day with what was bought in each. Refuses as above."""
    return [Hour(*row) for row in _rows("purchases_by_hour", _range(merchant_id, since, until))]
