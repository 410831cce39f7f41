"""The hot lane over ASGI: everything a till may send, and everything it should not."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from django.db import transaction

from tessera.kit.ids import new_id, show_id
from tessera.kit.models import AuditLine
from tessera.merchants.rules import MERCHANT_SCOPES
from tessera.site.hot_endpoints import HOT_ENDPOINTS
from tessera.site.lane import HotLane
from tests.cast import READ_SCOPES, made_up_phone, make_caller
from tests.orders.till import Till, counts

PURCHASES = "/api/v1/purchases"
LINES = [{"sku": "A", "quantity": 2}]


class Door:
    """A till with an API key before a lane of its own."""

    def __init__(self, till: Till, lane: HotLane) -> None:
        self.till, self.lane = till, lane
        with transaction.atomic():
            self.keys = {
                "full": make_caller("full", till.id, MERCHANT_SCOPES).secret,
                "reader": make_caller("reader", till.id, READ_SCOPES).secret,
                "operator": make_caller("operator", None, ["operator"]).secret,
            }

    def headers(
        self, key: str | None = "full", request_id: str | None = None, language: str = "en"
    ) -> dict[str, str]:
        found = {"Accept-Language": language}
        if key is not None:
            found["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        if request_id != "":
            found["Idempotency-Key"] = request_id or str(new_id())
        return found

    async def send(
        self, client: httpx.AsyncClient, body: Any, path: str = PURCHASES, method: str = "POST", **how: Any
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await client.request(method, path, content=content, headers=self.headers(**how))

    def post(self, body: Any, path: str = PURCHASES, method: str = "POST", **how: Any) -> httpx.Response:
        return self.all([(body, path, method, how)])[0]

    def all(self, requests: list[tuple[Any, str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Send all at once."""

        async def work() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.lane, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await asyncio.gather(
                    *(self.send(client, body, path, method, **how) for body, path, method, how in requests)
                )

        return asyncio.run(work())


@pytest.fixture
def plain(committed: None) -> Iterator[psycopg.Connection[Any]]:
    from tessera.kit.connections import connect

    with connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def door(plain: psycopg.Connection[Any]) -> Iterator[Door]:
    lane = HotLane(HOT_ENDPOINTS, most_waiting=4096, most_at_once=256)
    yield Door(Till(plain), lane)
    lane.stop()


def body(receipt: str = "1", **more: Any) -> dict[str, Any]:
    return {"receipt_number": receipt, "member": {"number": "C-1"}, "lines": LINES, **more}


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["detail"]
    return problem


def test_a_purchase(door: Door) -> None:
    response = door.post(body(), request_id="one")
    assert response.status_code == 201, response.content
    assert response.headers["Content-Type"] == "application/json"
    answer = response.json()
    assert (answer["points"], answer["line_points"], answer["amount_minor"], answer["currency"]) == (
        3,
        [3],
        2000,
        "CNY",
    )
    assert answer["purchase_id"].startswith("pur_")
    again = door.post(body(), request_id="one")
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, answer, "true")
    by_receipt = door.post(body(), request_id="another")
    assert (by_receipt.json(), by_receipt.headers["Idempotent-Replayed"]) == (answer, "true")


def test_a_request_id_with_another_body(door: Door) -> None:
    door.post(body(), request_id="one")
    before = counts(door.till.connection)
    problem = assert_problem(door.post(body("2"), request_id="one"), 422, "id_reused")
    assert problem["details"] == {"request_id": "one"}
    assert_problem(door.post(body(lines=[{"sku": "A", "quantity": 3}])), 409, "receipt_reused")
    assert counts(door.till.connection) == before


def test_who_may(door: Door) -> None:
    before = counts(door.till.connection, but=("kit_audit_line", "merchants_api_key"))
    response = door.post(body(), key=None)
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    for secret in ("tsk_unknown", "", "nonsense", "tsk_" + "x" * 200):
        assert_problem(door.post(body(), key=secret), 401, "unauthenticated")
    assert_problem(door.post(body(), key="reader"), 403, "scope_missing")
    assert_problem(door.post(body(), key="operator"), 403, "merchant_key_needed")
    assert counts(door.till.connection, but=("kit_audit_line", "merchants_api_key")) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(door: Door, method: str) -> None:
    response = door.post(body(), method=method)
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"


def test_get_is_djangos(door: Door) -> None:
    assert not door.lane.serves(PURCHASES, "GET")
    assert door.lane.serves(PURCHASES, "POST")
    assert door.lane.serves(PURCHASES + "/bulk", "POST")
    assert not door.lane.serves(PURCHASES + "/", "POST")


@pytest.mark.parametrize("request_id", ["", " ", "x" * 129, "two words"])
def test_a_usable_request_id_is_needed(door: Door, request_id: str) -> None:
    assert_problem(door.post(body(), request_id=request_id), 400, "request_id_missing")


