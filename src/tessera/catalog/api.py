"""Products and categories over the API: parse, one action or query, respond."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, ValidationError

from tessera.catalog import queries
from tessera.catalog.actions import categories, products
from tessera.catalog.errors import GtinInvalid
from tessera.catalog.models import Category, Product
from tessera.catalog.rules import normal_gtin
from tessera.kit.actors import Actor
from tessera.kit.edge import (
    Done,
    KnownRequest,
    answer,
    answer_write,
    language_of,
    refusal_of_faults,
    require,
)
from tessera.kit.errors import TooLarge
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Minor, Name, Shown, Text
from tessera.kit.ids import parse_id, show_id
from tessera.kit.refusals import Refusal

__all__ = ["router"]

router = Router(tags=["catalog"])


class ProductIn(Body):
    """A product to list; `price_minor` is in the smallest unit of the merchant's currency."""

    sku: Name
    name: Name
    gtin: Text = ""
    category: Shown | None = None
    price_minor: Minor | None = None


class ProductChange(Body):
    """What to change; what is left out stays."""

    name: Name = ""
    gtin: Text = ""
    category: Shown | None = None
    price_minor: Minor | None = None
    withdrawn: bool = False


class ProductOut(BaseModel):
    """A product."""

    id: str
    sku: str
    name: str
    gtin: str
    category: str | None
    price_minor: int | None
    withdrawn_at: datetime | None


class BulkIn(Body):
    """Up to 1,000 products, each as for a single one; one that is refused does not stop the others."""

    products: list[dict[str, Any]] = Field(min_length=1)


class BulkLine(BaseModel):
    """Outcome of one product of the call: its id, or the problem."""

    index: int
    status: int
    id: str | None
    problem: dict[str, Any] | None


class BulkOut(BaseModel):
    """An outcome for each product, in the order of the call."""

    listed: int
    refused: int
    outcomes: list[BulkLine]


class CategoryIn(Body):
    """A category to open."""

    name: Name
    parent: Shown | None = None


class CategoryOut(BaseModel):
    """A category."""

    id: str
    name: str
    parent: str | None


def _shown(product: Product) -> ProductOut:
    return ProductOut(
        id=show_id("prd", product.id),
        sku=product.sku,
        name=product.name,
        gtin=product.gtin,
        category=show_id("cat", product.category_id) if product.category_id else None,
        price_minor=product.price_minor,
        withdrawn_at=product.withdrawn_at,
    )


def _category(category: Category) -> CategoryOut:
    return CategoryOut(
        id=show_id("cat", category.id),
        name=category.name,
        parent=show_id("cat", category.parent_id) if category.parent_id else None,
    )


def _new(body: ProductIn) -> products.NewProduct:
    return products.NewProduct(
        sku=body.sku,
        name=body.name,
        gtin=body.gtin,
        category_id=parse_id("cat", body.category) if body.category else None,
        price_minor=body.price_minor,
    )


