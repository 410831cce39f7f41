"""The counter: one screen on which a cashier knows the member, collects what is sold, and records it.

Every change sends the whole form and gets the basket back; only `confirm` writes, once under the form's request id.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.errors import IdReused
from tessera.kit.ids import show_id
from tessera.kit.pages import Did, do_once, go, is_partial, page, person_actor, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_store
from tessera.merchants.queries import Store
from tessera.orders.actions.counter import AMOUNT_SKU, Place, sell
from tessera.orders.pages.places import places_of, remember_store, remembered_store
from tessera.orders.pages.till import Till, money_typed, till_of
from tessera.orders.pages.till_codes import Meant, meant_by, member_meant_by
from tessera.orders.pages.till_shown import card_of, has_products, rows_of, tried_points

__all__ = ["basket", "choose", "counter_of", "place_of", "purchases", "till"]

NEED = "purchases:write"


@signed_in
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Let the cashier choose where he stands today; straight on where there is one choice, or one that he made."""
    actor = person_actor(request)
    assert actor.id is not None, "a page for whoever is signed in"
    places = places_of(actor.id)
    if "choose" not in request.GET:
        known = remembered_store(request, places)
        if known is not None:
            return go(request, f"/counter/{show_id('sto', known.store.id)}", status=302)
    return page(request, "orders/counter/choose.html", {"places": places})


def counter_of(request: HttpRequest, store: str) -> tuple[Workplace, Store]:
    """Return workplace and store behind an address of the counter; refuses who may not sell there."""
    return enter_store(request, store, need=NEED)


def place_of(workplace: Workplace, store: Store) -> Place:
    """Return the counter as actions name it."""
    return Place(workplace.merchant.id, store.number, workplace.merchant.time_zone)


@signed_in
@require_safe
def till(request: HttpRequest, store: str) -> HttpResponse:
    """Show the empty counter."""
    workplace, place = counter_of(request, store)
    response = _shown(request, workplace, place, Till(), now=clock.now())
    remember_store(response, place)
    return response


@signed_in
@require_POST
def basket(request: HttpRequest, store: str) -> HttpResponse:
    """Take what was scanned, typed or pressed, and show the basket again; a receipt's code leads to its page."""
    workplace, place = counter_of(request, store)
    now = clock.now()
    before = Till()
    try:
        before = till_of(request.POST, currency=workplace.merchant.currency)
        after, meant = _changed(request, before, workplace, now)
    except Refusal as refusal:
        return _shown(request, workplace, place, before, now=now, refusal=refusal)
    if meant is not None and meant.purchase_id is not None:
        return go(request, f"{_address(place)}/receipts/{show_id('pur', meant.purchase_id)}")
    return _shown(request, workplace, place, after, now=now, meant=meant)


def _changed(
    request: HttpRequest, before: Till, workplace: Workplace, now: datetime
) -> tuple[Till, Meant | None]:
    sent, scan_id = request.POST, request.POST.get("scan_id", "")
    if text := sent.get("who", "").strip():
        guest = member_meant_by(text, workplace, scan_id=scan_id, now=now)
        return replace(before, sealed=guest.sealed(workplace)), None
    if not (text := sent.get("code", "").strip()):
        return _pressed(sent, before, workplace), None
    meant = meant_by(text, workplace, member_wanted=not before.sealed, scan_id=scan_id, now=now)
    if meant.guest is not None:
        return replace(before, sealed=meant.guest.sealed(workplace)), meant
    return (before.with_more(meant.product.sku, 1) if meant.product else before), meant


def _pressed(sent: QueryDict, before: Till, workplace: Workplace) -> Till:
    after = before
    if sku := sent.get("more"):
        after = before.with_more(sku, 1)
    elif sku := sent.get("less"):
        after = before.with_more(sku, -1)
    elif sku := sent.get("drop"):
        after = before.without(sku)
    elif "leave" in sent:
        after = replace(before, sealed="")
    elif amount := sent.get("amount_sale", "").strip():
        minor = money_typed(amount, currency=workplace.merchant.currency)
        after = before.without(AMOUNT_SKU).with_more(AMOUNT_SKU, 1, minor)
    return after


@signed_in
@require_POST
def purchases(request: HttpRequest, store: str) -> HttpResponse:
    """Record the sale once, and go to its receipt."""
    workplace, place = counter_of(request, store)
    now = clock.now()
    before = Till()
    try:
        before = till_of(request.POST, currency=workplace.merchant.currency)

        def act(actor: Actor, now: datetime) -> Did:
            done = sell(
                place=place_of(workplace, place),
                member=before.buyer(workplace),
                lines=before.sold(),
                receipt_number=before.receipt_number,
                request_id=request.POST.get("request_id", ""),
                now=now,
                actor=actor,
            )
            shown = f"{_address(place)}/receipts/{show_id('pur', done.purchase_id)}"
            return Did(
                f"{shown}?{'again' if done.repeat else 'new'}=1", done.purchase_id, workplace.merchant.id
            )

        return do_once(request, act, actor=workplace.actor, verb="record_purchase", kind="purchase")
    except Refusal as refusal:
        return _shown(request, workplace, place, before, now=now, refusal=refusal)


def _address(store: Store) -> str:
    return f"/counter/{show_id('sto', store.id)}"


def _shown(
    request: HttpRequest,
    workplace: Workplace,
    store: Store,
    till: Till,
    *,
    now: datetime,
    meant: Meant | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    request.scans = True  # type: ignore[attr-defined]  # site.middleware reads it
    card = None
    try:
        guest = till.guest(workplace)
        card = card_of(guest, workplace, now=now) if guest else None
    except Refusal as lost:
        till, refusal = Till(lines=till.lines, receipt_number=till.receipt_number), refusal or lost
    tried = tried_points(till, card, workplace, store, now=now)
    if isinstance(tried, Refusal):
        tried, refusal = None, refusal or tried
    rows = rows_of(till, workplace.merchant.id, currency=workplace.merchant.currency)
    told: dict[str, Any] = {
        "workplace": workplace,
        "store": store,
        "counter": _address(store),
        "till": till,
        "card": card,
        "rows": rows,
        "pieces": sum(row.quantity for row in rows),
        "total_minor": sum(row.amount_minor or 0 for row in rows),
        "tried": tried,
        "choices": meant.choices if meant else (),
        "refusal": refusal.message(reader_language()) if refusal else "",
        "is_recorded": isinstance(refusal, IdReused),
        "is_open": workplace.status == "active" and store.closed_at is None,
        "has_products": bool(rows) or has_products(workplace.merchant.id),
        "sale_id": request.POST.get("request_id") or uuid4().hex,
        "face": "counter",
    }
    status = refusal.status if refusal else 200
    template = "orders/counter/basket.html" if is_partial(request) else "orders/counter/till.html"
    return page(request, template, told, status=status)
