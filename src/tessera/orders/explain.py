"""Receipts with a why: every point opens to the rule version, the arithmetic, the lot, and what was taken back.

Source: spec/points.md, Receipt with a why; spec/README.md, rule 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog

from tessera.kit.clock import NEVER
from tessera.kit.lent import lent_connection
from tessera.ledger.queries import get_transfer, list_lots_made_by
from tessera.orders.circumstances import categories_of, context_of
from tessera.orders.models import Purchase, Return
from tessera.orders.queries import BoughtLine, list_lines, list_returns_of, same_person
from tessera.points.queries import load_book
from tessera.points.rules import Accrual, Fired, Line, Programme, RuleBook, describe, evaluate, singular

__all__ = ["Explanation", "LotState", "Reason", "TakenBack", "explain_purchase", "sentence_of", "total_of"]

_log = structlog.get_logger()

_TOTAL = {
    "zh-Hans": (
        "基础 {base} 分",
        " × {factor}",
        "，向下取整得 {points} 分",
        "，受上限限制得 {points} 分",
        "，得 {points} 分",
    ),
    "en": (
        "{base} base points",
        " × {factor}",
        ", rounded down to {points}",
        ", limited to {points}",
        ", {points} points",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that took effect on this purchase: the rule's name, and the product's where it is about one alone."""

    fired: Fired
    rule: str
    product: str


@dataclass(frozen=True, slots=True)
class LotState:
    """The points as they stand now; `state`: pending, unclaimed, active, expired, or gone (nothing is left)."""

    amount: int
    remaining: int
    state: str
    earned_at: datetime
    active_from: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A return that took points back from this purchase; `owed` of them had been spent already."""

    back: Return
    quantity: int
    points: int
    owed: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A purchase and why it earned what it earned; `agrees`: the arithmetic done again gives the stored points."""

    purchase: Purchase
    lines: Sequence[BoughtLine]
    reasons: Sequence[Reason]
    base_points: int
    factor: tuple[int, int]
    programme: Programme
    lots: Sequence[LotState]
    returns: Sequence[TakenBack]
    owed: int
    agrees: bool


def explain_purchase(purchase: Purchase, *, now: datetime) -> Explanation:
    """Return the receipt of a purchase with its why, as of `now`.

    The arithmetic is done again under the revision and circumstances that were kept; should it ever differ from what
    was stored, the stored reasons are shown, `agrees` is false and the log names the purchase.
    """
    plain = lent_connection()
    book = load_book(plain, purchase.merchant_id, purchase.rules_revision)
    lines = list_lines(purchase)
    again = _evaluated(plain, purchase, lines, book)
    stored = tuple(_fired(*one) for one in purchase.fired)
    agrees = (again.points, again.line_points, again.fired) == (
        purchase.points,
        tuple(line.points for line in lines),
        stored,
    )
    if not agrees:
        _log.error(
            "a receipt explains itself otherwise",
            purchase=str(purchase.id),
            points=purchase.points,
            again=again.points,
        )
    num = den = 1
    for one in stored:
        num, den = num * one.num, den * one.den
    owner_id = same_person(purchase.member_id)[0]
    returns = _taken_back(purchase)
    return Explanation(
        purchase=purchase,
        lines=lines,
        reasons=[_reason(one, lines, book) for one in stored],
        base_points=sum(line.points for line in lines),
        factor=(num, den),
        programme=book.programme_at(purchase.occurred_at),
        lots=_lots(owner_id, purchase, now),
        returns=returns,
        owed=sum(one.owed for one in returns),
        agrees=agrees,
    )


def _evaluated(
    plain: psycopg.Connection[Any], purchase: Purchase, lines: Sequence[BoughtLine], book: RuleBook
) -> Accrual:
    above = categories_of(plain, purchase.context, [line.product_id for line in lines])
    basket = [
        Line(line.product_id, above[line.product_id], line.quantity, line.amount_minor) for line in lines
    ]
    return evaluate(
        basket, book.in_force(purchase.occurred_at), context_of(purchase.context, purchase.store_id)
    )


def _fired(
    rule_id: str, version: int, kind: str, points: int, num: int, den: int, counted: int, lines: Sequence[int]
) -> Fired:
    return Fired(UUID(rule_id), version, kind, points, num, den, counted, tuple(lines))


def _reason(fired: Fired, lines: Sequence[BoughtLine], book: RuleBook) -> Reason:
    version = book.find(fired.rule_id, fired.version)
    names = {lines[place].name for place in fired.lines}
    product = names.pop() if fired.kind == "product" and len(names) == 1 else ""
    return Reason(fired, version.name if version else "", product)


def _lots(owner_id: UUID, purchase: Purchase, now: datetime) -> list[LotState]:
    if purchase.transfer_id is None:
        return []
    made = list_lots_made_by(owner_id, [purchase.transfer_id])
    return [
        LotState(
            amount=lot.amount,
            remaining=lot.remaining,
            state=_state(lot.remaining, lot.active_from, lot.expires_at, now),
            earned_at=lot.earned_at,
            active_from=None if lot.active_from == NEVER else lot.active_from,
            expires_at=lot.expires_at,
        )
        for lot in made
        if lot.owner_id == owner_id
    ]


def _state(remaining: int, active_from: datetime, expires_at: datetime | None, now: datetime) -> str:
    if not remaining:
        return "gone"
    if expires_at is not None and expires_at <= now:
        return "expired"
    if active_from == NEVER:
        return "unclaimed"
    return "pending" if active_from > now else "active"


def _taken_back(purchase: Purchase) -> list[TakenBack]:
    owed: dict[UUID, int] = {}
    if purchase.transfer_id is not None and purchase.points_returned:
        whole = get_transfer(purchase.member_id, purchase.transfer_id, unit_id=purchase.merchant_id)
        for reversal_id in whole.reversed_by:
            undone = get_transfer(purchase.member_id, reversal_id, unit_id=purchase.merchant_id)
            return_id = undone.transfer.reference_id
            if return_id is not None:
                new = sum(entry.amount for entry in undone.entries if entry.purpose == "owed")
                owed[return_id] = owed.get(return_id, 0) + new
    return [
        TakenBack(back, quantity, points, owed.get(back.id, 0))
        for back, quantity, points in list_returns_of(purchase)
    ]


def sentence_of(reason: Reason, language: str) -> str:
    """Return one rule's part in a plain sentence in `language`, without a full stop."""
    return describe(reason.fired, language, rule=reason.rule, product=reason.product)


def total_of(explanation: Explanation, language: str) -> str:
    """Return the arithmetic of the whole receipt in `language`: base points, multipliers, rounding and caps."""
    base, times, rounded, limited, plain = _TOTAL[language]
    num, den = explanation.factor
    points = explanation.purchase.points
    text = base.format(base=explanation.base_points)
    if num != den:
        text += times.format(factor=f"{num}/{den}" if den > 1 else num)
    uncapped = explanation.base_points * num // den
    if points < uncapped:
        return singular(text + limited.format(points=points), language)
    exact = uncapped * den == explanation.base_points * num
    return singular(text + (plain if exact else rounded).format(points=points), language)
