"""Reads of the room `notices`."""

from uuid import UUID

from tessera.kit.paging import Page, page_of, position_of
from tessera.notices.models import Notice

__all__ = ["count_unread", "export_person", "list_notices"]


def list_notices(
    person_id: UUID, *, unread: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[Notice]:
    """Return the person's notices, newest first; `unread` leaves out what was read. Refuses `cursor_invalid`."""
    rows = Notice.objects.filter(person_id=person_id).order_by("-id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    if unread:
        rows = rows.filter(read_at__isnull=True)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda notice: notice.id)


def count_unread(person_id: UUID) -> int:
    """Return how many notices the person has not read."""
    return Notice.objects.filter(person_id=person_id, read_at__isnull=True).count()


def export_person(person_id: UUID) -> list[dict[str, object]]:
    """Return everything this room keeps about the person, as plain JSON values."""
    return [
        {
            "kind": notice.kind,
            "template": notice.template,
            "context": notice.context,
            "created_at": notice.created_at.isoformat(),
            "read_at": notice.read_at and notice.read_at.isoformat(),
            "delivered_at": notice.delivered_at and notice.delivered_at.isoformat(),
        }
        for notice in Notice.objects.filter(person_id=person_id).order_by("id")
    ]
