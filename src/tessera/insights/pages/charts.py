"""Charts of one merchant: points by day, liability, what expires, when and what people buy; each with table and CSV."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tessera.insights import queries
from tessera.insights.errors import RangeInvalid
from tessera.insights.pages.drawings import Chart, Table, chart_of
from tessera.kit import clock
from tessera.kit.csv_answers import csv_answer
from tessera.kit.errors import NotFound
from tessera.kit.pages import page, signed_in
from tessera.kit.reader import reader_language
from tessera.merchants.gate import Workplace, enter_merchant

__all__ = ["RANGES", "chart_csv", "charts"]

RANGES = (7, 30, 90, 365)
_NEED = "ledger:read"
_WEEKS_FROM = 120
"""From so many days on a bar is a week: more bars than that are not told apart."""


@dataclass(frozen=True, slots=True)
class Range:
    """The days that are looked at; `days` is set for the usual ranges."""

    since: date
    until: date
    days: int | None

    @property
    def query(self) -> str:
        """As the address carries it."""
        if self.days is not None:
            return f"days={self.days}"
        return f"since={self.since.isoformat()}&until={self.until.isoformat()}"


class RangeForm(forms.Form):
    """A range of one's own."""

    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _range(request: HttpRequest, today: date) -> Range:
    given = request.GET.get("days", "")
    days = int(given) if given.isascii() and given.isdigit() and int(given) in RANGES else 30
    since, until = _day(request, "since"), _day(request, "until")
    if since and until:
        return Range(since, until, None)
    return Range(today - timedelta(days=days - 1), today, days)


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        found = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found and date(2000, 1, 1) <= found <= date(2999, 12, 30) else None


def _enter(request: HttpRequest, merchant: str) -> tuple[Workplace, Range, datetime]:
    workplace = enter_merchant(request, merchant, need=_NEED)
    now = clock.now()
    today = now.astimezone(ZoneInfo(workplace.merchant.time_zone)).date()
    return workplace, _range(request, today), now


