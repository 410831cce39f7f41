"""Transfers straight into the posting function, from threads with a connection each: no HTTP, no purchases."""

import itertools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg

__all__ = ["prepare"]


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run: `connections` threads, each posting `batch` accruals a transaction for `seconds`.

    All points come from one merchant (the hot account) and go to random members.
    """
    from tessera.site.command import prepare_django

    prepare_django()
    from tessera.kit.connections import connect

    merchant_id = UUID(asked["merchant"])
    connections = [connect() for _ in range(asked["connections"])]
    members = _members(connections[0], merchant_id, asked["members"])
    for connection in connections:  # warm: psycopg prepares a statement at its sixth use
        list(islice(_post(connection, merchant_id, members, asked["batch"], math.inf), 7))

    def run() -> dict[str, Any]:
        until = time.perf_counter() + asked["seconds"]
        begun = time.perf_counter()
        with ThreadPoolExecutor(len(connections)) as threads:
            spent = list(
                threads.map(
                    lambda one: list(_post(one, merchant_id, members, asked["batch"], until)), connections
                )
            )
        return {
            "operations": sum(map(len, spent)) * asked["batch"],
            "seconds": time.perf_counter() - begun,
            "latencies_ns": list(itertools.chain.from_iterable(spent)),
        }

    return run


def _members(connection: psycopg.Connection[Any], merchant_id: UUID, members: int) -> list[UUID]:
    rows = connection.execute(
        "SELECT c.person_id FROM generate_series(0, %s - 1) n"
        " JOIN merchants_customer_number c ON c.merchant_id = %s AND c.number = 'M' || n",
        [members, merchant_id],
    ).fetchall()
    connection.commit()
    return [row[0] for row in rows]


def _post(
    connection: psycopg.Connection[Any], merchant_id: UUID, members: Sequence[UUID], batch: int, until: float
) -> Iterator[int]:
    """Post batches until then; yield the nanoseconds that each took, commit included."""
    from tessera.kit import clock
    from tessera.kit.retry import retried
    from tessera.ledger.actions.posting import post
    from tessera.ledger.rules import Posting

    transfers: list[Any] = []

    def work(working: psycopg.Connection[Any]) -> Sequence[object]:
        return post(working, transfers, now=clock.now())

    while time.perf_counter() < until:
        now = clock.now()
        transfers = [_accrual(merchant_id, random.choice(members), now) for _ in range(batch)]  # noqa: S311 - a load is no secret
        begun = time.perf_counter_ns()
        answers = retried(connection, work)
        yield time.perf_counter_ns() - begun
        refused = [answer for answer in answers if not isinstance(answer, Posting)]
        if refused:
            raise RuntimeError(f"a transfer was refused: {refused[0]}")


def _accrual(merchant_id: UUID, member_id: UUID, now: datetime) -> Any:
    from tessera.kit.ids import new_id
    from tessera.ledger.rules import Transfer, accrual_legs

    legs = accrual_legs(
        member_id=member_id, merchant_id=merchant_id, points=3, funder_id=merchant_id, cost_minor=0,
        earned_at=now, active_from=now, expires_at=None,
    )  # fmt: skip
    number = new_id()
    return Transfer(number, member_id, "accrual", f"bench:{number.hex}", legs, 3, now, "bench")
