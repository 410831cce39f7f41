"""Finds the products of a whole batch at once, on a hot path's own connection."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.arrays import texts, uuids
from tessera.kit.sql import statement

__all__ = ["Sold", "find_categories", "find_sold"]


@dataclass(frozen=True, slots=True)
class Sold:
    """A product as a basket sees it: its categories from the nearest to the topmost, its present price if any."""

    product_id: UUID
    price_minor: int | None
    category_ids: tuple[UUID, ...]


def find_sold(
    connection: psycopg.Connection[Any], wanted: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], Sold]:
    """Return the products by (merchant, SKU); one that the catalogue lacks is missing. Withdrawn ones count: a till
    may still send what was sold before.
    """
    pairs = list(wanted)
    rows = connection.execute(
        statement("catalog", "sold"), (uuids([pair[0] for pair in pairs]), texts([pair[1] for pair in pairs]))
    ).fetchall()
    return {(row[0], row[1]): Sold(row[2], row[3], tuple(row[4])) for row in rows}


def find_categories(
    connection: psycopg.Connection[Any], product_ids: Iterable[UUID]
) -> dict[UUID, tuple[str, tuple[UUID, ...]]]:
    """Return (SKU, categories from the nearest to the topmost) of each product."""
    rows = connection.execute(statement("catalog", "categories"), (uuids(product_ids),)).fetchall()
    return {row[0]: (row[1], tuple(row[2])) for row in rows}