@signed_in
@require_safe
def charts(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show all charts of a range of days; a range that is none is said so at the range, with the usual one below."""
    workplace, asked, now = _enter(request, merchant)
    refusal, status = "", 200
    try:
        tables = {key: build(workplace, asked, now) for key, build in _TABLES.items()}
    except RangeInvalid as wrong:
        refusal, status = wrong.message(reader_language()), wrong.status
        tables = {}
    drawn: list[Chart] = [chart_of(table) for table in tables.values()]
    form = RangeForm(initial={"since": asked.since, "until": asked.until})
    told = {
        "face": "charts",
        "workplace": workplace,
        "charts": drawn,
        "range": asked,
        "ranges": RANGES,
        "form": form,
        "refusal": refusal,
        "own": asked.days is None,
        "nothing": bool(drawn) and all(one.table.empty for one in drawn),
    }
    return page(request, "insights/charts.html", told, status=status)


@signed_in
@require_safe
def chart_csv(request: HttpRequest, merchant: str, chart: str) -> HttpResponseBase:
    """Give one chart's table as CSV; refuses `not_found` and `range_invalid`."""
    workplace, asked, now = _enter(request, merchant)
    build = _TABLES.get(chart)
    if build is None:
        raise NotFound
    table = build(workplace, asked, now)
    return csv_answer(f"{chart}-{asked.since}-{asked.until}", table.headings, table.plain)


def _moves(workplace: Workplace, asked: Range, _now: datetime) -> Table:
    rows: Sequence[tuple[date, int, int, int, int]] = [
        (one.day, one.given, one.returned, one.spent, one.expired)
        for one in queries.moved_by_day(workplace.merchant.id, asked.since, asked.until)
    ]
    weekly = len(rows) > _WEEKS_FROM
    if weekly:
        rows = _by_week(rows)
    return Table(
        key="points",
        title=gettext("Points given and taken"),
        note=gettext(
            "Upwards what members were given, downwards what left their wallets. By the day it happened."
        )
        + (" " + gettext("Each bar is a week.") if weekly else ""),
        headings=[
            gettext("Week of") if weekly else gettext("Day"),
            gettext("Given"),
            gettext("Taken back for returns"),
            gettext("Spent"),
            gettext("Expired"),
        ],
        rows=rows,
        labels=[_short(row[0]) for row in rows],
        firsts=[_long(row[0]) for row in rows],
        shape="bars",
        styles=(2, 4, 3, 1),
        signs=(1, -1, -1, -1),
    )


def _by_week(rows: Sequence[tuple[date, int, int, int, int]]) -> Sequence[tuple[date, int, int, int, int]]:
    weeks: dict[date, list[int]] = {}
    for day, *numbers in rows:
        sums = weeks.setdefault(day - timedelta(days=day.weekday()), [0] * len(numbers))
        for place, number in enumerate(numbers):
            sums[place] += number
    return [(week, sums[0], sums[1], sums[2], sums[3]) for week, sums in weeks.items()]


def _liability(workplace: Workplace, asked: Range, _now: datetime) -> Table:
    found = queries.outstanding_by_day(workplace.merchant.id, asked.since, asked.until)
    return Table(
        key="liability",
        title=gettext("Points in members' hands"),
        note=gettext("What your members held at the end of each day and may still spend."),
        headings=[gettext("Day"), gettext("Outstanding")],
        rows=found,
        labels=[_short(day) for day, _outstanding in found],
        firsts=[_long(day) for day, _outstanding in found],
        shape="line",
        styles=(3,),
    )


def _expiring(workplace: Workplace, _asked: Range, now: datetime) -> Table:
    found = queries.expiring_by_month(workplace.merchant.id, months=13, now=now)
    return Table(
        key="expiring",
        title=gettext("Points that will expire"),
        note=gettext(
            "This month and the next twelve, as things stand today. Members are told 30 days before."
        ),
        headings=[gettext("Month"), gettext("Points"), gettext("Members")],
        rows=[(one.month, one.points, one.members) for one in found],
        labels=[_month(one.month) for one in found],
        firsts=[date_format(one.month, "YEAR_MONTH_FORMAT") for one in found],
        shape="bars",
        styles=(4,),
        drawn=1,
    )


def _hours(workplace: Workplace, asked: Range, _now: datetime) -> Table:
    found = queries.purchases_by_hour(workplace.merchant.id, asked.since, asked.until)
    return Table(
        key="hours",
        title=gettext("Purchases by hour"),
        note=gettext("When your members buy, over all days of the range, in the shop's own time."),
        headings=[gettext("Hour"), gettext("Number of purchases"), gettext("Points")],
        rows=[(f"{one.hour:02}:00", one.purchases, one.points) for one in found],
        labels=[f"{one.hour}" for one in found],
        firsts=[f"{one.hour:02}:00" for one in found],
        shape="bars",
        styles=(3,),
        drawn=1,
    )


def _products(workplace: Workplace, asked: Range, _now: datetime) -> Table:
    found = queries.top_products(workplace.merchant.id, asked.since, asked.until, most=10)
    rows: Sequence[tuple[Any, ...]] = [
        (f"{one.name} · {one.sku}", one.quantity - one.returned_quantity, one.returned_quantity, one.points)
        for one in found
    ]
    return Table(
        key="products",
        title=gettext("What sells most"),
        note=gettext("Pieces that were bought and kept; the first ten."),
        headings=[
            gettext("Product"),
            gettext("Pieces kept"),
            gettext("Pieces returned"),
            gettext("Base points"),
        ],
        rows=rows,
        labels=[one.name for one in found],
        firsts=[row[0] for row in rows],
        shape="rows",
        styles=(2,),
        drawn=1,
    )


def _short(day: date) -> str:
    return f"{day.month}-{day.day}" if reader_language() == "zh-Hans" else date_format(day, "j M")


def _long(day: date) -> str:
    return date_format(day, "DATE_FORMAT" if reader_language() == "zh-Hans" else "j M Y")


def _month(month: date) -> str:
    return f"{month.month}月" if reader_language() == "zh-Hans" else date_format(month, "M")


_TABLES: Mapping[str, Callable[[Workplace, Range, datetime], Table]] = {
    "points": _moves,
    "liability": _liability,
    "expiring": _expiring,
    "hours": _hours,
    "products": _products,
}
