"""Labels as a PDF file: which ones, in how many files, on which paper. Pages and API give the same."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tessera.events.badge_layout import arrange
from tessera.events.errors.badges import BadgeNumbersUnreadable, LabelsMissing, LabelsTooMany, SheetTooSmall
from tessera.events.models import Event
from tessera.events.queries.badges import arrived_badges, blank_badge, count_arrived
from tessera.events.rules.badges import LABELS_PER_FILE, Badge, design_of, numbers_in
from tessera.kit.print.pdf import Sheet, fitting_sheet, write_labels, write_sheets

__all__ = ["Part", "label_pdf", "parts_of"]

_MOST_BLANK = 100_000


@dataclass(frozen=True, slots=True)
class Part:
    """One file of many: its place (1 is the first), and its first and last label or number."""

    place: int
    first: int
    last: int


def parts_of(event: Event, wanted: Mapping[str, Any]) -> Sequence[Part]:
    """Return the files in which the labels come; `wanted` as the form says it (who, numbers).

    Refuses `badge_numbers_unreadable`, `labels_missing`, `labels_too_many`.
    """
    numbers = _numbers(wanted)
    if wanted["who"] == "blank":
        if numbers is None or len(numbers) != 1:
            raise BadgeNumbersUnreadable
        [(first, last)] = numbers
        count, offset = last - first + 1, first
        if count > _MOST_BLANK:
            raise LabelsTooMany(most=_MOST_BLANK)
    else:
        count, offset = count_arrived(event.id, numbers), 1
    if not count:
        raise LabelsMissing
    starts = range(0, count, LABELS_PER_FILE)
    return [
        Part(place, offset + start, offset + min(start + LABELS_PER_FILE, count) - 1)
        for place, start in enumerate(starts, start=1)
    ]


def label_pdf(event: Event, wanted: Mapping[str, Any], *, part: int = 1) -> io.BytesIO:
    """Return the PDF of one part, to be read from its beginning; it has two megabytes at most.

    Refuses what `parts_of` refuses, `labels_missing` for a part that is not there, `sheet_too_small`.
    """
    parts = parts_of(event, wanted)
    if not 1 <= part <= len(parts):
        raise LabelsMissing
    design = design_of(event.badge)
    sheet = _sheet(wanted, design.width_mm, design.height_mm)
    labels = (arrange(design, badge) for badge in _badges(event, wanted, parts[part - 1]))
    out = io.BytesIO()
    if sheet is None:
        write_labels(out, labels, title=event.title)
    else:
        write_sheets(out, labels, sheet=sheet, title=event.title)
    out.seek(0)
    return out


def _numbers(wanted: Mapping[str, Any]) -> Sequence[tuple[int, int]] | None:
    said = str(wanted.get("numbers") or "").strip()
    if not said:
        return None
    found = numbers_in(said)
    if found is None:
        raise BadgeNumbersUnreadable
    return found


def _badges(event: Event, wanted: Mapping[str, Any], part: Part) -> Iterator[Badge]:
    if wanted["who"] == "blank":
        prefix = str(wanted.get("number_prefix") or "")
        return (blank_badge(event, number, prefix=prefix) for number in range(part.first, part.last + 1))
    found = arrived_badges(
        event, numbers=_numbers(wanted), start=part.first - 1, limit=part.last - part.first + 1
    )
    return islice(found, LABELS_PER_FILE)


def _sheet(wanted: Mapping[str, Any], width_mm: int, height_mm: int) -> Sheet | None:
    if wanted.get("paper", "label") == "label":
        return None
    margin = wanted.get("margin_mm")
    found = fitting_sheet(
        width=width_mm,
        height=height_mm,
        paper=wanted["paper"],
        columns=wanted.get("columns"),
        rows=wanted.get("rows"),
        gap=wanted.get("gap_mm") or 0,
        margin=5 if margin is None else margin,
    )
    if found is None:
        raise SheetTooSmall(width_mm=width_mm, height_mm=height_mm)
    skip = min(wanted.get("skip") or 0, found.per_page - 1)
    return Sheet(
        found.paper_width,
        found.paper_height,
        found.columns,
        found.rows,
        found.gap,
        skip,
        bool(wanted.get("marks")),
    )
