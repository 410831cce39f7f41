"""A member's balance and last 20 entries through the queries alone: no HTTP."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

__all__ = ["prepare"]


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run: read balances and last entries of `person` again and again for `seconds`; one operation is both."""
    from tessera.site.command import prepare_django

    prepare_django()
    from tessera.kit import clock
    from tessera.ledger.queries import get_balances, list_entries

    person, unit = UUID(asked["person"]), UUID(asked["merchant"])

    def read() -> None:
        [balance] = get_balances(person, clock.now(), unit_id=unit)
        page = list_entries(person, unit, limit=20)
        if len(page.items) != 20 or page.items[0].balance_after != balance.balance:
            raise RuntimeError("the last entry does not lead to the balance")

    for _ in range(20):
        read()

    def run() -> dict[str, Any]:
        latencies: list[int] = []
        begun = time.perf_counter()
        while time.perf_counter() < begun + asked["seconds"]:
            before = time.perf_counter_ns()
            read()
            latencies.append(time.perf_counter_ns() - before)
        return {
            "operations": len(latencies),
            "seconds": time.perf_counter() - begun,
            "latencies_ns": latencies,
        }

    return run
