"""What the door does by schedule: terminals and counts of wrong codes do not outlive their event."""

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from tessera.events.actions.crew import revoke_done_terminals
from tessera.events.actions.undoing import forget_guesses
from tessera.events.rules.door import GRACE
from tessera.kit import clock
from tessera.kit.actors import SYSTEM

__all__ = ["close_doors"]

_log = structlog.get_logger()


@app.periodic(cron="11 * * * *")
@app.task(name="events.close_doors", queueing_lock="events.close_doors")
def close_doors(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Revoke terminals of events that ended and have nothing more to bring; forget whose codes were wrong; every hour."""
    now = clock.now()
    with transaction.atomic():
        revoked = revoke_done_terminals(now=now, actor=SYSTEM)
    with transaction.atomic():
        forgotten = forget_guesses(before=now - GRACE, now=now, actor=SYSTEM)
    if revoked or forgotten:
        _log.info("doors closed", terminals=revoked, guesses=forgotten)
