"""Reads of the room `catalog`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tessera.catalog.models import Category, Price, Product, ProductFile
from tessera.catalog.rules import normal_gtin
from tessera.kit.errors import NotFound
from tessera.kit.paging import Page, page_of, position_of

__all__ = [
    "Product",
    "category_names",
    "count_categories",
    "count_products",
    "find_price",
    "get_product",
    "get_product_file",
    "list_categories",
    "list_category_names",
    "list_prices",
    "list_product_files",
    "list_products",
    "product_names",
    "products_by_sku",
]


def get_product(product_id: UUID, *, merchant_id: UUID | None = None) -> Product:
    """Return the product, of that merchant where one is given; refuses `not_found`."""
    rows = Product.objects.filter(pk=product_id)
    product = (rows.filter(merchant_id=merchant_id) if merchant_id else rows).first()
    if product is None:
        raise NotFound
    return product


def list_products(
    merchant_id: UUID,
    *,
    sku: str | None = None,
    gtin: str | None = None,
    text: str | None = None,
    category_id: UUID | None = None,
    withdrawn: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Product]:
    """Return the merchant's products, oldest first.

    `sku` is exact, `gtin` has 14 digits, `text` is part of name or SKU, or a whole GTIN. Refuses `cursor_invalid`.
    """
    rows = Product.objects.filter(merchant_id=merchant_id).order_by("id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position)
    if sku is not None:
        rows = rows.filter(sku=sku)
    if gtin is not None:
        rows = rows.filter(gtin=gtin)
    if text:
        named = Q(name__icontains=text) | Q(sku__icontains=text)
        whole = normal_gtin(text)
        rows = rows.filter(named | Q(gtin=whole) if whole else named)
    if category_id is not None:
        rows = rows.filter(category_id=category_id)
    if withdrawn is not None:
        rows = rows.filter(withdrawn_at__isnull=not withdrawn)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda product: product.id)


def products_by_sku(merchant_id: UUID, skus: Collection[str]) -> dict[str, Product]:
    """Return those of the merchant's products that exist, by article number (withdrawn ones too)."""
    rows = Product.objects.filter(merchant_id=merchant_id, sku__in=list(skus))
    return {product.sku: product for product in rows}


def count_products(merchant_id: UUID, product_ids: Collection[UUID]) -> int:
    """Return how many of these products are the merchant's (withdrawn ones too)."""
    return Product.objects.filter(merchant_id=merchant_id, pk__in=list(product_ids)).count()


def find_price(product_id: UUID, *, at: datetime) -> int | None:
    """Return the product's price at a moment, in the smallest money unit; None where it had none."""
    rows = Price.objects.filter(product_id=product_id, from_at__lte=at).order_by("-from_at", "-id")
    return rows.values_list("price_minor", flat=True).first()


def count_categories(merchant_id: UUID, category_ids: Collection[UUID]) -> int:
    """Return how many of these categories are the merchant's."""
    return Category.objects.filter(merchant_id=merchant_id, pk__in=list(category_ids)).count()


def list_categories(merchant_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Category]:
    """Return the merchant's categories, oldest first. Refuses `cursor_invalid`."""
    rows = Category.objects.filter(merchant_id=merchant_id).order_by("id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda category: category.id)


def list_category_names(merchant_id: UUID, *, most: int = 1000) -> dict[UUID, str]:
    """Return the names of the merchant's categories by id, in the order of their names, at most `most`."""
    rows = Category.objects.filter(merchant_id=merchant_id).order_by("name", "id")
    return dict(rows.values_list("id", "name")[:most])


def list_prices(product_id: UUID, *, most: int = 50) -> Sequence[Price]:
    """Return the product's prices, the latest first, at most `most`."""
    return list(Price.objects.filter(product_id=product_id).order_by("-from_at", "-id")[:most])


def get_product_file(file_id: UUID, *, merchant_id: UUID) -> ProductFile:
    """Return the merchant's file of products; refuses `not_found`."""
    found = ProductFile.objects.filter(pk=file_id, merchant_id=merchant_id).first()
    if found is None:
        raise NotFound
    return found


def list_product_files(merchant_id: UUID, *, most: int = 10) -> Sequence[ProductFile]:
    """Return the merchant's latest files of products without their contents, at most `most`."""
    rows = ProductFile.objects.filter(merchant_id=merchant_id).order_by("-id")
    return list(rows.defer("content", "faults")[:most])


def product_names(merchant_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of those of these products that are the merchant's; at most a page of them is asked for."""
    rows = Product.objects.filter(merchant_id=merchant_id, pk__in=list(product_ids))
    return dict(rows.values_list("id", "name"))


def category_names(merchant_id: UUID, category_ids: Collection[UUID] | None = None) -> dict[UUID, str]:
    """Return the names of the merchant's categories (None: of all, at most 1,000), in the order of their names."""
    rows = Category.objects.filter(merchant_id=merchant_id)
    if category_ids is not None:
        rows = rows.filter(pk__in=list(category_ids))
    return dict(rows.order_by("name", "id").values_list("id", "name")[:1000])
