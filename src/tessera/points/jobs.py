"""Scheduled work of the room `points`: daily, in batches, each in a transaction of its own."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.people.queries import joinings_since
from tessera.points.actions.expiry import Sweep, expire_points, warn_of_expiry
from tessera.points.actions.joining import carry_over

__all__ = ["WARN_DAYS", "carry_over_late", "expire", "sweep", "warn"]

WARN_DAYS = 30
"""How many days before their end a member is told of points."""

_log = structlog.get_logger()


@app.periodic(cron="5 * * * *")
@app.task(name="points.expire", queueing_lock="points.expire")
def expire(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Take expired points out of the wallets; hourly, because days end at another hour in every time zone."""
    _report("points expired", sweep(partial(expire_points, now=clock.now(), actor=SYSTEM)))


@app.periodic(cron="30 1 * * *")
@app.task(name="points.warn", queueing_lock="points.warn")
def warn(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Tell members of points that end soon; daily, in the Chinese morning."""
    _report(
        "expiry notices sent", sweep(partial(warn_of_expiry, days=WARN_DAYS, now=clock.now(), actor=SYSTEM))
    )


@app.periodic(cron="20 * * * *")
@app.task(name="points.carry_over", queueing_lock="points.carry_over")
def carry_over_late(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Carry over what a purchase that was under way gave to a holder who was joined to a person just then; hourly."""
    now = clock.now()
    for from_person_id, into_person_id in joinings_since(now - timedelta(days=2)):
        with transaction.atomic():
            points = carry_over(
                from_person_id=from_person_id, into_person_id=into_person_id, now=now, actor=SYSTEM
            )
        if points:
            _log.info("points carried over", points=points)


def sweep(act: Callable[..., Sweep]) -> Sweep:
    """Let `act` work batch after batch until nothing is left; return the sums."""
    seen = done = points = 0
    refused: dict[str, int] = {}
    place = None
    while True:
        with transaction.atomic():
            batch = act(after=place)
        seen, done, points = seen + batch.seen, done + batch.done, points + batch.points
        for code, count in batch.refused.items():
            refused[code] = refused.get(code, 0) + count
        place = batch.place
        if place is None:
            return Sweep(seen, done, points, refused, None)


def _report(what: str, swept: Sweep) -> None:
    if swept.seen:
        _log.info(what, lots=swept.seen, done=swept.done, points=swept.points, refused=dict(swept.refused))
