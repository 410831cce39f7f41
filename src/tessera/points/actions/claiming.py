"""Points that waited for a phone number's owner become his when he registers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.actors import Actor
from tessera.kit.clock import NEVER
from tessera.kit.lent import lent_connection
from tessera.kit.refusals import Refusal
from tessera.ledger.actions.activation import activate_lots
from tessera.ledger.lots import OpenLot, lots_active_from
from tessera.ledger.rules import LotTerms
from tessera.merchants.queries import NamedMerchant, merchants_by_id
from tessera.notices.actions.inbox import send_notice
from tessera.people.queries import find_joined
from tessera.points.queries import current_book
from tessera.points.rules import RuleBook, lot_terms

__all__ = ["activate_unclaimed"]


def activate_unclaimed(*, person_id: UUID, now: datetime, actor: Actor) -> int:
    """Give a registered person the points that waited for him; return how many there are.

    Each lot gets the terms that it would have had when it was earned; where these are over already, terms as if it
    had been earned now. What has run out of its N days stays as it is. The person is told about what he can spend.
    Done again, it changes only what has come in since. Source: spec/points.md, Earning (unclaimed points).
    """
    holder_id = find_joined(person_id)
    connection = lent_connection()
    waiting: dict[UUID, list[OpenLot]] = {}
    for lot in lots_active_from(connection, holder_id, NEVER):
        if lot.expires_at is None or lot.expires_at > now:
            waiting.setdefault(lot.unit_id, []).append(lot)
    merchants = merchants_by_id(waiting)
    total = 0
    for merchant_id, lots in waiting.items():
        merchant = merchants[merchant_id]
        points, ready = _activate(connection, merchant, holder_id, lots, now=now, actor=actor)
        total += points
        if ready:
            send_notice(
                person_id=holder_id,
                kind="points_activated",
                template="points_activated",
                context={"points": ready, "merchant": merchant.name},
                now=now,
                actor=actor,
            )
    return total


def _activate(
    connection: psycopg.Connection[Any],
    merchant: NamedMerchant,
    holder_id: UUID,
    lots: Sequence[OpenLot],
    *,
    now: datetime,
    actor: Actor,
) -> tuple[int, int]:
    """Activate lots of one wallet; return the points that changed, and those of them that can be spent now."""
    book = current_book(merchant.id)
    points = ready = 0
    for lot in lots:
        terms = _terms(book, merchant, lot, now)
        [outcome] = activate_lots(
            connection,
            owner_id=holder_id,
            unit_id=merchant.id,
            request_id=f"claim:{lot.transfer_id}:{lot.part}",
            lots=[terms],
            now=now,
            actor=actor,
        )
        if isinstance(outcome, Refusal):
            continue  # spent, expired or activated by another since it was looked up: nothing waits any more
        points += lot.remaining
        ready += lot.remaining if terms.active_from <= now else 0
    return points, ready


def _terms(book: RuleBook, merchant: NamedMerchant, lot: OpenLot, now: datetime) -> LotTerms:
    programme = book.programme_at(lot.earned_at)
    zone = merchant.time_zone
    terms = lot_terms(programme, occurred_at=lot.earned_at, now=now, time_zone=zone, claimed=True)
    if terms.expires_at is not None and terms.expires_at <= max(now, terms.active_from):
        terms = lot_terms(programme, occurred_at=now, now=now, time_zone=zone, claimed=True)
    return LotTerms(lot.transfer_id, terms.active_from, terms.expires_at, lot.part)
