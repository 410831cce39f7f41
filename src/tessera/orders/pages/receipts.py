"""A member's receipts, each with the reason for every point."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id
from tessera.kit.live import person_topic, token_for
from tessera.kit.pages import go, page, signed_in
from tessera.kit.reader import reader_language
from tessera.ledger.queries import get_transfer, list_lots_made_by
from tessera.merchants.queries import NamedMerchant, get_store, merchants_by_id
from tessera.orders.explain import explain_purchase, sentence_of, total_of
from tessera.orders.queries import get_purchase, get_return, list_purchases
from tessera.points.wallets import movement_address

__all__ = ["receipt", "receipts"]

_PAGE = 20


@require_safe
@signed_in
def receipts(request: HttpRequest) -> HttpResponse:
    """List everything that the member bought, also what earned nothing."""
    cursor = request.GET.get("cursor") or None
    bought = list_purchases(member_id=_member(request), cursor=cursor, limit=_PAGE)
    named = merchants_by_id([one.merchant_id for one in bought.items])
    shown = {
        "face": "wallet",
        "rows": [(one, named[one.merchant_id]) for one in bought.items if one.merchant_id in named],
        "cursor": cursor,
        "next_cursor": bought.next_cursor,
        "next_query": f"cursor={bought.next_cursor}",
        "first_query": "",
    }
    return page(request, "orders/receipts.html", shown)


@require_safe
@signed_in
def receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show one receipt of the member with its why: of a purchase, a return, or another movement of points."""
    show = {"pur": _purchase, "rtn": _return, "txn": _transfer}.get(receipt[:3])
    if show is None:
        raise NotFound
    return show(request, parse_id(receipt[:3], receipt))


def _purchase(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    member_id, language = _member(request), reader_language()
    purchase = get_purchase(purchase_id, member_id=member_id)
    why = explain_purchase(purchase, now=clock.now())
    shown = {
        "face": "wallet",
        "purchase": purchase,
        "merchant": _merchant(purchase.merchant_id),
        "store": purchase.store_id and get_store(purchase.store_id),
        "why": why,
        "kept": purchase.points - purchase.points_returned,
        "reasons": [(one, sentence_of(one, language)) for one in why.reasons],
        "total": total_of(why, language),
        "live_token": token_for(request, [person_topic(member_id)]),
    }
    return page(request, "orders/receipt.html", shown)


def _return(request: HttpRequest, return_id: UUID) -> HttpResponse:
    member_id = _member(request)
    row = get_return(return_id, member_id=member_id)
    bought = {one.purchase_id for one in row.matches if one.purchase_id}
    purchases = {one: get_purchase(one, member_id=member_id) for one in bought}
    shown = {
        "face": "wallet",
        "back": row.back,
        "lines": row.lines,
        "matches": [(one, purchases[one.purchase_id]) for one in row.matches if one.purchase_id],
        "unmatched": sum(one.unmatched_quantity for one in row.lines),
        "merchant": _merchant(row.back.merchant_id),
    }
    return page(request, "orders/return_receipt.html", shown)


def _transfer(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    member_id = _member(request)
    row = get_transfer(member_id, transfer_id)
    entries = [one for one in row.entries if one.purpose in {"wallet", "owed"}]
    if not entries:
        raise NotFound
    if (address := movement_address(entries[0])) != request.path:
        return go(request, address, status=302)
    lots = list_lots_made_by(member_id, {one.lot_transfer_id for one in row.lot_moves})
    earned = {(one.transfer_id, one.part): one for one in lots}
    shown = {
        "face": "wallet",
        "entry": entries[0],
        "points": sum(one.amount for one in entries if one.purpose == "wallet"),
        "owed": sum(one.amount for one in entries if one.purpose == "owed"),
        "moves": [(one, earned.get((one.lot_transfer_id, one.lot_part))) for one in row.lot_moves],
        "merchant": _merchant(entries[0].unit_id),
    }
    return page(request, "orders/movement.html", shown)


def _member(request: HttpRequest) -> UUID:
    return UUID(str(request.user.pk))


def _merchant(merchant_id: UUID) -> NamedMerchant:
    found = merchants_by_id([merchant_id]).get(merchant_id)
    if found is None:
        raise NotFound
    return found
