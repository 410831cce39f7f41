"""How a badge is laid out: the number as large as fits, the rest in what is left. One layout for every way to print.

The spec's picture: a guest remembers the numbers on the chests of those he would like to know (spec/events.md, step 7).
"""

from collections.abc import Sequence

from tessera.events.rules.badges import Badge, BadgeDesign
from tessera.kit.print.fonts import CAP, readable, width_of
from tessera.kit.print.label import Label, Line, Piece, Qr, Shape, Text

__all__ = ["arrange"]

_NUMBER_SHARE = {"full": 1.0, "large": 0.82, "medium": 0.64}
_SMALLEST_NAME = 2.6
"""Em of a name in mm that is still read at arm's length, seven points."""

_QUIET = 1.2
"""White around the QR code in mm, at the least."""

_HALF_A = (
    (33, 8),
    (33, 22),
    (39, 28),
    (33, 34),
    (33, 38),
    (39, 44),
    (33, 50),
    (33, 64),
    (13, 64),
    (10, 61),
    (10, 11),
    (13, 8),
)
_HALF_B = (
    (38.5, 8),
    (59, 8),
    (62, 11),
    (62, 61),
    (59, 64),
    (38.5, 64),
    (38.5, 52.3),
    (46.8, 44),
    (38.8, 36),
    (46.8, 28),
    (38.5, 19.7),
)
"""The tally of the pages (site/parts/tally.html), in a square of 72."""


def arrange(design: BadgeDesign, badge: Badge, *, width_mm: int = 0, height_mm: int = 0) -> Label:
    """Return the badge as a label of the design's size, or of the printer's where that is given."""
    width, height = float(width_mm or design.width_mm), float(height_mm or design.height_mm)
    margin = min(max(min(width, height) * 0.06, 1.5), 5)
    pieces: list[Piece] = []
    top = _heading(pieces, design, badge, width, height, margin)
    bottom = _band(pieces, design, badge, width, height, margin, top)
    _number(pieces, design, badge, width, margin, top, bottom)
    return Label(width, height, tuple(pieces))


def _heading(
    pieces: list[Piece], design: BadgeDesign, badge: Badge, width: float, height: float, margin: float
) -> float:
    """Title and tally above a hairline; return where the room under it begins."""
    title = readable(badge.title) if "title" in design.shows else ""
    has_mark = "mark" in design.shows
    size = min(max(min(height, width) * 0.075, 2.2), 5)
    if not title and not has_mark:
        return margin
    line = margin + size * 1.15
    side = size * 1.15
    if has_mark:
        _tally(pieces, width - margin - side * 0.78, margin - side * 0.1, side)
    if title:
        shown = _cut(title, size, width - 2 * margin - (side * 1.6 if has_mark else 0))
        pieces.append(_text(shown, "name", margin, margin + size * 0.82, size))
    pieces.append(Line(margin, line + size * 0.2, width - 2 * margin, 0.15))
    return line + size * 0.2 + margin * 0.6


def _band(
    pieces: list[Piece],
    design: BadgeDesign,
    badge: Badge,
    width: float,
    height: float,
    margin: float,
    top: float,
) -> float:
    """Name, group and QR code at the foot; return where the number's room ends."""
    name = readable(badge.name) if "name" in design.shows else ""
    group = readable(badge.group) if "group" in design.shows else ""
    has_qr = "qr" in design.shows and bool(badge.address)
    if not (name or group or has_qr):
        return height - margin
    room = height - margin - top
    upright = height > width * 1.15
    side = min(max(room * (0.36 if upright else 0.44), 11.0), 30.0, width * 0.5) if has_qr else 0.0
    if has_qr and (room - side < room * 0.34 or (upright and not name and not group)):
        side = min(side, room * 0.5)
    if upright and has_qr and (name or group):
        words = room * 0.2
        pieces.append(Qr(badge.address, (width - side) / 2, height - margin - side, side))
        foot = height - margin - side - _QUIET
        _words(pieces, name, group, margin, foot - words, width - 2 * margin, words, centred=True)
        return foot - words - margin * 0.7
    band = max(side, room * (0.3 if group and name else 0.24) if name or group else 0)
    left = height - margin - band
    if has_qr:
        x = width - margin - side if name or group else (width - side) / 2
        pieces.append(Qr(badge.address, x, height - margin - side, side, flush=bool(name or group)))
    across = width - 2 * margin - (side + max(_QUIET * 2, margin * 0.8) if has_qr else 0)
    _words(pieces, name, group, margin, left, across, band, centred=not has_qr)
    return left - margin * 0.7


