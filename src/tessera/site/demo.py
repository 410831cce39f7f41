"""Loads the demo coalition: its shops in one transaction, its purchases through the handler of every door.

What happens is drawn by lot from one seed and from the moment the shops were opened, so a run that was killed is simply
started again: receipts that are in are repeats.
"""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.products import NewProduct, list_products
from tessera.catalog.models import Product
from tessera.kit.actors import Actor
from tessera.kit.clock import EPOCH
from tessera.kit.ids import show_id
from tessera.kit.refusals import Refusal
from tessera.kit.retry import retried
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.actions.keys import issue_key
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.models import Merchant
from tessera.merchants.rules import MERCHANT_SCOPES
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.rules import RecordPurchase, RecordReturn, SoldLine
from tessera.people.actions.persons import open_person, register_person
from tessera.people.actions.roles import grant_role
from tessera.people.models import Person
from tessera.people.queries import find_by_phone
from tessera.points.actions.rules import publish_programme, publish_rule
from tessera.site.demo_events import CREW, find_running
from tessera.site.demo_script import APPLICANT, MEMBERS, PLACES, SHOPS, WALK_INS, DemoShop, phone_of

__all__ = [
    "KEYS_FILE",
    "Found",
    "days_of_demo",
    "find_demo",
    "find_stand_in",
    "load_purchases",
    "open_coalition",
    "phone_of",
]

KEYS_FILE = "demo_keys.txt"
"""In the data directory, readable by its owner alone."""

STAND_INS = {"member": 1, "owner": 900, "cashier": 901, "operator": 990, "applicant": 950, "crew": CREW}
"""Role -> number of the demo's person that one click signs in as."""

_DAYS = 60
_A_DAY = 5
_OPERATOR = Actor(kind="operator")
_SEED = 20260101

Command = RecordPurchase | RecordReturn


@dataclass(frozen=True, slots=True)
class Found:
    """The demo's merchants in the script's order, and when they were opened."""

    merchant_ids: Sequence[UUID]
    opened_at: datetime


def find_demo() -> Found | None:
    """Return the demo coalition if it is loaded, or None."""
    merchants = {one.name: one for one in Merchant.objects.filter(name__in=[shop.name for shop in SHOPS])}
    if len(merchants) < len(SHOPS):
        return None
    found = [merchants[shop.name] for shop in SHOPS]
    return Found([one.id for one in found], found[0].created_at)


def find_stand_in(role: str) -> tuple[Person, str] | None:
    """Return the demo's person for a role (a key of STAND_INS) and where that role begins."""
    demo = find_demo() if role in STAND_INS else None
    person = find_by_phone(phone_of(STAND_INS[role])) if demo else None
    if demo is None or person is None:
        return None
    if role == "owner":
        return person, f"/console/{show_id('mer', demo.merchant_ids[0])}"
    if role == "crew":
        running = find_running(demo.merchant_ids)
        return (person, f"/door/{show_id('evt', running)}") if running else None
    return person, {"member": "/wallet", "cashier": "/counter", "operator": "/operator"}.get(role, "/work")


def open_coalition(place: Path, *, now: datetime) -> tuple[Found, list[tuple[str, str]]]:
    """Open shops, list products, publish rules, register members; return the API keys (what for, secret).

    The keys are also written to KEYS_FILE in `place`. All of it or nothing.
    """
    with transaction.atomic():
        merchant_ids = [_open_shop(shop, now=now) for shop in SHOPS]
        _open_members(merchant_ids, now=now)
        _open_applicant(now=now)
        keys = _issue_keys(merchant_ids, now=now)
        _write_keys(place, keys)
    return Found(merchant_ids, now), keys


