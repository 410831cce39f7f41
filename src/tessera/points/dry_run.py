"""What would this basket earn: the rules of one moment tried on a basket, with what fired and what missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from tessera.catalog.lookup import Sold, find_sold
from tessera.kit.errors import NotFound
from tessera.kit.lent import lent_connection
from tessera.merchants.queries import find_level, get_merchant, get_store, list_store_names
from tessera.people.queries import get_person
from tessera.points.errors import SkuUnknown
from tessera.points.queries import current_book, read_cap_use
from tessera.points.rules import Accrual, CapTerms, Context, Fired, Line, Missed, RuleBook, describe, evaluate

__all__ = ["DryRun", "TriedLine", "dry_run", "sentence_of"]


@dataclass(frozen=True, slots=True)
class TriedLine:
    """A line of the basket: pieces of an article number, and what they cost (None: the catalog's price)."""

    sku: str
    quantity: int
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the basket would earn under `book` at `occurred_at`, and the names that sentences need."""

    book: RuleBook
    occurred_at: datetime
    accrual: Accrual
    skus: tuple[str, ...]
    zone: ZoneInfo
    stores: Mapping[str, str]


def dry_run(
    *,
    merchant_id: UUID,
    lines: Sequence[TriedLine],
    store_id: UUID | None = None,
    member_id: UUID | None = None,
    level: str = "",
    birthday: bool = False,
    book: RuleBook | None = None,
    occurred_at: datetime,
) -> DryRun:
    """Return what `lines` would earn at `occurred_at`, for a member (None: one of this `level`, without a past).

    `book` is the rule book to go by (None: as it stands), for a rule that is still a draft.

    Rules that are over, or not yet begun, are among those that missed. Nothing is written. Refuses `not_found`
    (merchant, store, member) and `sku_unknown`. Source: spec/points.md, Earning (dry run).
    """
    merchant = get_merchant(merchant_id).merchant
    if store_id is not None:
        get_store(store_id, merchant_id=merchant_id)
    connection = lent_connection()
    book = book or current_book(merchant_id)
    zone = ZoneInfo(merchant.time_zone)
    in_force = book.in_force(occurred_at)
    known = {version.rule_id for version in in_force}
    others = tuple(version for version in book.latest() if version.rule_id not in known)
    local = occurred_at.astimezone(zone)
    if member_id is None:
        context = Context(store_id, local, level, birthday=birthday, caps_left={})
    else:
        context = _context(connection, book, merchant_id, member_id, store_id, local)
    basket = _basket(connection, merchant_id, lines)
    accrual = evaluate(basket, (*in_force, *others), context, explain=True)
    stores = {str(store): name for store, name in list_store_names(merchant_id).items()}
    return DryRun(book, occurred_at, accrual, tuple(line.sku for line in lines), zone, stores)


def sentence_of(tried: DryRun, found: Fired | Missed, language: str) -> str:
    """Return what fired or missed as a sentence in `language`, with the rule's name."""
    version = tried.book.find(found.rule_id, found.version)
    assert version is not None, "what was evaluated is in the book"
    return describe(found, language, rule=version.name, zone=tried.zone, stores=tried.stores)


def _context(
    connection: psycopg.Connection[Any],
    book: RuleBook,
    merchant_id: UUID,
    member_id: UUID,
    store_id: UUID | None,
    local: datetime,
) -> Context:
    level = find_level(merchant_id, member_id)
    if level is None:
        raise NotFound
    birthday = get_person(member_id).birthday
    caps = {version.rule_id: version.terms for version in book.capped(local, store_id)}
    used = read_cap_use(connection, [(member_id, rule_id, local.date()) for rule_id in caps])
    left = {
        rule_id: max(0, terms.points - used.get((member_id, rule_id, local.date()), 0))
        for rule_id, terms in caps.items()
        if isinstance(terms, CapTerms)
    }
    is_birthday = birthday is not None and (birthday.month, birthday.day) == (local.month, local.day)
    return Context(store_id, local, level, birthday=is_birthday, caps_left=left)


def _basket(connection: psycopg.Connection[Any], merchant_id: UUID, lines: Sequence[TriedLine]) -> list[Line]:
    sold = find_sold(connection, {(merchant_id, line.sku) for line in lines})
    basket = []
    for line in lines:
        product = sold.get((merchant_id, line.sku))
        if product is None:
            raise SkuUnknown(sku=line.sku)
        basket.append(Line(product.product_id, product.category_ids, line.quantity, _amount(line, product)))
    return basket


def _amount(line: TriedLine, product: Sold) -> int:
    if line.amount_minor is not None:
        return line.amount_minor
    return line.quantity * (product.price_minor or 0)
