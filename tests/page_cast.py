"""Everyone who may stand at a page's door, signed in, and one of everything that an address may name.

Merchant A has a store, a category, a product, a rule, a member with a purchase and a return, a key, an import; B has an
owner. All telephone numbers are made up (+86 100 ...).
"""

import csv
import io
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.files import keep_product_file
from tessera.catalog.actions.products import NewProduct, list_product
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.clock import EPOCH
from tessera.kit.connections import connect
from tessera.kit.ids import show_id
from tessera.kit.retry import retried
from tessera.kit.tables import Reading
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.actions.keys import issue_key
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.notices.actions.inbox import send_notice
from tessera.orders.actions.imports import begin_import, finish_import
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.rules import RecordedPurchase, RecordedReturn, RecordPurchase, RecordReturn, SoldLine
from tessera.people.actions.persons import open_person, register_person
from tessera.people.actions.roles import grant_role
from tessera.people.models import Person
from tessera.points.actions.rules import publish_programme, publish_rule
from tests.cast import READ_SCOPES, made_up_phone
from tests.events.cast import event_ids
from tests.page_doors import WORDS, plain

ROLES = ("visitor", "member", "guide", "cashier", "manager", "owner", "other", "operator")
BACKEND = "django.contrib.auth.backends.ModelBackend"
ONE_THREE = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}


@dataclass(frozen=True)
class PageCast:
    """`cast.product`, `cast.member`, ... are ids as addresses carry them; `cast.phone` is a number of nobody yet."""

    ids: Mapping[str, str]
    persons: Mapping[str, UUID]
    sessions: Mapping[str, str]

    def __getattr__(self, name: str) -> str:
        if name == "phone":
            return made_up_phone()
        try:
            return self.ids[name]
        except KeyError:
            raise AttributeError(name) from None

    def client(self, who: str, **options: Any) -> Client:
        """Return the browser of one of the cast, signed in unless it is the visitor's."""
        browser = Client(headers={"Accept-Language": "en"}, **options)
        if who != "visitor":
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return browser

    def filled(self, address: str) -> str:
        """Return the address with its names replaced by ids."""
        return re.sub(r"\{(\w+)\}", lambda found: {**WORDS, **self.ids}[found[1]], plain(address))


def make_page_cast(called: str = "") -> PageCast:
    """Put the cast on the stage of the current database; `called`: how persons, shops and goods are named."""
    with transaction.atomic():
        a, b = _shop(called or "Rain tea A"), _shop(called or "Bakery B")
        store = open_store(
            merchant_id=a,
            number="1",
            name=called or "First",
            district=called or "Xuhui",
            now=_before(),
            actor=SYSTEM,
        )
        persons = {who: _person(called or who.capitalize()) for who in ROLES[1:]}
        spare = _person(called or "Spare")
        _employ(a, persons, store.id)
        _employ(b, {"owner": persons["other"]}, None)
        employment = _employed(a, spare, "guide", store.id)
        grant_role(person_id=persons["operator"], role="operator", now=_before(), actor=SYSTEM)
        ids = {
            **_goods(a, called),
            "merchant": show_id("mer", a),
            "other_merchant": show_id("mer", b),
            "store": show_id("sto", store.id),
            "employment": show_id("emp", employment),
            "member": show_id("per", persons["member"]),
            "notice": notice_for(persons["member"], called),
        }
        ids |= event_ids(ids["merchant"], persons, called)
        enrol_customer(merchant_id=a, number="C-1", person_id=persons["member"], now=_before(), actor=SYSTEM)
    ids |= _trade(a, persons["member"], store.number)
    return PageCast(ids, persons, {who: _session(person_id) for who, person_id in persons.items()})


def _before() -> Any:
    return clock.now() - timedelta(hours=2)


def _shop(name: str) -> UUID:
    merchant = open_merchant(name=name, now=_before(), actor=SYSTEM)
    approve_merchant(merchant_id=merchant.id, now=_before(), actor=SYSTEM)
    return merchant.id


def _person(nickname: str) -> UUID:
    person = open_person(phone=made_up_phone(), nickname=nickname, now=_before(), actor=SYSTEM)
    register_person(person_id=person.id, now=_before(), actor=SYSTEM)
    return person.id


def _employ(merchant_id: UUID, persons: Mapping[str, UUID], store_id: UUID | None) -> None:
    for role, everywhere in (("owner", True), ("manager", True), ("cashier", False), ("guide", False)):
        if role in persons:
            _employed(merchant_id, persons[role], role, None if everywhere else store_id)