def _open_shop(shop: DemoShop, *, now: datetime) -> UUID:
    phone = phone_of(STAND_INS["owner"]) if shop is SHOPS[0] else ""
    merchant = open_merchant(name=shop.name, phone=phone, now=now, actor=_OPERATOR)
    approve_merchant(merchant_id=merchant.id, now=now, actor=_OPERATOR)
    for number, name, district in shop.stores:
        address, latitude_e7, longitude_e7 = PLACES[name]
        open_store(
            merchant_id=merchant.id,
            number=number,
            name=name,
            address=address,
            district=district,
            latitude_e7=latitude_e7,
            longitude_e7=longitude_e7,
            now=now,
            actor=_OPERATOR,
        )
    categories: dict[str, UUID] = {}
    for category, products in shop.products.items():
        categories[category] = open_category(
            merchant_id=merchant.id, name=category, now=now, actor=_OPERATOR
        ).id
        new = [
            NewProduct(sku=sku, name=name, category_id=categories[category], price_minor=price)
            for sku, name, price in products
        ]
        list_products(merchant_id=merchant.id, products=new, now=now, actor=_OPERATOR)
    publish_programme(
        merchant_id=merchant.id, effective_from=EPOCH, now=now, actor=_OPERATOR, **shop.programme
    )
    for position, (name, kind, terms) in enumerate(shop.rules):
        publish_rule(
            merchant_id=merchant.id,
            name=name,
            kind=kind,
            terms=_named(merchant.id, terms, categories),
            effective_from=EPOCH,
            position=position,
            now=now,
            actor=_OPERATOR,
        )
    return merchant.id


def _named(merchant_id: UUID, terms: Any, categories: dict[str, UUID]) -> dict[str, Any]:
    named = dict(terms)
    if "category_ids" in named:
        named["category_ids"] = [str(categories[named["category_ids"]])]
    if "product_ids" in named:
        rows = Product.objects.filter(merchant_id=merchant_id, sku__in=named["product_ids"])
        named["product_ids"] = [str(one) for one in rows.values_list("id", flat=True)]
    return named


def _open_members(merchant_ids: Sequence[UUID], *, now: datetime) -> None:
    for number, member in enumerate(MEMBERS, start=1):
        person = open_person(
            phone=phone_of(number),
            nickname=member.nickname,
            birthday=date(1970 + number % 35, *member.birthday),
            district=member.district,
            language="zh-Hans" if not member.nickname.isascii() else "en",
            now=now,
            actor=_OPERATOR,
        )
        register_person(person_id=person.id, now=now, actor=_OPERATOR)
        enrol_customer(
            merchant_id=merchant_ids[1],
            number=f"VIP{number:04d}",
            person_id=person.id,
            level=member.level,
            now=now,
            actor=_OPERATOR,
        )
    operator = open_person(phone=phone_of(STAND_INS["operator"]), nickname="运营", now=now, actor=_OPERATOR)
    register_person(person_id=operator.id, now=now, actor=_OPERATOR)
    grant_role(person_id=operator.id, role="operator", now=now, actor=_OPERATOR)
    for number, merchant_id in enumerate(merchant_ids):
        for offset, (role, called) in enumerate((("owner", "店主"), ("cashier", "收银"), ("guide", "导购"))):
            person = open_person(
                phone=phone_of(900 + number * 10 + offset), nickname=called, now=now, actor=_OPERATOR
            )
            register_person(person_id=person.id, now=now, actor=_OPERATOR)
            employ_person(
                merchant_id=merchant_id,
                person_id=person.id,
                role=role,  # type: ignore[arg-type]  # the three words above are roles
                store_id=None,
                now=now,
                actor=_OPERATOR,
            )


def _open_applicant(*, now: datetime) -> None:
    person = open_person(phone=phone_of(STAND_INS["applicant"]), nickname="申请人", now=now, actor=_OPERATOR)
    register_person(person_id=person.id, now=now, actor=_OPERATOR)
    merchant = open_merchant(name=APPLICANT, phone=phone_of(STAND_INS["owner"]), now=now, actor=_OPERATOR)
    open_store(merchant_id=merchant.id, number="1", name="总店", district="徐汇区", now=now, actor=_OPERATOR)
    employ_person(
        merchant_id=merchant.id, person_id=person.id, role="owner", store_id=None, now=now, actor=_OPERATOR
    )


