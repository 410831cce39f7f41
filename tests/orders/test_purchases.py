"""Purchases: once per receipt, exact under every rule, refused without a trace."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from tessera.catalog.models import Category
from tessera.kit.actors import SYSTEM
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.actions.merchants import suspend_merchant
from tessera.merchants.errors import MemberUnknown, MerchantInactive
from tessera.orders.errors import (
    MomentImplausible,
    ProductUnknown,
    ReceiptReused,
    StoreUnknown,
)
from tessera.orders.models import Purchase
from tessera.orders.rules import RecordedPurchase
from tessera.people.models import Person
from tests.cast import made_up_phone
from tests.orders.till import NOW, Till, counts, nobody, repeat_of


@pytest.mark.parametrize(
    ("quantity", "points"),
    [(1, 1), (2, 3), (3, 4), (4, 6), (5, 7), (74_215, 111_322), (1_000_000, 1_500_000)],
)
def test_greedy_tiers(till: Till, quantity: int, points: int) -> None:
    member = till.member()
    done = till.buy("1", member, ("A", quantity, 0))
    assert (done.points, done.line_points) == (points, (points,))
    assert till.points(member) == (points, 0, 0)


def test_lines_of_one_product_count_together(till: Till) -> None:
    member = till.member()
    assert till.buy("1", member, ("A", 1), ("B", 1), ("A", 1)).points == 3 + 1


def test_price_list_and_amounts(till: Till) -> None:
    done = till.buy("1", till.member(), ("A", 3), ("B", 2, 150), ("D", 1))
    assert done.amount_minor == 3000 + 150 + 0


def test_the_same_receipt_again_has_no_effect(till: Till) -> None:
    member = till.member()
    first = till.buy("1", member, ("A", 2))
    before = counts(till.connection)
    again = till.buy("1", member, ("A", 2))
    assert again == repeat_of(first)
    assert counts(till.connection) == before
    assert till.points(member) == (3, 0, 0)


def test_the_same_receipt_by_another_door_has_no_effect(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 2), source="api", actor="key:1")
    assert till.buy("1", member, ("A", 2), source="import", actor="operator").repeat


@pytest.mark.parametrize(
    "change",
    [{"lines": 3}, {"member": 1}, {"moment": 1}, {"store": "1"}],
    ids=["lines", "member", "moment", "store"],
)
def test_the_same_receipt_with_other_contents(till: Till, change: dict[str, Any]) -> None:
    member, stranger = till.member(), till.member()
    till.buy("1", member, ("A", 2))
    before = counts(till.connection)
    other = till.purchase(
        "1",
        stranger if "member" in change else member,
        ("A", change.get("lines", 2)),
        occurred_at=NOW + timedelta(seconds=change.get("moment", 0)),
        store=change.get("store"),
    )
    assert till.refused(other) == ReceiptReused(receipt_number="1")
    assert counts(till.connection) == before


def test_another_merchant_may_have_the_same_number(make_till: Callable[..., Till]) -> None:
    one, two = make_till(), make_till()
    member = one.member()
    assert one.buy("1", member, ("A", 1)).points == two.buy("1", member, ("A", 1)).points == 1
    assert one.points(member) == two.points(member) == (1, 0, 0)


def test_a_request_id_once(till: Till) -> None:
    member, owner = till.member(), new_id()
    asked = {"owner_id": owner, "request_id": "r", "request_digest": b"1" * 32}
    first = till.buy("1", member, ("A", 1), **asked)
    again = till.buy("1", member, ("A", 1), **asked)
    assert again == repeat_of(first)
    before = counts(till.connection)
    other = till.purchase("2", member, ("A", 1), **{**asked, "request_digest": b"2" * 32})
    assert till.refused(other) == IdReused(request_id="r")
    assert counts(till.connection) == before
    assert till.buy("2", member, ("A", 1), **{**asked, "owner_id": new_id()}).points == 1


def test_unknown_product_leaves_no_trace(till: Till) -> None:
    before = counts(till.connection)
    command = till.purchase("1", made_up_phone(), ("A", 1), ("X", 1))
    assert till.refused(command) == ProductUnknown(sku="X")
    assert counts(till.connection) == before


def test_unknown_member_leaves_no_trace(till: Till) -> None:
    before = counts(till.connection)
    assert till.refused(till.purchase("1", nobody(), ("A", 1))) == MemberUnknown()
    assert counts(till.connection) == before


def test_unknown_store_leaves_no_trace(till: Till) -> None:
    before = counts(till.connection)
    assert till.refused(till.purchase("1", "C-1", ("A", 1), store="9")) == StoreUnknown(store="9")
    assert counts(till.connection) == before


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=-10_000)])
def test_a_clock_that_jumps(till: Till, off: timedelta) -> None:
    before = counts(till.connection)
    refusal = till.refused(till.purchase("1", "C-1", ("A", 1), occurred_at=NOW + off))
    assert isinstance(refusal, MomentImplausible)
    assert refusal.details["occurred_at"] == (NOW + off).isoformat()
    assert counts(till.connection) == before


def test_a_suspended_merchant_gives_no_points(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 1))
    with transaction.atomic():
        suspend_merchant(merchant_id=till.id, reason="late", now=NOW, actor=SYSTEM)
    before = counts(till.connection)
    assert till.refused(till.purchase("2", member, ("A", 1))) == MerchantInactive()
    assert counts(till.connection) == before


def test_two_same_receipts_in_one_batch(till: Till) -> None:
    member = till.member()
    one, two, other = till.send(
        till.purchase("1", member, ("A", 2)),
        till.purchase("1", member, ("A", 2)),
        till.purchase("1", member, ("A", 3)),
    )
    assert isinstance(one, RecordedPurchase)
    assert two == repeat_of(one)
    assert other == ReceiptReused(receipt_number="1")
    assert till.points(member) == (3, 0, 0)


def test_one_refusal_stops_no_other(till: Till) -> None:
    member = till.member()
    outcomes = till.send(
        till.purchase("1", member, ("A", 1)),
        till.purchase("2", member, ("X", 1)),
        till.purchase("3", nobody(), ("A", 1)),
        till.purchase("4", "C-1", ("B", 2)),
        till.purchase("5", member, ("A", 1), store="9"),
        till.purchase("6", member, ("C", 2)),
    )
    assert [getattr(one, "points", None) or one.code for one in outcomes] == [
        1, "product_unknown", "member_unknown", 3, "store_unknown", 3,
    ]  # fmt: skip
    assert till.points(member) == (4, 0, 0)


def test_an_unclaimed_phone(till: Till) -> None:
    phone = made_up_phone()
    first = till.buy("1", phone, ("A", 2))
    second = till.buy("2", phone, ("A", 2))
    assert first.member_id == second.member_id
    assert Person.objects.get(phone=phone).registered_at is None
    assert till.points(first.member_id) == (0, 6, 0)


def test_a_customer_number_has_its_points_at_once(till: Till) -> None:
    first = till.buy("1", "C-7", ("A", 2))
    assert till.points(first.member_id) == (3, 0, 0)
    assert till.buy("2", "C-7", ("A", 1)).member_id == first.member_id


def test_a_cap_is_exact_within_one_batch(till: Till) -> None:
    till.rule("cap", {"points": 10})
    one, two = till.member(), till.member()
    done = till.send(
        *[till.purchase(f"a{number}", one, ("A", 4)) for number in range(3)],
        till.purchase("b", two, ("A", 4)),
        till.purchase("c", one, ("A", 4), occurred_at=NOW - timedelta(days=1)),
    )
    assert [outcome.points for outcome in done] == [6, 4, 0, 6, 6]
    assert till.points(one) == (16, 0, 0)
    assert till.buy("d", one, ("B", 2)).points == 0


def test_multipliers_and_rounding_once(make_till: Callable[..., Till]) -> None:
    till = make_till(rule=False)
    till.rule("spend", {"points": 1, "per_minor": 1000})
    till.rule("multiplier", {"num": 3, "den": 2, "levels": ["gold"]})
    till.rule("multiplier", {"num": 2, "den": 1, "birthday": True})
    member = till.member(birthday=date(1990, NOW.month, NOW.day))
    assert till.buy("1", member, ("A", 1)).points == 2
    with transaction.atomic():
        enrol_customer(merchant_id=till.id, person_id=member, level="gold", now=NOW, actor=SYSTEM)
    assert till.buy("2", member, ("A", 1, 1999)).points == 3
    assert till.buy("3", member, ("A", 1), occurred_at=NOW - timedelta(days=3)).points == 1


def test_local_day_of_the_merchant(make_till: Callable[..., Till]) -> None:
    """16:30 UTC is the next day in Shanghai."""
    till = make_till(rule=False)
    till.rule("spend", {"points": 1, "per_minor": 1000})
    tomorrow = NOW + timedelta(days=1)
    till.rule("multiplier", {"num": 5, "den": 1, "weekdays": [tomorrow.isoweekday()]})
    member = till.member()
    assert till.buy("1", member, ("A", 1), occurred_at=NOW.replace(hour=15, minute=59)).points == 1
    assert till.buy("2", member, ("A", 1), occurred_at=NOW.replace(hour=16)).points == 5


def test_pending_and_expiry_follow_the_programme(till: Till) -> None:
    till.programme(pending_days=7, expiry={"kind": "months", "months": 1})
    member = till.member()
    till.buy("1", member, ("A", 2))
    assert till.points(member) == (0, 3, 0)
    assert till.points(member, NOW + timedelta(days=8)) == (3, 0, 0)
    assert till.points(member, NOW + timedelta(days=40)) == (0, 0, 0)


def test_a_purchase_without_points_is_recorded(make_till: Callable[..., Till]) -> None:
    till = make_till(rule=False)
    done = till.buy("1", till.member(), ("A", 1))
    assert (done.points, done.transfer_id) == (0, None)
    assert Purchase.objects.get(id=done.purchase_id).points == 0


def test_old_rules_apply_to_old_purchases(till: Till) -> None:
    till.rule("product", {"product_ids": [str(till.products["A"])], "tiers": [{"quantity": 1, "points": 50}]}, position=-1,
              effective_from=NOW - timedelta(days=1))  # fmt: skip
    member = till.member()
    assert till.buy("1", member, ("A", 1)).points == 50
    assert till.buy("2", member, ("A", 1), occurred_at=NOW - timedelta(days=2)).points == 1


def test_categories_are_kept_where_a_rule_asks_for_them(till: Till) -> None:
    till.rule(
        "category",
        {"category_ids": [str(till.category)], "tiers": [{"quantity": 1, "points": 9}]},
        position=-1,
    )
    assert Category.objects.filter(pk=till.category).exists()
    done = till.buy("1", till.member(), ("C", 1))
    kept = Purchase.objects.get(id=done.purchase_id).context
    assert kept["categories"] == {str(till.products["C"]): [str(till.category)]}
