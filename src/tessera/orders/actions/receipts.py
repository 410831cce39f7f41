"""The handler behind all doors: purchases and returns in the order in which they were sent."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import psycopg

from tessera.kit import clock
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement
from tessera.orders.actions.purchases import record_purchases
from tessera.orders.actions.returns import record_returns
from tessera.orders.rules import RecordedPurchase, RecordedReturn, RecordPurchase, RecordReturn

__all__ = ["handle_receipts", "record_receipts"]

Outcome = RecordedPurchase | RecordedReturn | Refusal


def handle_receipts(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase | RecordReturn]
) -> list[Outcome]:
    """Record a batch of receipts now, with an audit line for each refusal; for group commit."""
    now = clock.now()
    outcomes = record_receipts(connection, commands, now=now)
    refused = [(c, o) for c, o in zip(commands, outcomes, strict=True) if isinstance(o, Refusal)]
    if refused:
        connection.execute(
            statement("orders", "note_refusals"),
            (
                now,
                [new_id() for _ in refused],
                [c.actor for c, _ in refused],
                [c.merchant_id for c, _ in refused],
                ["record_purchase" if isinstance(c, RecordPurchase) else "record_return" for c, _ in refused],
                [c.receipt_number for c, _ in refused],
                [o.code for _, o in refused],
            ),
        )
    return outcomes


def record_receipts(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase | RecordReturn], *, now: datetime
) -> list[Outcome]:
    """Record purchases and returns in their order: each run of one kind is a batch (spec/points.md, Earning)."""
    outcomes: list[Outcome] = []
    for kind, run in groupby(commands, key=type):
        record = record_purchases if kind is RecordPurchase else record_returns
        outcomes.extend(record(connection, list(run), now=now))  # type: ignore[arg-type]  # groupby told them apart
    return outcomes
