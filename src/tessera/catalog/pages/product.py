"""One product: listed, changed, withdrawn, listed again; with its picture and its prices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.products import NewProduct, change_product, list_product
from tessera.catalog.models import Product
from tessera.catalog.pages.forms import ProductForm
from tessera.catalog.queries import get_product, list_prices
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.media import PICTURE_SIZES, keep_picture, picture_address, remove_picture
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant

__all__ = ["edit", "new", "withdraw"]

_FIELD_OF = {
    "sku_taken": "sku",
    "gtin_taken": "gtin",
    "gtin_invalid": "gtin",
    "category_taken": "new_category",
    "category_unknown": "category",
    "picture_unreadable": "picture",
    "picture_too_large": "picture",
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, merchant: str) -> HttpResponse:
    """List a product."""
    workplace = enter_merchant(request, merchant, need="catalog:write")
    form = _form(request, workplace, None)

    def act(actor: Actor, now: datetime, picture: str) -> Did:
        given = form.cleaned_data
        product = list_product(
            merchant_id=workplace.merchant.id,
            product=NewProduct(
                sku=given["sku"],
                name=given["name"],
                gtin=given["gtin"],
                category_id=_category(workplace.merchant.id, form, now=now, actor=actor),
                price_minor=given["price"],
            ),
            now=now,
            actor=actor,
        )
        if picture:
            change_product(
                product_id=product.id,
                merchant_id=workplace.merchant.id,
                changes={"picture": picture},
                now=now,
                actor=actor,
            )
        again = "another" in request.POST
        return Did(
            go=f"{workplace.address}/products/new" if again else f"{workplace.address}/products",
            object_id=product.id,
            say=_("“%(name)s” is listed.") % {"name": product.name},
        )

    return _answered(request, workplace, form, act, verb="list_product", shown={})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, merchant: str, product: str) -> HttpResponse:
    """Show a product with its prices; who may, changes it."""
    need = "catalog:write" if request.method == "POST" else "catalog:read"
    workplace = enter_merchant(request, merchant, need=need)
    known = get_product(parse_id("prd", product), merchant_id=workplace.merchant.id)
    form = _form(request, workplace, known)

    def act(actor: Actor, now: datetime, picture: str) -> Did:
        given = form.cleaned_data
        changes = {
            "name": given["name"],
            "gtin": given["gtin"],
            "price_minor": given["price"],
            "category_id": _category(workplace.merchant.id, form, now=now, actor=actor),
        }
        if picture or given.get("without_picture"):
            changes["picture"] = picture
            transaction.on_commit(lambda: remove_picture(known.picture))
        change_product(
            product_id=known.id,
            merchant_id=workplace.merchant.id,
            changes=changes,
            now=now,
            actor=actor,
        )
        return Did(go=f"{workplace.address}/products", object_id=known.id, say=_("Saved."))

    shown = {
        "product": known,
        "picture": picture_address(known.picture, PICTURE_SIZES[0]),
        "prices": list_prices(known.id),
        "may_change": workplace.may("catalog:write"),
    }
    return _answered(request, workplace, form, act, verb="change_product", shown=shown)


def _form(request: HttpRequest, workplace: Workplace, product: Product | None) -> ProductForm:
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    merchant = workplace.merchant
    return ProductForm(*given, merchant_id=merchant.id, currency=merchant.currency, product=product)


def _category(merchant_id: UUID, form: ProductForm, *, now: datetime, actor: Actor) -> UUID | None:
    named = form.cleaned_data["new_category"]
    if not named:
        return form.category_id()
    return open_category(merchant_id=merchant_id, name=named, now=now, actor=actor).id


def _answered(
    request: HttpRequest,
    workplace: Workplace,
    form: ProductForm,
    act: Any,
    *,
    verb: str,
    shown: Mapping[str, Any],
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _done(request, workplace, form, act, verb=verb)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_OF.get(refusal.code))
    told = {"workplace": workplace, "face": "products", "form": form, **shown}
    return page(request, "catalog/product.html", told, status=status)


def _done(
    request: HttpRequest, workplace: Workplace, form: ProductForm, act: Any, *, verb: str
) -> HttpResponse:
    """Keep the picture first, so that nobody waits for it in a transaction; drop it where nothing came of it."""
    upload = form.cleaned_data.get("picture")
    picture = keep_picture(upload) if upload else ""
    used: list[str] = []

    def acted(actor: Actor, now: datetime) -> Did:
        did: Did = act(actor, now, picture)
        used.append(picture)
        return did

    try:
        response = do_once(request, acted, actor=workplace.actor, verb=verb, kind="product")
    except BaseException:
        remove_picture(picture)
        raise
    if not used:
        remove_picture(picture)
    return response


@require_POST
@signed_in
def withdraw(request: HttpRequest, merchant: str, product: str) -> HttpResponse:
    """Withdraw a product, or list it again."""
    workplace = enter_merchant(request, merchant, need="catalog:write")
    known = get_product(parse_id("prd", product), merchant_id=workplace.merchant.id)
    withdrawn = request.POST.get("do") != "relist"

    def act(actor: Actor, now: datetime) -> Did:
        change_product(
            product_id=known.id,
            merchant_id=workplace.merchant.id,
            changes={"withdrawn": withdrawn},
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{workplace.address}/products/{show_id('prd', known.id)}",
            object_id=known.id,
            details={"withdrawn": withdrawn},
            say=_("Withdrawn.") if withdrawn else _("Listed again."),
        )

    return do_once(
        request, act, actor=workplace.actor, verb="withdraw_product", kind="product", object_id=known.id
    )
