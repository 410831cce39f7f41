"""Registrations as guests and organisers look at them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from tessera.events.models import AnswerFile, Arrival, CrewMember, Decision, Event, Registration
from tessera.events.queries.events import EventRow, events_by_id
from tessera.kit.errors import NotFound, PhoneInvalid
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.phones import normal_phone

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "LISTS",
    "Narrowing",
    "Ticket",
    "answer_files_by_id",
    "arrivals_by_registration",
    "count_ahead",
    "find_arrival",
    "find_by_ticket",
    "find_decision_reason",
    "find_registration",
    "get_answer_file",
    "get_registration",
    "groups_of",
    "is_crew",
    "iter_registrations",
    "list_registrations",
    "list_tickets",
]

LISTS = ("all", "pending", "accepted", "waitlisted", "declined", "cancelled", "arrived", "absent")
"""How the organiser's list is narrowed by state: "arrived" is here, "absent" was accepted and is not (yet)."""

_QUEUES = {"pending", "waitlisted"}
_MOST_TICKETS = 100
_MOST_GROUPS = 60
_TAIL = 4


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What an organiser's list is narrowed to; `question` and `answer` go together."""

    show: str = "all"
    search: str = ""
    group: str = ""
    question: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A guest's registration with its event and, when he is here, his arrival."""

    registration: Registration
    row: EventRow
    arrival: Arrival | None

    @property
    def event(self) -> Event:
        """The event."""
        return self.row.event


def find_registration(event_id: UUID, person_id: UUID) -> Registration | None:
    """Return the person's registration for the event, or None."""
    return Registration.objects.filter(event_id=event_id, person_id=person_id).first()


def get_registration(event_id: UUID, registration_id: UUID) -> Registration:
    """Return the registration; refuses `not_found`."""
    row = Registration.objects.filter(event_id=event_id, id=registration_id).first()
    if row is None:
        raise NotFound
    return row


def find_by_ticket(ticket: str, person_id: UUID) -> Registration | None:
    """Return the registration behind a ticket's secret: the person's own before another's; None: there is none."""
    rows = [] if "\0" in ticket else list(Registration.objects.filter(ticket=ticket)[:2])
    return next((row for row in rows if row.person_id == person_id), rows[0] if rows else None)


def find_arrival(row: Registration) -> Arrival | None:
    """Return the guest's arrival, or None."""
    return Arrival.objects.filter(event_id=row.event_id, registration_id=row.id).first()


def is_crew(event_id: UUID, person_id: UUID) -> bool:
    """Say whether the person works at the event's door."""
    return CrewMember.objects.filter(event_id=event_id, person_id=person_id, until__isnull=True).exists()


def count_ahead(row: Registration) -> int:
    """Return how many have waited longer than this guest of the waitlist."""
    waiting = Registration.objects.filter(event_id=row.event_id, state="waitlisted")
    return waiting.filter(
        Q(waitlisted_at__lt=row.waitlisted_at) | Q(waitlisted_at=row.waitlisted_at, id__lt=row.id)
    ).count()


def find_decision_reason(row: Registration) -> str:
    """Return the reason that the guest was told with the last decision."""
    last = (
        Decision.objects.filter(event_id=row.event_id, registration_id=row.id).order_by("-at", "-id").first()
    )
    return last.reason if last is not None and last.after == row.state else ""


def list_tickets(
    person_id: UUID, *, past: bool, cursor: str | None = None, limit: int = 50, now: datetime
) -> Page[Ticket]:
    """Return the person's registrations: for what is to come, the next one first, at most 100; or for the past, the last first.

    Refuses `cursor_invalid`.
    """
    here = Event.objects.filter(pk=OuterRef("event_id"))
    own = Registration.objects.filter(person_id=person_id).order_by("-id")
    if not past:
        rows = list(own.filter(Exists(here.filter(ends_at__gte=now)))[:_MOST_TICKETS])
        return Page(sorted(_tickets(rows, now), key=lambda one: one.event.starts_at), None)
    own = own.filter(Exists(here.filter(ends_at__lt=now)))
    position = position_of(cursor)
    if position:
        own = own.filter(id__lt=position)
    found = page_of(list(own[: limit + 1]), limit=limit, key=lambda row: row.id)
    return Page(_tickets(found.items, now), found.next_cursor)


