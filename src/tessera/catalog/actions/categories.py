"""Categories are opened."""

from datetime import datetime
from uuid import UUID

from tessera.catalog.errors import CategoryTaken, CategoryUnknown
from tessera.catalog.models import Category
from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.merchants.queries import get_merchant

__all__ = ["open_category"]


def open_category(
    *, merchant_id: UUID, name: str, parent_id: UUID | None = None, now: datetime, actor: Actor
) -> Category:
    """Open a category of the merchant, under another one where `parent_id` is given.

    Refuses `not_found` (merchant), `category_unknown` (parent) and `category_taken`.
    """
    get_merchant(merchant_id)
    siblings = Category.objects.filter(merchant_id=merchant_id)
    if parent_id is not None and not siblings.filter(pk=parent_id).exists():
        raise CategoryUnknown(given=show_id("cat", parent_id))
    if siblings.filter(parent_id=parent_id, name=name).exists():
        raise CategoryTaken(name=name)
    return Category.objects.create(merchant_id=merchant_id, name=name, parent_id=parent_id, created_at=now)
