"""Recognises merchants, stores and customers for a whole batch at once, on a hot path's own connection."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from tessera.kit.arrays import texts, uuids
from tessera.kit.ids import new_id
from tessera.kit.sql import statement

__all__ = [
    "Known",
    "Recognised",
    "Trading",
    "ask_known",
    "ask_stores",
    "ask_trading",
    "find_trading",
    "numbers_of",
    "recognise",
    "recognise_known",
]


class Recognised(NamedTuple):
    """One who buys.

    `registered`: points are his at once (a merchant's own customer number counts); otherwise they wait until the phone
    number's owner registers.
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


Known = tuple[UUID | None, bool, str | None, date | None]
"""What the database knows of one who is named: person, registered, level (None: not yet a customer), birthday."""


def ask_trading(
    connection: psycopg.Connection[Any], merchant_ids: Iterable[UUID]
) -> Callable[[], dict[UUID, Trading]]:
    """Ask for merchants; call the result to read those that exist, by id. Questions may share one round trip."""
    asked = connection.execute(statement("merchants", "trading"), (uuids(merchant_ids),))
    return lambda: {
        row[0]: Trading(row[0], row[1], _zone(row[2]), row[3], row[4]) for row in asked.fetchall()
    }


def find_trading(connection: psycopg.Connection[Any], merchant_ids: Iterable[UUID]) -> dict[UUID, Trading]:
    """Return the merchants that exist among `merchant_ids`, by id."""
    return ask_trading(connection, merchant_ids)()


def ask_stores(
    connection: psycopg.Connection[Any], wanted: Iterable[tuple[UUID, str]]
) -> Callable[[], dict[tuple[UUID, str], UUID]]:
    """Ask for open stores by (merchant, number); call the result to read their ids. Asks nothing when none is wanted."""
    pairs = list(wanted)
    if not pairs:
        return dict
    asked = connection.execute(
        statement("merchants", "stores"),
        (uuids([pair[0] for pair in pairs]), texts([pair[1] for pair in pairs])),
    )
    return lambda: {(row[0], row[1]): row[2] for row in asked.fetchall()}


def ask_known(
    connection: psycopg.Connection[Any], wanted: Sequence[tuple[UUID, str, str]]
) -> Callable[[], list[Known]]:
    """Ask who is meant by each (merchant, kind, value), adding nobody; call the result to read it, in order."""
    asked = connection.execute(statement("merchants", "known"), _columns(wanted))
    return asked.fetchall


def recognise(
    connection: psycopg.Connection[Any], wanted: Sequence[tuple[UUID, str, str]], *, now: datetime
) -> list[Recognised | None]:
    """Return who is meant by each (merchant, kind, value); None for a person's id that is not there.

    `kind`: "person" (an id), "phone" (E.164) or "number" (the merchant's own customer number). A phone or number that
    nobody had is a new person from now on, not registered (spec/points.md, Earning: Identity); each person met becomes
    a customer of the merchant.
    """
    return recognise_known(connection, wanted, ask_known(connection, wanted)(), now=now)


def recognise_known(
    connection: psycopg.Connection[Any],
    wanted: Sequence[tuple[UUID, str, str]],
    known: Sequence[Known],
    *,
    now: datetime,
) -> list[Recognised | None]:
    """Do what `recognise` does, after `ask_known` has answered: only newcomers cost a second question."""
    if any(person_id is None or level is None for person_id, _, level, _ in known):
        fresh = uuids([new_id() for _ in wanted])
        known = connection.execute(
            statement("merchants", "recognise"), (*_columns(wanted), fresh, now)
        ).fetchall()
    return [
        Recognised(person_id, registered, level or "", birthday) if person_id else None
        for person_id, registered, level, birthday in known
    ]


def _columns(wanted: Sequence[tuple[UUID, str, str]]) -> tuple[str, str, str]:
    return (
        uuids([merchant for merchant, _, _ in wanted]),
        texts([kind for _, kind, _ in wanted]),
        texts([value for _, _, value in wanted]),
    )


def numbers_of(connection: psycopg.Connection[Any], merchant_id: UUID) -> list[tuple[str, UUID]]:
    """Return all customer numbers of a merchant with the persons they stand for."""
    return connection.execute(
        "SELECT number, person_id FROM merchants_customer_number WHERE merchant_id = %s", (merchant_id,)
    ).fetchall()
