"""Scheduled work of the ledger."""

import structlog
from procrastinate.contrib.django import app

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.ledger.actions.closing import close_days

__all__ = ["close_day"]

_log = structlog.get_logger()


@app.periodic(cron="10 * * * *")
@app.task(name="ledger.close_day", queueing_lock="ledger.close_day", lock="ledger.close_day")
def close_day(timestamp: int) -> None:
    """Close the days that are over (UTC); hourly, so that a day that had to wait is closed the same night."""
    with connect(application_name="tessera-close-day") as connection:
        closing = close_days(connection, patience_s=300, now=clock.now(), actor=SYSTEM)
    for day, entries in closing.closed:
        _log.info("a day was closed", day=str(day), entries=entries, planned_at=timestamp)
    if closing.waiting_for is not None:
        _log.warning(
            "a day waits for open transactions", day=str(closing.waiting_for), open=closing.open_transactions
        )
