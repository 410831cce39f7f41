"""Past purchases as baskets, for rules that are tried on them (tessera.points.replays)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tessera.catalog.lookup import find_categories
from tessera.kit.lent import lent_connection
from tessera.orders.circumstances import context_of
from tessera.orders.models import Purchase, PurchaseLine
from tessera.orders.queries import earliest_id
from tessera.points.rules import Line, PastBasket

__all__ = ["past_baskets"]


def past_baskets(merchant_id: UUID, since: datetime, most: int) -> Sequence[PastBasket]:
    """Return the merchant's latest `most` purchases since that moment, in the order of time, with present categories."""
    rows = Purchase.objects.filter(
        merchant_id=merchant_id, id__gte=earliest_id(since), occurred_at__gte=since
    )
    purchases = sorted(rows.order_by("-id")[:most], key=lambda row: (row.occurred_at, row.id))
    lines = defaultdict(list)
    for line in PurchaseLine.objects.filter(purchase_id__in=[row.id for row in purchases]).order_by(
        "line_no"
    ):
        lines[line.purchase_id].append(line)
    above = find_categories(lent_connection(), {line.product_id for own in lines.values() for line in own})
    return [
        _basket(row, lines[row.id], {product: found[1] for product, found in above.items()})
        for row in purchases
    ]


def _basket(row: Purchase, lines: Sequence[PurchaseLine], above: dict[UUID, tuple[UUID, ...]]) -> PastBasket:
    context = context_of(row.context, row.store_id)
    return PastBasket(
        purchase_id=row.id,
        receipt_number=row.receipt_number,
        member_id=row.member_id,
        store_id=row.store_id,
        local=context.local,
        level=context.level,
        birthday=context.birthday,
        lines=[
            Line(line.product_id, above.get(line.product_id, ()), line.quantity, line.amount_minor)
            for line in lines
        ],
    )
