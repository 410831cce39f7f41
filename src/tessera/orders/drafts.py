"""Purchases on their way through a batch, and all that has to be known of them before points are decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.catalog.lookup import Sold, ask_sold
from tessera.kit.amounts import MAX_AMOUNT
from tessera.kit.errors import AmountInvalid
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.merchants.errors import MemberUnknown, MerchantInactive
from tessera.merchants.recognition import (
    Known,
    Recognised,
    Trading,
    ask_known,
    ask_stores,
    ask_trading,
    recognise_known,
)
from tessera.orders.errors import (
    MomentImplausible,
    ProductUnknown,
    StoreUnknown,
)
from tessera.orders.once import ask_seen
from tessera.orders.rules import EARLIEST, FUTURE_TOLERANCE, RecordPurchase, content_digest
from tessera.points.queries import CapKey
from tessera.points.rules import Accrual, Context, RuleBook

__all__ = ["Draft", "draft_purchases", "still_open"]


@dataclass(slots=True)
class Draft:
    """One purchase on its way through the batch; `refusal` ends the way."""

    command: RecordPurchase
    digest: bytes
    occurred_at: datetime
    refusal: Refusal | None = None
    repeat: tuple[UUID, UUID] | None = None
    trading: Trading = field(init=False)
    store_id: UUID | None = None
    sold: list[Sold] = field(default_factory=list)
    buyer: Recognised = field(init=False)
    book: RuleBook = field(init=False)
    context: Context = field(init=False)
    accrual: Accrual = field(init=False)
    amounts: list[int] = field(default_factory=list)
    purchase_id: UUID = field(default_factory=new_id)
    transfer_id: UUID | None = None
    cap_use: list[tuple[CapKey, int]] = field(default_factory=list)


def still_open(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts that are neither refused nor a repeat."""
    return [draft for draft in drafts if draft.refusal is None and draft.repeat is None]


def draft_purchases(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase], *, now: datetime
) -> list[Draft]:
    """Return a draft for each command with what is known of it, or its refusal, or that it is a repeat.

    All is asked in one round trip: on a busy till the round trips cost more than the answers.
    """
    drafts = [Draft(command, content_digest(command), command.occurred_at or now) for command in commands]
    named = {(c.merchant_id, c.store) for c in commands if c.store is not None}
    members = [(c.merchant_id, *c.member) for c in commands]
    with connection.pipeline():
        trading = ask_trading(connection, {c.merchant_id for c in commands})
        seen = ask_seen(connection, commands, [draft.digest for draft in drafts], "purchase")
        sold = ask_sold(connection, {(c.merchant_id, line.sku) for c in commands for line in c.lines})
        known = ask_known(connection, members)
        stores = ask_stores(connection, named)
        _check_place_and_time(drafts, trading(), stores(), now)
        for draft, before in zip(drafts, seen(), strict=True):
            if isinstance(before, Refusal):
                draft.refusal = before
            elif before is not None:  # what was recorded is answered, whatever has changed since
                draft.refusal, draft.repeat = None, before
        _find_products(still_open(drafts), sold())
        persons = known()
    _find_buyers(connection, drafts, persons, now)
    return drafts


def _check_place_and_time(
    drafts: Sequence[Draft], trading: dict[UUID, Trading], stores: dict[tuple[UUID, str], UUID], now: datetime
) -> None:
    latest = now + FUTURE_TOLERANCE
    for draft in drafts:
        command = draft.command
        merchant = trading.get(command.merchant_id)
        if merchant is None or not merchant.active:
            draft.refusal = MerchantInactive()
            continue
        draft.trading = merchant
        if command.store is not None:
            draft.store_id = stores.get((command.merchant_id, command.store))
            if draft.store_id is None:
                draft.refusal = StoreUnknown(store=command.store)
        if not EARLIEST <= draft.occurred_at <= latest:
            draft.refusal = MomentImplausible(
                occurred_at=draft.occurred_at.isoformat(),
                earliest=EARLIEST.isoformat(),
                latest=latest.isoformat(),
            )


def _find_products(drafts: Sequence[Draft], sold: dict[tuple[UUID, str], Sold]) -> None:
    for draft in drafts:
        for line in draft.command.lines:
            product = sold.get((draft.command.merchant_id, line.sku))
            if product is None:
                draft.refusal = ProductUnknown(sku=line.sku)
                break
            draft.sold.append(product)
            draft.amounts.append(
                (product.price_minor or 0) * line.quantity if line.amount_minor is None else line.amount_minor
            )
        if sum(draft.amounts) > MAX_AMOUNT:
            draft.refusal = AmountInvalid(field="amount_minor", least=0, most=MAX_AMOUNT)


def _find_buyers(
    connection: psycopg.Connection[Any], drafts: Sequence[Draft], known: Sequence[Known], now: datetime
) -> None:
    """Only who has something to record becomes known: a refusal makes no person."""
    buying = [(draft, person) for draft, person in zip(drafts, known, strict=True) if still_open([draft])]
    wanted = [(draft.command.merchant_id, *draft.command.member) for draft, _ in buying]
    found = recognise_known(connection, wanted, [person for _, person in buying], now=now)
    for (draft, _), buyer in zip(buying, found, strict=True):
        if buyer is None:
            draft.refusal = MemberUnknown()
        else:
            draft.buyer = buyer
