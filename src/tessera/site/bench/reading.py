"""A member's balance and last 20 entries through the queries alone: no HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tessera.site.bench.again import again

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

    return again(read, asked["seconds"])
