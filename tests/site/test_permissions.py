"""The whole cast at every address of the OpenAPI document: a new address without a line here fails."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tessera.kit.models import AuditLine, Request
from tessera.site.api import api
from tessera.site.document import HOT_PATHS
from tests.cast import Cast, made_up_phone

WRITES = ("POST", "PATCH")
FORBIDDEN, HIDDEN, UNKNOWN = 403, 404, 401


@dataclass(frozen=True)
class Door:
    """One address: what to send, and with what the operator, A's full key, A's reading key and B's key come through.

    `None` for the body is no body; a callable makes it from the cast.
    """

    operator: int
    full: int
    reader: int
    other: int
    body: Any = field(default=None)


DOORS = {
    "POST /persons": Door(201, 403, 403, 403, lambda _: {"phone": made_up_phone()}),
    "GET /persons": Door(200, 403, 403, 403),
    "GET /persons/{person}": Door(200, 200, 200, 404),
    "PATCH /persons/{person}": Door(200, 200, 403, 404, {"nickname": "Lin"}),
    "POST /persons/{person}/registration": Door(201, 403, 403, 403),
    "POST /persons/{person}/consents": Door(
        201, 201, 403, 404, {"purpose": "news", "text_version": "1", "given": True}
    ),
    "GET /persons/{person}/consents": Door(200, 200, 200, 404),
    "GET /persons/{person}/export": Door(200, 403, 403, 403),
    "POST /persons/{person}/erasure": Door(201, 403, 403, 403, {}),
    "POST /merchants": Door(201, 403, 403, 403, {"name": "New shop"}),
    "GET /merchants": Door(200, 200, 200, 200),
    "GET /merchants/{merchant}": Door(200, 200, 200, 404),
    "POST /merchants/{merchant}/approval": Door(409, 403, 403, 403),
    "POST /merchants/{merchant}/suspension": Door(201, 403, 403, 403, {"reason": "late"}),
    "POST /merchants/{merchant}/reinstatement": Door(409, 403, 403, 403),
    "POST /merchants/{merchant}/stores": Door(201, 201, 403, 404, {"number": "2", "name": "Second"}),
    "GET /merchants/{merchant}/stores": Door(200, 200, 200, 404),
    "POST /stores/{store}/closure": Door(201, 201, 403, 404),
    "POST /merchants/{merchant}/staff": Door(
        201, 201, 403, 404, lambda _: {"phone": made_up_phone(), "role": "guide"}
    ),
    "GET /merchants/{merchant}/staff": Door(200, 200, 200, 404),
    "POST /staff/{employment}/termination": Door(201, 201, 403, 404),
    "POST /merchants/{merchant}/api-keys": Door(
        201, 201, 403, 404, {"label": "till", "scopes": ["catalog:read"]}
    ),
    "GET /merchants/{merchant}/api-keys": Door(200, 200, 200, 404),
    "POST /api-keys/{key}/revocation": Door(201, 201, 403, 404),
    "POST /merchants/{merchant}/customers": Door(201, 201, 403, 404, {"number": "C-2"}),
    "GET /merchants/{merchant}/customers": Door(200, 200, 200, 404),
    "POST /merchants/{merchant}/products": Door(201, 201, 403, 404, {"sku": "T-2", "name": "Black tea"}),
    "GET /merchants/{merchant}/products": Door(200, 200, 200, 404),
    "POST /merchants/{merchant}/products/bulk": Door(
        200, 200, 403, 404, {"products": [{"sku": "T-3", "name": "White tea"}]}
    ),
    "GET /products/{product}": Door(200, 200, 200, 404),
    "PATCH /products/{product}": Door(200, 200, 403, 404, {"name": "Greener tea"}),
    "POST /merchants/{merchant}/categories": Door(201, 201, 403, 404, {"name": "Cups"}),
    "GET /merchants/{merchant}/categories": Door(200, 200, 200, 404),
    "GET /purchases": Door(422, 200, 200, 200),  # the operator names a merchant or a member
    "GET /returns": Door(422, 200, 200, 200),
    "GET /merchants/{merchant}/imports": Door(200, 200, 200, 404),
    "GET /audit-trail": Door(200, 200, 200, 200),
}

ELSEWHERE: dict[str, str] = {
    "GET /purchases/{purchase}": "tests.orders.test_reads",
    "GET /purchases/{purchase}/receipt": "tests.orders.test_reads",
    "GET /returns/{back}": "tests.orders.test_reads",
    "GET /merchants/{merchant}/imports/{file}/faults": "tests.orders.test_imports_api",
    "GET /merchants/{merchant}/insights/points-by-day": "tests.insights.test_insights",
    "GET /merchants/{merchant}/insights/liability-by-day": "tests.insights.test_insights",
    "GET /merchants/{merchant}/insights/top-products": "tests.insights.test_insights",
    "GET /merchants/{merchant}/insights/purchases-by-hour": "tests.insights.test_insights",
    "GET /members/{person}/balances": "tests.ledger.test_api",
    "GET /members/{person}/entries": "tests.ledger.test_api",
    "GET /members/{person}/lots/{unit}": "tests.ledger.test_api",
    "GET /members/{person}/transfers/{transfer}": "tests.ledger.test_api",
    "GET /merchants/{merchant}/liability": "tests.ledger.test_api",
    "GET /ledger/digests": "tests.ledger.test_api",
    "GET /ledger/digests/{day}/chunks": "tests.ledger.test_api",
    "POST /merchants/{merchant}/earning-rules": "tests.points.test_api",
    "GET /merchants/{merchant}/earning-rules": "tests.points.test_api",
    "GET /earning-rules/{rule}": "tests.points.test_api",
    "POST /earning-rules/{rule}/versions": "tests.points.test_api",
    "POST /earning-rules/{rule}/ending": "tests.points.test_api",
    "POST /merchants/{merchant}/programme": "tests.points.test_api",
    "GET /merchants/{merchant}/programme": "tests.points.test_api",
    "POST /merchants/{merchant}/dry-runs": "tests.points.test_api",
    "POST /merchants/{merchant}/joinings": "tests.points.test_api",
    "GET /events": "tests.events.test_publishing_api",
    "POST /events": "tests.events.test_publishing_api",
    "GET /events/{event}": "tests.events.test_publishing_api",
    "PATCH /events/{event}": "tests.events.test_publishing_api",
    "POST /events/{event}/publication": "tests.events.test_publishing_api",
    "POST /events/{event}/cancellation": "tests.events.test_publishing_api",
    "GET /events/{event}/questions": "tests.events.test_publishing_api",
    "POST /events/{event}/questions": "tests.events.test_publishing_api",
    "PATCH /events/{event}/questions/{question}": "tests.events.test_publishing_api",
    "POST /events/{event}/questions/{question}/retirement": "tests.events.test_publishing_api",
    "GET /events/{event}/crew": "tests.events.test_crew_api",
    "POST /events/{event}/crew": "tests.events.test_crew_api",
    "POST /events/{event}/crew/{crew}/ending": "tests.events.test_crew_api",
    "GET /events/{event}/terminals": "tests.events.test_crew_api",
    "POST /events/{event}/terminals/{terminal}/revocation": "tests.events.test_crew_api",
    "POST /events/{event}/undoings": "tests.events.test_crew_api",
    "GET /events/{event}/circle": "tests.events.test_circle_api",
    "GET /events/{event}/circle/{number}": "tests.events.test_circle_api",
    "GET /events/{event}/guests/{guest}/profile": "tests.events.test_circle_api",
    "PATCH /events/{event}/guests/{guest}/profile": "tests.events.test_circle_api",
    "GET /events/{event}/guests/{guest}/jottings": "tests.events.test_circle_api",
    "POST /events/{event}/guests/{guest}/jottings": "tests.events.test_circle_api",
    "POST /events/{event}/guests/{guest}/jottings/{number}/removal": "tests.events.test_circle_api",
    "GET /events/{event}/guests/{guest}/conversations": "tests.events.test_talks_api",
    "POST /events/{event}/guests/{guest}/conversations": "tests.events.test_talks_api",
    "POST /events/{event}/guests/{guest}/conversations/{conversation}/answer": "tests.events.test_talks_api",
    "POST /events/{event}/guests/{guest}/conversations/{conversation}/messages": "tests.events.test_talks_api",
    "GET /door/session": "tests.events.test_terminals",
    "GET /door/roster": "tests.events.test_roster",
    "POST /door/leases": "tests.events.test_leases",
    "POST /door/walk-ins": "tests.events.test_walk_ins",
    "GET /door/guests": "tests.events.test_undoing",
    "POST /door/undoings": "tests.events.test_undoing",
    "GET /door/locks": "tests.events.test_locks",
    "POST /door/unlocks": "tests.events.test_locks",
    "GET /events/{event}/registrations": "tests.events.test_registrations_api",
    "POST /events/{event}/registrations": "tests.events.test_registrations_api",
    "GET /events/{event}/registrations/{registration}": "tests.events.test_registrations_api",
    "POST /events/{event}/registrations/{registration}/cancellation": "tests.events.test_registrations_api",
    "POST /events/{event}/decisions": "tests.events.test_registrations_api",
    "POST /events/{event}/decisions/{decision}/undoing": "tests.events.test_registrations_api",
    "GET /events/{event}/print-jobs": "tests.events.test_badges",
    "POST /events/{event}/print-jobs": "tests.events.test_badges",
    "POST /events/{event}/print-jobs/{print_job}/attempts": "tests.events.test_badges",
    "GET /events/{event}/printers": "tests.events.test_badges",
    "POST /events/{event}/printers": "tests.events.test_badges",
    "GET /events/{event}/badges.pdf": "tests.events.test_badges",
    "GET /events/{event}/board": "tests.events.test_board",
    "GET /events/{event}/arrivals": "tests.events.test_board",
    "GET /events/{event}/corrections": "tests.events.test_corrections_pages",
    "POST /events/{event}/corrections": "tests.events.test_corrections_pages",
    "POST /events/{event}/corrections/{correction}/decision": "tests.events.test_corrections_pages",
}
"""Addresses of other rooms -> the test module that takes the cast through them."""


def addresses() -> set[str]:
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if method not in HOT_PATHS.get(path, {})
    }


def filled(path: str, cast: Cast) -> str:
    a = cast.a
    return path.format(
        person=a.customer,
        merchant=a.merchant,
        store=a.store,
        employment=a.employment,
        key=a.key,
        product=a.product,
    )


def test_every_address_has_a_line() -> None:
    assert addresses() == DOORS.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("who", ["operator", "full", "reader", "other", "revoked", "nobody"])
@pytest.mark.parametrize("address", DOORS)
def test_whole_cast_at_every_door(cast: Cast, address: str, who: str) -> None:
    method, path = address.split(" ")
    door = DOORS[address]
    caller = getattr(cast, who)
    expected = getattr(door, who, UNKNOWN)
    body = door.body(cast) if callable(door.body) else door.body
    kept, done = Request.objects.count(), AuditLine.objects.filter(outcome="done").count()

    response = caller.send(method, filled(path, cast), body)

    assert response.status_code == expected, response.content
    wrote = method in WRITES and expected < 300
    assert Request.objects.count() - kept == (1 if wrote else 0)
    assert AuditLine.objects.filter(outcome="done").count() - done == (1 if wrote else 0)
    if expected >= 400:
        assert response["Content-Type"] == "application/problem+json"
        code = json.loads(response.content)["code"]
        named = {401: {"unauthenticated"}, 403: {"scope_missing"}, 404: {"not_found"}}
        assert code in named.get(expected, {code})
        refused = method in WRITES and expected != UNKNOWN
        assert AuditLine.objects.filter(outcome=code).count() == (1 if refused else 0)


OPEN_WRITES = [
    address for address, door in DOORS.items() if address.split(" ")[0] in WRITES and door.operator < 300
]
"""The others refuse the cast as it stands; tests/merchants/test_merchants.py repeats them."""


@pytest.mark.parametrize("address", OPEN_WRITES)
def test_every_write_happens_once(cast: Cast, address: str) -> None:
    method, path = address.split(" ")
    door = DOORS[address]
    body = door.body(cast) if callable(door.body) else door.body
    first = cast.operator.send(method, filled(path, cast), body, request_id="once")
    lines = AuditLine.objects.count()
    again = cast.operator.send(method, filled(path, cast), body, request_id="once")
    assert again.status_code == first.status_code
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    if address != "POST /merchants/{merchant}/api-keys":  # a secret is shown once
        assert again.content == first.content
    assert AuditLine.objects.count() == lines

    changed = cast.operator.send(
        method,
        filled(path, cast),
        raw=b'{"other": 1}' if body is None else None,
        body={**(body or {}), **_other(address)},
        request_id="once",
    )
    assert changed.status_code == 422
    assert json.loads(changed.content)["code"] == "id_reused"


def _other(address: str) -> dict[str, Any]:
    """Return what makes the body of this address another valid one."""
    fields: dict[str, dict[str, Any]] = {
        "POST /persons": {"nickname": "Another"},
        "PATCH /persons/{person}": {"nickname": "Another"},
        "POST /persons/{person}/consents": {"given": False},
        "POST /persons/{person}/erasure": {"reason": "asked"},
        "POST /merchants/{merchant}/suspension": {"reason": "another"},
        "POST /merchants/{merchant}/staff": {"role": "manager"},
        "POST /merchants/{merchant}/api-keys": {"label": "another"},
        "POST /merchants/{merchant}/customers": {"level": "gold"},
        "POST /merchants/{merchant}/products/bulk": {"products": [{"sku": "T-9", "name": "Another"}]},
    }
    return fields.get(address, {"name": "Another"})


@pytest.mark.parametrize("address", [address for address in DOORS if address.split(" ")[0] in WRITES])
def test_a_write_without_request_id_is_refused(cast: Cast, address: str) -> None:
    method, path = address.split(" ")
    door = DOORS[address]
    body = door.body(cast) if callable(door.body) else door.body
    response = cast.operator.send(method, filled(path, cast), body, request_id="")
    assert response.status_code == 400
    assert json.loads(response.content)["code"] == "request_id_missing"
    assert Request.objects.count() == 0
