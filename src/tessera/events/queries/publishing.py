"""Lists of events: an organiser's own, and those that everybody may see; what is asked, and what is still to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tessera.events.models import Arrival, Event, Numbering, Question, Registration
from tessera.events.queries.events import events_by_id, select_events, status_of_event
from tessera.events.rules.publishing import ToDo, to_do
from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.ids import show_id
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.sql import statement
from tessera.merchants.queries import is_active

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "EVENT_LISTS",
    "ListedEvent",
    "are_numbers_in_use",
    "asked_questions",
    "find_arrival",
    "find_registration",
    "get_question",
    "guests_to_tell",
    "is_answered",
    "iter_events",
    "list_all_events",
    "list_event_districts",
    "list_events",
    "list_events_near",
    "list_public_events",
    "list_to_do",
    "states_of",
]

EVENT_LISTS = ("upcoming", "draft", "past", "cancelled")
_MOST_NEAR = 60
_MOST_DISTRICTS = 60
_A_BATCH = 500
_TOLD = ("accepted", "waitlisted")


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event in a list: its standing, how many have arrived, and how far away it is where that was asked."""

    event: Event
    status: str
    capacity: int | None
    taken: int
    arrived: int = 0
    distance_m: int | None = None

    @property
    def left(self) -> int | None:
        """How many places are free; None: any number."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)


def list_events(
    merchant_id: UUID | None,
    *,
    which: str = "upcoming",
    search: str = "",
    cursor: str | None = None,
    limit: int = 50,
    now: datetime,
) -> Page[ListedEvent]:
    """Return the organiser's events (None: the platform's): "upcoming" (the next first), "draft", "past", "cancelled".

    `search`: part of title or place. Refuses `cursor_invalid`.
    """
    rows = _chosen(_own(merchant_id), which, now)
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(place__icontains=search))
    return _paged(rows, cursor=cursor, limit=limit, ascending=which == "upcoming", now=now)


def iter_events(merchant_id: UUID | None, *, which: str, now: datetime) -> Iterator[ListedEvent]:
    """Yield all of the organiser's events of that list, for a file."""
    cursor: str | None = None
    while True:
        found = list_events(merchant_id, which=which, cursor=cursor, limit=_A_BATCH, now=now)
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def list_all_events(
    merchant_id: UUID | None, *, every: bool, cursor: str | None, limit: int, now: datetime
) -> Page[ListedEvent]:
    """Return the events of a merchant, or `every` one of the platform's and all merchants', those that begin last first."""
    rows = select_events() if every else _own(merchant_id)
    return _paged(rows, cursor=cursor, limit=limit, ascending=False, now=now)


def list_public_events(
    *,
    past: bool = False,
    district: str = "",
    search: str = "",
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 24,
    now: datetime,
) -> Page[ListedEvent]:
    """Return what everybody may see: published, not cancelled, by organisers who take part; the next first.

    `past`: those that are over, the last first. `until`: only those that begin before. Refuses `cursor_invalid`.
    """
    rows = _public().filter(ends_at__lte=now) if past else _public().filter(ends_at__gt=now)
    if district:
        rows = rows.filter(district=district)
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(place__icontains=search))
    if until is not None:
        rows = rows.filter(starts_at__lt=until)
    return _paged(rows, cursor=cursor, limit=limit, ascending=not past, now=now)


def list_event_districts(*, now: datetime) -> list[str]:
    """Return the districts in which an event is to come, in order, at most 60."""
    rows = _public().filter(ends_at__gt=now).exclude(district="").order_by("district")
    return list(rows.values_list("district", flat=True).distinct()[:_MOST_DISTRICTS])


def list_events_near(*, latitude_e7: int, longitude_e7: int, now: datetime) -> list[ListedEvent]:
    """Return what is to come and whose place is known, the nearest first, at most 60.

    The reader's place is asked for and forgotten: nothing writes it down.
    """
    asked: dict[str, Any] = {
        "latitude": latitude_e7 / 10_000_000,
        "longitude": longitude_e7 / 10_000_000,
        "now": now,
        "most": _MOST_NEAR,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("events", "nearest"), asked)
        distances: dict[UUID, int] = dict(cursor.fetchall())
    found = events_by_id(list(distances), now=now)
    arrived = _arrived(list(distances))
    return [
        ListedEvent(row.event, row.status, row.capacity, row.taken, arrived.get(one, 0), distance)
        for one, distance in distances.items()
        if (row := found.get(one)) is not None
    ]


