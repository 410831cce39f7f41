"""Balances of a whole unit at once, on a plain connection: for exports and comparisons."""

from typing import Any
from uuid import UUID

import psycopg

__all__ = ["wallet_balances"]


def wallet_balances(connection: psycopg.Connection[Any], unit_id: UUID) -> dict[UUID, int]:
    """Return the balance of every wallet in this unit, by its owner."""
    rows = connection.execute(
        "SELECT owner_id, balance FROM ledger_account WHERE unit_id = %s AND purpose = 'wallet'", (unit_id,)
    ).fetchall()
    return dict(rows)
