"""Receipts at a counter: the outcome of a sale, printed or shown, and what was sold here today."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import page, signed_in
from tessera.kit.phones import masked_phone
from tessera.kit.reader import reader_language
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import Store
from tessera.orders.explain import explain_purchase, sentence_of
from tessera.orders.models import Purchase
from tessera.orders.pages.counter import counter_of
from tessera.orders.pages.shoppers import shoppers_of
from tessera.orders.queries import get_purchase, list_purchases

__all__ = ["bought_here", "called_here", "receipt", "sales"]

_PAGE = 20


def called_here(workplace: Workplace, member_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return how members are called where others look on: by nickname, masked phone number or customer number."""
    return {
        member_id: one.name
        or (masked_phone(one.phone) if one.phone and "*" not in one.phone else one.phone)
        or one.title
        for member_id, one in shoppers_of(workplace, member_ids).items()
    }


def bought_here(workplace: Workplace, purchase: str) -> Purchase:
    """Return the purchase behind an address (`pur_...`); refuses `not_found`, also for stores he does not work at."""
    found = get_purchase(parse_id("pur", purchase), merchant_id=workplace.merchant.id)
    mine = workplace.store_ids
    if mine is not None and found.store_id is not None and found.store_id not in mine:
        raise NotFound
    return found


@signed_in
@require_safe
def receipt(request: HttpRequest, store: str, purchase: str) -> HttpResponse:
    """Show a receipt with its points; just recorded, as the outcome of the sale."""
    workplace, place = counter_of(request, store)
    bought = bought_here(workplace, purchase)
    why = explain_purchase(bought, now=clock.now())
    language = reader_language()
    request.scans = True  # type: ignore[attr-defined]  # the next scan begins the next sale
    told = {
        "workplace": workplace,
        "store": place,
        "counter": f"/counter/{show_id('sto', place.id)}",
        "purchase": bought,
        "why": why,
        "kept": bought.points - bought.points_returned,
        "reasons": [sentence_of(one, language) for one in why.reasons],
        "waits": any(lot.state == "unclaimed" for lot in why.lots),
        "active_from": next((lot.active_from for lot in why.lots if lot.state == "pending"), None),
        "left": sum(line.quantity - line.returned_quantity for line in why.lines),
        "called": called_here(workplace, [bought.member_id]).get(bought.member_id, ""),
        "qr": _qr(request.build_absolute_uri(f"/receipts/{show_id('pur', bought.id)}")),
        "zone": workplace.merchant.time_zone,
        "is_new": "new" in request.GET,
        "is_again": "again" in request.GET,
        "face": "receipt",
    }
    return page(request, "orders/counter/receipt.html", told)


def _qr(address: str) -> SafeString:
    """Draw the receipt's code: any phone opens it, and a counter finds the purchase by it."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - our own address, drawn by segno


@signed_in
@require_safe
def sales(request: HttpRequest, store: str) -> HttpResponse:
    """List what was sold at this store today, the last first."""
    workplace, place = counter_of(request, store)
    zone = ZoneInfo(workplace.merchant.time_zone)
    begin = _midnight(clock.now(), zone)
    found = list_purchases(
        merchant_id=workplace.merchant.id,
        store_id=place.id,
        since=begin,
        cursor=request.GET.get("cursor"),
        limit=_PAGE,
    )
    told = {
        **_named(workplace, place, found.items),
        "cursor": request.GET.get("cursor"),
        "next_cursor": found.next_cursor,
        "next_query": f"cursor={found.next_cursor}",
        "first_query": "",
        "day": begin,
        "face": "sales",
    }
    return page(request, "orders/counter/sales.html", told)


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date(), time.min, zone)


def _named(workplace: Workplace, place: Store, rows: Sequence[Purchase]) -> dict[str, object]:
    called = called_here(workplace, {row.member_id for row in rows})
    return {
        "workplace": workplace,
        "store": place,
        "counter": f"/counter/{show_id('sto', place.id)}",
        "rows": [(row, called.get(row.member_id, "")) for row in rows],
        "zone": workplace.merchant.time_zone,
    }
