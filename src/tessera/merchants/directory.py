"""Reads for the pages of merchants: which consoles are mine, which stores are open, which member goes by that name."""

from collections.abc import Collection, Sequence
from uuid import UUID

from tessera.kit.paging import Page, page_of, position_of
from tessera.merchants.models import Customer, Store
from tessera.merchants.queries import CustomerRow, MerchantRow, get_merchant, list_customers
from tessera.people.queries import list_named

__all__ = ["list_customers_named", "list_levels", "list_open_stores", "list_workplaces"]

_MOST_STORES = 500
_LOOKED_AT = 2000


def list_workplaces(merchant_ids: Collection[UUID]) -> list[MerchantRow]:
    """Return these merchants with their status, by name; one person works for a few."""
    rows = [get_merchant(merchant_id) for merchant_id in merchant_ids]
    return sorted(rows, key=lambda row: row.merchant.name)


def list_open_stores(merchant_id: UUID) -> Sequence[Store]:
    """Return the merchant's stores that are open, oldest first, at most 500: for choosing one."""
    rows = Store.objects.filter(merchant_id=merchant_id, closed_at__isnull=True)
    return list(rows.order_by("id")[:_MOST_STORES])


def list_customers_named(
    merchant_id: UUID,
    beginning: str,
    *,
    level: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[CustomerRow]:
    """Return the merchant's customers whose name begins so, in either case. Refuses `cursor_invalid`."""
    among = Customer.objects.filter(merchant_id=merchant_id)
    if level is not None:
        among = among.filter(level=level)
    persons = list_named(among.values("person_id"), beginning, after=position_of(cursor), limit=limit + 1)
    page = page_of(persons, limit=limit, key=lambda person: person.id)
    rows = list_customers(merchant_id, person_ids=[person.id for person in page.items], limit=limit)
    return Page(items=rows.items, next_cursor=page.next_cursor)


def list_levels(merchant_id: UUID) -> list[str]:
    """Return the levels that the latest customers hold, in order; for choosing one, not for counting."""
    rows = Customer.objects.filter(merchant_id=merchant_id).order_by("-person_id")
    held = set(rows.values_list("level", flat=True)[:_LOOKED_AT])
    return sorted(held - {""})
