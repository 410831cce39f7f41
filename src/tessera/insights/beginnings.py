"""What a new merchant has done so far and what comes next, and how an established one stands today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tessera.catalog.queries import list_products
from tessera.insights.queries import (
    DayOfMoves,
    count_new_members,
    expiring_by_month,
    moved_by_day,
    points_by_day,
)
from tessera.ledger.queries import get_issued
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import list_employments, list_stores
from tessera.orders.queries import list_purchases
from tessera.points.queries import list_programmes, list_rules

__all__ = ["Figures", "Standing", "Steps", "count_figures", "look_at_steps"]

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps to the first points, each derived from what is there."""

    details: bool
    store: bool
    products: bool
    programme: bool
    rule: bool
    staff: bool
    purchase: bool
    first_store_id: UUID | None

    @property
    def done(self) -> int:
        """How many steps are done."""
        parts = (
            self.details,
            self.store,
            self.products,
            self.programme,
            self.rule,
            self.staff,
            self.purchase,
        )
        return sum(parts)


def look_at_steps(workplace: Workplace) -> Steps:
    """Return which first steps the merchant has taken."""
    merchant = workplace.merchant
    stores = [store for store in list_stores(merchant.id, limit=20).items if store.closed_at is None]
    employed = list_employments(merchant.id, ended=False, limit=2).items
    return Steps(
        details=bool(merchant.phone),
        store=bool(stores),
        products=bool(list_products(merchant.id, limit=1).items),
        programme=bool(list_programmes(merchant.id, most=1)),
        rule=bool(list_rules(merchant.id, ended=False, limit=1).items),
        staff=len(employed) > 1,
        purchase=bool(list_purchases(merchant_id=merchant.id, limit=1).items),
        first_store_id=stores[0].id if stores else None,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened on some days, the merchant's own: `taken` are points that returns took back."""

    purchases: int
    amount_minor: int
    given: int
    taken: int
    spent: int
    expired: int
    new_members: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Today, the last 30 days, what members hold, and what of it expires this month and next."""

    today: Figures
    month: Figures
    outstanding: int
    expiring_now: int
    expiring_next: int


def count_figures(workplace: Workplace, *, now: datetime) -> Standing:
    """Return how the merchant stands: merchant-local days, today included."""
    merchant = workplace.merchant
    zone = ZoneInfo(merchant.time_zone)
    today = now.astimezone(zone).date()
    since = today - timedelta(days=_DAYS - 1)
    days = points_by_day(merchant.id, since, today)
    moves = moved_by_day(merchant.id, since, today)
    month_members, today_members = count_new_members(merchant.id, since, today)
    expiring = expiring_by_month(merchant.id, months=2, now=now)

    def figures(first: int, new_members: int) -> Figures:
        counted, moved = days[first:], moves[first:]
        return Figures(
            purchases=sum(day.purchases for day in counted),
            amount_minor=sum(day.amount_minor for day in counted),
            given=_sum(moved, "given"),
            taken=_sum(moved, "returned"),
            spent=_sum(moved, "spent"),
            expired=_sum(moved, "expired"),
            new_members=new_members,
        )

    return Standing(
        today=figures(-1, today_members),
        month=figures(0, month_members),
        outstanding=get_issued(merchant.id).outstanding,
        expiring_now=expiring[0].points,
        expiring_next=expiring[1].points,
    )


def _sum(moves: Sequence[DayOfMoves], name: str) -> int:
    return sum(getattr(day, name) for day in moves)
