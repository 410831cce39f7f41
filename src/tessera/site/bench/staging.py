"""What every measurement needs in the database: one approved merchant, one rule, ten products, an API key, members."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

if TYPE_CHECKING:
    from tessera.site.bench.filling import Fill

__all__ = ["owner_connection", "prepare"]

_PRODUCTS = 10
_SHOWN = 250_000
_RESERVED = 10
"""Members behind the others who buy nothing: for histories of a known length."""


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run: open the stage with `members` members, or write the histories `fills` (see filling.py)."""
    from tessera.site.command import prepare_django

    prepare_django()
    return (lambda: _fill(asked)) if "fills" in asked else (lambda: _open(asked["members"]))


def _open(members: int) -> dict[str, Any]:
    from tessera.kit import clock
    from tessera.kit.connections import connect

    now = clock.now()
    merchant_id, key_id, secret, product_ids = _merchant(now)
    with connect() as connection:
        like_id, revision = _first_purchase(connection, merchant_id)
    with owner_connection() as owner:
        _members(owner, merchant_id, members + _RESERVED, now)
        owner.execute("VACUUM (ANALYZE)")
    return {
        "merchant": str(merchant_id),
        "key": str(key_id),
        "secret": secret,
        "product": str(product_ids[0]),
        "like": str(like_id),
        "rule": f"r{revision}",
        "members": members,
    }


def owner_connection() -> psycopg.Connection[Any]:
    """Return a connection of the database's owner, who may write past the doors."""
    from tessera.site.command import owner_address

    return psycopg.connect(owner_address(), autocommit=True, application_name="tessera-bench")


def _merchant(now: datetime) -> tuple[UUID, UUID, str, list[UUID]]:
    from django.db import transaction

    from tessera.catalog.actions.products import NewProduct, list_product
    from tessera.kit.actors import SYSTEM
    from tessera.kit.clock import EPOCH
    from tessera.merchants.actions.keys import issue_key
    from tessera.merchants.actions.merchants import approve_merchant, open_merchant
    from tessera.merchants.rules import MERCHANT_SCOPES
    from tessera.points.actions.rules import publish_rule

    with transaction.atomic():
        merchant = open_merchant(name="Bench", now=now, actor=SYSTEM)
        approve_merchant(merchant_id=merchant.id, now=now, actor=SYSTEM)
        tiers = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}
        publish_rule(
            merchant_id=merchant.id, name="1 -> 1, 2 -> 3", kind="product", terms=tiers, effective_from=EPOCH,
            now=now, actor=SYSTEM,
        )  # fmt: skip
        new = [NewProduct(sku=f"S{n}", name=f"Product {n}", price_minor=1250) for n in range(_PRODUCTS)]
        listed = [list_product(merchant_id=merchant.id, product=one, now=now, actor=SYSTEM) for one in new]
        key, secret = issue_key(
            merchant_id=merchant.id, label="bench", scopes=MERCHANT_SCOPES, now=now, actor=SYSTEM
        )
    return merchant.id, key.id, secret, [product.id for product in listed]


def _first_purchase(connection: psycopg.Connection[Any], merchant_id: UUID) -> tuple[UUID, int]:
    """Record one purchase of somebody who is no member of the benchmark; return it and its rules' revision."""
    from tessera.orders.actions.receipts import handle_receipts
    from tessera.orders.rules import RecordedPurchase, RecordPurchase, SoldLine

    command = RecordPurchase(
        merchant_id, "first", ("number", "first"), (SoldLine("S0", 2, 2500),), "system", "api"
    )
    [done] = handle_receipts(connection, [command])
    connection.commit()
    if not isinstance(done, RecordedPurchase):
        raise TypeError(f"the first purchase was refused: {done}")
    return done.purchase_id, done.rules_revision


def _members(owner: psycopg.Connection[Any], merchant_id: UUID, members: int, now: datetime) -> None:
    from tessera.kit.sql import statement

    part = 20_000
    for first in range(0, members, part):
        last = min(first + part, members) - 1
        owner.execute(
            statement("site.bench", "members").encode(),
            {"merchant": merchant_id, "first": first, "last": last, "now": now},
        )


def _fill(asked: dict[str, Any]) -> dict[str, Any]:
    """Write each history; answer with the person behind the first customer number of each."""
    from tessera.site.bench.filling import fill
    from tessera.site.command import say

    written = 0

    def watch(purchases: int) -> None:
        nonlocal written
        written += purchases
        if purchases >= _SHOWN:
            say(f"  {written * 2:,} entries written")

    persons = []
    with owner_connection() as owner:
        for one in asked["fills"]:
            fill(owner, _wanted(asked, one), watch=watch)
            row = owner.execute(
                "SELECT person_id FROM merchants_customer_number WHERE merchant_id = %s AND number = %s",
                [asked["merchant"], f"M{one['first']}"],
            ).fetchone()
            persons.append(str(row[0]) if row else "")
        owner.execute("VACUUM (ANALYZE)")
        with suppress(psycopg.errors.InsufficientPrivilege):  # on a server of others the owner may not
            owner.execute("CHECKPOINT")
    return {"persons": persons}


def _wanted(asked: dict[str, Any], one: dict[str, int]) -> "Fill":
    from tessera.kit import clock
    from tessera.site.bench.filling import Fill

    began_at = clock.now() - timedelta(days=one["days"])
    return Fill(
        tag=f"F{one['first']}-{one['days']}-",
        merchant_id=UUID(asked["merchant"]),
        key_id=UUID(asked["key"]),
        like_id=UUID(asked["like"]),
        product_id=UUID(asked["product"]),
        rule=asked["rule"],
        purchases=one["purchases"],
        first=one["first"],
        last=one["last"],
        began_at=began_at,
        ended_at=began_at + timedelta(days=1),
    )
