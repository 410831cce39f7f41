"""A named cast: everyone who may stand at the door, with everything there is to ask for.

Every permission test runs through the whole cast. All telephone numbers are made up (+86 100 ...).
"""

import itertools
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.products import NewProduct, list_product
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.actions.keys import issue_key, revoke_key
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.rules import MERCHANT_SCOPES
from tessera.people.actions.persons import open_person

NOW = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)
_numbers = itertools.count(secrets.randbelow(90_000_000))

READ_SCOPES = tuple(scope for scope in MERCHANT_SCOPES if scope.endswith(":read"))


def made_up_phone() -> str:
    """Return a possible phone number that nobody can have, another one at each call."""
    return f"+86100{next(_numbers) % 100_000_000:08d}"


def credit_code(seed: int | None = None) -> str:
    """Return a made-up unified social credit code whose check character is right (computed here anew)."""
    characters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    number = secrets.randbelow(10**9) if seed is None else seed
    body = f"91110000{number:09d}"
    total = sum(characters.index(character) * pow(3, place) for place, character in enumerate(body))
    return body + characters[(31 - total % 31) % 31]


@dataclass(frozen=True)
class Caller:
    """Somebody with an API key (or none), and the telephone he calls with."""

    name: str
    secret: str | None
    key_id: UUID | None = None

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        request_id: str | None = None,
        language: str = "en",
        raw: bytes | None = None,
    ) -> HttpResponse:
        """Send a request; a write gets a new Idempotency-Key unless `request_id` is given ("" for none)."""
        headers = {"Accept-Language": language}
        if self.secret is not None:
            headers["Authorization"] = f"Bearer {self.secret}"
        if method != "GET" and request_id != "":
            headers["Idempotency-Key"] = request_id or str(uuid.uuid4())
        sent = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        return Client().generic(
            method, f"/api/v1{path}", sent, content_type="application/json", headers=headers
        )

    def get(self, path: str, **how: Any) -> HttpResponse:
        return self.send("GET", path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> HttpResponse:
        return self.send("POST", path, body, **how)

    def patch(self, path: str, body: Any = None, **how: Any) -> HttpResponse:
        return self.send("PATCH", path, body, **how)


@dataclass(frozen=True)
class House:
    """A merchant with one of everything; ids as shown outside."""

    merchant_id: UUID
    customer_id: UUID
    merchant: str
    store: str
    customer: str
    customer_phone: str
    employment: str
    product: str
    category: str
    key: str


@dataclass(frozen=True)
class Cast:
    """The operator, merchant A with three keys, merchant B, and a passer-by; `a` and `b` are their houses."""

    operator: Caller
    full: Caller
    reader: Caller
    other: Caller
    revoked: Caller
    nobody: Caller
    a: House
    b: House

    @property
    def everyone(self) -> tuple[Caller, ...]:
        return (self.operator, self.full, self.reader, self.other, self.revoked, self.nobody)


def make_caller(name: str, merchant_id: UUID | None, scopes: Sequence[str]) -> Caller:
    """Issue a key and return its holder."""
    key, secret = issue_key(merchant_id=merchant_id, label=name, scopes=scopes, now=NOW, actor=SYSTEM)
    return Caller(name, secret, key.id)


def make_house(name: str) -> House:
    """Open an active merchant with a store, an employee, a customer known by phone, a category and a product."""
    merchant = open_merchant(name=name, now=NOW, actor=SYSTEM)
    approve_merchant(merchant_id=merchant.id, now=NOW, actor=SYSTEM)
    store = open_store(
        merchant_id=merchant.id, number="1", name="First", district="Xuhui", now=NOW, actor=SYSTEM
    )
    phone = made_up_phone()
    customer, _ = enrol_customer(merchant_id=merchant.id, number="C-1", phone=phone, now=NOW, actor=SYSTEM)
    employee = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    employment = employ_person(
        merchant_id=merchant.id,
        person_id=employee.id,
        role="cashier",
        store_id=store.id,
        now=NOW,
        actor=SYSTEM,
    )
    category = open_category(merchant_id=merchant.id, name="Tea", now=NOW, actor=SYSTEM)
    new = NewProduct(sku="T-1", name="Green tea", category_id=category.id, price_minor=1250)
    product = list_product(merchant_id=merchant.id, product=new, now=NOW, actor=SYSTEM)
    key = make_caller(f"{name}: spare", merchant.id, READ_SCOPES).key_id
    assert key is not None
    return House(
        merchant_id=merchant.id,
        customer_id=customer.person_id,
        merchant=show_id("mer", merchant.id),
        store=show_id("sto", store.id),
        customer=show_id("per", customer.person_id),
        customer_phone=phone,
        employment=show_id("emp", employment.id),
        product=show_id("prd", product.id),
        category=show_id("cat", category.id),
        key=show_id("key", key),
    )


def make_cast() -> Cast:
    """Put the whole cast on the stage of the current database."""
    a, b = make_house("Tea house A"), make_house("Bakery B")
    revoked = make_caller("revoked", a.merchant_id, MERCHANT_SCOPES)
    assert revoked.key_id is not None
    revoke_key(key_id=revoked.key_id, now=NOW, actor=SYSTEM)
    return Cast(
        operator=make_caller("operator", None, ["operator"]),
        full=make_caller("full", a.merchant_id, MERCHANT_SCOPES),
        reader=make_caller("reader", a.merchant_id, READ_SCOPES),
        other=make_caller("other", b.merchant_id, MERCHANT_SCOPES),
        revoked=revoked,
        nobody=Caller("nobody", None),
        a=a,
        b=b,
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def assert_refused(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """See that `response` is the problem document of this refusal; return it."""
    assert response["Content-Type"] == "application/problem+json", response.content
    problem = json.loads(response.content)
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["detail"]
    return problem