def _tickets(rows: Sequence[Registration], now: datetime) -> list[Ticket]:
    events = events_by_id({row.event_id for row in rows}, now=now)
    arrivals = {
        one.registration_id: one
        for one in Arrival.objects.filter(registration_id__in=[row.id for row in rows])
    }
    return [Ticket(row, events[row.event_id], arrivals.get(row.id)) for row in rows]


def list_registrations(
    event_id: UUID, narrowing: Narrowing, *, cursor: str | None = None, limit: int = 50
) -> Page[Registration]:
    """Return an event's registrations, the newest first; what waits for a decision or a place, the oldest first.

    `search`: a phone number, its last four digits, or part of the name. Refuses `cursor_invalid`.
    """
    rows = _narrowed(event_id, narrowing)
    oldest_first = narrowing.show in _QUEUES
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position) if oldest_first else rows.filter(id__lt=position)
    rows = rows.order_by("id" if oldest_first else "-id")
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda row: row.id)


def iter_registrations(event_id: UUID, narrowing: Narrowing) -> Iterator[Registration]:
    """Yield all that the list would show, in the order of registration; read piece by piece."""
    yield from _narrowed(event_id, narrowing).order_by("id").iterator(1_000)


def _narrowed(event_id: UUID, narrowing: Narrowing) -> "QuerySet[Registration]":
    rows = Registration.objects.filter(event_id=event_id)
    here = Arrival.objects.filter(event_id=OuterRef("event_id"), registration_id=OuterRef("id"))
    if narrowing.show == "arrived":
        rows = rows.filter(Exists(here))
    elif narrowing.show == "absent":
        rows = rows.filter(~Exists(here), state="accepted")
    elif narrowing.show != "all":
        rows = rows.filter(state=narrowing.show)
    if narrowing.group:
        rows = rows.filter(group=narrowing.group)
    if narrowing.question and narrowing.answer:
        one, several = {narrowing.question: narrowing.answer}, {narrowing.question: [narrowing.answer]}
        rows = rows.filter(Q(answers__contains=one) | Q(answers__contains=several))
    return rows.filter(_found_by(narrowing.search.strip())) if narrowing.search.strip() else rows


def _found_by(search: str) -> Q:
    digits = "".join(one for one in search if one.isdecimal())
    if len(digits) == _TAIL and search.isdecimal():
        return Q(phone_tail=digits) | Q(name__icontains=search)
    if len(digits) > _TAIL:
        try:
            return Q(phone=normal_phone(search)) | Q(name__icontains=search)
        except PhoneInvalid:
            return Q(name__icontains=search)
    return Q(name__icontains=search)


def groups_of(event_id: UUID) -> Sequence[str]:
    """Return the groups that guests of the event belong to, by name; at most 60."""
    rows = Registration.objects.filter(event_id=event_id).exclude(group="")
    return list(rows.order_by("group").values_list("group", flat=True).distinct()[:_MOST_GROUPS])


def arrivals_by_registration(event_id: UUID, registration_ids: Collection[UUID]) -> dict[UUID, Arrival]:
    """Return the arrivals among these registrations, by registration."""
    rows = Arrival.objects.filter(event_id=event_id, registration_id__in=list(registration_ids))
    return {row.registration_id: row for row in rows}


def get_answer_file(event_id: UUID, answer_id: UUID) -> AnswerFile:
    """Return a file that was given as an answer at this event; refuses `not_found`."""
    row = AnswerFile.objects.filter(event_id=event_id, id=answer_id).first()
    if row is None:
        raise NotFound
    return row


def answer_files_by_id(event_id: UUID, person_id: UUID) -> dict[UUID, AnswerFile]:
    """Return the files that a person gave at this event, by id."""
    return {row.id: row for row in AnswerFile.objects.filter(event_id=event_id, person_id=person_id)}
