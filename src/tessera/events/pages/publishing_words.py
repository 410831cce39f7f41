"""How pages write an event: when it is, what it still needs, where it is on a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext

from tessera.events.models import Event
from tessera.events.rules.publishing import ToDo
from tessera.kit.reader import local_day

__all__ = ["Span", "ToDoWords", "map_addresses", "span_of", "to_do_words"]

_E7 = 10_000_000
_CHINA = (180_000_000, 540_000_000, 730_000_000, 1_350_000_000)
"""Roughly, in ten-millionths of a degree: where people have maps of their own country."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when by the clocks of the place, and as words: `day`, `hours`, `doors_at`, `zone` ("UTC+8").

    Templates write the words: their date filter would turn the moments to the platform's own zone.
    """

    starts: datetime
    ends: datetime
    day: str
    hours: str
    doors_at: str
    zone: str

    @property
    def month(self) -> str:
        """The month of the beginning, for a leaf of a calendar."""
        return formats.date_format(self.starts, "M")

    @property
    def date(self) -> int:
        """The day of the month, for a leaf of a calendar."""
        return self.starts.day


def span_of(event: Event) -> Span:
    """Return when the event is, by the clocks of its place."""
    zone = ZoneInfo(event.time_zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    day = f"{local_day(starts, zone)} {formats.date_format(starts, 'D')}"
    hours = f"{starts:%H:%M} – {ends:%H:%M}"
    if ends.date() != starts.date():
        hours = f"{starts:%H:%M} – {local_day(ends, zone)} {ends:%H:%M}"
    doors = event.doors_at.astimezone(zone)
    doors_at = (
        f"{doors:%H:%M}" if doors.date() == starts.date() else f"{local_day(doors, zone)} {doors:%H:%M}"
    )
    return Span(starts, ends, day, hours, doors_at, _offset(starts))


def _offset(at: datetime) -> str:
    offset = at.utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")


@dataclass(frozen=True, slots=True)
class ToDoWords:
    """One line of the list before publishing, in words."""

    done: bool
    words: str


def to_do_words(lines: Sequence[ToDo]) -> list[ToDoWords]:
    """Return the list before publishing as the reader's language says it."""
    words = {
        "title": gettext("A title"),
        "text": gettext("A text that says what happens"),
        "place": gettext("A place"),
        "times": gettext("Times to come"),
        "registration": gettext("A registration that is still open"),
        "merchant": gettext("Your business is approved and not suspended"),
    }
    return [ToDoWords(one.done, words[one.key]) for one in lines]


def map_addresses(event: Event) -> tuple[str, str]:
    """Return the address of the place on a map, and the one that a phone's own map opens; empty without a position."""
    if event.latitude_e7 is None or event.longitude_e7 is None:
        return "", ""
    latitude, longitude = f"{event.latitude_e7 / _E7:.6f}", f"{event.longitude_e7 / _E7:.6f}"
    name = quote(event.place or event.title)
    south, north, west, east = _CHINA
    if south < event.latitude_e7 < north and west < event.longitude_e7 < east:
        there = f"https://uri.amap.com/marker?position={longitude},{latitude}&name={name}&coordinate=wgs84"
    else:
        there = (
            f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
        )
    return there, f"geo:{latitude},{longitude}?q={latitude},{longitude}({name})"
