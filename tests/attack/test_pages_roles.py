"""Roles on pages: one role does not lend its rights to another."""

from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.errors import RoleMissing
from tessera.merchants.gate import enter_merchant, enter_store
from tessera.people.models import Person
from tests.page_cast import PageCast, make_page_cast


@pytest.fixture
def cast(committed: None) -> PageCast:
    return make_page_cast()


def _asks(cast: PageCast, who: str) -> HttpRequest:
    request = HttpRequest()
    request.user = Person.objects.get(pk=cast.persons[who])
    return request


def _also(cast: PageCast, who: str, role: Any, *, everywhere: bool = False) -> str:
    """Employ him in a further store, or in all stores; return that store."""
    merchant_id = parse_id("mer", cast.merchant)
    with transaction.atomic():
        second = open_store(merchant_id=merchant_id, number="2", name="Second", now=clock.now(), actor=SYSTEM)
        employ_person(
            merchant_id=merchant_id,
            person_id=cast.persons[who],
            role=role,
            store_id=None if everywhere else second.id,
            now=clock.now(),
            actor=SYSTEM,
        )
    return show_id("sto", second.id)


def test_a_cashier_of_one_store_sells_only_there_though_he_guides_in_another(cast: PageCast) -> None:
    """Prevents the rights of a role in one store from counting in every store where the person has any role."""
    second = _also(cast, "cashier", "guide")
    request = _asks(cast, "cashier")
    enter_store(request, cast.store, need="purchases:write")
    enter_store(request, second, need="members:read")
    with pytest.raises(NotFound):
        enter_store(request, second, need="purchases:write")
    assert cast.client("cashier").get(f"/counter/{second}").status_code == 404


def test_a_guide_everywhere_is_no_cashier_everywhere(cast: PageCast) -> None:
    second = _also(cast, "cashier", "guide", everywhere=True)
    request = _asks(cast, "cashier")
    enter_store(request, cast.store, need="purchases:write")
    with pytest.raises(NotFound):
        enter_store(request, second, need="purchases:write")
    with pytest.raises(RoleMissing):
        enter_merchant(request, cast.merchant, need="points:write")
