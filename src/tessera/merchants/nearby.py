"""Who takes part, for members and visitors: active merchants by district, by name, and by distance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from tessera.kit.errors import NotFound
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.sql import statement
from tessera.merchants.models import Merchant, Store, Suspension

__all__ = ["Shop", "get_shop", "list_districts", "list_shops", "list_shops_near"]

_MOST_NEAR = 60
_MOST_STORES = 2_000
_MOST_DISTRICTS = 200


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant that takes part, with its open stores, and how far the nearest of them is where that was asked."""

    merchant: Merchant
    stores: Sequence[Store]
    distance_m: int | None = None

    @property
    def districts(self) -> list[str]:
        """Where it has stores, each district once, in the stores' order."""
        return list(dict.fromkeys(store.district for store in self.stores if store.district))


def list_districts() -> list[str]:
    """Return the districts in which an active merchant has an open store, in order, at most 200."""
    rows = Store.objects.filter(closed_at__isnull=True, merchant__in=_taking_part()).exclude(district="")
    return list(rows.order_by("district").values_list("district", flat=True).distinct()[:_MOST_DISTRICTS])


def list_shops(
    *, district: str = "", name: str = "", cursor: str | None = None, limit: int = 30
) -> Page[Shop]:
    """Return active merchants, those that came first at the head, with an open store in `district` where one is given.

    `name` is a part of the merchant's name, in either case. Refuses `cursor_invalid`.
    """
    rows = _taking_part().order_by("id")
    if name:
        rows = rows.filter(name__icontains=name)
    if district:
        there = Store.objects.filter(merchant=OuterRef("pk"), district=district, closed_at__isnull=True)
        rows = rows.filter(Exists(there))
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position)
    page = page_of(list(rows[: limit + 1]), limit=limit, key=lambda merchant: merchant.id)
    stores = _stores([merchant.id for merchant in page.items])
    items = [Shop(merchant, stores.get(merchant.id, [])) for merchant in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


def list_shops_near(*, latitude_e7: int, longitude_e7: int, name: str = "") -> list[Shop]:
    """Return active merchants with a store whose place is known, the nearest first, at most 60.

    The place is asked for and forgotten: nothing writes it down.
    """
    asked: dict[str, Any] = {
        "latitude": latitude_e7 / 10_000_000,
        "longitude": longitude_e7 / 10_000_000,
        "name": f"%{_literal(name)}%" if name else "",
        "most": _MOST_NEAR,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("merchants", "nearest"), asked)
        distances: dict[UUID, int] = dict(cursor.fetchall())
    merchants = Merchant.objects.in_bulk(list(distances))
    stores = _stores(distances)
    return [Shop(merchants[one], stores.get(one, []), distance) for one, distance in distances.items()]


def get_shop(merchant_id: UUID) -> Shop:
    """Return the active merchant with its open stores; refuses `not_found` for one that takes no part (any more)."""
    merchant = _taking_part().filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    return Shop(merchant, _stores([merchant_id]).get(merchant_id, []))


def _taking_part() -> "QuerySet[Merchant]":
    stopped = Suspension.objects.filter(merchant=OuterRef("pk"), lifted_at__isnull=True)
    return Merchant.objects.filter(~Q(Exists(stopped)), approval__isnull=False)


def _stores(merchant_ids: Iterable[UUID]) -> dict[UUID, list[Store]]:
    found: dict[UUID, list[Store]] = {}
    rows = Store.objects.filter(merchant_id__in=list(merchant_ids), closed_at__isnull=True)
    for store in rows.order_by("id")[:_MOST_STORES]:
        found.setdefault(store.merchant_id, []).append(store)
    return found


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
