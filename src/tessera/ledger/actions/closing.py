"""Closes days: chains their entries by hash (spec/ledger.md, What must always hold, 5). Posting never waits for it."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

import psycopg

from tessera.kit import trail
from tessera.kit.actors import Actor
from tessera.kit.sql import statement

__all__ = ["Closing", "close_days"]

_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Closing:
    """What one run closed: days with their number of entries.

    `waiting_for` is the day that could not be closed yet, because `open_transactions` that began before its end are
    still running.
    """

    closed: tuple[tuple[date, int], ...]
    waiting_for: date | None = None
    open_transactions: int = 0


def close_days(
    connection: psycopg.Connection[Any], *, patience_s: int = 60, now: datetime, actor: Actor
) -> Closing:
    """Close every past UTC day that has entries and is not closed, in order; each in a transaction of its own.

    `connection` has no transaction open. A posting that is still running may yet book on the day it began: such
    transactions are waited for, `patience_s` at most; then the day is reported and left to the next run. What is
    posted from now on is booked on the day after at least. Running it twice at once, or again, is harmless.
    """
    closed: list[tuple[date, int]] = []
    while (day := _next_day(connection)) is not None:
        left = _wait_for_open(connection, day, patience_s)
        if left:
            return Closing(tuple(closed), day, left)
        with connection.transaction():
            connection.execute("SET LOCAL statement_timeout = 0")
            row = connection.execute("SELECT ledger_close_day_v1(%s, %s)", (day, now)).fetchone()
        if row is None or row[0] is None:  # another run closed it
            continue
        closed.append((day, row[0]))
        trail.note(actor=actor, verb="close_day", object_kind="day", object_id=str(day), now=now)
    return Closing(tuple(closed))


def _next_day(connection: psycopg.Connection[Any]) -> date | None:
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        row = connection.execute("SELECT ledger_next_day_v1()").fetchone()
    return None if row is None else row[0]


def _wait_for_open(connection: psycopg.Connection[Any], day: date, patience_s: int) -> int:
    """Wait until the transactions that began before the end of `day` are over; return how many are not."""
    end = datetime.combine(day + timedelta(days=1), clock_time(), UTC)
    with connection.transaction():
        row = connection.execute(statement("ledger", "open_transactions"), (end,)).fetchone()
    remembered: list[str] = row[0] if row else []
    until = time.monotonic() + patience_s
    while remembered:
        with connection.transaction():
            row = connection.execute(statement("ledger", "still_open"), (remembered,)).fetchone()
        if row is None or row[0] == 0:
            return 0
        if time.monotonic() > until:
            return int(row[0])
        time.sleep(_PAUSE_S)
    return 0