QUANTITIES = [
    "2.0", "2.5", "-1", "0", '"2"', "null", "true", "NaN", "Infinity", "1e2", "1000001", "9223372036854775808",
    "99999999999999999999999999", "[]",
]  # fmt: skip


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_quantities_that_are_none(door: Door, quantity: str) -> None:
    before = counts(door.till.connection, but=("kit_audit_line", "merchants_api_key"))
    raw = json.dumps(body()).replace('"quantity": 2', f'"quantity": {quantity}').encode()
    response = door.post(raw)
    assert response.status_code == 422, response.content
    assert response.json()["code"] in {"request_invalid", "amount_invalid"}
    assert counts(door.till.connection, but=("kit_audit_line", "merchants_api_key")) == before


@pytest.mark.parametrize("field", ["amount_minor", "unit_price_minor"])
@pytest.mark.parametrize(
    "amount", ["-1", "1.5", "12.0", "NaN", '"12"', "1000000000001", "99999999999999999999"]
)
def test_amounts_that_are_none(door: Door, field: str, amount: str) -> None:
    raw = json.dumps(body()).replace('"quantity": 2', f'"quantity": 2, "{field}": {amount}').encode()
    response = door.post(raw)
    assert response.status_code == 422, response.content
    assert response.json()["code"] in {"request_invalid", "amount_invalid"}


@pytest.mark.parametrize(
    "change",
    [
        {"member": {}},
        {"member": {"number": "C", "phone": "+8610012345678"}},
        {"member": {"person_id": "per_nobody"}},
        {"member": {"phone": "12"}},
        {"member": {"number": "C\u0000"}},
        {"member": {"number": ""}},
        {"member": {"number": "x" * 65}},
        {"lines": []},
        {"lines": [{"sku": "A", "quantity": 1}] * 2001},
        {"lines": [{"sku": "A"}]},
        {"receipt_number": ""},
        {"receipt_number": "x\ny"},
        {"receipt_number": 7},
        {"occurred_at": "2026-06-01T12:00:00"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"store": "none"},
        {"tip": 1},
    ],
    ids=lambda change: json.dumps(change)[:40],
)
def test_bodies_that_are_none(door: Door, change: dict[str, Any]) -> None:
    before = counts(door.till.connection, but=("kit_audit_line", "merchants_api_key"))
    response = door.post(body(**change))
    assert 400 <= response.status_code < 500, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    assert counts(door.till.connection, but=("kit_audit_line", "merchants_api_key")) == before


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"receipt_number": "\xff"}', b"[" * 5000]
)
def test_bytes_that_are_no_json(door: Door, raw: bytes) -> None:
    assert_problem(door.post(raw), 422, "request_invalid")
    assert_problem(door.post(raw, PURCHASES + "/bulk"), 422, "request_invalid")


def test_a_body_that_is_too_large(door: Door) -> None:
    assert_problem(door.post(b" " * (8 * 1024 * 1024 + 1)), 413, "too_large")


def test_the_readers_language(door: Door) -> None:
    unknown = body(lines=[{"sku": "茶", "quantity": 1}])
    english = door.post(unknown, language="en-GB, zh;q=0.5")
    assert english.json()["detail"].startswith("Product 茶 is not in")
    assert (english.headers["Content-Language"], english.headers["Vary"]) == ("en", "Accept-Language")
    assert door.post(unknown, language="zh-CN").json()["detail"].startswith("商品“茶”不在")
    assert door.post(unknown, language="").headers["Content-Language"] == "zh-Hans"


def test_a_refusal_leaves_an_audit_line(door: Door) -> None:
    assert_problem(door.post(body("missed", lines=[{"sku": "X", "quantity": 1}])), 422, "product_unknown")
    line = AuditLine.objects.get(merchant_id=door.till.id, object_id="missed")
    assert (line.verb, line.outcome) == ("record_purchase", "product_unknown")
    assert line.actor.startswith("key:")


def test_a_return(door: Door) -> None:
    door.post(body(lines=[{"sku": "A", "quantity": 5}]))
    path = "/api/v1/returns"
    answer = door.post(
        {"receipt_number": "r", "of_receipt": "1", "lines": [{"sku": "A", "quantity": 3}]}, path
    ).json()
    assert (answer["points"], answer["lines"]) == (
        4,
        [{"sku": "A", "quantity": 3, "unmatched_quantity": 0, "points": 4}],
    )
    member = {"number": "C-1"}
    assert door.post({"receipt_number": "r2", "member": member, "lines": LINES}, path).json()["points"] == 3
    assert_problem(door.post({"receipt_number": "r3", "of_receipt": "1"}, path), 409, "nothing_left")
    assert_problem(door.post({"receipt_number": "r3", "of_receipt": "9"}, path), 404, "receipt_unknown")
    assert_problem(door.post({"receipt_number": "r3"}, path), 422, "request_invalid")
    assert_problem(door.post({"receipt_number": "r3", "member": member}, path), 422, "request_invalid")
    both = {"receipt_number": "r3", "member": member, "of_receipt": "1", "lines": LINES}
    assert_problem(door.post(both, path), 422, "request_invalid")


