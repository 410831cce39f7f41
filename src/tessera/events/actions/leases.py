"""Blocks of numbers that terminals give by themselves (spec/events.md, Offline door; docs/decisions/0018)."""

from datetime import datetime
from uuid import UUID

from tessera.events.errors.crew import LeaseNotUsedUp
from tessera.events.errors.door import TerminalRevoked
from tessera.events.models import Lease, Numbering, Terminal
from tessera.events.queries.leases import count_unused
from tessera.events.rules.crew import MOST_UNUSED_NUMBERS, may_take_numbers
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound

__all__ = ["lease_numbers"]


def lease_numbers(*, event_id: UUID, terminal_id: UUID, numbers: int, now: datetime, actor: Actor) -> Lease:
    """Give the terminal the next block of `numbers` numbers, which no other terminal and no online run will give.

    Holds the event's numbering. Refuses `not_found`, `terminal_revoked`, and `lease_not_used_up` where the terminal would
    hold more than MOST_UNUSED_NUMBERS.
    """
    numbering = Numbering.objects.select_for_update().filter(pk=event_id).first()
    if numbering is None:
        raise NotFound
    if not Terminal.objects.filter(pk=terminal_id, event_id=event_id, revoked_at__isnull=True).exists():
        raise TerminalRevoked
    unused = count_unused(event_id, terminal_id)
    if not may_take_numbers(unused=unused, wanted=numbers):
        raise LeaseNotUsedUp(unused=unused, most=MOST_UNUSED_NUMBERS)
    first = numbering.next_block
    numbering.next_block = first + numbers
    numbering.save(update_fields=["next_block"])
    return Lease.objects.create(
        event_id=event_id,
        first_number=first,
        last_number=first + numbers - 1,
        terminal_id=terminal_id,
        at=now,
    )
