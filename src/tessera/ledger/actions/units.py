"""Opens units."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from tessera.kit.actors import Actor
from tessera.kit.sql import statement

__all__ = ["open_unit"]


def open_unit(
    *,
    unit_id: UUID,
    kind: str,
    code: str,
    issuer_id: UUID | None = None,
    exponent: int = 0,
    now: datetime,
    actor: Actor,
) -> UUID:
    """Open a unit and return its id; opening the same unit again changes nothing (spec/ledger.md, Model).

    `kind`: "money", "points" or "online_points"; points are kept in lots, money is not. `exponent`: decimal places of
    the smallest step (2 for fen). The unit of a merchant's points has the merchant's id.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement("ledger", "open_unit"), [unit_id, kind, code, issuer_id, exponent, now])
    return unit_id
