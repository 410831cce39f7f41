"""Labels as PDF: exact in millimetres, words as text, each on a page of its own or many on a sheet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from tessera.kit.print.bitmap import dark_runs, qr_modules
from tessera.kit.print.fonts import runs_of
from tessera.kit.print.label import Label, Line, Qr, Shape, Text

__all__ = ["PAPERS", "Sheet", "fitting_sheet", "write_labels", "write_sheets"]

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height in mm, upright."""

rl_config.useA85 = 0  # text armour round every page costs time and a quarter of the size

_MARK = 3
_MARK_AWAY = 1
"""Crop marks: length, and how far from the label's corner."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """How labels lie on paper, in mm: the grid is in the middle, `gap` between labels. `skip`: places used up before."""

    paper_width: float
    paper_height: float
    columns: int
    rows: int
    gap: float = 0
    skip: int = 0
    marks: bool = True

    @property
    def per_page(self) -> int:
        """How many labels lie on one sheet."""
        return self.columns * self.rows


def fitting_sheet(
    *,
    width: float,
    height: float,
    paper: str,
    columns: int | None = None,
    rows: int | None = None,
    gap: float = 0,
    margin: float = 5,
    most: int = 12,
) -> Sheet | None:
    """Return a sheet with so many columns and rows of labels (mm), or with as many as fit, up to `most`; None: they do not.

    The paper lies upright or across, whichever takes more.
    """
    short, long = PAPERS[paper]
    found: Sheet | None = None
    for paper_width, paper_height in ((short, long), (long, short)):
        fit_columns = int((paper_width - 2 * margin + gap) // (width + gap))
        fit_rows = int((paper_height - 2 * margin + gap) // (height + gap))
        if fit_columns < (columns or 1) or fit_rows < (rows or 1):
            continue
        wide = columns or min(fit_columns, max(1, most // (rows or 1)))
        deep = rows or min(fit_rows, max(1, most // wide))
        if found is None or wide * deep > found.per_page:
            found = Sheet(paper_width, paper_height, wide, deep, gap)
    return found


def write_labels(out: IO[bytes], labels: Iterable[Label], *, title: str) -> int:
    """Write a PDF with each label on a page of its size; return how many."""
    count = 0
    canvas = _canvas(out, title)
    for label in labels:
        canvas.setPageSize((label.width * mm, label.height * mm))
        _draw(canvas, label, 0, 0)
        canvas.showPage()
        count += 1
    canvas.save()
    return count


def write_sheets(out: IO[bytes], labels: Iterable[Label], *, sheet: Sheet, title: str) -> int:
    """Write a PDF with labels on sheets, row by row; return how many labels."""
    canvas = _canvas(out, title)
    canvas.setPageSize((sheet.paper_width * mm, sheet.paper_height * mm))
    count = 0
    first = min(sheet.skip, sheet.per_page - 1)
    waiting: Iterator[Label] = iter(labels)
    while batch := list(islice(waiting, sheet.per_page - first)):
        for place, label in enumerate(batch, start=first):
            left, top = _place(sheet, label, place)
            _draw(canvas, label, left, sheet.paper_height - top - label.height)
            if sheet.marks:
                _mark(canvas, left, sheet.paper_height - top - label.height, label, sheet, place)
        canvas.showPage()
        count += len(batch)
        first = 0
    canvas.save()
    return count


def _canvas(out: IO[bytes], title: str) -> Any:
    canvas = Canvas(out, pageCompression=1, initialFontName="Helvetica")
    canvas.setTitle(title)
    canvas.setCreator("Tessera")
    return canvas


def _place(sheet: Sheet, label: Label, place: int) -> tuple[float, float]:
    row, column = divmod(place, sheet.columns)
    across = sheet.columns * label.width + (sheet.columns - 1) * sheet.gap
    down = sheet.rows * label.height + (sheet.rows - 1) * sheet.gap
    left = (sheet.paper_width - across) / 2 + column * (label.width + sheet.gap)
    return left, (sheet.paper_height - down) / 2 + row * (label.height + sheet.gap)


def _draw(canvas: Any, label: Label, left: float, bottom: float) -> None:
    """Draw the label with its lower left corner there; PDF counts upwards."""
    canvas.setFillGray(0)
    for piece in label.pieces:
        if isinstance(piece, Text):
            line = canvas.beginText((left + piece.x) * mm, (bottom + label.height - piece.baseline) * mm)
            for run in runs_of(piece.text, piece.face):
                line.setFont(run.face.name, piece.size * mm)
                line.textOut(run.text)
            canvas.drawText(line)
        elif isinstance(piece, Line):
            top = bottom + label.height - piece.y - piece.thickness
            canvas.rect(
                (left + piece.x) * mm, top * mm, piece.length * mm, piece.thickness * mm, stroke=0, fill=1
            )
        else:
            _draw_path(canvas, piece, left, bottom + label.height)


def _draw_path(canvas: Any, piece: Shape | Qr, left: float, top: float) -> None:
    path = canvas.beginPath()
    x: float
    y: float
    if isinstance(piece, Qr):
        rows = qr_modules(piece.text)
        module = piece.size / len(rows) * mm
        # whole numbers of modules are written faster, and shorter, than places on paper
        canvas.saveState()
        canvas.transform(module, 0, 0, -module, (left + piece.x) * mm, (top - piece.y) * mm)
        for y, row in enumerate(rows):
            for start, length in dark_runs(row):
                path.rect(start, y, length, 1)
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.restoreState()
        return
    for place, (x, y) in enumerate(piece.points):
        (path.lineTo if place else path.moveTo)((left + x) * mm, (top - y) * mm)
    path.close()
    canvas.setLineWidth(piece.thickness * mm)
    canvas.drawPath(path, stroke=1 if piece.thickness else 0, fill=0 if piece.thickness else 1)


def _mark(canvas: Any, left: float, bottom: float, label: Label, sheet: Sheet, place: int) -> None:
    """Draw crop marks around the grid: none between labels, where a mark would lie on the next one."""
    row, column = divmod(place, sheet.columns)
    canvas.setLineWidth(0.1 * mm)
    canvas.setStrokeGray(0.5)
    for x, out_x, outer_x in ((left, -1, column == 0), (left + label.width, 1, column == sheet.columns - 1)):
        for y, out_y, outer_y in ((bottom, -1, row == sheet.rows - 1), (bottom + label.height, 1, row == 0)):
            near, far = _MARK_AWAY * mm, (_MARK_AWAY + _MARK) * mm
            if outer_x:
                canvas.line(x * mm + out_x * near, y * mm, x * mm + out_x * far, y * mm)
            if outer_y:
                canvas.line(x * mm, y * mm + out_y * near, x * mm, y * mm + out_y * far)
    canvas.setStrokeGray(0)
