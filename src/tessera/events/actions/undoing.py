"""An arrival that was none, and what wrong codes have locked: supervisors put both right (spec/events.md, steps 4 and 6)."""

from datetime import datetime
from uuid import UUID

from tessera.events.actions.renumbering import lock_numbers
from tessera.events.errors.crew import UndoReasonMissing
from tessera.events.models import Arrival, Event, Guess, PrintJob, UndoneArrival
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.ids import new_id
from tessera.kit.live import person_topic, tell_live

__all__ = ["forget_guesses", "undo_arrival", "unlock_guesses"]


def undo_arrival(
    *,
    event_id: UUID,
    registration_id: UUID,
    reason: str,
    now: datetime,
    actor: Actor,
) -> UndoneArrival:
    """Take the guest's arrival back: he may arrive again, his number is void for ever, and the reason is kept.

    Holds the event's numbering. Refuses `not_found`, `not_arrived`, `undo_reason_missing`. Source: spec/events.md, step 6.
    """
    if not reason.strip():
        raise UndoReasonMissing
    numbers = lock_numbers(event_id)
    arrival = numbers.arrival_of(registration_id)
    undone = UndoneArrival.objects.create(
        event_id=event_id,
        id=new_id(),
        registration_id=registration_id,
        person_id=arrival.person_id,
        number=arrival.number,
        arrived_at=arrival.arrived_at,
        door=arrival.door,
        terminal_id=arrival.terminal_id,
        why="undone",
        reason=reason.strip(),
        at=now,
        actor=actor.name,
    )
    numbers.set_aside(arrival.number, "void", registration_id, now=now, actor=actor)
    Arrival.objects.filter(event_id=event_id, registration_id=registration_id).delete()
    numbers.numbering.arrived -= 1
    numbers.numbering.save(update_fields=["arrived"])
    PrintJob.objects.filter(event_id=event_id, registration_id=registration_id, state="queued").update(
        state="failed", fault="undone", finished_at=now
    )
    for topic, word in (
        (event_topic(event_id), "arrivals"),
        (person_topic(arrival.person_id), "arrival"),
        (person_topic(arrival.person_id), "circle"),
    ):
        tell_live(topic, word)
    return undone


def unlock_guesses(*, event_id: UUID, kind: str, subjects: list[str], now: datetime, actor: Actor) -> int:
    """Unlock what wrong codes have locked and let it count from nothing; return how many were locked.

    `kind`: "phone" (subjects "phone:+86..." and "tail:1234"), "terminal" (its id) or "event" ("").
    """
    rows = Guess.objects.filter(event_id=event_id, kind=kind, subject__in=subjects, locked_at__isnull=False)
    unlocked = rows.update(locked_at=None, wrong=0, since=now, unlocked_at=now, unlocked_by=actor.name)
    if unlocked:
        tell_live(event_topic(event_id), "terminals")
    return unlocked


def forget_guesses(*, before: datetime, now: datetime, actor: Actor) -> int:
    """Remove counts of wrong codes of events that ended before the moment: they hold phone numbers."""
    ended = Event.objects.filter(ends_at__lt=before).values("id")
    return Guess.objects.filter(event_id__in=ended).delete()[0]
