"""What a published event has to be, and how wall-clock times become moments (spec/events.md, step 1)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

__all__ = [
    "CLOSING_DAYS",
    "DOORS_BEFORE",
    "LONGEST_EVENT",
    "LONGEST_TITLE",
    "MOST_CAPACITY",
    "REQUESTS_CAP",
    "TOLD_TO_GUESTS",
    "TermsFault",
    "ToDo",
    "capacity_fits",
    "checked_circle",
    "checked_prefixes",
    "is_skipped",
    "is_twice",
    "numbers_fit",
    "reader_standing",
    "times_fault",
    "to_do",
]

LONGEST_TITLE = 120
LONGEST_EVENT = timedelta(days=100)
MOST_CAPACITY = 1_000_000
CLOSING_DAYS = 30
"""How long after its end the circle of an event stays open, unless the organiser says otherwise."""

REQUESTS_CAP = 50
"""How many unanswered requests a guest may have, unless the organiser says otherwise."""

DOORS_BEFORE = timedelta(minutes=30)
"""How long before the beginning the doors open, unless the organiser says otherwise."""

TOLD_TO_GUESTS = frozenset({"starts_at", "ends_at", "doors_at", "place", "address"})
"""What accepted and waitlisted guests are told when it changes."""

_EARLIEST_DOORS = timedelta(days=7)
_MOST_START = 9_000_000
_PREFIX = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]{1,4}")


class TermsFault(ValueError):  # noqa: N818 - an expected no, which the action makes a refusal
    """Terms of an event that do not fit; its one argument is the reason of the refusal `event_terms_invalid`."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One line of the list before publishing: `key` names it, `done` says whether it is fine."""

    key: str
    done: bool


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Say whether no clock in `zone` ever shows this time: it was put forward over it."""
    there = wall.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


def is_twice(wall: datetime, zone: ZoneInfo) -> bool:
    """Say whether clocks in `zone` show this time twice, since they are put back over it."""
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    return first.utcoffset() != second.utcoffset() and not is_skipped(wall, zone)


def times_fault(
    *,
    starts_at: datetime,
    ends_at: datetime,
    doors_at: datetime,
    registration_from: datetime,
    registration_until: datetime,
    open_end: bool = False,
) -> str:
    """Return why the times do not fit together: "end", "length", "doors", "registration"; "" where they do.

    `open_end`: the event may end when it starts, for nobody has said how long it takes.
    """
    if ends_at < starts_at or (ends_at == starts_at and not open_end):
        return "end"
    if ends_at - starts_at > LONGEST_EVENT:
        return "length"
    if doors_at >= ends_at or starts_at - doors_at > _EARLIEST_DOORS:
        return "doors"
    if registration_until < registration_from or registration_until > ends_at:
        return "registration"
    return ""


def capacity_fits(capacity: int | None) -> bool:
    """Say whether the capacity is a number of places, or None (any number)."""
    return capacity is None or 1 <= capacity <= MOST_CAPACITY


def numbers_fit(*, start: int, width: int) -> bool:
    """Say whether numbers can begin there and be written in that many digits."""
    return 0 <= start <= _MOST_START and 1 <= width <= 8


def checked_prefixes(prefixes: Mapping[str, Any], groups: Collection[str] | None = None) -> dict[str, str]:
    """Return the prefixes by group without the empty ones; of `groups` alone where they are given.

    Raises TermsFault for one that is no prefix or that two groups would have.
    """
    kept = {
        str(group): str(prefix).strip()
        for group, prefix in prefixes.items()
        if str(prefix).strip() and (groups is None or group in groups)
    }
    if not all(_PREFIX.fullmatch(one) for one in kept.values()) or len(set(kept.values())) < len(kept):
        raise TermsFault("prefixes")
    return kept


def checked_circle(circle: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms of the circle with what was left out; raises TermsFault."""
    days, cap = circle.get("closing_days", CLOSING_DAYS), circle.get("requests", REQUESTS_CAP)
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in (days, cap))
    if not whole or not 1 <= days <= 365 or not 1 <= cap <= 500:
        raise TermsFault("circle")
    return {**circle, "closing_days": days, "requests": cap}


def to_do(
    *,
    title: str,
    text: str,
    place: str,
    ends_at: datetime,
    registration_until: datetime,
    merchant_active: bool,
    now: datetime,
) -> Sequence[ToDo]:
    """Return what an event needs before guests may see it, each with whether it is there."""
    return (
        ToDo("title", bool(title.strip())),
        ToDo("text", bool(text.strip())),
        ToDo("place", bool(place.strip())),
        ToDo("times", ends_at > now),
        ToDo("registration", registration_until > now),
        ToDo("merchant", merchant_active),
    )


def reader_standing(
    *,
    status: str,
    registration: str,
    arrived: bool,
    registration_from: datetime,
    registration_until: datetime,
    full: bool,
    now: datetime,
) -> str:
    """Return what an event means to its reader, which decides the one main button of its page.

    `status`: of the event; `registration`: the state of his own, "" without one. "draft", "cancelled", "arrived", "ticket",
    "waitlisted", "pending", "declined", "over", "opens" (registration is yet to open), "closed", "waitlist" (no place is
    left) or "register".
    """
    known = {"accepted": "ticket", "waitlisted": "waitlisted", "pending": "pending", "declined": "declined"}
    answers = (
        (status in {"draft", "cancelled"}, status),
        (arrived, "arrived"),
        (status == "over", "over"),
        (registration in known, known.get(registration, "")),
        (now < registration_from, "opens"),
        (now > registration_until, "closed"),
        (full, "waitlist"),
    )
    return next((answer for holds, answer in answers if holds), "register")
