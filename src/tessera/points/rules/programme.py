"""The programme: when points become active, when they expire, what one costs (spec/points.md, Pending and expiry)."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tessera.kit.clock import NEVER
from tessera.points.rules.reasons import TermsInvalid

__all__ = [
    "DEFAULT_PROGRAMME",
    "Expiry",
    "LotTerms",
    "Programme",
    "RollingMonths",
    "YearlyDate",
    "cost_minor",
    "expiry_from",
    "expiry_json",
    "lot_terms",
]

MAX_MONTHS = 120
_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class RollingMonths:
    """Points expire at the end of the merchant-local day that many months after they were earned."""

    months: int


@dataclass(frozen=True, slots=True)
class YearlyDate:
    """Points expire at the end of this merchant-local day of the year, the first one after they became active.

    29 February is 28 February in years without it.
    """

    month: int
    day: int


Expiry = RollingMonths | YearlyDate | None


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a merchant's terms for points; a point costs num/den of the smallest unit of money."""

    version: int
    revision: int
    effective_from: datetime
    pending_days: int
    expiry: Expiry
    unclaimed_days: int
    point_cost_num: int
    point_cost_den: int


DEFAULT_PROGRAMME = Programme(0, 0, datetime.min.replace(tzinfo=UTC), 0, None, 30, 0, 1)
"""For a merchant that has published none: active at once, no expiry, 30 days to claim, no cost."""


@dataclass(frozen=True, slots=True)
class LotTerms:
    """From when points can be spent and, unless None, the first moment at which they no longer can."""

    active_from: datetime
    expires_at: datetime | None


def lot_terms(
    programme: Programme, *, occurred_at: datetime, now: datetime, time_zone: ZoneInfo, claimed: bool
) -> LotTerms:
    """Return the terms of points earned at `occurred_at` under `programme`, days and months in the merchant's zone.

    Points of a phone number without a member (`claimed` False) wait for him `unclaimed_days` from `now`.
    """
    if not claimed:
        return LotTerms(NEVER, now + timedelta(days=programme.unclaimed_days))
    active_from = occurred_at + timedelta(days=programme.pending_days)
    if programme.expiry is None:
        return LotTerms(active_from, None)
    if isinstance(programme.expiry, RollingMonths):
        last = _months_later(occurred_at.astimezone(time_zone).date(), programme.expiry.months)
    else:
        last = _next(programme.expiry, active_from.astimezone(time_zone).date())
    return LotTerms(active_from, _end_of_day(last, time_zone))


def cost_minor(programme: Programme, points: int) -> int:
    """Return what `points` cost in the smallest unit of money, halves up."""
    den = programme.point_cost_den
    return (2 * points * programme.point_cost_num + den) // (2 * den)


def expiry_json(expiry: Expiry) -> dict[str, Any]:
    """Return the expiry as plain JSON values; `expiry_from` reads them back."""
    match expiry:
        case RollingMonths():
            return {"kind": "months", "months": expiry.months}
        case YearlyDate():
            return {"kind": "date", "date": f"{expiry.month:02}-{expiry.day:02}"}
    return {"kind": "none"}


def expiry_from(written: Mapping[str, Any]) -> Expiry:
    """Return the expiry written as plain JSON values; raises TermsInvalid with the exact reason."""
    match dict(written):
        case {"kind": "none", **more} if not more:
            return None
        case {"kind": "months", "months": int(months), **more} if not more and type(months) is int:
            if 1 <= months <= MAX_MONTHS:
                return RollingMonths(months)
        case {"kind": "date", "date": str(text), **more} if not more and _DAY.fullmatch(text):
            try:
                day = date.fromisoformat(f"2000-{text}")  # a year with 29 February
            except ValueError:
                raise TermsInvalid("day_unknown", "expiry", given=text) from None
            return YearlyDate(day.month, day.day)
    raise TermsInvalid("expiry_unknown", "expiry", most=MAX_MONTHS)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next(yearly: YearlyDate, day: date) -> date:
    for year in (day.year, day.year + 1):
        last = date(year, yearly.month, min(yearly.day, monthrange(year, yearly.month)[1]))
        if last > day:
            return last
    raise AssertionError("unreachable")


def _end_of_day(day: date, time_zone: ZoneInfo) -> datetime:
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=time_zone).astimezone(UTC)