def list_to_do(event: Event, *, now: datetime) -> Sequence[ToDo]:
    """Return what the event needs before guests may see it, each with whether it is there."""
    return to_do(
        title=event.title,
        text=event.text,
        place=event.place,
        ends_at=event.ends_at,
        registration_until=event.registration_until,
        merchant_active=event.merchant_id is None or is_active(event.merchant_id),
        now=now,
    )


def asked_questions(event_id: UUID, *, retired: bool = False) -> list[Question]:
    """Return the questions that the registration asks, in order; or those that it asks no longer."""
    rows = Question.objects.filter(event_id=event_id, retired_at__isnull=not retired)
    return list(rows.order_by("position", "id"))


def get_question(event_id: UUID, question_id: UUID) -> Question:
    """Return a question of the event; refuses `not_found`."""
    question = Question.objects.filter(pk=question_id, event_id=event_id).first()
    if question is None:
        raise NotFound
    return question


def is_answered(question: Question) -> bool:
    """Say whether anybody has answered the question."""
    return Registration.objects.filter(
        event_id=question.event_id, answers__has_any_keys=[str(question.pk), show_id("qst", question.pk)]
    ).exists()


def are_numbers_in_use(event_id: UUID) -> bool:
    """Say whether a number of the event was given out or promised to a terminal."""
    row = Numbering.objects.get(pk=event_id)
    return row.arrived > 0 or row.next_block > row.run_end


def find_registration(event_id: UUID, person_id: UUID) -> Registration | None:
    """Return the person's registration for the event, or None."""
    return Registration.objects.filter(event_id=event_id, person_id=person_id).first()


def find_arrival(event_id: UUID, registration_id: UUID) -> Arrival | None:
    """Return the arrival of a registration, or None."""
    return Arrival.objects.filter(event_id=event_id, registration_id=registration_id).first()


def states_of(person_id: UUID, event_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the states of the person's registrations for these events, by event."""
    rows = Registration.objects.filter(person_id=person_id, event_id__in=event_ids)
    return dict(rows.values_list("event_id", "state"))


def guests_to_tell(event_id: UUID, *, states: Sequence[str] = _TOLD) -> list[UUID]:
    """Return the persons whose registration is in one of the states: who is told of a change."""
    rows = Registration.objects.filter(event_id=event_id, state__in=states).order_by("id")
    return list(rows.values_list("person_id", flat=True))


def _own(merchant_id: UUID | None) -> "QuerySet[Event]":
    rows = select_events()
    return rows.filter(merchant_id=merchant_id) if merchant_id else rows.filter(merchant__isnull=True)


def _chosen(rows: "QuerySet[Event]", which: str, now: datetime) -> "QuerySet[Event]":
    if which == "cancelled":
        return rows.filter(cancellation__isnull=False)
    rows = rows.filter(cancellation__isnull=True)
    if which == "draft":
        return rows.filter(publication__isnull=True)
    rows = rows.filter(publication__isnull=False)
    return rows.filter(ends_at__lte=now) if which == "past" else rows.filter(ends_at__gt=now)


def _public() -> "QuerySet[Event]":
    rows = select_events().filter(publication__isnull=False, cancellation__isnull=True)
    stopped = rows.filter(merchant__suspensions__isnull=False, merchant__suspensions__lifted_at__isnull=True)
    taking_part = Q(merchant__isnull=True) | Q(merchant__approval__isnull=False)
    return rows.filter(taking_part).exclude(pk__in=stopped.values("pk"))


def _paged(
    rows: "QuerySet[Event]", *, cursor: str | None, limit: int, ascending: bool, now: datetime
) -> Page[ListedEvent]:
    """Page by the beginning, then the id; the cursor names the last event that was shown."""
    position = position_of(cursor)
    if position is not None:
        last = Event.objects.filter(pk=position).values_list("starts_at", flat=True).first()
        if last is None:
            raise CursorInvalid
        same = Q(starts_at=last, pk__gt=position) if ascending else Q(starts_at=last, pk__lt=position)
        rows = rows.filter(same | (Q(starts_at__gt=last) if ascending else Q(starts_at__lt=last)))
    rows = rows.order_by("starts_at", "pk") if ascending else rows.order_by("-starts_at", "-pk")
    page = page_of(list(rows[: limit + 1]), limit=limit, key=lambda event: event.pk)
    arrived = _arrived([event.pk for event in page.items])
    items = [
        ListedEvent(
            event,
            status_of_event(event, now=now),
            event.seats.capacity,
            event.seats.taken,
            arrived.get(event.pk, 0),
        )
        for event in page.items
    ]
    return Page(items=items, next_cursor=page.next_cursor)


def _arrived(event_ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = Numbering.objects.filter(pk__in=event_ids)
    return dict(rows.values_list("event_id", "arrived"))
