"""Merchants over the API: parse, one action or query, respond; one file per noun."""

from ninja import Router

from tessera.merchants.api.customers import router as customers
from tessera.merchants.api.keys import router as keys
from tessera.merchants.api.merchants import router as merchants
from tessera.merchants.api.staff import router as staff
from tessera.merchants.api.stores import router as stores

__all__ = ["router"]

router = Router()
for part in (merchants, stores, staff, keys, customers):
    router.add_router("", part)
