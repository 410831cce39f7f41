"""Merchants over the API: parse, one action or query, respond; one file per noun.

How a hot call names merchant and member is the same in every room: `MemberIn`, `Number`, `merchant_of`, `named_member`.
"""

from ninja import Router

from tessera.merchants.api.customers import router as customers
from tessera.merchants.api.keys import router as keys
from tessera.merchants.api.merchants import router as merchants
from tessera.merchants.api.naming import MemberIn, Number, merchant_of, named_member
from tessera.merchants.api.staff import router as staff
from tessera.merchants.api.stores import router as stores

__all__ = ["MemberIn", "Number", "merchant_of", "named_member", "router"]

router = Router()
for part in (merchants, stores, staff, keys, customers):
    router.add_router("", part)
