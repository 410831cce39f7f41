"""Scheduled work of the circle: it closes some days after the event; guests who noted each other are told."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from procrastinate.contrib.django import app

from tessera.events.actions.closing import close_circle
from tessera.events.actions.jotter import settle_all_mutual
from tessera.events.models import CircleClosure, Event, Jotting
from tessera.events.rules.circle import closes_at
from tessera.kit import clock
from tessera.kit.actors import SYSTEM

__all__ = ["close", "close_due", "settle", "settle_running"]

_SWEPT_AGAIN = timedelta(days=1)
"""For so long a closed circle is swept again: a form may have been under way when it closed."""

_log = structlog.get_logger()


@app.periodic(cron="40 * * * *")
@app.task(name="events.close_circles", queueing_lock="events.close_circles")
def close(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Close the circles whose days are over; hourly, each in a transaction of its own."""
    if closed := close_due():
        _log.info("circles closed", circles=closed)


@app.periodic(cron="*/10 * * * *")
@app.task(name="events.settle_mutual", queueing_lock="events.settle_mutual")
def settle(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Tell guests who noted a number before it was given; every ten minutes."""
    settle_running()


def close_due() -> int:
    """Close every circle whose days are over; return how many."""
    now = clock.now()
    closures = CircleClosure.objects.filter(pk=OuterRef("pk"))
    ended = Event.objects.filter(
        ~Exists(closures) | Exists(closures.filter(at__gt=now - _SWEPT_AGAIN)), ends_at__lt=now
    )
    closed = 0
    for event in ended.order_by("ends_at").iterator():
        if closes_at(event.ends_at, event.circle) <= now:
            with transaction.atomic():
                close_circle(event_id=event.id, now=now, actor=SYSTEM)
            closed += 1
    return closed


def settle_running() -> int:
    """Tell guests of open circles who have noted each other; return how many pairs."""
    now = clock.now()
    running = Event.objects.filter(
        Q(doors_at__lt=now, ends_at__gt=now - timedelta(days=1)),
        Exists(Jotting.objects.filter(event_id=OuterRef("pk"))),
    )
    told = 0
    for event_id in running.values_list("pk", flat=True):
        with transaction.atomic():
            told += settle_all_mutual(event_id=event_id, now=now, actor=SYSTEM)
    return told
