"""A console in tests: a merchant with its staff, signed in, and forms filled in as a browser does."""

import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from tessera.catalog.actions.products import NewProduct, list_product
from tessera.kit.actors import SYSTEM
from tessera.kit.clock import EPOCH
from tessera.kit.ids import show_id
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.rules import Role
from tessera.people.actions.persons import open_person, register_person
from tessera.people.models import Person
from tessera.points.actions.rules import publish_programme, publish_rule
from tests.cast import NOW, made_up_phone

__all__ = ["Desk", "made_person", "opened_desk", "prepare", "signed_in_as"]

ONE_THREE = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}
BACKEND = "django.contrib.auth.backends.ModelBackend"


def made_person(nickname: str = "") -> Person:
    """Make a registered person."""
    person = open_person(phone=made_up_phone(), nickname=nickname, now=NOW, actor=SYSTEM)
    return register_person(person_id=person.id, now=NOW, actor=SYSTEM)


def signed_in_as(person: Person, *, language: str = "en") -> Client:
    """Return a browser in which the person is signed in."""
    browser = Client(headers={"Accept-Language": language})
    browser.force_login(person, backend=BACKEND)
    return browser


@dataclass(frozen=True)
class Desk:
    """Somebody of a merchant's staff before the console."""

    merchant_id: UUID
    person: Person
    browser: Client

    @property
    def address(self) -> str:
        return f"/console/{show_id('mer', self.merchant_id)}"

    def get(self, path: str = "", **how: Any) -> HttpResponse:
        return self.browser.get(self.address + path, **how)

    def post(self, path: str, body: dict[str, Any], *, request_id: str = "") -> HttpResponse:
        sent = {"request_id": request_id or uuid.uuid4().hex, **body}
        return self.browser.post(self.address + path, sent)

    def colleague(self, role: Role) -> "Desk":
        """Return the desk of somebody else with this role at the same merchant."""
        person = made_person()
        employ_person(
            merchant_id=self.merchant_id,
            person_id=person.id,
            role=role,
            store_id=None,
            now=NOW,
            actor=SYSTEM,
        )
        return Desk(self.merchant_id, person, signed_in_as(person))


def opened_desk(name: str = "Tea house", *, approved: bool = True) -> Desk:
    """Return the desk of the owner of a new merchant."""
    merchant = open_merchant(name=name, now=NOW, actor=SYSTEM)
    if approved:
        approve_merchant(merchant_id=merchant.id, now=NOW, actor=SYSTEM)
    person = made_person("Owner")
    employ_person(
        merchant_id=merchant.id, person_id=person.id, role="owner", store_id=None, now=NOW, actor=SYSTEM
    )
    return Desk(merchant.id, person, signed_in_as(person))


def prepare(desk: Desk) -> None:
    """Give the merchant a store, a product "T-1" for 12.50, terms, and the rule 1 -> 1, 2 -> 3."""
    named: dict[str, Any] = {"merchant_id": desk.merchant_id, "now": NOW, "actor": SYSTEM}
    open_store(number="1", name="First", **named)
    list_product(product=NewProduct("T-1", "Tea", price_minor=1250), **named)
    publish_programme(effective_from=EPOCH, **named)
    publish_rule(name="One, three", kind="product", terms=ONE_THREE, effective_from=EPOCH, **named)
