"""Finds the products of a whole batch at once, on a hot path's own connection."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from tessera.kit.arrays import texts, uuids
from tessera.kit.sql import statement

__all__ = ["Sold", "ask_sold", "find_categories", "find_sold"]


class Sold(NamedTuple):
    """A product as a basket sees it: its categories from the nearest to the topmost, its present price if any."""

    product_id: UUID
    price_minor: int | None
    category_ids: tuple[UUID, ...]


def ask_sold(
    connection: psycopg.Connection[Any], wanted: Iterable[tuple[UUID, str]]
) -> Callable[[], dict[tuple[UUID, str], Sold]]:
    """Ask for products by (merchant, SKU); call the result to read them.

    One that the catalogue lacks is missing; withdrawn ones count: a till may still send what was sold before.
    """
    pairs = list(wanted)
    asked = connection.execute(
        statement("catalog", "sold"), (uuids([pair[0] for pair in pairs]), texts([pair[1] for pair in pairs]))
    )
    return lambda: {(row[0], row[1]): Sold(row[2], row[3], tuple(row[4])) for row in asked.fetchall()}


def find_sold(
    connection: psycopg.Connection[Any], wanted: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], Sold]:
    """Return the products by (merchant, SKU), as `ask_sold` does."""
    return ask_sold(connection, wanted)()


def find_categories(
    connection: psycopg.Connection[Any], product_ids: Iterable[UUID]
) -> dict[UUID, tuple[str, tuple[UUID, ...]]]:
    """Return (SKU, categories from the nearest to the topmost) of each product."""
    rows = connection.execute(statement("catalog", "categories"), (uuids(product_ids),)).fetchall()
    return {row[0]: (row[1], tuple(row[2])) for row in rows}
