"""Tables to take away: CSV that a spreadsheet opens rightly, in Chinese too, row by row however long it is."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from django.http import StreamingHttpResponse

__all__ = ["csv_answer", "safe_cell"]

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]")
"""What a name in a header's quotation marks could break out with, or what is no ASCII."""


class _Echo:
    """What the writer writes is handed on at once."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: Any) -> Any:
    """Return the cell; a text that a spreadsheet would take for a formula is told to be a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUNS) else value


def csv_answer(
    name: str, headings: Sequence[Any], rows: Iterable[Sequence[Any]], *, bom: bool = True
) -> StreamingHttpResponse:
    """Return a download named `name` (no ending) with the headings and rows; `bom`: the mark at its start says UTF-8."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield ("\ufeff" if bom else "") + writer.writerow([safe_cell(str(heading)) for heading in headings])
        for row in rows:
            yield writer.writerow([safe_cell(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    plain = _UNSAFE.sub("", name).strip("-_. ") or "table"
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}.csv\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}.csv"
    )
    response["Cache-Control"] = "private, no-store"
    return response
