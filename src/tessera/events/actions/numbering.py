"""Where an event's numbers stand before the first one is given."""

from datetime import datetime

from tessera.events.errors.publishing import NumbersInUse
from tessera.events.models import Event, Lease, Numbering, NumberSetAside
from tessera.kit.actors import Actor

__all__ = ["keep_numbering", "open_numbering"]


def open_numbering(*, event: Event, now: datetime, actor: Actor) -> None:
    """Let the event's numbers stand at its first one."""
    Numbering.objects.create(
        event_id=event.pk,
        next_number=event.number_start,
        run_end=event.offline_start,
        next_block=event.offline_start,
    )


def keep_numbering(*, event: Event, strict: bool, now: datetime, actor: Actor) -> bool:
    """Let the numbers stand where the event says, if none was given out, set aside or promised to a terminal.

    Return whether that was so; `strict`: refuses `numbers_in_use` otherwise.
    """
    numbering = Numbering.objects.select_for_update().get(pk=event.pk)
    used = (
        numbering.arrived > 0
        or Lease.objects.filter(event_id=event.pk).exists()
        or NumberSetAside.objects.filter(event_id=event.pk).exists()
    )
    if used and strict:
        raise NumbersInUse
    if used:
        return False
    numbering.next_number = event.number_start
    numbering.run_end = numbering.next_block = event.offline_start
    numbering.save(update_fields=["next_number", "run_end", "next_block"])
    return True
