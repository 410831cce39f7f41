"""Unclaimed points become the person's who registers in time (spec/points.md, Earning)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.clock import NEVER
from tessera.notices.queries import list_notices
from tessera.people.actions.persons import register_person
from tessera.points.actions.claiming import activate_unclaimed
from tests.points.shop import NOW, Shop

DAY = timedelta(days=1)


def claim(member: object, now: datetime = NOW) -> int:
    with transaction.atomic():
        return activate_unclaimed(person_id=member, now=now, actor=SYSTEM)


def unclaimed(shop: Shop, member: object, points: int = 9, earned_at: datetime = NOW) -> None:
    shop.give(member, points, earned_at=earned_at, active_from=NEVER, expires_at=earned_at + 30 * DAY)


def test_they_can_be_spent_from_then_on(shop: Shop) -> None:
    member = shop.member(registered=False)
    unclaimed(shop, member)
    assert shop.balance(member) == (0, 9, 0)
    assert claim(member) == 9
    assert shop.balance(member) == shop.balance(member, NOW + 4000 * DAY) == (9, 0, 0)
    [notice] = list_notices(member).items
    assert (notice.template, notice.context) == ("points_activated", {"points": 9, "merchant": "Shop"})


def test_claiming_again_changes_nothing_but_takes_what_came_since(shop: Shop) -> None:
    member = shop.member(registered=False)
    unclaimed(shop, member)
    assert (claim(member), claim(member)) == (9, 0)
    unclaimed(shop, member, 4)
    assert claim(member) == 4
    assert shop.balance(member) == (13, 0, 0)
    assert len(list_notices(member).items) == 2


def test_they_get_the_terms_of_the_day_on_which_they_were_earned(shop: Shop) -> None:
    shop.programme(pending_days=14, expiry={"kind": "months", "months": 2})
    shop.programme(effective_from=NOW + DAY, pending_days=300, now=NOW)
    member = shop.member(registered=False)
    unclaimed(shop, member)
    assert claim(member, NOW + 3 * DAY) == 9
    assert shop.balance(member, NOW + 3 * DAY) == (0, 9, 0)
    assert list_notices(member).items == []
    assert shop.balance(member, NOW + 14 * DAY) == (9, 0, 0)
    end = datetime(2026, 8, 1, 16, 0, tzinfo=UTC)  # the end of 1 August in Shanghai
    assert shop.balance(member, end - timedelta(microseconds=1)) == (9, 0, 0)
    assert shop.balance(member, end) == (0, 0, 0)


def test_points_whose_terms_are_over_count_as_earned_when_claimed(shop: Shop) -> None:
    shop.programme(unclaimed_days=60, expiry={"kind": "months", "months": 1})
    member = shop.member(registered=False)
    shop.give(member, 9, active_from=NEVER, expires_at=NOW + 60 * DAY)
    late = NOW + 50 * DAY
    assert claim(member, late) == 9
    assert shop.balance(member, late + 20 * DAY) == (9, 0, 0)


def test_who_comes_too_late_gets_nothing(shop: Shop) -> None:
    member = shop.member(registered=False)
    unclaimed(shop, member)
    assert claim(member, NOW + 30 * DAY) == 0
    assert shop.balance(member, NOW + 30 * DAY)[0] == 0


def test_points_of_several_merchants_are_claimed_together(shop: Shop) -> None:
    other = Shop()
    member = shop.member(registered=False)
    unclaimed(shop, member, 5)
    unclaimed(other, member, 6)
    shop.give(member, 100, active_from=NOW + DAY)  # pending for another reason
    assert claim(member) == 11
    assert (shop.balance(member), other.balance(member)) == ((5, 100, 0), (6, 0, 0))


@pytest.mark.usefixtures("committed")
def test_news_of_the_registration_is_what_starts_it(shop: Shop) -> None:
    from tessera.site.outbox import tell_news

    member = shop.member(registered=False)
    unclaimed(shop, member)
    with transaction.atomic():
        register_person(person_id=member, now=NOW, actor=SYSTEM)
    assert shop.balance(member) == (0, 9, 0)
    assert tell_news(most=100_000, now=NOW).told >= 1
    assert shop.balance(member) == (9, 0, 0)
