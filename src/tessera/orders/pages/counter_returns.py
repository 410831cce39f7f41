"""Returns at a counter: find the purchase, choose what comes back, see what it takes back, confirm once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.amounts import MAX_QUANTITY
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, go, is_partial, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import Store
from tessera.orders.actions.counter import ReturnTried, take_back, try_return
from tessera.orders.errors import CodeNotRecognised, NothingToReturn, PiecesInvalid
from tessera.orders.explain import explain_purchase
from tessera.orders.models import Purchase
from tessera.orders.pages.counter import counter_of, place_of
from tessera.orders.pages.counter_receipts import bought_here, called_here
from tessera.orders.pages.till_codes import member_meant_by, receipt_meant_by
from tessera.orders.pages.till_shown import is_known_by, person_of
from tessera.orders.queries import get_return, list_lines, list_purchases
from tessera.orders.rules import SoldLine

__all__ = ["back", "find", "give_back", "preview"]

_RECENT = 10


@dataclass(frozen=True, slots=True)
class BackRow:
    """A product of the receipt: pieces that can still come back, and how many do."""

    sku: str
    name: str
    left: int
    quantity: int


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, store: str) -> HttpResponse:
    """Find the purchase: by the receipt's number or code, or among a member's last ones."""
    workplace, place = counter_of(request, store)
    text = request.POST.get("code", "").strip()
    bought: Sequence[Purchase] = ()
    refusal: Refusal | None = None
    if text:
        found = receipt_meant_by(text, workplace.merchant.id)
        if found is not None:
            return go(request, f"{_address(place)}/receipts/{show_id('pur', found)}/returns")
        try:
            bought = _recent_of(text, workplace)
        except Refusal as unknown:
            refusal = unknown
    else:
        bought = _recent_here(workplace, place)
    request.scans = True  # type: ignore[attr-defined]  # site.middleware reads it
    called = called_here(workplace, {row.member_id for row in bought})
    told = {
        **_frame(workplace, place),
        "rows": [(row, called.get(row.member_id, "")) for row in bought],
        "asked": text if refusal else "",
        "is_search": bool(text),
        "refusal": refusal.message(reader_language()) if refusal else "",
    }
    return page(request, "orders/counter/returns.html", told, status=refusal.status if refusal else 200)


def _recent_here(workplace: Workplace, place: Store) -> Sequence[Purchase]:
    return list_purchases(merchant_id=workplace.merchant.id, store_id=place.id, limit=_RECENT).items


def _recent_of(text: str, workplace: Workplace) -> Sequence[Purchase]:
    """Return the last purchases of whom `text` names; refuses `code_not_recognised`, also where he bought nothing."""
    guest = member_meant_by(text, workplace, now=clock.now())
    person = person_of(guest, workplace)
    bought: Sequence[Purchase] = ()
    if person is not None and (guest.shown_code or is_known_by(guest, person, workplace)):
        rows = list_purchases(merchant_id=workplace.merchant.id, member_id=person.id, limit=_RECENT).items
        mine = workplace.store_ids
        bought = [row for row in rows if mine is None or row.store_id is None or row.store_id in mine]
    if not bought:
        raise CodeNotRecognised(given=text[:40])
    return bought


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, store: str, purchase: str) -> HttpResponse:
    """Choose what comes back of a purchase and see what it costs in points; POST records it once."""
    workplace, place = counter_of(request, store)
    bought = bought_here(workplace, purchase)
    if request.method != "POST":
        return _chosen(request, workplace, place, bought)

    def act(actor: Actor, now: datetime) -> Did:
        done = take_back(
            place=place_of(workplace, place),
            of_receipt=bought.receipt_number,
            lines=_lines(request.POST),
            request_id=request.POST.get("request_id", ""),
            now=now,
            actor=actor,
        )
        shown = f"{_address(place)}/returns/{show_id('rtn', done.return_id)}"
        return Did(f"{shown}?new=1", done.return_id, workplace.merchant.id, {"points": done.points})

    try:
        return do_once(
            request, act, actor=workplace.actor, verb="record_return", kind="return", object_id=bought.id
        )
    except Refusal as refusal:
        return _chosen(request, workplace, place, bought, refusal=refusal)


@signed_in
@require_POST
def preview(request: HttpRequest, store: str, purchase: str) -> HttpResponse:
    """Show what the chosen pieces would take back, how much of it would be owed; nothing is recorded."""
    workplace, place = counter_of(request, store)
    return _chosen(request, workplace, place, bought_here(workplace, purchase))


def _chosen(
    request: HttpRequest,
    workplace: Workplace,
    place: Store,
    bought: Purchase,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    sent = request.POST
    rows = _rows(bought, sent)
    tried: ReturnTried | None = None
    try:
        if sent and refusal is None:
            tried = try_return(
                place=place_of(workplace, place),
                purchase_id=bought.id,
                of_receipt=bought.receipt_number,
                lines=_picked(rows),
                now=clock.now(),
                actor=workplace.actor,
            )
    except Refusal as unfit:
        refusal = unfit
    told = {
        **_frame(workplace, place),
        "purchase": bought,
        "called": called_here(workplace, [bought.member_id]).get(bought.member_id, ""),
        "rows": rows,
        "pieces": sum(row.quantity for row in rows),
        "left": sum(row.left for row in rows),
        "tried": tried,
        "kept": bought.points - bought.points_returned,
        "request_id": sent.get("request_id", ""),
        "refusal": refusal.message(reader_language()) if refusal else "",
    }
    part = "orders/counter/give_back_part.html"
    template = part if is_partial(request) else "orders/counter/give_back.html"
    return page(request, template, told, status=refusal.status if refusal else 200)


def _rows(bought: Purchase, sent: QueryDict) -> list[BackRow]:
    """One row for each product: the same product may stand on several lines of a receipt."""
    left: dict[str, tuple[str, int]] = {}
    for line in list_lines(bought):
        name, pieces = left.get(line.sku, (line.name, 0))
        left[line.sku] = (name, pieces + line.quantity - line.returned_quantity)
    typed = dict(zip(sent.getlist("sku"), sent.getlist("quantity"), strict=False))
    steps = {sent.get("more", ""): 1, sent.get("less", ""): -1}
    rows = []
    for sku, (name, pieces) in left.items():
        given = typed.get(sku, "0").strip()
        quantity = int(given) if given.isascii() and given.isdigit() and len(given) <= 7 else 0
        quantity = pieces if "all" in sent else quantity + steps.get(sku, 0)
        rows.append(BackRow(sku, name, pieces, max(0, min(quantity, pieces))))
    return rows


def _picked(rows: Sequence[BackRow]) -> tuple[SoldLine, ...]:
    lines = tuple(SoldLine(row.sku, row.quantity) for row in rows if row.quantity)
    if not lines:
        raise NothingToReturn
    return lines


def _lines(sent: QueryDict) -> tuple[SoldLine, ...]:
    lines = []
    for sku, given in zip(sent.getlist("sku"), sent.getlist("quantity"), strict=False):
        plain = given.strip() or "0"
        if not (plain.isascii() and plain.isdigit() and len(plain) <= 7):
            raise PiecesInvalid(least=0, most=MAX_QUANTITY)
        if int(plain):
            lines.append(SoldLine(sku[:64], int(plain)))
    if not lines:
        raise NothingToReturn
    return tuple(lines)


@signed_in
@require_safe
def back(request: HttpRequest, store: str, back: str) -> HttpResponse:
    """Show what became of a return: points taken back, and what is owed of them."""
    workplace, place = counter_of(request, store)
    row = get_return(parse_id("rtn", back), merchant_id=workplace.merchant.id)
    if not row.matches or row.matches[0].purchase_id is None:
        raise NotFound
    bought = bought_here(workplace, show_id("pur", row.matches[0].purchase_id))
    why = explain_purchase(bought, now=clock.now())
    told = {
        **_frame(workplace, place),
        "back": row.back,
        "lines": row.lines,
        "purchase": bought,
        "owed": sum(one.owed for one in why.returns if one.back.id == row.back.id),
        "kept": bought.points - bought.points_returned,
        "called": called_here(workplace, [row.back.member_id]).get(row.back.member_id, ""),
        "zone": workplace.merchant.time_zone,
        "is_new": "new" in request.GET,
    }
    return page(request, "orders/counter/returned.html", told)


def _address(store: Store) -> str:
    return f"/counter/{show_id('sto', store.id)}"


def _frame(workplace: Workplace, place: Store) -> dict[str, object]:
    return {
        "workplace": workplace,
        "store": place,
        "counter": _address(place),
        "zone": workplace.merchant.time_zone,
        "face": "returns",
    }
