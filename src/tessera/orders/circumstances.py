"""The circumstances of a purchase as they were kept with it: what the same arithmetic needs when it is done again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.catalog.lookup import find_categories
from tessera.points.rules import Context

__all__ = ["categories_of", "context_of"]


def context_of(kept: Mapping[str, Any], store_id: UUID | None) -> Context:
    """Return where, when and by whom the basket was bought, from what was kept with the purchase."""
    return Context(
        store_id=store_id,
        local=datetime.fromisoformat(kept["local"]),
        level=kept.get("level", ""),
        birthday=kept.get("birthday", False),
        caps_left={UUID(rule): left for rule, left in kept.get("caps_left", {}).items()},
    )


def categories_of(
    connection: psycopg.Connection[Any], kept: Mapping[str, Any], product_ids: Iterable[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """Return the categories of the products as kept with the purchase, else (no rule asked for them) as they are now."""
    if "categories" not in kept:
        return {
            product: above for product, (_, above) in find_categories(connection, set(product_ids)).items()
        }
    categories = kept["categories"]
    return {product: tuple(UUID(one) for one in categories.get(str(product), ())) for product in product_ids}