def _employed(merchant_id: UUID, person_id: UUID, role: Any, store_id: UUID | None) -> UUID:
    return employ_person(
        merchant_id=merchant_id,
        person_id=person_id,
        role=role,
        store_id=store_id,
        now=_before(),
        actor=SYSTEM,
    ).id


def _goods(merchant_id: UUID, called: str) -> dict[str, str]:
    named = {"merchant_id": merchant_id, "now": _before(), "actor": SYSTEM}
    category = open_category(name=called or "Tea", **named)
    new = NewProduct(sku="T-1", name=called or "Green tea", category_id=category.id, price_minor=1250)
    product = list_product(product=new, **named)
    publish_programme(effective_from=EPOCH, **named)
    version = publish_rule(
        name=called or "One, three", kind="product", terms=ONE_THREE, effective_from=EPOCH, **named
    )
    key, _ = issue_key(label=called or "spare", scopes=READ_SCOPES, **named)
    reading = {"columns": {}}
    file = begin_import(
        file_name=called or "june.csv", file_sha256=b"\0" * 32, reading=reading, anew=True, **named
    )
    finish_import(import_id=file.id, now=_before(), actor=SYSTEM)
    return {
        "category": show_id("cat", category.id),
        "product": show_id("prd", product.id),
        "rule": show_id("rul", version.rule_id),
        "key": show_id("key", key.id),
        "import": show_id("imp", file.id),
        "product_file": product_file(merchant_id, called),
    }


def product_file(merchant_id: UUID, called: str) -> str:
    """Put a file of products there that is not yet brought in; return its id."""
    out = io.StringIO()
    name = called or "Oolong"
    csv.writer(out).writerows([("SKU", "name" if name.isascii() else "商品名称"), ("N-9", name)])
    file = keep_product_file(
        merchant_id=merchant_id,
        name=called or "goods.csv",
        content=out.getvalue().encode(),
        reading=Reading(b"", "utf-8", ","),
        now=_before(),
        actor=SYSTEM,
    )
    return show_id("pfl", file.id)


def _trade(merchant_id: UUID, member_id: UUID, store: str) -> dict[str, str]:
    at = clock.now() - timedelta(hours=1)
    usual: dict[str, Any] = {"actor": "test", "source": "api", "occurred_at": at}
    sold = (SoldLine("T-1", 5),)
    bought = RecordPurchase(merchant_id, "R-1", ("person", str(member_id)), sold, store=store, **usual)
    back = RecordReturn(merchant_id, "R-1-back", (SoldLine("T-1", 1),), of_receipt="R-1", **usual)
    with connect() as till:
        purchase, returned = retried(till, lambda line: record_receipts(line, [bought, back], now=at))
    assert isinstance(purchase, RecordedPurchase), purchase
    assert isinstance(returned, RecordedReturn), returned
    return {"purchase": show_id("pur", purchase.purchase_id), "return": show_id("rtn", returned.return_id)}


def notice_for(person_id: UUID, called: str) -> str:
    """Put a notice into the person's inbox; return its id."""
    told = {"points": 30, "merchant": called or "Rain tea A", "expires_on": "2026-12-31"}
    notice = send_notice(
        person_id=person_id,
        kind="points_expiring",
        template="points_expiring",
        context=told,
        now=_before(),
        actor=SYSTEM,
    )
    return show_id("ntc", notice.id)


def _session(person_id: UUID) -> str:
    """Sign in as a person who has just proven who he is; return the session's key."""
    browser = Client()
    browser.force_login(Person.objects.get(pk=person_id), backend=BACKEND)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person_id)
    session.save()
    return str(session.session_key)


@pytest.fixture(scope="session")
def page_cast(django_db_setup: None, django_db_blocker: Any) -> PageCast:
    """The cast, committed once for this worker: what a test does with it, it has to roll back (fixture `db`)."""
    with django_db_blocker.unblock():
        cast = make_page_cast()
        connection.close()
    return cast


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what happens inside; needs a transaction around it (fixture `db`)."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def page_addresses() -> dict[str, URLPattern]:
    """Return every address of a page, its parameters as {name}, with its pattern."""
    from tessera.site.urls import PAGES

    return dict(_flattened("/", PAGES))


def _flattened(before: str, patterns: Any) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        assert isinstance(one.pattern, RoutePattern), f"{one.pattern} is no path"
        here = before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _flattened(here, one.url_patterns)
        else:
            yield plain(here), one
