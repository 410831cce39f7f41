"""Returns: the kept basket is computed anew under the purchase's rules, the very lots lose the difference."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from tessera.catalog.models import Product
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id
from tessera.kit.lent import lent_connection
from tessera.ledger.actions.posting import post
from tessera.ledger.queries import get_issued
from tessera.ledger.rules import Leg, Posting, Transfer
from tessera.merchants.actions.merchants import suspend_merchant
from tessera.orders.errors import (
    MomentImplausible,
    NothingLeft,
    ProductUnknown,
    ReceiptReused,
    ReceiptUnknown,
    ReturnExceedsPurchase,
)
from tessera.orders.models import PurchaseLine, Return, ReturnMatch
from tessera.orders.rules import ReturnedLine
from tessera.points.actions.joining import join_customer_number
from tests.orders.till import NOW, Till, counts, repeat_of


def spend(till: Till, member: UUID, points: int) -> None:
    """The member spends points."""
    legs = (
        Leg(member, "member", till.id, "wallet", -points),
        Leg(till.id, "merchant", till.id, "issued", points, True),
    )
    with transaction.atomic():
        [answer] = post(
            lent_connection(),
            [Transfer(new_id(), member, "burn", str(new_id()), legs, points, NOW, "test")],
            now=NOW,
        )
    assert isinstance(answer, Posting)


def test_part_of_a_receipt(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 5), ("B", 2))
    done = till.bring_back("r1", None, ("A", 2), of_receipt="1")
    assert (done.points, done.lines) == (3, (ReturnedLine("A", 2, 0, 3),))
    assert till.points(member) == (7, 0, 0)
    assert till.bring_back("r2", None, ("A", 1), ("B", 2), of_receipt="1").points == 1 + 3
    assert till.points(member) == (3, 0, 0)


def test_a_whole_receipt(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 5), ("B", 2), ("A", 1))
    done = till.bring_back("r1", None, of_receipt="1")
    assert done.points == 9 + 3
    assert sorted((line.sku, line.quantity) for line in done.lines) == [("A", 6), ("B", 2)]
    assert till.points(member) == (0, 0, 0)
    before = counts(till.connection)
    assert till.refused(till.back("r2", None, of_receipt="1")) == NothingLeft(receipt_number="1")
    assert counts(till.connection) == before


def test_the_same_return_again_has_no_effect(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 5))
    first = till.bring_back("r", None, ("A", 2), of_receipt="1")
    before = counts(till.connection)
    assert till.bring_back("r", None, ("A", 2), of_receipt="1") == repeat_of(first)
    assert till.refused(till.back("r", None, ("A", 3), of_receipt="1")) == ReceiptReused(receipt_number="r")
    assert till.refused(till.back("1", None, ("A", 3), of_receipt="1")) == ReceiptReused(receipt_number="1")
    assert counts(till.connection) == before


def test_without_receipt_the_latest_earlier_purchase_loses(till: Till) -> None:
    member = till.member()
    for day, receipt in enumerate(["1", "2", "3"]):
        till.buy(receipt, member, ("A", 2), occurred_at=NOW - timedelta(hours=3 - day))
    done = till.bring_back("r", member, ("A", 3), occurred_at=NOW - timedelta(hours=2))
    # purchase 2 (3 points) goes whole, of purchase 1 one piece stays (1 point); purchase 3 came later
    assert done.points == 3 + 2
    left = {
        line.purchase_id: line.returned_quantity for line in PurchaseLine.objects.filter(member_id=member)
    }
    assert sorted(left.values()) == [0, 1, 2]
    assert till.points(member) == (4, 0, 0)


def test_what_was_never_bought_takes_nothing(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 1))
    done = till.bring_back("r", member, ("A", 3), ("B", 2))
    assert done.lines == (ReturnedLine("A", 3, 2, 1), ReturnedLine("B", 2, 2, 0))
    assert till.points(member) == (0, 0, 0)


def test_two_lines_of_one_product(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 2), ("A", 2))
    done = till.bring_back("r", member, ("A", 1), ("A", 2), ("A", 2))
    assert [(line.points, line.unmatched_quantity) for line in done.lines] == [(2, 0), (3, 0), (1, 1)]
    assert till.points(member) == (0, 0, 0)


@pytest.mark.parametrize("asked", [3, 1_000_000])
def test_more_than_was_bought(till: Till, asked: int) -> None:
    member = till.member()
    till.buy("1", member, ("A", 2), ("B", 1))
    before = counts(till.connection)
    refusal = till.refused(till.back("r", None, ("B", 1), ("A", asked), of_receipt="1"))
    assert refusal == ReturnExceedsPurchase(sku="A", left=2, asked=asked)
    assert counts(till.connection) == before
    assert till.points(member) == (4, 0, 0)


def test_unknown_receipt_product_and_moment(till: Till) -> None:
    till.buy("1", till.member(), ("A", 2))
    before = counts(till.connection)
    assert till.refused(till.back("r", None, of_receipt="9")) == ReceiptUnknown(receipt_number="9")
    assert till.refused(till.back("r", None, ("X", 1), of_receipt="1")) == ProductUnknown(sku="X")
    late = till.back("r", None, of_receipt="1", occurred_at=NOW + timedelta(days=2))
    assert isinstance(till.refused(late), MomentImplausible)
    assert counts(till.connection) == before


def test_what_was_spent_is_owed_and_paid_from_later_points(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 4))
    spend(till, member, 5)
    done = till.bring_back("r", None, of_receipt="1")
    assert done.points == 6
    assert till.points(member) == (0, 0, 5)
    assert get_issued(till.id).receivable == 5
    till.buy("2", member, ("A", 2))
    assert till.points(member) == (0, 0, 2)
    till.buy("3", member, ("A", 2))
    assert till.points(member) == (1, 0, 0)


def test_the_purchases_own_rules_apply(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 4))
    till.rule(
        "product",
        {"product_ids": [str(till.products["A"])], "tiers": [{"quantity": 1, "points": 100}]},
        position=-1,
    )
    assert till.bring_back("r", None, ("A", 1), of_receipt="1").points == 6 - 4
    assert till.points(member) == (4, 0, 0)


def test_a_product_in_another_category_by_now(make_till: Callable[..., Till]) -> None:
    till = make_till(rule=False)
    till.rule("category", {"category_ids": [str(till.category)], "tiers": [{"quantity": 1, "points": 9}]})
    member = till.member()
    till.buy("1", member, ("C", 2))
    Product.objects.filter(pk=till.products["C"]).update(category=None)
    assert till.bring_back("r", None, ("C", 1), of_receipt="1").points == 9
    assert till.points(member) == (9, 0, 0)


def test_a_cap_gives_room_back(till: Till) -> None:
    till.rule("cap", {"points": 10})
    member = till.member()
    till.buy("1", member, ("A", 4))
    till.buy("2", member, ("A", 4))
    assert till.points(member) == (10, 0, 0)
    assert till.bring_back("r", None, of_receipt="1").points == 6
    assert till.buy("3", member, ("B", 8)).points == 6


def test_a_capped_purchase_loses_only_what_it_got(till: Till) -> None:
    till.rule("cap", {"points": 4})
    member = till.member()
    till.buy("1", member, ("A", 10))
    assert till.bring_back("r1", None, ("A", 4), of_receipt="1").points == 0
    assert till.bring_back("r2", None, ("A", 5), of_receipt="1").points == 3
    assert till.points(member) == (1, 0, 0)


def test_money_is_shared_among_what_is_kept(make_till: Callable[..., Till]) -> None:
    till = make_till(rule=False)
    till.rule("spend", {"points": 1, "per_minor": 1000})
    member = till.member()
    till.buy("1", member, ("A", 3, 9999))
    assert till.points(member) == (9, 0, 0)
    assert till.bring_back("r", None, ("A", 1), of_receipt="1").points == 3
    assert till.points(member) == (6, 0, 0)


def test_purchases_of_a_joined_number_come_back_too(till: Till) -> None:
    """A customer number's history belongs to the person to whom it was joined."""
    number = till.buy("1", "C-1", ("A", 4)).member_id
    till.buy("2", "C-1", ("B", 2))
    member = till.member()
    with transaction.atomic():
        moved = join_customer_number(
            merchant_id=till.id, number="C-1", person_id=member, now=NOW, actor=SYSTEM
        )
    assert moved == 9
    done = till.bring_back("r1", "C-1", ("A", 2))
    assert (done.member_id, done.points, done.lines[0].unmatched_quantity) == (member, 3, 0)
    assert till.points(member) == (6, 0, 0)
    assert till.points(number) == (0, 0, 0)
    assert till.bring_back("r2", member, ("A", 1)).points == 2
    assert till.bring_back("r3", None, of_receipt="2").member_id == member
    assert till.points(member) == (1, 0, 0)
    assert Return.objects.filter(member_id=member).count() == 3
    assert ReturnMatch.objects.filter(member_id=member).count() == 3
    assert PurchaseLine.objects.get(member_id=number, product_id=till.products["A"]).returned_quantity == 3
    assert till.refused(till.back("r4", None, ("A", 2), of_receipt="1")) == ReturnExceedsPurchase(
        sku="A", left=1, asked=2
    )


def test_purchase_and_return_in_one_batch(till: Till) -> None:
    member = till.member()
    bought, back, again = till.send(
        till.purchase("1", member, ("A", 4)),
        till.back("r", member, ("A", 3)),
        till.purchase("2", member, ("A", 1)),
    )
    assert (bought.points, back.points, again.points) == (6, 5, 1)
    assert till.points(member) == (2, 0, 0)


def test_a_suspended_merchant_still_takes_goods_back(till: Till) -> None:
    """A suspension is between the operator and the merchant; the customer keeps his right to return."""
    member = till.member()
    till.buy("1", member, ("A", 2))
    with transaction.atomic():
        suspend_merchant(merchant_id=till.id, reason="late", now=NOW, actor=SYSTEM)
    assert till.bring_back("r1", None, ("A", 2), of_receipt="1").points == 3
    assert till.points(member) == (0, 0, 0)
