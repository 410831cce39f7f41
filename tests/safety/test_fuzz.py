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
    response_schema_conformance,
    negative_data_rejection,
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
    print("\n".join(f"{k}: {sorted(v)}" for k, v in asked.items()))
    assert not faults, "\n\n".join(faults)
    assert len(asked) > 40
    assert {name for name, statuses in asked.items() if statuses and not statuses - {401}} == set()


def _ask(operation: Any, session: requests.Session, known: dict[str, str], statuses: set[int]) -> None:
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @EASY
    @seeded(7)
    @given(case=right | wrong, real=st.booleans())
    def ask(case: Any, *, real: bool) -> None:
        if real:
            case.body = _with_real_words(case.body, known)
            case.path_parameters.update(
                {name: known[name] for name in case.path_parameters if name in known}
            )
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