@router.post("/merchants/{merchant}/products", response={201: ProductOut}, summary="List a product")
def create_product(request: KnownRequest, merchant: str, body: ProductIn) -> HttpResponse:
    """Puts one product into the catalog. Needs the scope `catalog:write`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        product = products.list_product(merchant_id=merchant_id, product=_new(body), now=now, actor=actor)
        return Done(body=_shown(product), object_id=product.id)

    return answer_write(
        request, act, verb="list_product", kind="product", scope="catalog:write", merchant_id=merchant_id
    )


@router.post(
    "/merchants/{merchant}/products/bulk", response={200: BulkOut}, summary="List up to 1,000 products"
)
def create_products(request: KnownRequest, merchant: str, body: BulkIn) -> HttpResponse:
    """An answer per product. Needs the scope `catalog:write`."""
    merchant_id = parse_id("mer", merchant)
    language = language_of(request)

    def act(actor: Actor, now: datetime) -> Done:
        if len(body.products) > products.MAX_BULK:
            raise TooLarge(most=products.MAX_BULK, what="products")
        parsed = [_parsed(item) for item in body.products]
        good = [item for item in parsed if isinstance(item, products.NewProduct)]
        listed = iter(products.list_products(merchant_id=merchant_id, products=good, now=now, actor=actor))
        outcomes = [item if isinstance(item, Refusal) else next(listed) for item in parsed]
        lines = [_line(index, outcome, language) for index, outcome in enumerate(outcomes)]
        count = sum(line.id is not None for line in lines)
        answered = BulkOut(listed=count, refused=len(lines) - count, outcomes=lines)
        return Done(
            body=answered,
            object_id=merchant_id,
            status=200,
            details={"listed": count, "refused": len(lines) - count},
        )

    return answer_write(
        request, act, verb="list_products", kind="merchant", scope="catalog:write", merchant_id=merchant_id
    )


def _parsed(item: dict[str, Any]) -> products.NewProduct | Refusal:
    try:
        return _new(ProductIn.model_validate(item))
    except ValidationError as faults:
        return refusal_of_faults(faults.errors(include_url=False, include_input=False))
    except Refusal as refusal:
        return refusal


def _line(index: int, outcome: Product | Refusal, language: str) -> BulkLine:
    if isinstance(outcome, Refusal):
        return BulkLine(index=index, status=outcome.status, id=None, problem=outcome.problem(language))
    return BulkLine(index=index, status=201, id=show_id("prd", outcome.id), problem=None)


@router.get(
    "/merchants/{merchant}/products", response=ListOut[ProductOut], summary="List a merchant's products"
)
def list_products(
    request: KnownRequest,
    merchant: str,
    sku: Name | None = None,
    gtin: Name | None = None,
    text: Name | None = None,
    category: Shown | None = None,
    withdrawn: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """`text` finds part of name or SKU. Needs the scope `catalog:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "catalog:read", merchant_id=merchant_id)
    page = queries.list_products(
        merchant_id,
        sku=sku,
        gtin=_gtin(gtin) if gtin else None,
        text=text,
        category_id=parse_id("cat", category) if category else None,
        withdrawn=withdrawn,
        cursor=cursor,
        limit=limit,
    )
    items = [_shown(product) for product in page.items]
    return answer(ListOut[ProductOut](items=items, next_cursor=page.next_cursor))


def _gtin(given: str) -> str:
    gtin = normal_gtin(given)
    if gtin is None:
        raise GtinInvalid(given=given)
    return gtin


@router.get("/products/{product}", response=ProductOut, summary="Read a product")
def read_product(request: KnownRequest, product: str) -> HttpResponse:
    """Needs the scope `catalog:read`."""
    actor = require(request, "catalog:read")
    return answer(_shown(queries.get_product(parse_id("prd", product), merchant_id=actor.merchant_id)))


@router.patch("/products/{product}", response=ProductOut, summary="Change a product")
def change_product(request: KnownRequest, product: str, body: ProductChange) -> HttpResponse:
    """A new price becomes a row of the price history. Needs the scope `catalog:write`."""
    product_id = parse_id("prd", product)

    def act(actor: Actor, now: datetime) -> Done:
        changes = body.model_dump(include=set(body.model_fields_set))
        if "category" in changes:
            category: str | None = changes.pop("category")
            changes["category_id"] = parse_id("cat", category) if category else None
        changed = products.change_product(
            product_id=product_id, merchant_id=actor.merchant_id, changes=changes, now=now, actor=actor
        )
        return Done(body=_shown(changed), object_id=product_id, status=200, merchant_id=changed.merchant_id)

    return answer_write(
        request, act, verb="change_product", kind="product", scope="catalog:write", object_id=product_id
    )


@router.post("/merchants/{merchant}/categories", response={201: CategoryOut}, summary="Open a category")
def create_category(request: KnownRequest, merchant: str, body: CategoryIn) -> HttpResponse:
    """Needs the scope `catalog:write`."""
    merchant_id = parse_id("mer", merchant)
    parent_id: UUID | None = parse_id("cat", body.parent) if body.parent else None

    def act(actor: Actor, now: datetime) -> Done:
        category = categories.open_category(
            merchant_id=merchant_id, name=body.name, parent_id=parent_id, now=now, actor=actor
        )
        return Done(body=_category(category), object_id=category.id)

    return answer_write(
        request, act, verb="open_category", kind="category", scope="catalog:write", merchant_id=merchant_id
    )


@router.get(
    "/merchants/{merchant}/categories", response=ListOut[CategoryOut], summary="List a merchant's categories"
)
def list_categories(
    request: KnownRequest, merchant: str, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """Needs the scope `catalog:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "catalog:read", merchant_id=merchant_id)
    page = queries.list_categories(merchant_id, cursor=cursor, limit=limit)
    items = [_category(category) for category in page.items]
    return answer(ListOut[CategoryOut](items=items, next_cursor=page.next_cursor))
