"""What a cashier does at a counter: sell to a member, and take goods back. Through the handler of every other door.

The caller's Django transaction carries it, so that the form that was sent, its answer and the receipt are kept together.
Source: spec/points.md, Earning; spec/README.md, People and roles.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from tessera.catalog.actions.products import NewProduct, list_product
from tessera.catalog.queries import products_by_sku
from tessera.kit.actors import Actor
from tessera.kit.lent import lent_connection
from tessera.kit.refusals import Refusal
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.errors import OwnPurchase, ReceiptReused
from tessera.orders.explain import explain_purchase
from tessera.orders.queries import get_purchase
from tessera.orders.rules import RecordedPurchase, RecordedReturn, RecordPurchase, RecordReturn, SoldLine

__all__ = [
    "AMOUNT_NAME",
    "AMOUNT_SKU",
    "Place",
    "ReturnTried",
    "open_amount_product",
    "sell",
    "take_back",
    "try_return",
]

AMOUNT_SKU = "AMOUNT"
"""The article under which a counter books a sale by its amount alone."""

AMOUNT_NAME = "按金额 By amount"

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MARK_LENGTH = 6
_DRAWS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """The counter: whose, the number of the store, and the merchant's time zone."""

    merchant_id: UUID
    store: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ReturnTried:
    """What a return would do: points taken back, how many of them are spent already and become owed."""

    points: int
    owed: int
    kept: int


def open_amount_product(*, merchant_id: UUID, now: datetime, actor: Actor) -> None:
    """Make sure that the merchant's catalogue has the article for sales by amount alone."""
    if AMOUNT_SKU not in products_by_sku(merchant_id, [AMOUNT_SKU]):
        list_product(
            merchant_id=merchant_id,
            product=NewProduct(sku=AMOUNT_SKU, name=AMOUNT_NAME),
            now=now,
            actor=actor,
        )


def sell(
    *,
    place: Place,
    member: tuple[str, str],
    lines: Sequence[SoldLine],
    receipt_number: str,
    request_id: str,
    now: datetime,
    actor: Actor,
) -> RecordedPurchase:
    """Record what a member bought at a counter and return it with the points.

    Without `receipt_number` one is made of store, day and `request_id`: the same request has the same number. Refuses
    `purchase_own` (nobody is both halves of one match) and what `record_purchases` refuses.
    """
    if any(line.sku == AMOUNT_SKU for line in lines):
        open_amount_product(merchant_id=place.merchant_id, now=now, actor=actor)
    outcome: RecordedPurchase | RecordedReturn | Refusal = ReceiptReused(receipt_number=receipt_number)
    for draw in range(_DRAWS):
        number = receipt_number or _made_number(place, "", request_id, draw, now)
        command = RecordPurchase(
            merchant_id=place.merchant_id,
            receipt_number=number,
            member=member,
            lines=tuple(lines),
            actor=actor.name,
            source="counter",
            store=place.store,
        )
        outcome = _recorded(command, now)
        if receipt_number or not isinstance(outcome, ReceiptReused):
            break
    if isinstance(outcome, Refusal):
        raise outcome
    assert isinstance(outcome, RecordedPurchase), "a purchase is answered with a purchase"
    if outcome.member_id == actor.id:
        raise OwnPurchase
    return outcome


def take_back(
    *,
    place: Place,
    of_receipt: str,
    lines: Sequence[SoldLine],
    request_id: str,
    now: datetime,
    actor: Actor,
) -> RecordedReturn:
    """Record that goods of a receipt came back (no lines: all that is left of it) and return what that took back.

    Refuses what `record_returns` refuses: `receipt_unknown`, `return_exceeds_purchase`, `nothing_left` and others.
    """
    outcome: RecordedPurchase | RecordedReturn | Refusal = ReceiptReused(receipt_number=of_receipt)
    for draw in range(_DRAWS):
        command = RecordReturn(
            merchant_id=place.merchant_id,
            receipt_number=_made_number(place, "R", request_id, draw, now),
            lines=tuple(lines),
            actor=actor.name,
            source="counter",
            of_receipt=of_receipt,
        )
        outcome = _recorded(command, now)
        if not isinstance(outcome, ReceiptReused):
            break
    if isinstance(outcome, Refusal):
        raise outcome
    assert isinstance(outcome, RecordedReturn), "a return is answered with a return"
    return outcome


def try_return(
    *,
    place: Place,
    purchase_id: UUID,
    of_receipt: str,
    lines: Sequence[SoldLine],
    now: datetime,
    actor: Actor,
) -> ReturnTried:
    """Return what `take_back` would do, to the point; it is done and undone. Refuses what `take_back` refuses."""
    with transaction.atomic():
        back = take_back(
            place=place,
            of_receipt=of_receipt,
            lines=lines,
            request_id=f"try:{purchase_id}",
            now=now,
            actor=actor,
        )
        purchase = get_purchase(purchase_id, merchant_id=place.merchant_id)
        why = explain_purchase(purchase, now=now)
        owed = sum(one.owed for one in why.returns if one.back.id == back.return_id)
        transaction.set_rollback(True)
    return ReturnTried(back.points, owed, purchase.points - purchase.points_returned)


def _recorded(
    command: RecordPurchase | RecordReturn, now: datetime
) -> RecordedPurchase | RecordedReturn | Refusal:
    with connection.wrap_database_errors:  # the edge tries again what a racer undid, as Django names it
        return record_receipts(lent_connection(), [command], now=now)[0]


def _made_number(place: Place, prefix: str, request_id: str, draw: int, now: datetime) -> str:
    """Return a number that people can read out: store, day, and six signs that stand for the request."""
    day = now.astimezone(ZoneInfo(place.time_zone))
    digest = hashlib.sha256(f"{place.merchant_id}:{request_id}:{draw}".encode()).digest()
    total = int.from_bytes(digest[:8], "big")
    mark = "".join(_ALPHABET[total >> 5 * n & 31] for n in range(_MARK_LENGTH))
    return f"{prefix}{place.store[:40]}-{day:%y%m%d}-{mark}"
