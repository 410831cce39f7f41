"""What the room `people` does by schedule."""

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.people.actions.codes import forget_used_codes
from tessera.people.actions.signing import forget_tries

__all__ = ["forget"]

_log = structlog.get_logger()


@app.periodic(cron="17 * * * *")
@app.task(name="people.forget", queueing_lock="people.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Remove used codes, password tries and ended sessions that nothing looks at any more; every hour."""
    with transaction.atomic():
        gone = forget_tries(now=clock.now(), actor=SYSTEM)
        gone += forget_used_codes(now=clock.now(), actor=SYSTEM)
    if gone:
        _log.info("old sign-ins forgotten", rows=gone)
