"""What a counter shows: who is served, what is in the basket, and the points that it would earn now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tessera.catalog.queries import list_products, products_by_sku
from tessera.kit.amounts import exponent_of
from tessera.kit.media import picture_address
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.ledger.queries import get_balances
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import Store, find_customer_number, find_level, sight
from tessera.orders.actions.counter import AMOUNT_SKU, open_amount_product
from tessera.orders.errors import OwnPurchase
from tessera.orders.pages.till import Guest, Till
from tessera.people.queries import Person, find_by_phone, find_joined, persons_by_id
from tessera.points.dry_run import DryRun, TriedLine, dry_run
from tessera.points.rules import Fired, Missed, describe

__all__ = [
    "Card",
    "Row",
    "Tried",
    "card_of",
    "has_products",
    "is_known_by",
    "person_of",
    "rows_of",
    "tried_points",
]

_WITHIN_REACH = ("next_tier", "spend_more", "cap_reached")
"""Of what missed, a cashier says what one more piece or yuan would change; not that it is no birthday."""

_MOST_MISSED = 3


@dataclass(frozen=True, slots=True)
class Card:
    """The member as the cashier sees him; of one who is no customer here and typed no code, only the number.

    `points` here (None: never any); `waits`: points wait until the number's owner registers.
    """

    name: str = ""
    picture: str = ""
    phone: str | None = None
    number: str = ""
    level: str = ""
    points: int | None = None
    is_new: bool = False
    waits: bool = False
    person_id: UUID | None = None
    is_customer: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the basket; `amount_minor` None: no price in the catalogue and none typed. `typed`: what was, as money."""

    sku: str
    name: str
    quantity: int
    price_minor: int | None
    amount_minor: int | None
    typed: str = ""
    is_amount: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What the basket would earn: points, the rules that fire and what is nearly reached, in sentences."""

    points: int
    fired: Sequence[str]
    missed: Sequence[str]


def card_of(guest: Guest, workplace: Workplace, *, now: datetime) -> Card:
    """Return the member as this merchant's cashier may see him; refuses `purchase_own` for the cashier himself."""
    person = person_of(guest, workplace)
    if person is None:
        return Card(phone=guest.value, waits=True, is_new=True)
    if person.id == workplace.actor.id:
        raise OwnPurchase
    level = find_level(workplace.merchant.id, person.id)
    number = guest.value if guest.kind == "number" else ""
    waits = guest.kind == "phone" and person.registered_at is None
    if not guest.shown_code and not is_known_by(guest, person, workplace):
        return Card(
            phone=person.phone,
            waits=waits,
            is_new=level is None,
            person_id=person.id,
            is_customer=level is not None,
        )
    balances = get_balances(person.id, now, unit_id=workplace.merchant.id)
    return Card(
        name=person.nickname,
        picture=picture_address(person.picture),
        phone=person.phone,
        number=number,
        level=level or "",
        points=balances[0].balance if balances else None,
        is_new=level is None,
        waits=waits,
        person_id=person.id,
        is_customer=level is not None,
    )


def is_known_by(guest: Guest, person: Person, workplace: Workplace) -> bool:
    """Say whether the merchant was given what names the guest: a number typed at random shows nobody's name."""
    return guest.kind != "phone" or sight(workplace.merchant.id, [person.id]).get(person.id, False)


def person_of(guest: Guest, workplace: Workplace) -> Person | None:
    """Return the person who is served, or None for a phone number that nobody has had so far."""
    if guest.kind == "phone":
        return find_by_phone(guest.value)
    if guest.kind == "number":
        found = find_customer_number(workplace.merchant.id, guest.value)
        person_id = find_joined(found.person_id) if found else None
    else:
        person_id = find_joined(UUID(guest.value))
    return persons_by_id([person_id]).get(person_id) if person_id else None


def _typed(minor: int | None, currency: str) -> str:
    if minor is None:
        return ""
    digits = exponent_of(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def rows_of(till: Till, merchant_id: UUID, *, currency: str) -> list[Row]:
    """Return the basket with names and prices as they are now."""
    products = products_by_sku(merchant_id, [line.sku for line in till.lines])
    rows = []
    for line in till.lines:
        product = products.get(line.sku)
        price = product.price_minor if product else None
        amount = line.amount_minor
        if amount is None and price is not None:
            amount = price * line.quantity
        is_amount = line.sku == AMOUNT_SKU
        name = _("By amount") if is_amount else product.name if product else line.sku
        rows.append(
            Row(line.sku, name, line.quantity, price, amount, _typed(line.amount_minor, currency), is_amount)
        )
    return rows


def tried_points(
    till: Till, card: Card | None, workplace: Workplace, store: Store, *, now: datetime
) -> Tried | Refusal | None:
    """Return what the basket would earn for this member (nobody yet: for one without a past), or why nothing can."""
    if not till.lines:
        return None
    lines = [TriedLine(line.sku, line.quantity, line.amount_minor) for line in till.lines]
    try:
        with transaction.atomic():
            by_amount = any(line.sku == AMOUNT_SKU for line in lines)
            if by_amount:
                open_amount_product(merchant_id=workplace.merchant.id, now=now, actor=workplace.actor)
            tried = dry_run(
                merchant_id=workplace.merchant.id,
                lines=lines,
                store_id=store.id,
                member_id=card.person_id if card and card.is_customer else None,
                occurred_at=now,
            )
            if by_amount:  # a look writes nothing: the article is made with the first such sale
                transaction.set_rollback(True)
    except Refusal as refusal:
        return refusal
    names = {row.sku: row.name for row in rows_of(till, workplace.merchant.id, currency="")}
    near = [one for one in tried.accrual.missed if one.code in _WITHIN_REACH]
    return Tried(
        points=tried.accrual.points,
        fired=[_sentence(tried, one, names) for one in tried.accrual.fired if one.kind != "cap"],
        missed=[_sentence(tried, one, names) for one in near][:_MOST_MISSED],
    )


def _sentence(tried: DryRun, found: Fired | Missed, names: Mapping[str, str]) -> str:
    """Say it with the product's name where it is about one product: "one more of these" helps nobody."""
    version = tried.book.find(found.rule_id, found.version)
    about = {tried.skus[place] for place in found.lines}
    product = names.get(min(about), "") if found.kind == "product" and len(about) == 1 else ""
    return describe(
        found,
        reader_language(),
        rule=version.name if version else "",
        product=product,
        zone=tried.zone,
        stores=tried.stores,
    )


def has_products(merchant_id: UUID) -> bool:
    """Say whether the merchant has anything listed that can be scanned."""
    return bool(list_products(merchant_id, withdrawn=False, limit=1).items)
