"""An event as a calendar takes it over (RFC 5545)."""

from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["CalendarEntry", "calendar_of"]

_LONGEST_LINE = 75
"""Bytes of a line, without its end; longer ones go on in the next, behind a blank."""

_E7 = 10_000_000


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a calendar shows of one event; `uid` stays the same for ever, `changed_at` tells a newer version."""

    uid: str
    title: str
    text: str
    place: str
    address: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    created_at: datetime
    cancelled: bool = False
    latitude_e7: int | None = None
    longitude_e7: int | None = None


def calendar_of(entry: CalendarEntry) -> str:
    """Return a calendar with one event, times in UTC. Source: RFC 5545, 3.1, 3.6.1 and 3.8."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tessera//Events//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"DTSTAMP:{_moment(entry.changed_at)}",
        f"LAST-MODIFIED:{_moment(entry.changed_at)}",
        f"SEQUENCE:{max(0, int((entry.changed_at - entry.created_at).total_seconds()))}",
        f"DTSTART:{_moment(entry.starts_at)}",
        f"DTEND:{_moment(entry.ends_at)}",
        f"SUMMARY:{_text(entry.title)}",
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        f"URL:{entry.address}",
    ]
    if entry.text:
        lines.append(f"DESCRIPTION:{_text(entry.text)}")
    if entry.place:
        lines.append(f"LOCATION:{_text(entry.place)}")
    if entry.latitude_e7 is not None and entry.longitude_e7 is not None:
        lines.append(f"GEO:{_degrees(entry.latitude_e7)};{_degrees(entry.longitude_e7)}")
    return "".join(_folded(line) for line in [*lines, "END:VEVENT", "END:VCALENDAR"])


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    return plain.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _degrees(e7: int) -> str:
    sign = "-" if e7 < 0 else ""
    whole, part = divmod(abs(e7), _E7)
    return f"{sign}{whole}.{part:07d}"


def _folded(line: str) -> str:
    """Return the line with its end; a longer one is cut between characters."""
    pieces, piece, size = [], "", 0
    for one in line:
        width = len(one.encode())
        if size + width > _LONGEST_LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + one, size + width
    return "\r\n".join([*pieces, piece]) + "\r\n"
