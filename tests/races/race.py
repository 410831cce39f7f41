"""Many at once: every runner has a connection of its own, all start together, a passing fault is retried."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg

from tessera.kit.connections import connect
from tessera.kit.retry import retried
from tessera.ledger.actions.posting import post
from tessera.ledger.audit import audit
from tessera.ledger.rules import Reversal, Transfer
from tests.ledger.conftest import NOW

__all__ = ["RUNNERS", "assert_sound", "post_retried", "race"]

T = TypeVar("T")

RUNNERS = 32


def race(work: Callable[[psycopg.Connection[Any], int], T], runners: int = RUNNERS) -> list[T]:
    """Let `work(connection, number)` run in many threads, started by one signal; an exception in one is raised here."""
    gate = threading.Barrier(runners)

    def run(number: int) -> T:
        with connect() as connection:
            connection.execute("SELECT 1")
            connection.rollback()
            gate.wait(timeout=30)
            return work(connection, number)

    with ThreadPoolExecutor(runners) as pool:
        return [
            future.result(timeout=120) for future in [pool.submit(run, number) for number in range(runners)]
        ]


def post_retried(connection: psycopg.Connection[Any], transfers: Sequence[Transfer | Reversal]) -> list[Any]:
    """Post a batch in a transaction of its own."""
    return retried(connection, lambda c: post(c, transfers, now=NOW))


def assert_sound() -> None:
    """No invariant of the ledger is broken."""
    with connect() as connection:
        assert [str(fault) for fault in audit(connection)] == []
