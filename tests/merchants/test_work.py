"""Switching: every face that a person has, and no other."""

from uuid import UUID

import pytest
from django.test import Client

from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.merchants.actions.merchants import open_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.gate import counters_of
from tessera.merchants.models import Employment, Store
from tessera.people.actions.persons import open_person, register_person
from tessera.people.actions.roles import grant_role
from tessera.people.models import Person
from tests.cast import NOW, made_up_phone

pytestmark = pytest.mark.django_db


def shop(name: str, *stores: str) -> tuple[UUID, list[Store]]:
    """Open a merchant with stores."""
    merchant = open_merchant(name=name, now=NOW, actor=SYSTEM)
    opened = [
        open_store(merchant_id=merchant.id, number=str(number), name=store, now=NOW, actor=SYSTEM)
        for number, store in enumerate(stores, 1)
    ]
    return merchant.id, opened


@pytest.fixture
def person() -> Person:
    """A registered person who works nowhere yet."""
    found = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    return register_person(person_id=found.id, now=NOW, actor=SYSTEM)


def employ(person: Person, merchant_id: UUID, role: str, store: Store | None = None) -> Employment:
    return employ_person(
        merchant_id=merchant_id,
        person_id=person.id,
        role=role,
        store_id=store.id if store else None,
        now=NOW,
        actor=SYSTEM,
    )


def shown(person: Person) -> str:
    """Return the page as this person sees it."""
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.get("/work")
    assert answer.status_code == 200
    return answer.content.decode()


def test_member_who_works_nowhere(person: Person) -> None:
    text = shown(person)
    assert 'href="/wallet"' in text
    assert "work at no shop" in text
    assert 'href="/counter' not in text
    assert 'class="row" href="/console' not in text
    assert 'href="/operator"' not in text


def test_cashier_of_one_store(person: Person) -> None:
    merchant_id, [first, second] = shop("Tea & <b>Co</b>", "First", "Second")
    employ(person, merchant_id, "cashier", first)
    text = shown(person)
    assert f'href="/counter/{show_id("sto", first.id)}"' in text
    assert show_id("sto", second.id) not in text
    assert "Tea &amp; &lt;b&gt;Co&lt;/b&gt;" in text
    assert "Cashier" in text


def test_owner_works_every_counter_and_a_guide_none(person: Person) -> None:
    mine, [first, second] = shop("Mine", "First", "Second")
    theirs, [third] = shop("Theirs", "Third")
    employ(person, mine, "owner")
    employ(person, theirs, "guide", third)
    assert {store.id for store in counters_of(person.id)} == {first.id, second.id}
    text = shown(person)
    assert f'href="/console/{show_id("mer", mine)}"' in text
    assert f'href="/console/{show_id("mer", theirs)}"' in text
    assert show_id("sto", third.id) not in text


def test_several_employments_are_one_console(person: Person) -> None:
    merchant_id, [first, second] = shop("Mine", "First", "Second")
    employ(person, merchant_id, "cashier", first)
    employ(person, merchant_id, "cashier", second)
    employ(person, merchant_id, "manager")
    assert shown(person).count(f'href="/console/{show_id("mer", merchant_id)}"') == 1
    assert len(counters_of(person.id)) == 2


def test_what_is_over_is_not_shown(person: Person) -> None:
    merchant_id, [first, second] = shop("Mine", "First", "Second")
    held = employ(person, merchant_id, "manager")
    Store.objects.filter(pk=first.id).update(closed_at=NOW)
    assert [store.id for store in counters_of(person.id)] == [second.id]
    Employment.objects.filter(pk=held.pk).update(until=NOW)
    assert list(counters_of(person.id)) == []
    assert "work at no shop" in shown(person)


def test_operator(person: Person) -> None:
    grant_role(person_id=person.id, role="operator", now=NOW, actor=SYSTEM)
    assert 'href="/operator"' in shown(person)


def test_visitor_signs_in_first() -> None:
    answer = Client().get("/work")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=%2Fwork")
