"""Stores are opened and closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.merchants.errors import AlreadyEnded, PlaceInvalid, StoreNumberTaken
from tessera.merchants.models import Merchant, Store

__all__ = ["change_store", "close_store", "open_store"]


def open_store(
    *,
    merchant_id: UUID,
    number: str,
    name: str,
    address: str = "",
    district: str = "",
    latitude_e7: int | None = None,
    longitude_e7: int | None = None,
    now: datetime,
    actor: Actor,
) -> Store:
    """Open a store of the merchant; coordinates are ten-millionths of a degree (WGS 84).

    Refuses `not_found` (no such merchant), `store_number_taken` and `place_invalid`.
    """
    if not Merchant.objects.filter(pk=merchant_id).exists():
        raise NotFound
    if (latitude_e7 is None) != (longitude_e7 is None):
        raise PlaceInvalid
    if Store.objects.filter(merchant_id=merchant_id, number=number).exists():
        raise StoreNumberTaken(number=number)
    return Store.objects.create(
        merchant_id=merchant_id,
        number=number,
        name=name,
        address=address,
        district=district,
        latitude_e7=latitude_e7,
        longitude_e7=longitude_e7,
        created_at=now,
    )


def change_store(
    *, store_id: UUID, merchant_id: UUID, changes: Mapping[str, Any], now: datetime, actor: Actor
) -> Store:
    """Change any of number, name, address, district, latitude_e7 and longitude_e7 of the merchant's store.

    Refuses `not_found`, `already_ended` (a closed store stays as it was), `store_number_taken` and `place_invalid`.
    """
    rows = Store.objects.select_for_update(no_key=True)
    store = rows.filter(pk=store_id, merchant_id=merchant_id).first()
    if store is None:
        raise NotFound
    if store.closed_at:
        raise AlreadyEnded(ended_at=store.closed_at.isoformat())
    for name, value in changes.items():
        setattr(store, name, value)
    if (store.latitude_e7 is None) != (store.longitude_e7 is None):
        raise PlaceInvalid
    others = Store.objects.filter(merchant_id=merchant_id, number=store.number).exclude(pk=store_id)
    if others.exists():
        raise StoreNumberTaken(number=store.number)
    if changes:
        store.save(update_fields=list(changes))
    return store


def close_store(*, store_id: UUID, now: datetime, actor: Actor) -> Store:
    """Close the store for good; its history stays. Refuses `not_found` and `already_ended`."""
    store = Store.objects.select_for_update(no_key=True).filter(pk=store_id).first()
    if store is None:
        raise NotFound
    if store.closed_at:
        raise AlreadyEnded(ended_at=store.closed_at.isoformat())
    store.closed_at = now
    store.save(update_fields=["closed_at"])
    return store
