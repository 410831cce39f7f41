"""The API of events and door fed with what JSON can hold and nothing else: the answer is never a fault of the server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tessera.site.api import api
from tessera.site.document import HOT_PATHS
from tests.cast import Cast
from tests.events.cast import event_ids
from tests.events.devices import Device
from tests.events.stage import a_person, a_terminal, an_event

JUNK: tuple[Any, ...] = (
    None, True, -1, 2**63, 10**40, "", "a\0b", "\ud800", "½", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "x" * 3000, ["\0"], [{}],
    {"\0": 1}, {"a": "\ud800"},
)  # fmt: skip
USUAL: dict[str, Any] = {
    "string": "x", "integer": 1, "boolean": True, "array": [], "object": {}, "number": 1,
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "title": "T", "starts_at": "2027-01-01T10:00:00Z", "ends_at": "2027-01-01T12:00:00Z", "kind": "choice", "label": "L",
    "choices": ["a", "b"], "phone": "+8610012345679", "role": "crew", "reason": "r", "verdict": "accept", "outcome": "accepted",
    "answer": "accepted", "language": "tspl", "host": "192.168.1.9", "width_mm": 80, "height_mm": 50, "number": 2, "text": "t",
    "decision": "accept", "items": [{"id": "w", "phone": "+8610012345678"}], "arrived_at": "2026-01-01T00:00:00Z", "id": "w-1",
}  # fmt: skip


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    schema = api.get_openapi_schema(path_prefix="")
    for path, methods in schema["paths"].items():
        if not path.startswith(("/events", "/door")):
            continue
        for method, told in methods.items():
            if method not in HOT_PATHS.get(path, {}):
                yield method.upper(), path, told


def _properties(told: dict[str, Any]) -> dict[str, Any]:
    found = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schemas = api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    if "$ref" in found:
        found = schemas[found["$ref"].rpartition("/")[2]]
    properties: dict[str, Any] = found.get("properties", {})
    required = found.get("required", [])
    return {
        name: (name in required, KNOWN.get(name, USUAL.get(str(one.get("type")), "x")))
        for name, one in properties.items()
    }


def _bodies(properties: dict[str, Any]) -> Iterator[Any]:
    base = {name: usual for name, (needed, usual) in properties.items() if needed}
    for name in properties:
        for junk in JUNK:
            yield {**base, name: junk}
            known = KNOWN.get(name)
            if isinstance(known, list) and known and isinstance(known[0], dict):
                for inner in ("id", "phone", "name", "arrived_at", "number"):
                    yield {
                        **base,
                        name: [{**known[0], "arrived_at": "2026-01-01T00:00:00Z", "number": 1, inner: junk}],
                    }
    yield from ([], None, "x", 1, {"\0": "\0"})


OPERATIONS = [f"{method} {path}" for method, path, _ in _operations()]


@pytest.fixture
def ids(cast: Cast) -> dict[str, str]:
    persons = {"member": a_person("Member")[0], "guide": a_person("Guide")[0]}
    return event_ids(cast.a.merchant, persons)


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS)
def test_junk_in_bodies_and_questions_is_answered(cast: Cast, ids: dict[str, str], operation: str) -> None:
    [(method, path, told)] = [one for one in _operations() if f"{one[0]} {one[1]}" == operation]
    door = path.startswith("/door")
    secret = a_terminal(an_event(), role="supervisor").secret if door else cast.full.secret
    filled = path.format(**{**ids, "guest": ids["guest"]})
    faults = []
    number = 0

    def send(address: str, content: str | None) -> None:
        nonlocal number
        number += 1
        headers = {**Device(secret or "").headers(f"once-{number}")}
        with transaction.atomic():
            answer = Client(raise_request_exception=False).generic(
                method, f"/api/v1{address}", content or "", content_type="application/json", headers=headers
            )
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            faults.append((address[-60:], (content or "")[:160], answer.status_code))

    if method in {"POST", "PATCH"}:
        for body in _bodies(_properties(told)):
            send(filled, json.dumps(body))
        send(filled, "{" * 3000)
        send(filled, "[" * 100_000)
        send(filled, "NaN")
    for parameter in told.get("parameters", []):
        if parameter["in"] == "query":
            for junk in (
                "%00",
                "a%00",
                "-1",
                "0",
                "9" * 40,
                "%ED%A0%80",
                "%FF",
                "0001-01-01T00:00:00Z",
                "0001-01-01T00:00:00%2B14:00",
                "1" * 4000,
            ):
                send(f"{filled}?{parameter['name']}={junk}", None)
        if parameter["in"] == "path":
            for junk in ("%00", "9" * 40, "evt_%00", "½", "-1", "~"):
                send(path.replace("{" + parameter["name"] + "}", junk).format(**ids), "{}")
    assert not faults, "\n".join(map(str, faults))
