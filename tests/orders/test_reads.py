"""Lists, receipts with their why, and who may read them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.ids import parse_id, show_id
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.rules import MERCHANT_SCOPES
from tessera.orders.explain import explain_purchase
from tessera.orders.models import Purchase
from tessera.orders.queries import earliest_id, export_person, list_purchases
from tessera.points.actions.joining import join_customer_number
from tests.cast import READ_SCOPES, Caller, assert_refused, made_up_phone, make_caller
from tests.orders.test_returns import spend
from tests.orders.till import NOW, Till

LATER = NOW + timedelta(hours=1)


def caller(till: Till, scopes: Any = READ_SCOPES) -> Caller:
    with transaction.atomic():
        return make_caller("reader", till.id, scopes)


def asked(who: Caller, path: str, **how: Any) -> Any:
    response = who.get(path, **how)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def test_lists_are_pages_newest_first(till: Till) -> None:
    member, other = till.member(), till.member()
    done = [till.buy(f"{number}", member if number % 2 else other, ("A", 1)) for number in range(5)]
    who = caller(till)
    first = asked(who, "/purchases?limit=2")
    assert [item["receipt_number"] for item in first["items"]] == ["4", "3"]
    rest = asked(who, f"/purchases?limit=200&cursor={first['next_cursor']}")
    assert [item["receipt_number"] for item in rest["items"]] == ["2", "1", "0"]
    assert rest["next_cursor"] is None
    mine = asked(who, f"/purchases?member={show_id('per', member)}")
    assert [item["receipt_number"] for item in mine["items"]] == ["3", "1"]
    assert [item["id"] for item in asked(who, "/purchases?receipt=3")["items"]] == [
        show_id("pur", done[3].purchase_id)
    ]
    assert asked(who, "/purchases?receipt=9")["items"] == []


def test_narrowed_by_moment_and_store(till: Till) -> None:
    member = till.member()
    for hour in range(6):
        till.buy(
            f"{hour}",
            member,
            ("A", 1),
            occurred_at=NOW - timedelta(hours=hour),
            store="1" if hour % 2 else None,
        )
    who = caller(till)
    since, until = (NOW - timedelta(hours=4)).isoformat(), (NOW - timedelta(hours=1)).isoformat()
    found = asked(
        who, "/purchases?since=" + since.replace("+", "%2B") + "&until=" + until.replace("+", "%2B")
    )
    assert sorted(item["receipt_number"] for item in found["items"]) == ["2", "3", "4"]
    store = Purchase.objects.filter(member_id=member, store_id__isnull=False)[0].store_id
    found = asked(who, f"/purchases?store={show_id('sto', store)}&limit=2")
    assert [item["receipt_number"] for item in found["items"]] == ["5", "3"]
    rest = asked(who, f"/purchases?store={show_id('sto', store)}&limit=2&cursor={found['next_cursor']}")
    assert [item["receipt_number"] for item in rest["items"]] == ["1"]
    assert_refused(who.get("/purchases?since=2026-01-01T00:00:00"), 422, "request_invalid")


def test_a_narrowed_list_looks_at_a_thousand_at_most(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tessera.orders.queries._WINDOW", 3)
    member = till.member()
    for number in range(7):
        till.buy(f"{number}", member, ("A", 1), occurred_at=NOW - timedelta(days=30 if number == 0 else 0))
    found, cursor, pages = [], None, 0
    while True:
        page = list_purchases(merchant_id=till.id, until=NOW - timedelta(days=1), cursor=cursor)
        found += [row.receipt_number for row in page.items]
        pages, cursor = pages + 1, page.next_cursor
        if cursor is None:
            break
    assert (found, pages) == (["0"], 3)


def test_no_id_of_what_happened_later_is_below(till: Till) -> None:
    done = till.buy("1", till.member(), ("A", 1))
    row = Purchase.objects.get(id=done.purchase_id)
    assert earliest_id(row.recorded_at) < row.id


def test_a_merchant_reads_only_its_own(make_till: Callable[..., Till]) -> None:
    one, two = make_till(), make_till()
    member = one.member()
    done = one.buy("1", member, ("A", 2))
    back = one.bring_back("r", None, ("A", 1), of_receipt="1")
    purchase, returned = show_id("pur", done.purchase_id), show_id("rtn", back.return_id)
    other = caller(two)
    for path in (f"/purchases/{purchase}", f"/purchases/{purchase}/receipt", f"/returns/{returned}"):
        assert_refused(other.get(path), 404, "not_found")
        assert asked(caller(one), path)
        assert_refused(other.get(f"{path}?merchant={show_id('mer', one.id)}"), 404, "not_found")
        assert_refused(caller(one, ["catalog:read"]).get(path), 403, "scope_missing")
    assert asked(other, f"/purchases?member={show_id('per', member)}")["items"] == []


def test_the_operator_names_merchant_or_member(till: Till) -> None:
    member = till.member()
    done = till.buy("1", member, ("A", 2))
    with transaction.atomic():
        operator = make_caller("operator", None, ["operator"])
    purchase = show_id("pur", done.purchase_id)
    assert_refused(operator.get("/purchases"), 422, "request_invalid")
    assert_refused(operator.get(f"/purchases/{purchase}"), 422, "request_invalid")
    for narrowed in (f"merchant={show_id('mer', till.id)}", f"member={show_id('per', member)}"):
        assert asked(operator, f"/purchases?{narrowed}")["items"][0]["id"] == purchase
        assert asked(operator, f"/purchases/{purchase}?{narrowed}")["points"] == 3
        assert asked(operator, f"/purchases/{purchase}/receipt?{narrowed}")["agrees"]


def test_a_receipt_with_its_why(make_till: Callable[..., Till]) -> None:
    till = make_till(rule=False)
    till.programme(pending_days=7, expiry={"kind": "months", "months": 12})
    rule = till.rule(
        "product",
        {
            "product_ids": [str(till.products["A"])],
            "tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}],
        },
        name="两件三分",
    )
    till.rule("spend", {"points": 1, "per_minor": 1000}, name="Spend")
    till.rule("multiplier", {"num": 3, "den": 2, "levels": ["gold"]}, name="Gold")
    till.rule("cap", {"points": 12}, name="Daily")
    member = till.member()
    with transaction.atomic():
        enrol_customer(merchant_id=till.id, person_id=member, level="gold", now=NOW, actor=SYSTEM)
    done = till.buy("1", member, ("A", 5), ("B", 2, 2550))
    till.rule("spend", {"points": 9, "per_minor": 1}, name="Later")
    path = f"/purchases/{show_id('pur', done.purchase_id)}/receipt"
    receipt = asked(caller(till), path)
    assert receipt["agrees"]
    assert (receipt["base_points"], receipt["points"], receipt["points_kept"]) == (9, 12, 12)
    assert [line["points"] for line in receipt["lines"]] == [7, 2]
    assert [(one["name"], one["version"], one["lines"]) for one in receipt["reasons"]] == [
        ("两件三分", 1, [1]), ("Spend", 1, [2]), ("Gold", 1, []), ("Daily", 1, []),
    ]  # fmt: skip
    assert receipt["reasons"][0]["rule"] == show_id("rul", rule.rule_id)
    assert [one["sentence"] for one in receipt["reasons"]] == [
        "“Product A”: 5 pcs, 7 points",
        "“Spend”: 25.50 spent, 2 points",
        "“Gold”: points times 3/2",
        "“Daily”: 12 points were left for the day, 1 not given",
    ]
    assert receipt["sentence"] == "9 base points × 3/2, limited to 12"
    assert asked(caller(till), path, language="zh-Hans")["sentence"] == "基础 9 分 × 3/2，受上限限制得 12 分"
    [lot] = receipt["lots"]
    assert (lot["amount"], lot["remaining"]) == (12, 12)
    assert lot["expires_at"] is not None


@pytest.mark.parametrize(("days", "state"), [(0, "pending"), (8, "active"), (400, "expired")])
def test_the_state_of_a_lot(till: Till, days: int, state: str) -> None:
    till.programme(pending_days=7, expiry={"kind": "months", "months": 12})
    done = till.buy("1", till.member(), ("A", 1))
    why = explain_purchase(Purchase.objects.get(id=done.purchase_id), now=NOW + timedelta(days=days))
    assert [lot.state for lot in why.lots] == [state]


def test_unclaimed_points_say_so(till: Till) -> None:
    done = till.buy("1", made_up_phone(), ("A", 1))
    why = explain_purchase(Purchase.objects.get(id=done.purchase_id), now=LATER)
    assert [(lot.state, lot.active_from) for lot in why.lots] == [("unclaimed", None)]


def test_a_receipt_shows_what_came_back_and_what_is_owed(till: Till) -> None:
    member = till.member()
    done = till.buy("1", member, ("A", 6), ("B", 1))
    spend(till, member, 8)
    till.bring_back("r1", None, ("A", 2), of_receipt="1")
    till.bring_back("r2", member, ("A", 1))
    receipt = asked(caller(till), f"/purchases/{show_id('pur', done.purchase_id)}/receipt")
    assert receipt["agrees"]
    assert [
        (one["receipt_number"], one["quantity"], one["points"], one["owed"]) for one in receipt["returns"]
    ] == [
        ("r1", 2, 3, 1),
        ("r2", 1, 2, 2),
    ]
    assert (receipt["points"], receipt["points_kept"], receipt["owed"]) == (10, 5, 3)
    assert receipt["lines"][0]["returned_quantity"] == 3
    assert [lot["state"] for lot in receipt["lots"]] == ["gone"]


def test_a_return_names_the_purchases(till: Till) -> None:
    member = till.member()
    one = till.buy("1", member, ("A", 2), occurred_at=NOW - timedelta(days=1))
    two = till.buy("2", member, ("A", 2))
    back = till.bring_back("r", member, ("A", 5))
    found = asked(caller(till), f"/returns/{show_id('rtn', back.return_id)}")
    assert found["lines"][0]["unmatched_quantity"] == 1
    assert [
        (parse_id("pur", match["purchase"]), match["quantity"], match["points"]) for match in found["matches"]
    ] == [
        (two.purchase_id, 2, 3),
        (one.purchase_id, 2, 3),
    ]
    listed = asked(caller(till), "/returns?receipt=r")["items"]
    assert [item["points"] for item in listed] == [6]


def test_a_joined_persons_history_is_one(till: Till) -> None:
    number = till.buy("1", "C-1", ("A", 2))
    member = till.member()
    with transaction.atomic():
        join_customer_number(merchant_id=till.id, number="C-1", person_id=member, now=NOW, actor=SYSTEM)
    till.buy("2", member, ("A", 2))
    who = caller(till)
    found = asked(who, f"/purchases?member={show_id('per', member)}")["items"]
    assert [item["receipt_number"] for item in found] == ["2", "1"]
    receipt = asked(who, f"/purchases/{show_id('pur', number.purchase_id)}/receipt")
    assert [(lot["amount"], lot["state"]) for lot in receipt["lots"]] == [(3, "active")]
    exported: Any = export_person(member)
    assert [row["receipt"] for row in exported["purchases"]] == ["1", "2"]


def test_a_receipt_that_does_not_agree_says_so(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    done = till.buy("1", till.member(), ("A", 2))
    till.connection.execute(
        "UPDATE orders_purchase_line SET quantity = 3 WHERE purchase_id = %s", (done.purchase_id,)
    )
    till.connection.commit()
    receipt = asked(caller(till, MERCHANT_SCOPES), f"/purchases/{show_id('pur', done.purchase_id)}/receipt")
    assert not receipt["agrees"]
    assert receipt["points"] == 3
