"""Reads of lots and holdings for those who act on them, on the connection of their own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.sql import statement

__all__ = [
    "Holding",
    "OpenLot",
    "Place",
    "before_all",
    "list_due_lots",
    "list_holdings",
    "lots_active_from",
    "lots_ending_before",
    "sum_ending",
]

Place = tuple[datetime, UUID, UUID, int]
"""Where a walk over lots stands: end, account, transfer, part."""

_LEAST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot of a wallet in which something is left."""

    owner_id: UUID
    unit_id: UUID
    account_id: UUID
    transfer_id: UUID
    part: int
    remaining: int
    earned_at: datetime
    active_from: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holding:
    """What an owner has on one guarded account; `entry_count` tells one state of it from another."""

    unit_id: UUID
    purpose: str
    balance: int
    entry_count: int


def before_all(begins: datetime) -> Place:
    """Return the place before every lot that ends at `begins` or later."""
    return begins, _LEAST, _LEAST, 0


def list_due_lots(
    connection: psycopg.Connection[Any], *, begins: datetime, ends: datetime, after: Place, most: int
) -> list[OpenLot]:
    """Return up to `most` lots of wallets that end from `begins` to before `ends`, in the order of their ends."""
    rows = connection.execute(statement("ledger", "due_lots"), (begins, ends, *after, most)).fetchall()
    return [OpenLot(*row) for row in rows]


def lots_ending_before(
    connection: psycopg.Connection[Any], lots: Sequence[OpenLot], moment: datetime
) -> list[OpenLot]:
    """Return what is left now of these lots, and of others of the same transfers, that end before `moment`."""
    columns = ([lot.account_id for lot in lots], [lot.transfer_id for lot in lots], moment)
    return [OpenLot(*row) for row in connection.execute(statement("ledger", "lots_of"), columns).fetchall()]


def lots_active_from(
    connection: psycopg.Connection[Any], owner_id: UUID, active_from: datetime
) -> list[OpenLot]:
    """Return the owner's open lots, of all units, that become active at exactly this moment."""
    rows = connection.execute(statement("ledger", "lots_active_from"), (active_from, owner_id)).fetchall()
    return [OpenLot(*row) for row in rows]


def list_holdings(connection: psycopg.Connection[Any], owner_id: UUID) -> list[Holding]:
    """Return what the owner has on each of his accounts that is not empty."""
    rows = connection.execute(statement("ledger", "holdings"), (owner_id,)).fetchall()
    return [Holding(*row) for row in rows]


def sum_ending(
    connection: psycopg.Connection[Any], spans: Sequence[tuple[UUID, datetime, datetime]]
) -> list[int]:
    """Return, for each (account, from, until), how much of the account ends within that span."""
    columns = tuple(list(column) for column in zip(*spans, strict=True))
    return [row[1] for row in connection.execute(statement("ledger", "expiring_sums"), columns).fetchall()]
