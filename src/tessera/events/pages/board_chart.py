"""Arrivals over time as a drawing with its words; the table under it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from tessera.events.queries.board import Pace
from tessera.kit.charts import NARROW, WIDE, Drawing, Series, draw_bars
from tessera.kit.reader import local_moment, shown_number

__all__ = ["PaceChart", "PaceTable", "chart_of_pace"]


@dataclass(frozen=True, slots=True)
class PaceTable:
    """The numbers behind the drawing, as site/parts/chart_drawing.html wants them; `rows` have arrivals, newest first."""

    key: str
    title: str
    rows: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class PaceChart:
    """The table and its two drawings."""

    table: PaceTable
    narrow: Drawing
    wide: Drawing
    words: str


def chart_of_pace(pace: Pace, zone: str) -> PaceChart:
    """Return the chart of arrivals, its times in the event's `zone`."""
    local = [(at.astimezone(ZoneInfo(zone)), count) for at, count in pace.steps]
    title = ngettext("Arrivals per minute", "Arrivals in %(n)s minutes", pace.step_min) % {"n": pace.step_min}
    values = [count for _at, count in local]
    one_day = len({at.date() for at, _count in local}) < 2
    labels = [_short(at, one_day=one_day) for at, _count in local]
    titles = [local_moment(at, zone) for at, _count in local]
    series = [Series(gettext("Arrivals"), values, 2)]
    rows = [(title, count) for title, count in zip(titles, values, strict=True) if count][::-1]
    return PaceChart(
        PaceTable("pace", title, rows),
        draw_bars(labels, series, NARROW, titles=titles),
        draw_bars(labels, series, WIDE, titles=titles),
        gettext("{total} arrivals in all, {most} at most in one bar").format(
            total=shown_number(sum(values)), most=shown_number(max(values, default=0))
        ),
    )


def _short(at: datetime, *, one_day: bool) -> str:
    return f"{at:%H:%M}" if one_day else f"{at.month}-{at.day} {at:%H}"
