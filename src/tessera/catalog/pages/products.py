"""A merchant's products: the table with its filters and what can be done with many at once, one product, CSV out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tessera.catalog.actions.products import change_products
from tessera.catalog.models import Product
from tessera.catalog.pages.forms import shown_price
from tessera.catalog.queries import list_category_names, list_product_files, list_products
from tessera.catalog.rules import short_gtin
from tessera.kit.actors import Actor
from tessera.kit.csv_answers import csv_answer
from tessera.kit.errors import RequestInvalid
from tessera.kit.ids import parse_id, show_id
from tessera.kit.media import picture_address
from tessera.kit.pages import Did, do_once, page, safe_next, signed_in
from tessera.merchants.gate import enter_merchant

__all__ = ["bulk", "products", "products_csv"]

_A_PAGE = 50
_AT_ONCE = 1000
_STATES = {"sold": False, "withdrawn": True, "all": None}


def _narrowed(request: HttpRequest) -> dict[str, Any]:
    """Return what narrows the list: text, category, and whether withdrawn ones are shown (not, unless asked for)."""
    category = request.GET.get("category", "")
    return {
        "text": request.GET.get("q", "").strip()[:100] or None,
        "category_id": parse_id("cat", category) if category else None,
        "withdrawn": _STATES.get(request.GET.get("state", "sold"), False),
    }


def _asked(request: HttpRequest) -> dict[str, str]:
    return {
        name: request.GET[name].strip()[:100]
        for name in ("q", "category", "state")
        if request.GET.get(name, "").strip()
    }


@require_safe
@signed_in
def products(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the products, narrowed by text (name, SKU, GTIN), category and state."""
    workplace = enter_merchant(request, merchant, need="catalog:read")
    merchant_id = workplace.merchant.id
    cursor = request.GET.get("cursor")
    asked = _asked(request)
    found = list_products(merchant_id, **_narrowed(request), cursor=cursor, limit=_A_PAGE)
    categories = list_category_names(merchant_id)
    rows = [
        {
            "product": product,
            "picture": picture_address(product.picture),
            "category": categories.get(product.category_id) if product.category_id else "",
            "gtin": short_gtin(product.gtin) if product.gtin else "",
        }
        for product in found.items
    ]
    shown = {
        "workplace": workplace,
        "face": "products",
        "rows": rows,
        "asked": asked,
        "state": asked.get("state", "sold"),
        "query": urlencode(asked),
        "categories": [(show_id("cat", one), name) for one, name in categories.items()],
        "may_change": workplace.may("catalog:write"),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(asked),
        "next_query": urlencode({**asked, "cursor": found.next_cursor or ""}),
        "files": list_product_files(merchant_id, most=3) if workplace.may("catalog:write") else (),
    }
    return page(request, "catalog/products.html", shown)


@require_safe
@signed_in
def products_csv(request: HttpRequest, merchant: str) -> StreamingHttpResponse:
    """Stream the products, narrowed as the table is, as CSV that can be brought in again; `bom=0` leaves out the mark."""
    workplace = enter_merchant(request, merchant, need="catalog:read")
    narrowed = _narrowed(request)
    categories = list_category_names(workplace.merchant.id)
    headings = [_("SKU"), _("Name"), _("GTIN"), _("Category"), _("Price"), _("State")]
    states = (_("sold"), _("withdrawn"))
    rows = _lines(workplace.merchant.id, workplace.merchant.currency, narrowed, categories, states)
    return csv_answer(_("Products"), headings, rows, bom=request.GET.get("bom") != "0")


def _lines(
    merchant_id: UUID,
    currency: str,
    narrowed: dict[str, Any],
    categories: dict[UUID, str],
    states: tuple[str, str],
) -> Iterator[Sequence[str]]:
    cursor: str | None = None
    while True:
        found = list_products(merchant_id, **narrowed, cursor=cursor, limit=_AT_ONCE)
        for product in found.items:
            yield _line(product, currency, categories, states)
        cursor = found.next_cursor
        if cursor is None:
            return


def _line(
    product: Product, currency: str, categories: dict[UUID, str], states: tuple[str, str]
) -> Sequence[str]:
    return (
        product.sku,
        product.name,
        short_gtin(product.gtin) if product.gtin else "",
        categories.get(product.category_id, "") if product.category_id else "",
        shown_price(product.price_minor, currency),
        states[product.withdrawn_at is not None],
    )


@require_POST
@signed_in
def bulk(request: HttpRequest, merchant: str) -> HttpResponse:
    """Withdraw, relist or categorise the products that were ticked."""
    workplace = enter_merchant(request, merchant, need="catalog:write")
    back = safe_next(request, f"{workplace.address}/products")
    product_ids = [parse_id("prd", one) for one in request.POST.getlist("product")]
    changes = _changes(request)

    def act(actor: Actor, now: datetime) -> Did:
        count = change_products(
            merchant_id=workplace.merchant.id, product_ids=product_ids, changes=changes, now=now, actor=actor
        )
        said = ngettext("%(n)s product changed.", "%(n)s products changed.", count) % {"n": count}
        return Did(
            go=back,
            object_id=workplace.merchant.id,
            details={"changed": count, "what": str(request.POST["do"])},
            say=said if product_ids else _("Tick the products first."),
        )

    return do_once(request, act, actor=workplace.actor, verb="change_products", kind="merchant")


def _changes(request: HttpRequest) -> dict[str, Any]:
    wanted = request.POST.get("do")
    if wanted in {"withdraw", "relist"}:
        return {"withdrawn": wanted == "withdraw"}
    if wanted == "category":
        category = request.POST.get("category", "")
        return {"category_id": parse_id("cat", category) if category else None}
    raise RequestInvalid(reason="do")
