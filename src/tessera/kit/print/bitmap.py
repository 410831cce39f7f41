"""A label as dots: black or white, since a thermal head knows nothing between."""

import io
import threading

import segno
from PIL import Image, ImageDraw

from tessera.kit.print.fonts import drawn_font, runs_of
from tessera.kit.print.label import Label, Line, Qr, Shape, Text

__all__ = ["bitmap_of", "black_bytes", "dark_runs", "png_of", "qr_modules"]

_EDGES = 2
"""Shapes and letters are drawn so many times finer in each direction, then made black or white."""

_DARK = 128
_DRAWING = threading.BoundedSemaphore(2)


def bitmap_of(label: Label, dots_per_mm: int) -> Image.Image:
    """Return the label as a 1-bit picture (0: black) of whole dots."""
    width, height = round(label.width * dots_per_mm), round(label.height * dots_per_mm)
    fine = dots_per_mm * _EDGES
    with _DRAWING:
        drawn = Image.new("L", (width * _EDGES, height * _EDGES), 255)
        pen = ImageDraw.Draw(drawn)
        for piece in label.pieces:
            if isinstance(piece, Text):
                _write(pen, piece, fine)
            elif isinstance(piece, Shape):
                points = [(x * fine, y * fine) for x, y in piece.points]
                if piece.thickness:
                    pen.line(
                        [*points, points[0]],
                        fill=0,
                        width=max(1, round(piece.thickness * fine)),
                        joint="curve",
                    )
                else:
                    pen.polygon(points, fill=0)
        dots = drawn.resize((width, height), Image.Resampling.BOX).point(
            lambda grey: 255 if grey > _DARK else 0, "1"
        )
        # lines and QR codes are set dot by dot: an edge between two dots would be uneven
        for piece in label.pieces:
            if isinstance(piece, Line):
                _rule(dots, piece, dots_per_mm)
            elif isinstance(piece, Qr):
                _qr(dots, piece, dots_per_mm)
    return dots


def black_bytes(dots: Image.Image) -> tuple[bytes, int]:
    """Return the rows as bytes, eight dots each, 1 for black, rows filled up with white; and the bytes of a row."""
    per_row = (dots.width + 7) // 8
    wide = Image.new("1", (per_row * 8, dots.height), 1)
    wide.paste(dots, (0, 0))
    return bytes(byte ^ 0xFF for byte in wide.tobytes()), per_row


def png_of(dots: Image.Image) -> bytes:
    """Return the dots as a PNG."""
    out = io.BytesIO()
    dots.save(out, "PNG")
    return out.getvalue()


def qr_modules(text: str) -> list[list[bool]]:
    """Return the QR code of a text, row by row, without a quiet zone; middle error correction."""
    made = segno.make(text, error="m", micro=False, boost_error=False)
    return [[bool(module) for module in row] for row in made.matrix]


def dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    """Return where dark modules that touch one another begin, and how many they are."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found


def _write(pen: ImageDraw.ImageDraw, piece: Text, fine: int) -> None:
    size = max(1, round(piece.size * fine))
    x = piece.x * fine
    for run in runs_of(piece.text, piece.face):
        pen.text(
            (round(x), round(piece.baseline * fine)),
            run.text,
            font=drawn_font(run.face.path, size),
            fill=0,
            anchor="ls",
        )
        x += run.width * piece.size * fine


def _rule(dots: Image.Image, piece: Line, dots_per_mm: int) -> None:
    left, top = round(piece.x * dots_per_mm), round(piece.y * dots_per_mm)
    right = left + max(1, round(piece.length * dots_per_mm))
    dots.paste(0, (left, top, right, top + max(1, round(piece.thickness * dots_per_mm))))


def _qr(dots: Image.Image, piece: Qr, dots_per_mm: int) -> None:
    """Set the code with whole dots for each module."""
    rows = qr_modules(piece.text)
    square = round(piece.size * dots_per_mm)
    module = max(1, square // len(rows))
    spare = square - module * len(rows)
    spare = spare if piece.flush else spare // 2
    left, top = round(piece.x * dots_per_mm) + spare, round(piece.y * dots_per_mm) + spare
    code = Image.new("1", (len(rows), len(rows)), 1)
    code.putdata([0 if dark else 1 for row in rows for dark in row])
    side = module * len(rows)
    dots.paste(code.resize((side, side), Image.Resampling.NEAREST), (left, top))
