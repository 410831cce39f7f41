"""Which faults of the database pass by themselves (spec/ledger.md, Posting: retried inside, bounded, never shown)."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg import errors

from tessera.kit import live

__all__ = ["MOST_TRIES", "is_passing_fault", "retried"]

T = TypeVar("T")

MOST_TRIES = 8
"""How often one transaction is tried before its fault is shown."""

_PASSING = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)


def is_passing_fault(error: BaseException) -> bool:
    """Say whether the same transaction may succeed when it is run again.

    A serialization failure, a deadlock, or a unique violation: a racer with the same request came first, and the next
    try finds and answers its result.
    """
    return isinstance(error, _PASSING)


def retried(connection: psycopg.Connection, work: Callable[[psycopg.Connection], T]) -> T:
    """Run `work(connection)` in a transaction of its own and commit; run it again after a fault that passes.

    Live words that were noted on the connection are told after the commit. Raises the fault when it has not passed
    after MOST_TRIES tries, and any other exception at once; both roll back.
    """
    for attempt in range(MOST_TRIES):
        try:
            outcome = work(connection)
            connection.commit()
        except BaseException as error:
            live.drop_noted(connection)
            if not connection.closed:
                connection.rollback()
            if not is_passing_fault(error) or attempt == MOST_TRIES - 1:
                raise
            time.sleep(0.002 * 2**attempt)
        else:
            live.tell_noted(connection)
            return outcome
    raise AssertionError("unreachable")
