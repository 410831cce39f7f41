"""Events of one organiser that take place at the same time: no fault, but worth a second look."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from tessera.events.models import Event
from tessera.kit.sql import statement

__all__ = ["list_clashes", "list_clashing_pairs"]

_MOST = 20
_MOST_PAIRS = 10_000


def list_clashes(
    merchant_id: UUID | None, *, starts_at: datetime, ends_at: datetime, place: str, but: UUID | None = None
) -> Sequence[Event]:
    """Return the organiser's events (None: the platform's) that overlap this time, drafts too, none that was cancelled.

    Two clash when one begins while the other takes place; two that only touch do not. One that does not say
    how long it takes clashes at the very same `place` only. `but` is left out.
    """
    own = Q(merchant__isnull=True) if merchant_id is None else Q(merchant_id=merchant_id)
    overlap = Q(starts_at__lte=starts_at, ends_at__gt=starts_at) | Q(
        starts_at__gte=starts_at, starts_at__lt=ends_at
    )
    lasting = Q(ends_at__gt=F("starts_at")) | Q(place=place)
    found = Event.objects.filter(own, overlap, lasting, cancellation__isnull=True)
    found = found.exclude(pk=but) if but else found
    return list(found.order_by("starts_at", "id")[:_MOST])


def list_clashing_pairs(merchant_id: UUID | None, *, cancelled_too: bool = False) -> list[tuple[UUID, UUID]]:
    """Return all pairs of the organiser's events that clash, the earlier one first; at most 10,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement("events", "clashes_all"),
            {"merchant": merchant_id, "cancelled": cancelled_too, "most": _MOST_PAIRS},
        )
        return [(one, other) for one, other in cursor.fetchall()]
