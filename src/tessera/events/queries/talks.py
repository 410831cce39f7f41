"""What the organiser sees of the circle's talks: how many reports wait, who is muted, whom a report is about."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tessera.events.models import Arrival, Event, Registration
from tessera.events.rules.door import shown_number
from tessera.kit.errors import NotFound
from tessera.talk.queries import count_open_reports, list_mutes

__all__ = ["KnownGuest", "Moderation", "get_person_of", "guests_by_person", "moderation_of"]

_SHOWN_MUTES = 100


@dataclass(frozen=True, slots=True)
class KnownGuest:
    """A guest as the organiser knows him; `shown` is the number as on the badge, empty for one who has not arrived."""

    registration_id: UUID
    person_id: UUID
    name: str
    number: int | None
    shown: str


@dataclass(frozen=True, slots=True)
class Moderation:
    """How much there is to look at: reports that wait, guests who are muted (`more`: that many at least)."""

    reports: int
    muted: int
    more: bool


def moderation_of(event_id: UUID) -> Moderation:
    """Return how much there is to look at in an event's circle."""
    mutes = list_mutes(event_id, limit=_SHOWN_MUTES)
    return Moderation(count_open_reports(event_id), len(mutes.items), mutes.next_cursor is not None)


def guests_by_person(event: Event, person_ids: Collection[UUID]) -> dict[UUID, KnownGuest]:
    """Return those of the persons who have registered, by id, as the organiser knows them."""
    arrivals = {
        row.person_id: row for row in Arrival.objects.filter(event_id=event.id, person_id__in=person_ids)
    }
    found = {}
    for row in Registration.objects.filter(event_id=event.id, person_id__in=person_ids):
        arrival = arrivals.get(row.person_id)
        shown = (
            shown_number(arrival.number, prefix=arrival.prefix, width=event.number_width) if arrival else ""
        )
        number = arrival.number if arrival else None
        found[row.person_id] = KnownGuest(row.id, row.person_id, row.name, number, shown)
    return found


def get_person_of(event_id: UUID, registration_id: UUID) -> UUID:
    """Return whose registration it is; refuses `not_found`."""
    person_id = (
        Registration.objects.filter(event_id=event_id, id=registration_id)
        .values_list("person_id", flat=True)
        .first()
    )
    if person_id is None:
        raise NotFound
    return person_id