def _issue_keys(merchant_ids: Sequence[UUID], *, now: datetime) -> list[tuple[str, str]]:
    keys = []
    for shop, merchant_id in zip(SHOPS, merchant_ids, strict=True):
        _, secret = issue_key(
            merchant_id=merchant_id, label="demo till", scopes=MERCHANT_SCOPES, now=now, actor=_OPERATOR
        )
        keys.append((shop.name, secret))
    _, secret = issue_key(
        merchant_id=None, label="demo operator", scopes=["operator"], now=now, actor=_OPERATOR
    )
    return [*keys, ("the operator (运营方)", secret)]


def _write_keys(place: Path, keys: Sequence[tuple[str, str]]) -> None:
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / KEYS_FILE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.writelines(f"{secret}  {purpose}\n" for purpose, secret in keys)


def load_purchases(
    connection: psycopg.Connection[Any], demo: Found, *, advance: Callable[[int], None]
) -> tuple[int, int, int]:
    """Record sixty days of purchases and returns, a day at a time; return purchases, returns and points given.

    Raises the refusal, should there be one: the script then contradicts the rules.
    """
    purchases = returns = points = 0
    for day in _days(demo):

        def record(
            working: psycopg.Connection[Any], day: Sequence[tuple[datetime, Command]] = day
        ) -> list[Any]:
            return record_receipts(working, [command for _, command in day], now=day[-1][0])

        for (_, command), outcome in zip(day, retried(connection, record), strict=True):
            if isinstance(outcome, Refusal):
                raise outcome
            purchases += isinstance(command, RecordPurchase)
            returns += isinstance(command, RecordReturn)
            points += outcome.points if isinstance(command, RecordPurchase) else -outcome.points
        advance(1)
    return purchases, returns, points


def days_of_demo() -> int:
    """Return how many days `load_purchases` records."""
    return _DAYS


def _days(demo: Found) -> list[list[tuple[datetime, Command]]]:
    lots = random.Random(_SEED)  # noqa: S311 - a script, not a secret
    # shops open at ten in the morning (Shanghai) and the last day is yesterday
    morning = demo.opened_at.astimezone(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
    first = morning - timedelta(days=_DAYS)
    people = [phone_of(number) for number in range(1, len(MEMBERS) + WALK_INS + 1)]
    sold: list[tuple[int, RecordPurchase]] = []
    days = []
    for day in range(_DAYS):
        happened: list[tuple[datetime, Command]] = []
        for place in range(_A_DAY):
            at = first + timedelta(days=day, hours=place * 2, minutes=lots.randrange(100))
            which = lots.randrange(len(SHOPS))
            purchase = _purchase(
                demo, lots, which, f"{SHOPS[which].prefix}{day:02d}{place}", lots.choice(people), at
            )
            sold.append((day, purchase))
            happened.append((at, purchase))
        if day % 3 == 2:
            happened.append(_return(lots, sold, day, first + timedelta(days=day, hours=12)))
        days.append(happened)
    return days


def _purchase(
    demo: Found, lots: random.Random, which: int, number: str, phone: str, at: datetime
) -> RecordPurchase:
    shop = SHOPS[which]
    shelf = [product for products in shop.products.values() for product in products]
    chosen = lots.sample(shelf, k=min(len(shelf), lots.choice((1, 1, 2, 3))))
    lines = tuple(SoldLine(sku, lots.choice((1, 1, 1, 2, 2, 3))) for sku, _, _ in chosen)
    return RecordPurchase(
        merchant_id=demo.merchant_ids[which],
        receipt_number=number,
        member=("phone", phone),
        lines=lines,
        actor="operator",
        source="demo",
        occurred_at=at,
        store=lots.choice(shop.stores)[0],
    )


def _return(
    lots: random.Random, sold: list[tuple[int, RecordPurchase]], day: int, at: datetime
) -> tuple[datetime, Command]:
    """One of the last week's purchases comes back, whole or in part."""
    recent = [one for one in sold if day - 7 <= one[0]]
    chosen = lots.choice(recent)
    sold.remove(chosen)
    purchase = chosen[1]
    whole = lots.random() < 0.4
    return at, RecordReturn(
        merchant_id=purchase.merchant_id,
        receipt_number=f"{purchase.receipt_number}-R",
        lines=() if whole else (SoldLine(purchase.lines[0].sku, 1),),
        actor="operator",
        source="demo",
        of_receipt=purchase.receipt_number,
        occurred_at=at,
    )
