"""What caps have let through is added up."""

from collections.abc import Sequence
from typing import Any

import psycopg

from tessera.kit.sql import statement
from tessera.points.queries import CapKey

__all__ = ["add_cap_use"]


def add_cap_use(connection: psycopg.Connection[Any], rows: Sequence[tuple[CapKey, int]]) -> None:
    """Add points to what caps have let through, in the caller's transaction; a claw-back adds negative points.

    Each row is ((member, rule, merchant-local day), points); rows of the same key are added up, and the statement
    takes its locks in the order of the keys. Source: spec/points.md, Earning rules (caps per person and day).
    """
    totals: dict[CapKey, int] = {}
    for key, points in rows:
        totals[key] = totals.get(key, 0) + points
    keys = [key for key, points in totals.items() if points]
    if keys:
        columns = tuple(list(column) for column in zip(*keys, strict=True))
        connection.execute(statement("points", "add_cap_use"), (*columns, [totals[key] for key in keys]))
