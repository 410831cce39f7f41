"""Geometry of charts: whole numbers in, places on a drawing out; templates write the SVG (site/parts/chart_drawing.html).

Every chart is drawn twice, for phones and for wider screens, so that its letters stay readable on both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tessera.kit.reader import shown_number

__all__ = [
    "NARROW",
    "WIDE",
    "Drawing",
    "Series",
    "Sheet",
    "draw_bars",
    "draw_line",
    "draw_rows",
    "nice_ticks",
]

_LETTER = 7
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chart is drawn on: width and height in the drawing's own units, how many labels and ticks find room."""

    width: int
    height: int
    labels: int
    ticks: int


NARROW = Sheet(width=320, height=220, labels=4, ticks=4)
WIDE = Sheet(width=560, height=250, labels=7, ticks=5)


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers with its name; `style` (1 to 4) is its colour in every theme."""

    name: str
    values: Sequence[int]
    style: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place; `anchor` is start, middle or end."""

    x: float
    y: float
    words: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle that says one number; `title` is what a pointer that rests on it is told."""

    x: float
    y: float
    width: float
    height: float
    style: int
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is to be drawn, in the order in which it lies on the sheet."""

    width: int
    height: int
    left: float = 0
    right: float = 0
    grid: Sequence[float] = ()
    baseline: float | None = None
    texts: Sequence[Text] = ()
    bars: Sequence[Bar] = ()
    line: str = ""
    area: str = ""
    style: int = 1
    dots: Sequence[Bar] = field(default_factory=tuple)


def nice_ticks(least: int, most: int, count: int) -> list[int]:
    """Return about `count` round numbers (1, 2 or 5 times a power of ten apart) from below `least` to above `most`."""
    least, most = min(0, least), max(0, most)
    if least == most:
        most = 1
    span, power, step = most - least, 1, 1
    while True:
        for times in _STEPS:
            step = times * power
            if span <= step * count:
                first = least // step * step
                return (
                    list(range(first, most + step, step))
                    if most % step
                    else list(range(first, most + 1, step))
                )
        power *= 10


def draw_bars(
    labels: Sequence[str],
    series: Sequence[Series],
    sheet: Sheet,
    *,
    shown: Callable[[int], str] = shown_number,
    titles: Sequence[str] = (),
) -> Drawing:
    """Return bars, those of one label stacked: what is above zero upwards, what is below downwards."""
    count = max(1, len(labels))
    most = max(
        (sum(one.values[i] for one in series if one.values[i] > 0) for i in range(len(labels))), default=0
    )
    least = min(
        (sum(one.values[i] for one in series if one.values[i] < 0) for i in range(len(labels))), default=0
    )
    frame = _Frame(least, most, sheet, shown)
    slot = frame.inner / count
    width = max(slot * 0.72, slot - 6) if slot > 3 else slot
    bars: list[Bar] = []
    for i in range(len(labels)):
        up, down = 0, 0
        for one in series:
            value = one.values[i]
            if not value:
                continue
            bottom = up if value > 0 else down
            top = bottom + value
            up, down = (top, down) if value > 0 else (up, top)
            y, other = sorted((frame.y(top), frame.y(bottom)))
            title = f"{(titles or labels)[i]} · {one.name} {shown(abs(value))}"
            x = frame.left + slot * i + (slot - width) / 2
            bars.append(Bar(_r(x), _r(y), _r(width), _r(max(other - y, 1)), one.style, title))
    words = [*frame.texts, *_labels(labels, sheet, lambda i: frame.left + slot * (i + 0.5))]
    return Drawing(sheet.width, sheet.height, frame.left, frame.right, frame.grid, frame.y(0), words, bars)


def draw_line(
    labels: Sequence[str], series: Series, sheet: Sheet, *, shown: Callable[[int], str] = shown_number
) -> Drawing:
    """Return one line over time with the area under it; a single value is a dot."""
    values = series.values
    frame = _Frame(min(values, default=0), max(values, default=0), sheet, shown)
    gaps = max(1, len(values) - 1)

    def x(i: int) -> float:
        return frame.left + frame.inner * i / gaps

    points = [(_r(x(i)), _r(frame.y(value))) for i, value in enumerate(values)]
    line = " ".join(f"{'L' if i else 'M'}{a} {b}" for i, (a, b) in enumerate(points))
    area = f"{line} L{points[-1][0]} {_r(frame.y(0))} L{points[0][0]} {_r(frame.y(0))} Z" if points else ""
    dots = [
        Bar(a, b, 0, 0, series.style, f"{labels[i]} · {shown(values[i])}") for i, (a, b) in enumerate(points)
    ]
    return Drawing(
        sheet.width,
        sheet.height,
        frame.left,
        frame.right,
        frame.grid,
        frame.y(0),
        [*frame.texts, *_labels(labels, sheet, x)],
        line=line,
        area=area,
        style=series.style,
        dots=dots[-1:],
    )


def draw_rows(
    names: Sequence[str], series: Series, sheet: Sheet, *, shown: Callable[[int], str] = shown_number
) -> Drawing:
    """Return bars that lie, each under its name: for a ranking, whose names are long."""
    row, top = 36, 4
    most = max(series.values, default=0) or 1
    room = sheet.width
    texts: list[Text] = []
    bars: list[Bar] = []
    for i, (name, value) in enumerate(zip(names, series.values, strict=True)):
        y = top + i * row
        number = shown(value)
        texts.append(Text(0, y + 12, shortened(name, room - len(number) * _LETTER - 24), "start"))
        texts.append(Text(room, y + 12, number, "end"))
        bars.append(
            Bar(0, y + 18, _r(max(room * max(value, 0) / most, 1)), 8, series.style, f"{name} · {number}")
        )
    return Drawing(sheet.width, top + len(names) * row, texts=texts, bars=bars)


def shortened(words: str, room: float) -> str:
    """Return as much of `words` as finds room (in the drawing's units), with … where it was cut."""
    used = 0.0
    for place, letter in enumerate(words):
        used += 12.5 if letter > "\u2e80" else _LETTER
        if used > room:
            return words[: max(place - 1, 0)].rstrip() + "…"
    return words


class _Frame:
    """The axes: where the numbers stand, how wide they are, and where a value lies."""

    def __init__(self, least: int, most: int, sheet: Sheet, shown: Callable[[int], str]) -> None:
        ticks = nice_ticks(least, most, sheet.ticks)
        names = [shown(tick) for tick in ticks]
        self.left = _r(max(len(name) for name in names) * _LETTER + 8)
        self.right = _r(sheet.width - 6)
        self.inner = self.right - self.left
        self._top, self._bottom = 10, sheet.height - 24
        self._low, self._high = ticks[0], ticks[-1]
        self.grid = [self.y(tick) for tick in ticks]
        self.texts = [
            Text(self.left - 6, self.y(tick) + 4, name, "end")
            for tick, name in zip(ticks, names, strict=True)
        ]

    def y(self, value: int) -> float:
        share = (value - self._low) / (self._high - self._low)
        return _r(self._bottom - (self._bottom - self._top) * share)


def _labels(labels: Sequence[str], sheet: Sheet, x: Callable[[int], float]) -> list[Text]:
    count = len(labels)
    if not count:
        return []
    every = max(1, -(-count // sheet.labels))
    y = sheet.height - 6
    found = []
    for i in range(0, count, every):
        half = len(labels[i]) * _LETTER / 2
        place = min(max(x(i), half), sheet.width - half)
        found.append(Text(_r(place), y, labels[i]))
    return found


def _r(value: float) -> float:
    return round(value, 1)
