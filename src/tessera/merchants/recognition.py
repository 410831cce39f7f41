"""Recognises merchants, stores and customers for a whole batch at once, on a hot path's own connection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from tessera.kit.arrays import texts, uuids
from tessera.kit.ids import new_id
from tessera.kit.sql import statement

__all__ = ["Recognised", "Trading", "find_stores", "find_trading", "numbers_of", "recognise"]


@dataclass(frozen=True, slots=True)
class Recognised:
    """One who buys: `registered` says whether points are his at once (a merchant's own customer number counts) or
    wait until a phone number's owner registers.
    """

    person_id: UUID
    registered: bool
    level: str
    birthday: date | None


@dataclass(frozen=True, slots=True)
class Trading:
    """A merchant as a purchase sees it; `active`: approved and not suspended."""

    merchant_id: UUID
    rules_revision: int
    time_zone: ZoneInfo
    currency: str
    active: bool


_zone = cache(ZoneInfo)


def find_trading(connection: psycopg.Connection[Any], merchant_ids: Iterable[UUID]) -> dict[UUID, Trading]:
    """Return the merchants that exist among `merchant_ids`, by id."""
    rows = connection.execute(statement("merchants", "trading"), (uuids(merchant_ids),)).fetchall()
    return {row[0]: Trading(row[0], row[1], _zone(row[2]), row[3], row[4]) for row in rows}


def find_stores(
    connection: psycopg.Connection[Any], wanted: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], UUID]:
    """Return the ids of open stores by (merchant, number); a store that is not there is missing."""
    pairs = list(wanted)
    if not pairs:
        return {}
    rows = connection.execute(
        statement("merchants", "stores"),
        ([merchant for merchant, _ in pairs], [number for _, number in pairs]),
    ).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


def recognise(
    connection: psycopg.Connection[Any], wanted: Sequence[tuple[UUID, str, str]], *, now: datetime
) -> list[Recognised | None]:
    """Return who is meant by each (merchant, kind, value); None for a person's id that is not there.

    `kind`: "person" (an id), "phone" (E.164) or "number" (the merchant's own customer number). A phone or number that
    nobody had is a new person from now on, not registered (spec/points.md, Earning: Identity); each person met becomes
    a customer of the merchant.
    """
    merchants = uuids([merchant for merchant, _, _ in wanted])
    kinds, values = texts([kind for _, kind, _ in wanted]), texts([value for _, _, value in wanted])
    rows = connection.execute(statement("merchants", "known"), (merchants, kinds, values)).fetchall()
    if any(row[0] is None or row[2] is None for row in rows):
        fresh = uuids([new_id() for _ in wanted])
        rows = connection.execute(
            statement("merchants", "recognise"), (merchants, kinds, values, fresh, now)
        ).fetchall()
    return [Recognised(row[0], row[1], row[2] or "", row[3]) if row[0] else None for row in rows]


def numbers_of(connection: psycopg.Connection[Any], merchant_id: UUID) -> list[tuple[str, UUID]]:
    """Return all customer numbers of a merchant with the persons they stand for."""
    return connection.execute(
        "SELECT number, person_id FROM merchants_customer_number WHERE merchant_id = %s", (merchant_id,)
    ).fetchall()
