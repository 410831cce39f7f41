"""The organiser's board: how full, how fast, through which doors, and what wants attention (spec/events.md, step 11)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tessera.events.models import Arrival, CircleProfile, Jotting, MutualInterest, Registration
from tessera.events.queries.events import EventRow
from tessera.events.rules.board import AWAY_AFTER, LATELY, percent_of, step_of, steps_between
from tessera.events.rules.door import shown_number
from tessera.kit.paging import MAX_PAGE, Page, page_of, position_of
from tessera.kit.sql import statement

__all__ = [
    "ArrivalRow",
    "Board",
    "DoorFigures",
    "Jotted",
    "Pace",
    "TerminalRow",
    "count_jotted",
    "get_board",
    "list_arrivals",
    "list_doors",
    "list_pace",
    "list_terminals",
]

_MOST_DOORS = 50
_MOST_TERMINALS = 200


@dataclass(frozen=True, slots=True)
class Board:
    """An event's figures; `no_shows` None: the event is not over yet. `lately`: arrivals of the last ten minutes."""

    accepted: int
    waitlisted: int
    pending: int
    declined: int
    cancelled: int
    walk_ins: int
    arrived: int
    offline: int
    lately: int
    first_at: datetime | None
    last_at: datetime | None
    corrections: int
    badges_failed: int
    badges_waiting: int
    undone: int
    second_doors: int
    locks: int
    capacity: int | None
    no_shows: int | None

    @property
    def still(self) -> int:
        """How many of the accepted guests are still to come."""
        return max(self.accepted - self.arrived, 0)

    @property
    def percent(self) -> int:
        """How many of the accepted guests are here, in whole per cent."""
        return percent_of(min(self.arrived, self.accepted), self.accepted)


@dataclass(frozen=True, slots=True)
class DoorFigures:
    """One door: how many came through it, how many of them in the last ten minutes or without a network, when the last."""

    door: str
    arrived: int
    lately: int
    offline: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """One terminal: `state` is "here", "away", "new" (never seen) or "revoked"; `numbers_left` of its blocks.

    `waiting`: arrivals that it had not uploaded when it was seen last, as far as it said.
    """

    id: UUID
    door: str
    seen_at: datetime | None
    state: str
    waiting: int | None
    arrived: int
    numbers_left: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Arrivals over time, in steps of `step_min` minutes."""

    step_min: int
    steps: Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Jotted:
    """What the circle was used for beside talk: profiles filled in, numbers jotted and by how many, mutual interests."""

    profiles: int
    jottings: int
    jotters: int
    mutual: int


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """An arrival with its guest's name and group; `shown` as on the badge."""

    arrival: Arrival
    name: str
    group: str
    shown: str


def _rows(name: str, **given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement("events", name), given)
        return list(cursor.fetchall())


def get_board(row: EventRow, *, now: datetime) -> Board:
    """Return an event's figures at `now`."""
    [found] = _rows("board_figures", event=row.event.id, since=now - LATELY)
    no_shows = max(found[0] - found[6], 0) if row.status == "over" else None
    return Board(*[*found, row.capacity, no_shows])


def list_doors(event_id: UUID, *, now: datetime) -> Sequence[DoorFigures]:
    """Return the figures of each door, busiest first."""
    found = _rows("board_doors", event=event_id, since=now - LATELY, most=_MOST_DOORS)
    return [DoorFigures(*one) for one in found]


def list_terminals(event_id: UUID, *, now: datetime) -> Sequence[TerminalRow]:
    """Return the terminals of an event, working ones first, by door."""

    def state(seen_at: datetime | None, revoked_at: datetime | None) -> str:
        if revoked_at is not None:
            return "revoked"
        if seen_at is None:
            return "new"
        return "away" if seen_at < now - AWAY_AFTER else "here"

    return [
        TerminalRow(id_, door, seen_at, state(seen_at, revoked_at), waiting, arrived, max(left, 0))
        for id_, door, seen_at, revoked_at, waiting, arrived, left in _rows(
            "board_terminals", event=event_id, most=_MOST_TERMINALS
        )
    ]


def list_pace(event_id: UUID, first: datetime | None, last: datetime | None, *, step_min: int = 0) -> Pace:
    """Return arrivals over time: in as many steps as a chart shows, those without any too.

    With `step_min`: steps of so many minutes, and only those with arrivals.
    """
    if first is None or last is None:
        return Pace(step_min or 1, [])
    step = step_min or step_of(first, last)
    counts = dict(_rows("board_minutes", event=event_id, step_s=step * 60))
    return Pace(step, sorted(counts.items()) if step_min else steps_between(counts, step))


def count_jotted(event_id: UUID) -> Jotted:
    """Return how the circle of an event was used, beside talk."""
    jottings = Jotting.objects.filter(event_id=event_id)
    return Jotted(
        CircleProfile.objects.filter(event_id=event_id).count(),
        jottings.count(),
        jottings.values("person_id").distinct().count(),
        MutualInterest.objects.filter(event_id=event_id).count(),
    )


def list_arrivals(row: EventRow, *, cursor: str | None = None, limit: int = 50) -> Page[ArrivalRow]:
    """Return arrivals, by guest."""
    limit = min(limit, MAX_PAGE)
    found = Arrival.objects.filter(event_id=row.event.id)
    if (position := position_of(cursor)) is not None:
        found = found.filter(registration_id__gt=position)
    page = page_of(
        list(found.order_by("registration_id")[: limit + 1]), limit=limit, key=lambda one: one.registration_id
    )
    return Page(list(_named(row, page.items)), page.next_cursor)


def _named(row: EventRow, arrivals: Sequence[Arrival]) -> Iterator[ArrivalRow]:
    ids = [one.registration_id for one in arrivals]
    guests = {
        id_: (name, group)
        for id_, name, group in Registration.objects.filter(event_id=row.event.id, id__in=ids).values_list(
            "id", "name", "group"
        )
    }
    for one in arrivals:
        name, group = guests.get(one.registration_id, ("", ""))
        width = row.event.number_width
        yield ArrivalRow(one, name, group, shown_number(one.number, prefix=one.prefix, width=width))
