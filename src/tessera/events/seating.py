"""Seats of an event, taken and given back by whoever holds its row of seats (actions.seats, actions.registering, ...).

Locks in order: events_seats, then events_numbering (where accepted guests may leave), then the registrations.
"""

from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from tessera.events.errors.registering import GuestHasArrived
from tessera.events.models import Arrival, Numbering, Registration, Seats
from tessera.kit.errors import NotFound

__all__ = ["check_not_arrived", "free_seats", "lock_door", "lock_seats", "take_seat", "take_seats"]


def lock_seats(event_id: UUID) -> Seats:
    """Return the event's seats, locked until the transaction ends; refuses `not_found`."""
    seats = Seats.objects.select_for_update().filter(pk=event_id).first()
    if seats is None:
        raise NotFound
    return seats


def lock_door(event_id: UUID) -> None:
    """Let nobody arrive until the transaction ends: who is accepted now may be about to leave."""
    Numbering.objects.select_for_update().get(pk=event_id)


def take_seat(event_id: UUID) -> bool:
    """Take a seat if one is free; exact however many ask at once."""
    return take_seats(event_id, 1)


def take_seats(event_id: UUID, seats: int) -> bool:
    """Take all these seats if so many are free, or none of them."""
    if not seats:
        return True
    free = Q(capacity__isnull=True) | Q(capacity__gte=F("taken") + seats)
    return Seats.objects.filter(free, pk=event_id).update(taken=F("taken") + seats) == 1


def free_seats(event_id: UUID, seats: int) -> None:
    """Give seats back; who was let in over the capacity counts as such only while the seats are more than there are."""
    if seats:
        left = F("taken") - seats
        over = Least(F("over_capacity"), Greatest(left - F("capacity"), 0))
        Seats.objects.filter(pk=event_id).update(taken=left, over_capacity=over)


def check_not_arrived(row: Registration) -> None:
    """Refuse `guest_has_arrived`; the caller holds the door (actions.seats.lock_door)."""
    if Arrival.objects.filter(event_id=row.event_id, registration_id=row.id).exists():
        raise GuestHasArrived(name=row.name)