def test_bulk_with_mixed_outcomes(door: Door) -> None:
    items = [
        body("1"),
        body("2", lines=[{"sku": "X", "quantity": 1}]),
        {"nonsense": True},
        body("1"),
        body("1", lines=[{"sku": "A", "quantity": 9}]),
        body("3", lines=[{"sku": "A", "quantity": 2.5}]),
        7,
        body("4", member={"phone": made_up_phone()}),
        body("5", member={"person_id": show_id("per", new_id())}),
    ]
    response = door.post({"items": items}, PURCHASES + "/bulk", request_id="bulk")
    assert response.status_code == 200
    answers = response.json()["items"]
    assert [one["status"] for one in answers] == [201, 422, 422, 201, 409, 422, 422, 201, 404]
    assert [one.get("repeat") for one in answers if one["status"] == 201] == [False, True, False]
    assert answers[3]["answer"] == answers[0]["answer"]
    assert answers[1]["code"] == "product_unknown"

    again = door.post({"items": items}, PURCHASES + "/bulk", request_id="bulk").json()["items"]
    assert [one["status"] for one in again] == [one["status"] for one in answers]
    assert [one["answer"] for one in again if one["status"] == 201] == [
        one["answer"] for one in answers if one["status"] == 201
    ]
    assert all(one["repeat"] for one in again if one["status"] == 201)

    before = counts(door.till.connection)
    assert_problem(door.post({"items": items[:1]}, PURCHASES + "/bulk", request_id="bulk"), 422, "id_reused")
    assert_problem(door.post({"items": []}, PURCHASES + "/bulk"), 422, "request_invalid")
    assert_problem(door.post({"items": [], "more": []}, PURCHASES + "/bulk"), 422, "request_invalid")
    assert counts(door.till.connection) == before


def test_a_thousand_in_bulk_and_not_one_more(door: Door) -> None:
    items = [body(f"{number}", member={"number": f"C-{number % 50}"}) for number in range(1001)]
    problem = assert_problem(door.post({"items": items}, PURCHASES + "/bulk"), 413, "too_large")
    assert problem["details"] == {"most": 1000, "what": "items"}
    answers = door.post({"items": items[:1000]}, PURCHASES + "/bulk").json()["items"]
    assert {one["status"] for one in answers} == {201}
    assert sum(one["answer"]["points"] for one in answers) == 3000


def test_many_at_once_share_transactions(door: Door) -> None:
    requests = [
        (body(f"{number}", member={"number": f"C-{number % 5}"}), PURCHASES, "POST", {})
        for number in range(200)
    ]
    door.lane = HotLane(HOT_ENDPOINTS, most_waiting=1000, most_at_once=50)
    try:
        answers = door.all(requests)
        group = door.lane._groups["receipts"]
        assert {one.status_code for one in answers} == {201}
        assert group.commands == 200
        assert group.batches < 100
    finally:
        door.lane.stop()


def test_busy_says_when_to_come_back(door: Door) -> None:
    gate, began = threading.Event(), threading.Event()
    door.lane = HotLane(HOT_ENDPOINTS, most_waiting=1, most_at_once=50)
    group = door.lane._groups["receipts"]
    handle = group._handle

    def slow(connection: Any, commands: Any) -> Any:
        began.set()
        gate.wait(20)
        return handle(connection, commands)

    group._handle = slow

    async def work() -> list[httpx.Response]:
        transport = httpx.ASGITransport(door.lane)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            first = asyncio.create_task(door.send(client, body("1")))
            await asyncio.to_thread(began.wait, 10)
            second = asyncio.create_task(door.send(client, body("2")))
            while group.waiting < 1:  # noqa: ASYNC110 - the queue tells nobody
                await asyncio.sleep(0.005)
            refused = await door.send(client, body("3"))
            gate.set()
            return [refused, await first, await second]

    try:
        refused, first, second = asyncio.run(work())
    finally:
        gate.set()
        door.lane.stop()
    assert_problem(refused, 503, "busy")
    assert refused.headers["Retry-After"] == "1"
    assert (first.status_code, second.status_code) == (201, 201)


def test_a_bug_is_a_reference(door: Door) -> None:
    door.lane = HotLane(HOT_ENDPOINTS, most_waiting=10, most_at_once=50)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("a phone number +8610012345678")

    door.lane._groups["receipts"]._handle = broken
    try:
        response = door.post(body())
    finally:
        door.lane.stop()
    assert response.status_code == 500
    problem = response.json()
    assert problem["code"] == "fault"
    assert problem["details"]["reference"] in problem["detail"]
    assert "+86" not in response.text
