"""What a till with a key may send to break something or to see what is not its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tessera.catalog.actions.products import NewProduct, list_products
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id
from tessera.points.actions.adjusting import AdjustPoints, adjust_points
from tests.cast import Cast, made_up_phone
from tests.orders.till import NOW, Till, counts
from tests.site.test_lane import Door, assert_problem, body


@pytest.mark.parametrize(
    "number", ["1\n", " 1", "1 ", "1\u00a0", " ", "\u3000", "1\u200b", "\ufeff1", "1\u202e2"]
)
def test_a_number_has_no_blank_at_its_ends(door: Door, number: str) -> None:
    """Prevents one paper receipt that earns twice, as "1" and as "1 " (and "$" that lets a newline pass)."""
    assert_problem(door.post(body(number)), 422, "request_invalid")
    assert_problem(door.post(body(member={"number": number})), 422, "request_invalid")


def test_a_reason_does_not_end_in_a_newline(door: Door) -> None:
    """Prevents a newline in what is kept for ever."""
    given = {"number": "1", "member": {"number": "C"}, "points": 1, "reason": "why\n"}
    assert_problem(door.post(given, path="/api/v1/adjustments"), 422, "request_invalid")


@pytest.mark.parametrize("inner", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000])
def test_a_deeply_nested_item_is_refused(door: Door, inner: bytes) -> None:
    """Prevents 500: an item is first taken in without being looked into."""
    response = door.post(b'{"items":[' + inner + b"]}", path="/api/v1/purchases/bulk")
    assert_problem(response, 422, "request_invalid")


def test_amounts_beyond_the_bounds_are_refused(till: Till) -> None:
    """Prevents 500 from sums beyond 64 bits: the price list's price times the pieces was not looked at."""
    with transaction.atomic():
        dear = [NewProduct("DEAR", "Dear", "", None, 10**12)]
        list_products(merchant_id=till.id, products=dear, now=NOW, actor=SYSTEM)
    till.buy("0", "C-1", ("A", 1))
    before = counts(till.connection)
    assert till.refused(till.purchase("many", "C-1", *[("DEAR", 10**6)] * 20)).code == "amount_invalid"
    assert till.refused(till.purchase("s", "C-1", ("DEAR", 2))).code == "amount_invalid"
    assert counts(till.connection) == before


def test_points_beyond_the_bounds_are_refused(make_till: Callable[..., Till]) -> None:
    """Prevents 500 from points beyond 64 bits: rules multiply what is within the bounds."""
    till = make_till(rule=False)
    till.rule("spend", {"points": 100_000, "per_minor": 1})
    till.rule("multiplier", {"num": 1000, "den": 1})
    assert till.refused(till.purchase("p", "C-1", ("A", 1, 10**12))).code == "amount_invalid"
    assert till.buy("q", "C-1", ("A", 1, 1)).points == 100_000_000


def test_one_request_id_for_many_adjustments_in_a_batch(till: Till) -> None:
    """Prevents a batch that fails as a whole, eight times over and by halves, while all others wait."""

    def adjustment(number: int) -> AdjustPoints:
        asked: dict[str, Any] = {"owner_id": owner, "request_id": "same", "request_digest": bytes([number])}
        return AdjustPoints(till.id, f"n{number}", ("number", "C-1"), 5, "why", "test", **asked)

    owner = new_id()
    outcomes = adjust_points(till.connection, [adjustment(number) for number in range(8)], now=NOW)
    till.connection.commit()
    assert [getattr(outcome, "code", "done") for outcome in outcomes] == ["done", *["id_reused"] * 7]


@pytest.mark.django_db
def test_a_masked_phone_cannot_be_found_out_by_asking(cast: Cast) -> None:
    """Prevents ten thousand silent questions: only who was given a phone number may look for it."""
    phone = made_up_phone()
    person = json.loads(cast.operator.post("/persons", {"phone": phone}).content)["id"]
    customers = f"/merchants/{cast.a.merchant}/customers"
    assert cast.full.post(customers, {"person": person}).status_code == 201

    def found() -> list[str]:
        listed = json.loads(cast.full.get(f"{customers}?phone=%2B{phone[1:]}").content)["items"]
        return [one["phone"] for one in listed]

    assert found() == []
    assert cast.full.post(customers, {"phone": phone}).status_code == 200
    assert found() == [phone]
