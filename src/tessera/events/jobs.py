"""Scheduled work of registration: guests are reminded."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from procrastinate.contrib.django import app

from tessera.events.actions.reminding import remind_guests
from tessera.events.models import Event, Reminder
from tessera.kit import clock
from tessera.kit.actors import SYSTEM

__all__ = ["REMINDERS", "due_reminders", "remind"]

REMINDERS = {
    "day": (timedelta(hours=6), timedelta(hours=24)),
    "hours": (timedelta(0), timedelta(hours=2)),
}
"""Kind of reminder -> the least and the most time before the beginning at which it goes out."""

_MOST_EVENTS = 200
_log = structlog.get_logger()


@app.periodic(cron="*/5 * * * *")
@app.task(name="events.remind", queueing_lock="events.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Remind the guests of events that begin in a day or in two hours; every five minutes, each in its own transaction."""
    now = clock.now()
    for kind in REMINDERS:
        for event_id in due_reminders(kind, now=now):
            with transaction.atomic():
                guests = remind_guests(event_id=event_id, kind=kind, now=now, actor=SYSTEM)
            _log.info("guests reminded", kind=kind, guests=guests)


def due_reminders(kind: str, *, now: datetime) -> list[UUID]:
    """Return the events whose guests are to be reminded now, the next one first; at most 200."""
    least, most = REMINDERS[kind]
    sent = Reminder.objects.filter(event_id=OuterRef("pk"), kind=kind)
    events = Event.objects.filter(
        ~Exists(sent),
        publication__isnull=False,
        cancellation__isnull=True,
        starts_at__gt=now + least,
        starts_at__lte=now + most,
    )
    return list(events.order_by("starts_at", "id").values_list("id", flat=True)[:_MOST_EVENTS])
