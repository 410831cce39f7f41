"""Seats: whoever takes or frees one holds the event's row of seats, so capacity, quotas and waitlist are exact.

Locks in order: events_seats, then events_numbering (where accepted guests may leave), then the registrations.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from tessera.events.actions.moving import Move, move_registrations
from tessera.events.models import Numbering, Registration, Seats
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.reviewing import Standing, standing_of
from tessera.events.rules.reviewing import full_quota
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound

__all__ = ["fill_from_waitlist", "free_seats", "lock_door", "lock_seats", "take_seat", "take_seats"]

_A_BATCH = 500
_MOVING_UP = {"draft": False, "published": True, "running": True, "over": False, "cancelled": False}


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
    """Give seats back."""
    if seats:
        Seats.objects.filter(pk=event_id).update(taken=F("taken") - seats)


def fill_from_waitlist(
    *, event_id: UUID, but: Collection[UUID] = (), tell: bool = True, now: datetime, actor: Actor
) -> int:
    """Accept guests of the waitlist, who has waited longest first, while seats are free; return how many.

    A guest whose quota is used up is passed over and keeps his place; `but` are left out. Nobody moves up in a draft, after
    the end or after a cancellation. Refuses `not_found`. Source: spec/events.md, step 3.
    """
    seats = lock_seats(event_id)
    row = get_event(event_id, now=now)
    if not _MOVING_UP[row.status]:
        return 0
    free = None if seats.capacity is None else seats.capacity - seats.taken
    if free == 0:
        return 0
    waiting = Registration.objects.filter(event_id=event_id, state="waitlisted").exclude(id__in=list(but))
    if not waiting.exists():
        return 0
    chosen = _chosen(row, waiting.order_by("waitlisted_at", "id").iterator(_A_BATCH), free)
    if chosen:
        assert take_seats(event_id, len(chosen)), "the seats are locked"
        up = Move(by="waitlist")
        move_registrations(
            row.event, [(guest, "accepted", up) for guest in chosen], tell=tell, now=now, actor=actor
        )
    return len(chosen)


def _chosen(row: EventRow, waiting: Iterable[Registration], free: int | None) -> Sequence[Registration]:
    """Choose whom seats and quotas let in, in the order of waiting."""
    standing: Standing = standing_of(row)
    chosen: list[Registration] = []
    for guest in waiting:
        if free is not None and len(chosen) >= free:
            break
        if full_quota(standing.policy, guest.answers, standing.counts, capacity=row.capacity) is None:
            chosen.append(guest)
            standing.count(guest.answers)
    return chosen
