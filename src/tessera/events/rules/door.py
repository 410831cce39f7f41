"""The door's commands and outcomes, and how a number is written (spec/events.md, steps 5 and 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

__all__ = [
    "GRACE",
    "MOST_WRONG_AT_EVENT",
    "MOST_WRONG_AT_TERMINAL",
    "MOST_WRONG_OF_PHONE",
    "CheckIn",
    "Checked",
    "default_offline_start",
    "event_topic",
    "prefix_of",
    "shown_number",
]

MOST_WRONG_OF_PHONE = 5
"""Wrong codes of one phone number within an hour; then it is locked."""

MOST_WRONG_AT_TERMINAL = 20
"""Wrong codes at one terminal within ten minutes."""

MOST_WRONG_AT_EVENT = 300
"""Wrong codes at one event within ten minutes, and a tenth of its accepted guests on top."""

GRACE = timedelta(hours=12)
"""How long after the end of an event its door still works."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One guest at one door.

    `by`: "ticket" (its secret), "phone" (E.164) or "tail" (last four digits), both with `code`, or "guest" (`registration_id`,
    for supervisors and walk-ins); `given` is what was scanned or typed. `confirm`: False only looks. `arrived_at` and
    `number` are those of an arrival that a terminal recorded by itself, by the server's clock and out of its lease.
    `merchant_id`: whose key asks (None: the terminal's own event, or the operator). Without a `request_id` the guest himself
    is what has effect once.
    """

    event_id: UUID
    by: str
    given: str
    actor: str
    owner_id: UUID
    code: str = ""
    registration_id: UUID | None = None
    merchant_id: UUID | None = None
    confirm: bool = True
    terminal_id: UUID | None = None
    printer_id: UUID | None = None
    door: str = ""
    arrived_at: datetime | None = None
    number: int | None = None
    request_id: str | None = None
    request_digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Checked:
    """A guest who may enter (`number` None: only looked at) or has; `void_number`: one that is on a badge and not valid."""

    event_id: UUID
    registration_id: UUID
    person_id: UUID
    name: str
    picture: str
    group: str
    number: int | None
    shown: str
    arrived_at: datetime | None
    door: str
    void_number: int | None
    repeat: bool


def event_topic(event_id: UUID) -> str:
    """Return the live topic of one event; its events are `arrivals`, `registrations`, `corrections`, `badges`."""
    return f"event:{event_id}"


def shown_number(number: int, *, prefix: str, width: int) -> str:
    """Return a number as it stands on the badge: prefix, then at least `width` digits ("A017").

    Source: spec/events.md, step 6 (format: start, width, prefix per group).
    """
    return f"{prefix}{number:0{width}d}"


def default_offline_start(*, start: int, capacity: int | None) -> int:
    """Return where blocks for terminals without a network begin: the next 1, 2 or 5 followed by zeros, plus 1.

    It leaves room for twice the capacity (10,000 where there is none), so that the online run has no gap
    (docs/decisions/0018): 300 guests from 1: 1001.
    """
    least = start + (2 * capacity if capacity is not None else 10_000)
    step = 1
    while True:
        for first in (1, 2, 5):
            if first * step >= least:
                return first * step + 1
        step *= 10


def prefix_of(group: str, prefixes: Mapping[str, Any]) -> str:
    """Return the prefix of a group's numbers; empty where it has none."""
    return str(prefixes.get(group, ""))
