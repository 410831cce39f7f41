"""Products are listed, one by one or up to a thousand at once, changed and withdrawn."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.catalog.errors import CategoryUnknown, GtinInvalid, GtinTaken, SkuTaken
from tessera.catalog.models import Category, Price, Product
from tessera.catalog.rules import normal_gtin
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound, TooLarge
from tessera.kit.ids import new_id, show_id
from tessera.kit.refusals import Refusal
from tessera.merchants.queries import get_merchant

__all__ = ["MAX_BULK", "NewProduct", "change_product", "change_products", "list_product", "list_products"]

MAX_BULK = 1000
"""Most products in one call."""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to list; `price_minor` is in the smallest unit of the merchant's currency."""

    sku: str
    name: str
    gtin: str = ""
    category_id: UUID | None = None
    price_minor: int | None = None


def list_product(*, merchant_id: UUID, product: NewProduct, now: datetime, actor: Actor) -> Product:
    """List one product. Refuses `not_found`, `sku_taken`, `gtin_invalid`, `gtin_taken`, `category_unknown`."""
    outcome = list_products(merchant_id=merchant_id, products=[product], now=now, actor=actor)[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def list_products(
    *, merchant_id: UUID, products: Sequence[NewProduct], now: datetime, actor: Actor
) -> list[Product | Refusal]:
    """List products of the merchant, set-based; return an outcome for each, one refusal not stopping the others.

    Of two with the same number in one call, the first is listed. Refuses as a whole `not_found` (merchant) and
    `too_large` (more than MAX_BULK).
    """
    if len(products) > MAX_BULK:
        raise TooLarge(most=MAX_BULK, what="products")
    get_merchant(merchant_id)
    rows = Product.objects.filter(merchant_id=merchant_id)
    gtins = {normal_gtin(product.gtin) for product in products if product.gtin} - {None}
    skus = set(rows.filter(sku__in=[product.sku for product in products]).values_list("sku", flat=True))
    taken_gtins = set(rows.filter(gtin__in=gtins).values_list("gtin", flat=True)) if gtins else set()
    categories = _categories(
        merchant_id, {product.category_id for product in products if product.category_id}
    )
    outcomes: list[Product | Refusal] = []
    for product in products:
        outcome = _listed(product, merchant_id, skus=skus, gtins=taken_gtins, categories=categories, now=now)
        if isinstance(outcome, Product):
            skus.add(outcome.sku)
            taken_gtins |= {outcome.gtin} - {""}
        outcomes.append(outcome)
    fresh = [outcome for outcome in outcomes if isinstance(outcome, Product)]
    Product.objects.bulk_create(fresh)
    Price.objects.bulk_create(
        Price(product_id=product.id, price_minor=product.price_minor, from_at=now, actor=actor.name)
        for product in fresh
        if product.price_minor is not None
    )
    return outcomes


def _categories(merchant_id: UUID, wanted: Collection[UUID]) -> set[UUID]:
    if not wanted:
        return set()
    return set(Category.objects.filter(merchant_id=merchant_id, pk__in=wanted).values_list("pk", flat=True))


def _listed(
    product: NewProduct,
    merchant_id: UUID,
    *,
    skus: set[str],
    gtins: set[str],
    categories: set[UUID],
    now: datetime,
) -> Product | Refusal:
    gtin = normal_gtin(product.gtin) if product.gtin else ""
    if gtin is None:
        return GtinInvalid(given=product.gtin)
    if product.sku in skus:
        return SkuTaken(sku=product.sku)
    if gtin in gtins:
        return GtinTaken(gtin=gtin)
    if product.category_id is not None and product.category_id not in categories:
        return CategoryUnknown(given=show_id("cat", product.category_id))
    return Product(
        id=new_id(),
        merchant_id=merchant_id,
        sku=product.sku,
        name=product.name,
        gtin=gtin,
        category_id=product.category_id,
        price_minor=product.price_minor,
        created_at=now,
    )


def change_product(
    *, product_id: UUID, merchant_id: UUID | None, changes: Mapping[str, Any], now: datetime, actor: Actor
) -> Product:
    """Change any of name, gtin, category_id, price_minor, picture and withdrawn (true: no longer sold) of a product.

    `merchant_id` (None: any) is whose it must be. A new price is a new row of the history. Refuses `not_found`,
    `gtin_invalid`, `gtin_taken` and `category_unknown`.
    """
    rows = Product.objects.select_for_update(no_key=True).filter(pk=product_id)
    product = (rows.filter(merchant_id=merchant_id) if merchant_id else rows).first()
    if product is None:
        raise NotFound
    changed = dict(changes)
    if "gtin" in changed:
        changed["gtin"] = _free_gtin(product, changed["gtin"])
    category_id = changed.get("category_id")
    if category_id is not None and not _categories(product.merchant_id, {category_id}):
        raise CategoryUnknown(given=show_id("cat", category_id))
    if "withdrawn" in changed:
        changed["withdrawn_at"] = (product.withdrawn_at or now) if changed.pop("withdrawn") else None
    if "price_minor" in changed and changed["price_minor"] != product.price_minor:
        Price.objects.create(
            product=product, price_minor=changed["price_minor"], from_at=now, actor=actor.name
        )
    for name, value in changed.items():
        setattr(product, name, value)
    if changed:
        product.save(update_fields=list(changed))
    return product


def _free_gtin(product: Product, given: str) -> str:
    if not given:
        return ""
    gtin = normal_gtin(given)
    if gtin is None:
        raise GtinInvalid(given=given)
    others = Product.objects.filter(merchant_id=product.merchant_id, gtin=gtin).exclude(pk=product.pk)
    if others.exists():
        raise GtinTaken(gtin=gtin)
    return gtin


def change_products(
    *,
    merchant_id: UUID,
    product_ids: Collection[UUID],
    changes: Mapping[str, Any],
    now: datetime,
    actor: Actor,
) -> int:
    """Change `withdrawn` or `category_id` of many of the merchant's products at once; return how many changed.

    Refuses `too_large` (more than MAX_BULK), `category_unknown`, and `not_found` where one is not the merchant's.
    """
    wanted = set(product_ids)
    if len(wanted) > MAX_BULK:
        raise TooLarge(most=MAX_BULK, what="products")
    rows = Product.objects.filter(merchant_id=merchant_id, pk__in=wanted)
    locked = list(rows.select_for_update(no_key=True).order_by("id").values_list("id", flat=True))
    if len(locked) != len(wanted):
        raise NotFound
    if "withdrawn" in changes:
        if changes["withdrawn"]:
            return rows.filter(withdrawn_at__isnull=True).update(withdrawn_at=now)
        return rows.filter(withdrawn_at__isnull=False).update(withdrawn_at=None)
    category_id = changes["category_id"]
    if category_id is not None and not _categories(merchant_id, {category_id}):
        raise CategoryUnknown(given=show_id("cat", category_id))
    return rows.update(category_id=category_id)
