"""A customer number is joined to the person who has proven it (spec/points.md, Earning)."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.refusals import Refusal
from tessera.merchants.models import Customer
from tessera.merchants.queries import find_customer_number
from tessera.people.errors import JoiningImpossible
from tessera.people.queries import find_joined
from tessera.points.actions.joining import carry_over, join_customer_number
from tessera.points.errors import NumberAlreadyJoined, NumberUnknown
from tests.points.shop import NOW, Shop

DAY = timedelta(days=1)


def join(shop: Shop, number: str, person: UUID) -> int:
    with transaction.atomic():
        return join_customer_number(
            merchant_id=shop.id, number=number, person_id=person, now=NOW, actor=SYSTEM
        )


def test_points_come_along_with_their_terms(shop: Shop) -> None:
    holder, person = shop.customer("C-7", "gold"), shop.member()
    shop.give(holder, 9, expires_at=NOW + DAY)
    shop.give(holder, 4, active_from=NOW + 2 * DAY)
    shop.give(person, 1)
    assert join(shop, "C-7", person) == 13
    assert (shop.balance(holder), shop.balance(person)) == ((0, 0, 0), (10, 4, 0))
    assert shop.balance(person, NOW + 2 * DAY)[0] == 5
    assert find_joined(holder) == person
    number = find_customer_number(shop.id, "C-7")
    assert (number.person_id, number.proven_at) == (person, NOW)
    [customer] = Customer.objects.filter(merchant_id=shop.id)
    assert (customer.person_id, customer.level) == (person, "gold")


def test_what_is_owed_comes_along_too(shop: Shop) -> None:
    holder, person = shop.customer("C-7"), shop.member()
    earned = shop.give(holder, 9)
    shop.burn(holder, 6)
    shop.reverse(holder, earned, shortfall="owe")
    assert shop.balance(holder) == (0, 0, 6)
    join(shop, "C-7", person)
    assert (shop.balance(holder), shop.balance(person)) == ((0, 0, 0), (0, 0, 6))
    shop.give(person, 10)
    assert shop.balance(person) == (4, 0, 0)


def test_a_person_who_was_a_customer_already_stays_one(shop: Shop) -> None:
    from tessera.merchants.actions.customers import enrol_customer

    shop.customer("C-7", "gold")
    shop.customer("C-8")
    person = shop.member()
    with transaction.atomic():
        enrol_customer(merchant_id=shop.id, person_id=person, level="silver", now=NOW, actor=SYSTEM)
    join(shop, "C-7", person)
    join(shop, "C-8", person)
    [customer] = Customer.objects.filter(merchant_id=shop.id)
    assert (customer.person_id, customer.level) == (person, "silver")


def test_what_came_in_during_the_joining_is_carried_over_later(shop: Shop) -> None:
    holder, person = shop.customer("C-7"), shop.member()
    join(shop, "C-7", person)
    for points in (5, 5):
        shop.give(holder, points)
        with transaction.atomic():
            assert carry_over(from_person_id=holder, into_person_id=person, now=NOW, actor=SYSTEM) == points
            assert carry_over(from_person_id=holder, into_person_id=person, now=NOW, actor=SYSTEM) == 0
    assert shop.balance(person) == (10, 0, 0)


def test_the_job_looks_after_recent_joinings(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from tessera.kit import clock
    from tessera.points.jobs import carry_over_late

    holder, person = shop.customer("C-7"), shop.member()
    join(shop, "C-7", person)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    shop.give(holder, 5)
    carry_over_late(0)
    assert (shop.balance(holder), shop.balance(person)) == ((0, 0, 0), (5, 0, 0))


def test_a_refused_joining_leaves_no_trace(shop: Shop) -> None:
    holder, person, stranger = shop.customer("C-7"), shop.member(), shop.member()
    unregistered = shop.member(registered=False)
    shop.give(holder, 9)

    def refused(number: str, who: UUID, kind: type[Refusal]) -> None:
        with pytest.raises(kind):
            join(shop, number, who)
        assert shop.balance(holder) == (9, 0, 0)

    refused("C-8", person, NumberUnknown)
    refused("C-7", unregistered, JoiningImpossible)
    refused("C-7", holder, NumberAlreadyJoined)
    join(shop, "C-7", person)
    for who in (person, stranger):
        with pytest.raises(NumberAlreadyJoined):
            join(shop, "C-7", who)
    assert shop.balance(person) == (9, 0, 0)
