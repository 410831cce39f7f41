"""Points expire at their end, once, and their holders are told before (spec/points.md, Expiry)."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.clock import NEVER
from tessera.kit.ids import new_id
from tessera.ledger.actions.posting import post
from tessera.ledger.rules import Leg, Posting, Transfer
from tessera.notices.queries import list_notices
from tessera.points.actions.expiry import Sweep, expire_points, warn_of_expiry
from tessera.points.jobs import sweep
from tests.points.shop import NOW, Shop, kinds, raw

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("committed")


def expire(now: datetime, most: int = 500) -> Sweep:
    return sweep(partial(expire_points, most=most, now=now, actor=SYSTEM))


def warn(now: datetime, days: int = 30, most: int = 500) -> Sweep:
    return sweep(partial(warn_of_expiry, days=days, most=most, now=now, actor=SYSTEM))


def notices(member: UUID) -> list[tuple[int, str]]:
    return [(one.context["points"], one.context["expires_on"]) for one in list_notices(member).items]


def test_what_is_left_expires_with_its_end(shop: Shop) -> None:
    member = shop.member()
    shop.give(member, 9, expires_at=NOW + DAY)
    shop.give(member, 4)
    shop.burn(member, 2)
    expire(NOW + DAY - timedelta(microseconds=1))
    assert shop.balance(member) == (11, 0, 0)
    assert expire(NOW + DAY).done >= 1
    assert (shop.balance(member), shop.breakage()) == ((4, 0, 0), 7)
    expire(NOW + 2 * DAY)
    assert (shop.balance(member), shop.breakage()) == ((4, 0, 0), 7)
    assert kinds(raw(), member).count("expiry") == 1


def test_unclaimed_points_expire_too(shop: Shop) -> None:
    member = shop.member(registered=False)
    shop.give(member, 9, active_from=NEVER, expires_at=NOW + 30 * DAY)
    expire(NOW + 30 * DAY)
    assert (shop.balance(member, NOW + 30 * DAY), shop.breakage()) == ((0, 0, 0), 9)


def test_batches_go_on_where_they_stopped(shop: Shop) -> None:
    members = [shop.member() for _ in range(3)]
    for member in members:
        for _ in range(4):
            shop.give(member, 1, expires_at=NOW + DAY)
    swept = expire(NOW + DAY, most=5)
    assert swept.done >= 12
    assert shop.breakage() == 12


def test_one_refusal_stops_no_other(shop: Shop, owner_connection: object) -> None:
    closed, member = shop.member(), shop.member()
    for one in (closed, member):
        shop.give(one, 5, expires_at=NOW + DAY)
    owner_connection.execute("UPDATE ledger_account SET closed_at = now() WHERE owner_id = %s", [closed])
    swept = expire(NOW + DAY, most=1)
    assert swept.refused["account_closed"] >= 1
    assert (shop.balance(member), shop.breakage()) == ((0, 0, 0), 5)
    owner_connection.execute("UPDATE ledger_account SET closed_at = NULL WHERE owner_id = %s", [closed])


def test_lots_that_came_along_with_a_joining_expire_each_in_its_time(shop: Shop) -> None:
    holder, person = shop.member(), shop.member()
    shop.give(holder, 9, expires_at=NOW + 5 * DAY)
    shop.give(holder, 4, expires_at=NOW + DAY)
    shop.give(holder, 3, expires_at=NOW + DAY)
    legs = (Leg(holder, "member", shop.id, "wallet", -16), Leg(person, "member", shop.id, "wallet", 16))
    with transaction.atomic():
        [answer] = post(raw(), [Transfer(new_id(), person, "join", "j", legs, 16, NOW, "test")], now=NOW)
    assert isinstance(answer, Posting)
    expire(NOW + DAY)
    assert (shop.balance(person, NOW + DAY), shop.breakage()) == ((9, 0, 0), 7)
    expire(NOW + 5 * DAY)
    assert (shop.balance(person, NOW + 5 * DAY), shop.breakage()) == ((0, 0, 0), 16)


def test_a_lot_that_a_refund_has_reopened_expires_once_more(shop: Shop) -> None:
    member = shop.member()
    shop.give(member, 5, expires_at=NOW + DAY)
    spent = shop.burn(member, 3)
    expire(NOW + DAY)
    assert shop.breakage() == 2
    shop.reverse(member, spent, NOW + 2 * DAY, reopen_until=NOW + 9 * DAY)
    expire(NOW + 9 * DAY)
    assert (shop.balance(member, NOW + 9 * DAY), shop.breakage()) == ((0, 0, 0), 5)


def together(count: int, act: Callable[[], object]) -> None:
    """Do it in so many threads at once, each with a connection of its own."""
    faults: list[BaseException] = []
    start = threading.Barrier(count)

    def work() -> None:
        try:
            start.wait()
            act()
        except Exception as fault:  # noqa: BLE001 - shown below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_a_refund_that_is_under_way_is_waited_for(shop: Shop) -> None:
    member = shop.member()
    shop.give(member, 5, expires_at=NOW + DAY)
    spent = shop.burn(member, 3)
    begun = threading.Event()

    def refund() -> None:
        with transaction.atomic():
            shop.reverse(member, spent)
            begun.set()
            time.sleep(0.5)

    def refund_or_expire() -> None:
        if not taken.acquire(blocking=False):
            assert begun.wait(10)
            expire(NOW + DAY)
        else:
            refund()

    taken = threading.Lock()
    together(2, refund_or_expire)
    expire(NOW + DAY)
    assert (shop.balance(member, NOW + DAY), shop.breakage()) == ((0, 0, 0), 5)


def test_several_workers_at_once_expire_everything_once(shop: Shop) -> None:
    members = [shop.member() for _ in range(10)]
    for member in members:
        for _ in range(5):
            shop.give(member, 1, expires_at=NOW + DAY)
    together(8, lambda: expire(NOW + DAY, most=7))
    assert shop.breakage() == 50
    assert all(kinds(raw(), member).count("expiry") == 5 for member in members)


def test_a_notice_once_for_each_local_day(shop: Shop) -> None:
    member = shop.member()
    evening = datetime(2026, 6, 10, 15, 59, tzinfo=UTC)  # 10 June in Shanghai
    shop.give(member, 2, expires_at=evening)
    shop.give(member, 3, expires_at=evening + timedelta(minutes=1))  # the end of that day
    shop.give(member, 4, expires_at=evening + timedelta(minutes=2))  # 11 June
    shop.give(member, 50, expires_at=NOW + 31 * DAY)
    shop.give(member, 60)
    assert warn(NOW, most=1).done >= 2
    assert sorted(notices(member)) == [(4, "2026-06-11"), (5, "2026-06-10")]
    warn(NOW + DAY)
    assert len(notices(member)) == 2
    warn(NOW + 2 * DAY)
    assert (50, "2026-07-02") in notices(member)


def test_several_workers_at_once_tell_once(shop: Shop) -> None:
    members = [shop.member() for _ in range(10)]
    for member in members:
        shop.give(member, 3, expires_at=NOW + DAY)
    together(8, lambda: warn(NOW, most=4))
    assert [len(notices(member)) for member in members] == [1] * 10


def test_nobody_is_told_of_points_that_are_not_his(shop: Shop) -> None:
    spent, unregistered = shop.member(), shop.member(registered=False)
    shop.give(spent, 2, expires_at=NOW + DAY)
    shop.burn(spent, 2)
    shop.give(unregistered, 3, active_from=NEVER, expires_at=NOW + DAY)
    warn(NOW)
    assert notices(spent) == notices(unregistered) == []


def test_points_that_missed_the_registration_are_claimed_on_the_way(shop: Shop) -> None:
    member = shop.member()
    shop.give(member, 3, active_from=NEVER, expires_at=NOW + 20 * DAY)
    warn(NOW)
    assert shop.balance(member) == (3, 0, 0)
