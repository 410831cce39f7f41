"""An earlier purchase from which goods come back: what is left of its basket, and the points that it loses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.arrays import uuids
from tessera.kit.sql import statement
from tessera.orders.circumstances import categories_of, context_of
from tessera.orders.rules import kept_amount
from tessera.points.queries import load_book
from tessera.points.rules import Context, Line, evaluate

__all__ = ["Earlier", "KeptLine", "load_earlier", "take_back"]


@dataclass(slots=True)
class KeptLine:
    """A line of an earlier purchase and how many of its pieces are back."""

    product_id: UUID
    category_ids: tuple[UUID, ...]
    quantity: int
    returned: int
    amount_minor: int


@dataclass(slots=True)
class Earlier:
    """An earlier purchase to which a return belongs, and what this return has taken back from it so far.

    `member_id` is under whom it was recorded: a customer number's holder, where the number was joined to a person since.
    """

    member_id: UUID
    purchase_id: UUID
    transfer_id: UUID | None
    points: int
    revision: int
    occurred_at: datetime
    context: Context
    lines: dict[int, KeptLine]
    taken: int = 0


def load_earlier(connection: psycopg.Connection[Any], members: Sequence[UUID], purchase_id: UUID) -> Earlier:
    """Return the purchase of one of these members as it stands; their wallets must be held."""
    row = connection.execute(statement("orders", "purchase_state"), (uuids(members), purchase_id)).fetchone()
    assert row is not None, "a match names a purchase of this person"
    member_id, points, returned, transfer_id, revision, context, store_id, occurred_at, lines, products = row
    above = categories_of(connection, context, products)
    return Earlier(
        member_id=member_id,
        purchase_id=purchase_id,
        transfer_id=transfer_id,
        points=points - returned,
        revision=revision,
        occurred_at=occurred_at,
        context=context_of(context, store_id),
        lines={
            number: KeptLine(product, above[product], quantity, back, amount)
            for (number, quantity, back, amount), product in zip(lines, products, strict=True)
        },
    )


def take_back(connection: psycopg.Connection[Any], merchant_id: UUID, earlier: Earlier) -> int:
    """Return the points that the purchase loses now: what is left of them less what the kept basket earns.

    Computed under the purchase's own rules and circumstances (spec/points.md, Returns); never negative.
    """
    book = load_book(connection, merchant_id, earlier.revision)
    kept = [
        Line(line.product_id, line.category_ids, left, kept_amount(line.amount_minor, line.quantity, left))
        for line in earlier.lines.values()
        if (left := line.quantity - line.returned)
    ]
    earned = evaluate(kept, book.in_force(earlier.occurred_at), earlier.context).points if kept else 0
    lost = max(0, earlier.points - earlier.taken - earned)
    earlier.taken += lost
    return lost
