"""Files of products are taken in to be looked at, and brought in."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from tessera.catalog.errors import ProductFileDone
from tessera.catalog.files import Line
from tessera.catalog.models import Category, Price, Product, ProductFile
from tessera.catalog.plan import Plan
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id
from tessera.kit.tables import Reading

__all__ = ["bring_in_products", "keep_product_file"]

_AT_ONCE = 1000


def keep_product_file(
    *, merchant_id: UUID, name: str, content: bytes, reading: Reading, now: datetime, actor: Actor
) -> ProductFile:
    """Keep a file so that it can be looked at before it is brought in; changes no product."""
    return ProductFile.objects.create(
        merchant_id=merchant_id,
        name=name[:200],
        content=content,
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        made_at=now,
        actor=actor.name,
    )


def bring_in_products(
    *, file_id: UUID, merchant_id: UUID, plan: Callable[[ProductFile], Plan], now: datetime, actor: Actor
) -> ProductFile:
    """Do what `plan` says of the file, set-based, and note what came of it; the file's bytes go.

    `plan` is asked under the file's lock. New prices are rows of the history. Refuses `not_found` and
    `product_file_done`.
    """
    rows = ProductFile.objects.select_for_update(no_key=True)
    file = rows.filter(pk=file_id, merchant_id=merchant_id).first()
    if file is None:
        raise NotFound
    if file.done_at:
        raise ProductFileDone(done_at=file.done_at.isoformat())
    found = plan(file)
    _open_categories(merchant_id, found, now=now)
    fresh = [_product(merchant_id, line, found, now=now) for line in found.new]
    Product.objects.bulk_create(sorted(fresh, key=lambda one: one.sku), batch_size=_AT_ONCE)
    prices = [(product, product.price_minor) for product in fresh if product.price_minor is not None]
    prices += [
        (product, line.price_minor)
        for line, product in found.changed
        if line.price_minor is not None and line.price_minor != product.price_minor
    ]
    _change(found)
    Price.objects.bulk_create(
        [Price(product=one, price_minor=price, from_at=now, actor=actor.name) for one, price in prices],
        batch_size=_AT_ONCE,
    )
    file.content = b""
    file.done_at = now
    file.counts = found.counts
    file.faults = [
        [fault.line_no, fault.sku, fault.refusal.code, fault.refusal.details] for fault in found.faults
    ]
    file.save(update_fields=["content", "done_at", "counts", "faults"])
    return file


def _open_categories(merchant_id: UUID, plan: Plan, *, now: datetime) -> None:
    fresh = [
        Category(id=new_id(), merchant_id=merchant_id, name=name, created_at=now) for name in plan.categories
    ]
    Category.objects.bulk_create(fresh, batch_size=_AT_ONCE)
    plan.category_ids |= {category.name: category.id for category in fresh}


def _product(merchant_id: UUID, line: Line, plan: Plan, *, now: datetime) -> Product:
    return Product(
        id=new_id(),
        merchant_id=merchant_id,
        sku=line.sku,
        name=line.name or "",
        gtin=line.gtin or "",
        category_id=plan.category_ids[line.category] if line.category else None,
        price_minor=line.price_minor,
        created_at=now,
    )


def _change(plan: Plan) -> None:
    """Write the changed products; each conflicts with itself by its id, and so is updated in sets."""
    changed = []
    for line, product in sorted(plan.changed, key=lambda pair: pair[1].sku):
        product.name = line.name or product.name
        product.gtin = line.gtin or product.gtin
        if line.price_minor is not None:
            product.price_minor = line.price_minor
        if line.category:
            product.category_id = plan.category_ids[line.category]
        changed.append(product)
    if changed:
        Product.objects.bulk_create(
            changed,
            batch_size=_AT_ONCE,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["name", "gtin", "price_minor", "category"],
        )
