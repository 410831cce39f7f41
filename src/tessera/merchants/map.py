"""A map of a merchant's stores without anybody else's tiles: places to scale, districts as soft areas, a scale bar."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Area", "Dot", "Drawing", "Place", "draw_map"]

_LEAST_HEIGHT, _MOST_HEIGHT = 240, 420
_MARGIN = 52
_M_PER_DEGREE = 111_195
_LEAST_SPAN_M = 400
_E7 = 10_000_000
_SCALES_M = (
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: its name, district, ten-millionths of a degree (WGS 84), and its number in the table."""

    name: str
    district: str
    latitude_e7: int
    longitude_e7: int
    number: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the drawing."""

    x: str
    y: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Area:
    """A district on the drawing: a soft outline around its places, and where its name stands."""

    name: str
    path: str
    x: str
    y: str
    series: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw, in units of the drawing; the scale bar is `bar` long and means `bar_m` metres."""

    width: int
    height: int
    dots: Sequence[Dot]
    areas: Sequence[Area]
    bar: str
    bar_m: int
    bar_y: int


def draw_map(places: Sequence[Place], *, width: int) -> Drawing | None:
    """Return the drawing of `places`, `width` wide and true to scale around their middle; None where there are none."""
    if not places:
        return None
    middle = (_middle([p.latitude_e7 for p in places]), _middle([p.longitude_e7 for p in places]))
    metres = [_metres(place, middle) for place in places]
    span_x = max(max(x for x, _ in metres) - min(x for x, _ in metres), _LEAST_SPAN_M)
    span_y = max(max(y for _, y in metres) - min(y for _, y in metres), _LEAST_SPAN_M / 2)
    scale = min((width - 2 * _MARGIN) / span_x, (_MOST_HEIGHT - 2 * _MARGIN) / span_y)
    height = max(_LEAST_HEIGHT, min(_MOST_HEIGHT, round(span_y * scale + 2 * _MARGIN)))
    points = [(width / 2 + x * scale, height / 2 - y * scale) for x, y in metres]
    dots = [Dot(_n(x), _n(y), place.number, place.name) for place, (x, y) in zip(places, points, strict=True)]
    bar_m = max((one for one in _SCALES_M if one * scale <= width / 3), default=_SCALES_M[0])
    return Drawing(width, height, dots, _areas(places, points), _n(bar_m * scale), bar_m, height - 16)


def _middle(values: Sequence[int]) -> float:
    return (max(values) + min(values)) / 2 / _E7


def _metres(place: Place, middle: Point) -> Point:
    """East and north of the middle; good to a few per mille over a city."""
    north = (place.latitude_e7 / _E7 - middle[0]) * _M_PER_DEGREE
    east = (place.longitude_e7 / _E7 - middle[1]) * _M_PER_DEGREE * math.cos(math.radians(middle[0]))
    return east, north


def _areas(places: Sequence[Place], points: Sequence[Point]) -> list[Area]:
    by_district: dict[str, list[Point]] = {}
    for place, point in zip(places, points, strict=True):
        if place.district:
            by_district.setdefault(place.district, []).append(point)
    areas = []
    for number, (name, own) in enumerate(sorted(by_district.items())):
        hull = _hull(own)
        path = "M" + " L".join(f"{_n(x)} {_n(y)}" for x, y in hull) + " Z"
        top = min(y for _, y in own)
        across = sum(x for x, _ in hull) / len(hull)
        areas.append(Area(name, path, _n(across), _n(max(18.0, top - 30)), number % 4 + 1))
    return areas


def _hull(points: Sequence[Point]) -> list[Point]:
    """The convex hull (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _chain(points: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
