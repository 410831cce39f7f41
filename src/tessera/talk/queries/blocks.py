"""Who has blocked whom."""

from uuid import UUID

from django.db.models import Q

from tessera.kit.paging import Page, page_of, position_of
from tessera.talk.models import Block

__all__ = ["blocked_ids", "count_blocked", "is_blocked_between", "list_blocked"]


def blocked_ids(person_id: UUID) -> frozenset[UUID]:
    """Return whom the person does not see and who do not see him: one of the two has blocked the other."""
    pairs = Block.objects.filter(
        Q(person_id=person_id) | Q(blocked_id=person_id), lifted_at__isnull=True
    ).values_list("person_id", "blocked_id")
    return frozenset(one for pair in pairs for one in pair if one != person_id)


def is_blocked_between(one_id: UUID, other_id: UUID) -> bool:
    """Return whether one of the two has blocked the other."""
    open_ones = Block.objects.filter(lifted_at__isnull=True)
    return open_ones.filter(
        Q(person_id=one_id, blocked_id=other_id) | Q(person_id=other_id, blocked_id=one_id)
    ).exists()


def list_blocked(person_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Block]:
    """Return whom the person himself has blocked, the latest first. Refuses `cursor_invalid`."""
    rows = Block.objects.filter(person_id=person_id, lifted_at__isnull=True).order_by("-id")
    if position := position_of(cursor):
        rows = rows.filter(id__lt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda one: one.id)


def count_blocked(person_id: UUID) -> int:
    """Return how many the person himself has blocked."""
    return Block.objects.filter(person_id=person_id, lifted_at__isnull=True).count()
