"""Guests are reminded of an event, once a day before and once two hours before (spec/events.md, step 4)."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from tessera.events.models import Arrival, Event, Registration, Reminder
from tessera.events.moving import notice_context
from tessera.kit.actors import Actor
from tessera.notices.actions.inbox import send_notices

__all__ = ["remind_guests"]

_A_BATCH = 2_000


def remind_guests(*, event_id: UUID, kind: str, now: datetime, actor: Actor) -> int:
    """Remind the accepted guests who are not here yet, with the code; `kind`: "day" or "hours". Return how many.

    Each kind goes out once for an event, whoever asks how often: its row makes it so.
    """
    row, new = Reminder.objects.get_or_create(event_id=event_id, kind=kind, defaults={"at": now, "guests": 0})
    if not new:
        return 0
    event = Event.objects.get(pk=event_id)
    here = Arrival.objects.filter(event_id=OuterRef("event_id"), registration_id=OuterRef("id"))
    guests = Registration.objects.filter(~Exists(here), event_id=event_id, state="accepted").order_by("id")
    last: UUID | None = None
    while part := list((guests.filter(id__gt=last) if last else guests)[:_A_BATCH]):
        contexts = {guest.person_id: notice_context(event, guest) for guest in part}
        row.guests += send_notices(
            contexts=contexts, kind="events", template="event_reminder", now=now, actor=actor
        )
        last = part[-1].id
    row.save(update_fields=["guests"])
    return row.guests
