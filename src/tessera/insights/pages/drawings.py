"""A table of numbers and the chart that says the same: drawn twice, for phones and for wider screens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from tessera.kit.charts import NARROW, WIDE, Drawing, Series, Sheet, draw_bars, draw_line, draw_rows
from tessera.kit.reader import shown_number

__all__ = ["Chart", "Table", "chart_of"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows whose first cell names and whose other cells count; `shape` is bars, line or rows.

    `labels` are short, for an axis, `firsts` the first cells as they are read; `drawn` columns are in the chart (0: all).
    """

    key: str
    title: str
    note: str
    headings: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    labels: Sequence[str]
    firsts: Sequence[str]
    shape: str
    styles: Sequence[int]
    signs: Sequence[int] = ()
    drawn: int = 0

    @property
    def plain(self) -> list[list[Any]]:
        """The rows as a spreadsheet takes them: days in ISO form, numbers as numbers."""
        return [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in self.rows]

    @property
    def cells(self) -> list[tuple[str, list[int]]]:
        """The rows as they are shown: the first cell in words, then the numbers."""
        return [(first, list(row[1:])) for first, row in zip(self.firsts, self.rows, strict=True)]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(any(row[1:]) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Chart:
    """A table with its two drawings, its legend (where there is more than one series) and its words."""

    table: Table
    narrow: Drawing
    wide: Drawing
    legend: Sequence[Series]
    words: str


def chart_of(table: Table) -> Chart:
    """Return the chart of a table."""
    columns = table.headings[1 : 1 + (table.drawn or len(table.headings) - 1)]
    signs = table.signs or (1,) * len(columns)
    series = [
        Series(name, [row[place + 1] * signs[place] for row in table.rows], table.styles[place])
        for place, name in enumerate(columns)
    ]
    return Chart(
        table,
        _drawn(table, series, NARROW),
        _drawn(table, series, WIDE),
        series if len(series) > 1 else (),
        _words(series),
    )


def _drawn(table: Table, series: Sequence[Series], sheet: Sheet) -> Drawing:
    if table.shape == "line":
        return draw_line(table.labels, series[0], sheet)
    if table.shape == "rows":
        return draw_rows(table.labels, series[0], sheet)
    return draw_bars(table.labels, series, sheet, titles=table.firsts)


def _words(series: Sequence[Series]) -> str:
    """Say in a sentence what a reader of the drawing would see first."""
    parts = [
        gettext("{name}: {total} in all, {most} at most").format(
            name=one.name,
            total=shown_number(abs(sum(one.values))),
            most=shown_number(max((abs(value) for value in one.values), default=0)),
        )
        for one in series
    ]
    return gettext("; ").join(parts)
