"""The set of real meet-ups (R-Ladies Global): its files, read; and the time zone that a place and an offset mean."""

import csv
import gzip
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

__all__ = [
    "Admission",
    "Meetup",
    "nearest_zone",
    "read_admissions",
    "read_duration",
    "read_meetups",
    "read_overlaps",
]

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_COORDINATES = re.compile(r"([+-]\d{2})(\d{2})(\d{2})?([+-]\d{3})(\d{2})(\d{2})?")


@dataclass(frozen=True, slots=True)
class Meetup:
    """A meet-up as the set has it; `latitude` and `longitude` None: online, or not told."""

    id: str
    group: str
    group_name: str
    title: str
    starts: datetime
    duration: timedelta
    created: datetime
    accepted: int
    waitlisted: int
    venue: str
    address: str
    city: str
    latitude: Decimal | None
    longitude: Decimal | None
    cancelled: bool

    @property
    def guests(self) -> int:
        """How many registered and were accepted or waitlisted."""
        return self.accepted + self.waitlisted


@dataclass(frozen=True, slots=True)
class Admission:
    """What must come out of one event: times in UTC, the day where it takes place, how many accepted and waitlisted."""

    start_utc: str
    end_utc: str
    local_date: str
    accepted: int
    waitlisted: int


def read_duration(text: str) -> timedelta:
    """Return a duration of days, hours, minutes and seconds written as ISO 8601 has it; raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is no duration")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_meetups(folder: Path) -> list[Meetup]:
    """Return the meet-ups in the order of their beginning; raises OSError, ValueError and KeyError."""
    with gzip.open(folder / "events.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        found = [_meetup(row) for row in csv.DictReader(lines)]
    return sorted(found, key=lambda one: (one.starts, one.id))


def _meetup(row: Mapping[str, str]) -> Meetup:
    def degrees(name: str) -> Decimal | None:
        return Decimal(row[name]) if row["lat"] and row["lon"] else None

    return Meetup(
        row["event_id"],
        row["group"],
        row["group_name"] or row["group"],
        row["title"],
        datetime.fromisoformat(row["start"]),
        read_duration(row["duration"]),
        datetime.fromisoformat(row["created"]),
        int(row["yes"]),
        int(row["waitlist"]),
        row["venue"],
        row["address"],
        row["city"],
        degrees("lat"),
        degrees("lon"),
        row["status"] == "CANCELLED",
    )


def read_admissions(folder: Path) -> dict[str, Admission]:
    """Return what must come out, by the set's id of the event.

    The set leaves the end of events of a hundred hours and more empty: there it is the beginning and the duration.
    """
    with (folder / "expected_times_and_admissions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["event_id"]: Admission(
                row["start_utc"],
                row["end_utc"] or _end_of(row["start_utc"], row["duration"]),
                row["local_date"],
                int(row["yes"]),
                int(row["waitlist"]),
            )
            for row in csv.DictReader(lines)
        }


def _end_of(start_utc: str, duration: str) -> str:
    return f"{datetime.fromisoformat(start_utc) + read_duration(duration):%Y-%m-%dT%H:%M:%SZ}"


def read_overlaps(folder: Path) -> set[tuple[str, str]]:
    """Return the pairs of events of one group that overlap, the lesser id first."""
    with (folder / "expected_overlaps_same_group.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (min(row["event_a"], row["event_b"]), max(row["event_a"], row["event_b"]))
            for row in csv.DictReader(lines)
        }


def nearest_zone(starts: datetime, places: Sequence[tuple[Decimal, Decimal]]) -> str:
    """Return the time zone nearest to one of the places whose clocks show the offset of `starts` at that moment.

    The set names offsets and no zones; the nearest zone that fits is where the people were. Without places, or where none
    fits near them, any zone that fits; without any at all the fixed offset of whole hours, or UTC.
    """
    offset, at = starts.utcoffset(), starts.astimezone(UTC)
    fitting = [zone for zone in _zones() if at.astimezone(zone.zone).utcoffset() == offset]
    if not fitting:
        hours = int((offset or timedelta()).total_seconds()) // 3600
        return f"Etc/GMT{-hours:+d}" if hours else "UTC"
    if not offset and not places:
        return "UTC"
    if places:
        return min(fitting, key=lambda one: min(one.distance(place) for place in places)).name
    return fitting[0].name


@dataclass(frozen=True, slots=True)
class _Zone:
    name: str
    zone: ZoneInfo
    latitude: float
    longitude: float

    def distance(self, place: tuple[Decimal, Decimal]) -> float:
        """Return how far the place is from the zone's town, good enough to tell which one is nearest."""
        across = (float(place[1]) - self.longitude + 180) % 360 - 180
        squeezed = across * math.cos(math.radians(self.latitude))
        return math.hypot(float(place[0]) - self.latitude, squeezed)


@cache
def _zones() -> list[_Zone]:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found = []
    for line in table.splitlines():
        if line.startswith("#") or not line:
            continue
        _country, coordinates, name, *_ = line.split("\t")
        parts = _COORDINATES.fullmatch(coordinates)
        assert parts is not None, "zone.tab: coordinates"
        south, east = _degrees(*parts.groups()[:3]), _degrees(*parts.groups()[3:])
        found.append(_Zone(name, ZoneInfo(name), south, east))
    return found


def _degrees(whole: str, minutes: str, seconds: str | None) -> float:
    size = abs(int(whole)) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -size if whole.startswith("-") else size
