"""Activates pending lots: what they waited for has happened (spec/points.md, Pending)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit import live
from tessera.kit.actors import Actor
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement
from tessera.ledger.errors import refusal_of
from tessera.ledger.rules import LotTerms

__all__ = ["activate_lots"]


def activate_lots(
    connection: psycopg.Connection[Any],
    *,
    owner_id: UUID,
    unit_id: UUID,
    request_id: str,
    lots: Sequence[LotTerms],
    now: datetime,
    actor: Actor,
) -> list[str | Refusal]:
    """Give lots of one wallet new terms and answer for each, in order: "activated", "repeat", or a refusal.

    Runs in the caller's transaction. Only a lot that is still pending changes; nothing moves, so there is no transfer.
    The same request id with the same terms answers "repeat"; the terms before and after stay on record. Refuses per
    lot: `lot_unknown`, `lot_not_pending`, `lot_expired`; and all of them: `id_reused`. Raises ValueError for terms
    that end before they begin, and for a lot named twice.
    """
    if any(lot.expires_at is not None and lot.expires_at <= lot.active_from for lot in lots):
        raise ValueError("a lot expires after it has become active")
    if len({(lot.transfer_id, lot.part) for lot in lots}) != len(lots):
        raise ValueError("a lot is activated once")
    rows = connection.execute(
        statement("ledger", "activate"),
        (
            owner_id,
            unit_id,
            request_id,
            [lot.transfer_id for lot in lots],
            [lot.part for lot in lots],
            [lot.active_from for lot in lots],
            [lot.expires_at for lot in lots],
            actor.name,
            now,
        ),
    ).fetchall()
    if any(status == "activated" for _, status, _ in rows):
        live.note(connection, [(live.person_topic(owner_id), "wallet")])
    return [refusal_of(refusal) if status == "refused" else status for _, status, refusal in rows]
