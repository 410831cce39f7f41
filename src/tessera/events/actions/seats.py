"""The waitlist moves up while the event's seats are held, so capacity, quotas and order are exact (events.seating)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tessera.events.models import Registration
from tessera.events.moving import Move, move_registrations
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.reviewing import Standing, standing_of
from tessera.events.rules.reviewing import full_quota
from tessera.events.seating import lock_seats, take_seat, take_seats
from tessera.kit.actors import Actor

__all__ = ["fill_from_waitlist", "lock_seats", "take_seat"]

_A_BATCH = 500
_MOVING_UP = {"draft": False, "published": True, "running": True, "over": False, "cancelled": False}


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