def _words(
    pieces: list[Piece],
    name: str,
    group: str,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    centred: bool,
) -> None:
    """Name, and the group small under it, standing on the foot of their room."""
    foot = y + height
    if group:
        size = min(max(height * 0.2, 2.2), 5)
        shown = _cut(group, size, width)
        pieces.append(_placed(shown, size, x, foot - size * 0.16, width, centred=centred))
        foot -= size * 1.35
    if not name:
        return
    lines, size = _fitted(name, width, foot - y)
    for place, line in enumerate(reversed(lines)):
        pieces.append(_placed(line, size, x, foot - size * 0.14 - place * size * 1.2, width, centred=centred))


def _fitted(name: str, width: float, height: float) -> tuple[Sequence[str], float]:
    """Return the name in one line or two, as large as fits, and its em; what does not fit at all ends in "…"."""
    best: tuple[Sequence[str], float] = ((), 0)
    for lines in _ways_to_break(name):
        widest = max(width_of(line, "name") for line in lines)
        size = min(width / max(widest, 0.01), height / (1.2 * len(lines)), 14)
        if size > best[1] * (1.15 if len(lines) > 1 else 1):
            best = (lines, size)
    if best[1] >= _SMALLEST_NAME:
        return best
    return (_cut(name, _SMALLEST_NAME, width),), _SMALLEST_NAME


def _ways_to_break(name: str) -> Sequence[Sequence[str]]:
    """One line, and two that are as even as can be: Latin breaks at blanks, Chinese anywhere."""
    blanks = [place for place, one in enumerate(name) if one == " "]
    places = blanks or (list(range(2, len(name) - 1)) if len(name) > 5 and not name.isascii() else [])
    if not places:
        return ((name,),)
    middle = min(
        places, key=lambda place: max(width_of(name[:place], "name"), width_of(name[place:], "name"))
    )
    return ((name,), (name[:middle].strip(), name[middle:].strip()))


def _number(
    pieces: list[Piece],
    design: BadgeDesign,
    badge: Badge,
    width: float,
    margin: float,
    top: float,
    bottom: float,
) -> None:
    """The number in the middle of its room, as large as the design allows."""
    shown = readable(badge.shown) or " "
    across = width - 2 * margin
    size = (
        min(across / max(width_of(shown, "number"), 0.01), (bottom - top) / CAP)
        * _NUMBER_SHARE[design.number]
    )
    baseline = (top + bottom + size * CAP) / 2
    pieces.append(_placed(shown, size, margin, baseline, across, face="number", centred=True))


def _placed(
    text: str, size: float, x: float, baseline: float, width: float, *, centred: bool, face: str = "name"
) -> Text:
    made = _text(text, face, x, baseline, size)
    return _text(text, face, x + max(0.0, (width - made.width) / 2), baseline, size) if centred else made


def _text(text: str, face: str, x: float, baseline: float, size: float) -> Text:
    return Text(text, face, x, baseline, size, width_of(text, face) * size)


def _cut(text: str, size: float, width: float) -> str:
    """Return the words, shortened with "…" to what fits."""
    if width_of(text, "name") * size <= width:
        return text
    while text and width_of(text + "…", "name") * size > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _tally(pieces: list[Piece], x: float, y: float, side: float) -> None:
    unit = side / 72
    pieces.append(Shape(tuple((x + (a - 10) * unit, y + b * unit) for a, b in _HALF_A)))
    pieces.append(Shape(tuple((x + (a - 10) * unit, y + b * unit) for a, b in _HALF_B), thickness=unit * 4))
