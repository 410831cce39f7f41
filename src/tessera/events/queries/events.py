"""Events as they stand: what, when, published, cancelled, how full."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tessera.events.models import Event
from tessera.kit.errors import NotFound

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["EventRow", "events_by_id", "get_event", "select_events", "status_of_event"]


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event with its standing; `status` is "draft", "published", "running", "over" or "cancelled"."""

    event: Event
    status: str
    capacity: int | None
    taken: int


def status_of_event(event: Event, *, now: datetime) -> str:
    """Return how an event stands at `now`; its publication, cancellation and seats must have been selected with it."""
    if getattr(event, "cancellation", None) is not None:
        return "cancelled"
    if getattr(event, "publication", None) is None:
        return "draft"
    if now > event.ends_at:
        return "over"
    return "running" if now >= event.doors_at else "published"


def get_event(event_id: UUID, *, now: datetime) -> EventRow:
    """Return the event; refuses `not_found`."""
    row = select_events().filter(pk=event_id).first()
    if row is None:
        raise NotFound
    return _row(row, now)


def events_by_id(event_ids: Collection[UUID], *, now: datetime) -> dict[UUID, EventRow]:
    """Return those of the events that exist, by id."""
    return {row.id: _row(row, now) for row in select_events().filter(pk__in=event_ids)}


def select_events() -> "QuerySet[Event]":
    """Return all events with what their standing is told from, to be narrowed."""
    return Event.objects.select_related("merchant", "publication", "cancellation", "seats")


def _row(event: Event, now: datetime) -> EventRow:
    return EventRow(event, status_of_event(event, now=now), event.seats.capacity, event.seats.taken)
