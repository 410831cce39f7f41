"""Every endpoint of the OpenAPI document, asked right and wrong by machine: never a fault of ours, always as documented.

A real server answers, hot lane and Django; once to the operator's key, once to a merchant's.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tessera.site.embedded import embedded_postgres
from tests.cast import made_up_phone
from tests.ground.ground import embedded_environment, serving
from tests.safety.conftest import Place

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EASY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def served(place: Place, tmp_path: Path) -> Iterator[str]:
    """The address of a server on the staged database; what it said is looked through at the end."""
    with embedded_postgres(place.folder, settings={"fsync": "off", "shared_buffers": "64MB"}) as database:
        environment = embedded_environment(
            place.folder,
            DATABASE_URL=database.url("tessera"),
            TESSERA_OWNER_DATABASE_URL=database.url("postgres"),
        )
        with serving(environment, tmp_path / "said", "--no-jobs") as server:
            yield f"http://127.0.0.1:{server.port}"
            assert "Traceback" not in server.words, server.words[-4000:]


def _known_ids(place: Place, caller: str) -> dict[str, str]:
    """Ids that exist, by the name of the path parameter. The operator acts on the other house: he may close it."""
    house = place.cast["a" if caller == "full" else "b"]
    return {
        "merchant": house["merchant"], "store": house["store"], "person": house["customer"],
        "product": house["product"], "category": house["category"], "key": house["key"],
        "employment": house["employment"], "member": house["customer"],
        "unit": house["merchant"].replace("mer_", "unt_"), "number": "C-1",
    }  # fmt: skip


def _receipt(
    number: bytes = b"X", quantity: bytes = b"1", member: bytes = b'"number":"C-1"', more: bytes = b""
) -> bytes:
    line = b'{"sku":"T-1","quantity":%s}' % quantity
    return b'{"receipt_number":"%s","member":{%s},%s"lines":[%s]}' % (number, member, more, line)


RUBBISH = [
    *(b"", b"\x00", b"\xff\xfe", b"{", b"null", b"[]", b'"x"', b" " * (9 * 1024 * 1024)),
    *(b"[" * 100_000, b"{" * 100_000, b'{"a":' * 50_000, b'{"items":[' + b"1," * 5_000 + b"1]}"),
    *(_receipt(number=number) for number in (b"\\u0000", b"\\ud800", b"\x7f", b"", b"x" * 65)),
    *(
        _receipt(quantity=one)
        for one in (b"1e400", b"NaN", b"1.5", b"1.0", b"-1", b"0", b"9" * 20, b"true", b'"1"')
    ),
    *(
        _receipt(member=one)
        for one in (b'"number":"\\udfff"', b'"phone":"\xd9\xa1\xd9\xa2"', b'"person_id":"per_x"', b"")
    ),
    _receipt(more=b'"occurred_at":"0001-01-01T00:00:00+14:00",'),
    _receipt(more=b'"occurred_at":"9999-12-31T23:59:59-14:00",'),
    _receipt(more=b'"occurred_at":"2026-01-01T00:00:00",'),
]
"""Bodies that no machine makes up from a document."""


def test_rubbish_is_refused(served: str, place: Place) -> None:
    paths = ["/purchases", "/purchases/bulk", "/returns", "/returns/bulk", "/persons"]
    headers = {"Authorization": f"Bearer {place.cast['secrets']['full']}", "Content-Type": "application/json"}
    for path in paths:
        for number, body in enumerate(RUBBISH):
            own = {**headers, "Idempotency-Key": f"rubbish-{path}-{number}"}
            answer = requests.post(f"{served}/api/v1{path}", data=body, headers=own, timeout=60)
            assert 400 <= answer.status_code < 500, (path, body[:200], answer.status_code, answer.text[:500])
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
    assert requests.get(f"{served}/healthz", timeout=30).status_code == 200


@pytest.mark.parametrize("caller", ["full", "operator"])
def test_every_endpoint_answers_as_documented(served: str, place: Place, caller: str) -> None:
    schema = schemathesis.openapi.from_url(f"{served}/api/v1/openapi.json")
    known = _known_ids(place, caller)
    faults: list[str] = []
    asked: dict[str, set[int]] = {}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {place.cast['secrets'][caller]}"
        for found in schema.get_all_operations():
            operation = found.ok()
            statuses = asked.setdefault(f"{operation.method.upper()} {operation.path}", set())
            try:
                _ask(operation, session, known, statuses)
            except Exception as error:  # noqa: BLE001 - all endpoints are asked before any is complained of
                faults.append(f"{operation.method.upper()} {operation.path}: {_words(error)}")
    assert not faults, "\n\n".join(faults)
    assert len(asked) > 40
    unheard = {name for name, statuses in asked.items() if statuses and not statuses - {401}}
    assert {
        name for name in unheard if "/api/v1/door/" not in name
    } == set()  # terminals have credentials of their own


def _ask(operation: Any, session: requests.Session, known: dict[str, str], statuses: set[int]) -> None:
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @EASY
    @seeded(7)
    @given(case=right | wrong, real=st.booleans())
    def ask(case: Any, *, real: bool) -> None:
        if real:
            case.body = _with_real_words(case.body, known)
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        if case.method.upper() != "GET" and real:
            case.headers["Idempotency-Key"] = secrets.token_hex(8)
        response = case.call(session=session)
        statuses.add(response.status_code)
        # a bulk call is accepted as a whole and answers each of its items: wrong ones are no wrong call
        strict = [] if case.operation.path.endswith("/bulk") else [negative_data_rejection]
        case.validate_response(response, checks=[*CHECKS, *strict])

    ask()


def _with_real_words(body: Any, known: dict[str, str]) -> Any:
    """What a machine makes up is in no catalogue: name goods and members that exist, so that more than a no comes."""
    if isinstance(body, list):
        return [_with_real_words(one, known) for one in body]
    if not isinstance(body, dict):
        return body
    real = {
        "sku": "T-1", "store": "1", "member": {"number": "C-1"}, "person": known["person"],
        "category": known["category"], "phone": made_up_phone(), "role": "cashier",
        "occurred_at": "2026-01-05T12:00:00+08:00", "terms": {"tiers": [{"quantity": 1, "points": 1}]},
        "kind": "product", "quantity": 2,
    }  # fmt: skip
    return {name: real.get(name, _with_real_words(value, known)) for name, value in body.items()}


def _words(error: BaseException) -> str:
    parts = [error, *getattr(error, "exceptions", ())]
    return "\n".join(str(part)[:1500] for part in parts)
