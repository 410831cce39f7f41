"""The edge: once under races, nothing left of a refusal, problems in two languages, no traceback ever."""

import json
import logging
import threading
import uuid
from datetime import datetime

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from tessera.kit import edge
from tessera.kit.actors import Actor
from tessera.kit.models import AuditLine, Request
from tessera.kit.requests import find_answer
from tessera.people import api as people_api
from tessera.people.models import Person
from tests.cast import Cast, assert_refused, made_up_phone, make_caller


def together(count: int, work) -> list:
    """Run `work(number)` in `count` threads that start at the same moment; return the outcomes."""
    barrier, outcomes = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            outcomes[number] = work(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_one_request_id_sent_by_many_at_once_has_effect_once(committed: None) -> None:
    operator = make_caller("racer", None, ["operator"])
    phone, request_id = made_up_phone(), str(uuid.uuid4())
    answers = together(12, lambda _: operator.post("/persons", {"phone": phone}, request_id=request_id))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Person.objects.filter(phone=phone).count() == 1
    assert Request.objects.filter(request_id=request_id).count() == 1
    person = Person.objects.get(phone=phone)
    assert AuditLine.objects.filter(object_id=str(person.id), outcome="done").count() == 1


def test_a_racer_between_look_and_act_gives_its_answer(cast: Cast, monkeypatch) -> None:
    body = {"phone": made_up_phone()}
    first = cast.operator.post("/persons", body, request_id="same")
    looks = []

    def blind_at_first(*which: object) -> tuple[int, bytes] | None:
        looks.append(which)
        return None if len(looks) == 1 else find_answer(*which)

    monkeypatch.setattr(edge, "find_answer", blind_at_first)
    again = cast.operator.post("/persons", body, request_id="same")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert len(looks) == 2
    assert not AuditLine.objects.filter(outcome="phone_taken").exists()


def test_one_phone_written_by_many_at_once_is_one_person(committed: None) -> None:
    operator = make_caller("racer", None, ["operator"])
    phone = made_up_phone()
    answers = together(12, lambda _: operator.post("/persons", {"phone": phone}))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + [409] * 11
    assert Person.objects.filter(phone=phone).count() == 1


def fails(*errors: Exception):
    """An action that fails with `errors` one after the other, and then works."""
    left = list(errors)

    def open_person(**_: object) -> Person:
        if left:
            raise left.pop(0)
        return Person.objects.create(phone=None, created_at=datetime.fromisoformat("2025-01-01T00:00:00Z"))

    return open_person


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


PASSING = [
    caused(OperationalError(), psycopg.errors.SerializationFailure()),
    caused(OperationalError(), psycopg.errors.DeadlockDetected()),
    caused(IntegrityError(), psycopg.errors.UniqueViolation()),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error.__cause__).__name__)
def test_faults_that_pass_are_retried_unseen(cast: Cast, monkeypatch, error: Exception) -> None:
    monkeypatch.setattr(people_api.persons, "open_person", fails(error, error))
    assert cast.operator.post("/persons", {"phone": made_up_phone()}).status_code == 201


def test_retries_are_bounded(cast: Cast, monkeypatch) -> None:
    tries = fails(*PASSING[:1] * 50)
    counted = []
    monkeypatch.setattr(people_api.persons, "open_person", lambda **how: counted.append(1) or tries(**how))
    response = cast.operator.post("/persons", {"phone": made_up_phone()})
    assert response.status_code == 500
    assert len(counted) == 5


def test_a_lost_connection_says_when_to_come_back(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(people_api.persons, "open_person", fails(OperationalError("gone")))
    response = cast.operator.post("/persons", {"phone": made_up_phone()})
    assert_refused(response, 503, "database_away")
    assert response["Retry-After"] == "2"


def test_a_bug_shows_a_reference_and_logs_no_personal_data(cast: Cast, monkeypatch, caplog) -> None:
    phone = made_up_phone()
    monkeypatch.setattr(people_api.persons, "open_person", fails(RuntimeError(f"what about {phone}")))
    with caplog.at_level(logging.ERROR, logger="tessera.fault"):
        caplog.handler.setLevel(logging.ERROR)
        logging.getLogger("tessera.fault").addHandler(caplog.handler)
        response = cast.operator.post("/persons", {"phone": phone})
    logging.getLogger("tessera.fault").removeHandler(caplog.handler)
    problem = assert_refused(response, 500, "fault")
    reference = problem["details"]["reference"]
    assert reference in problem["detail"]
    assert reference in caplog.text
    assert "RuntimeError" in caplog.text
    assert phone not in caplog.text
    assert b"Traceback" not in response.content
    assert Request.objects.count() == 0


def test_what_was_refused_may_be_sent_again_under_its_id(cast: Cast) -> None:
    phone = made_up_phone()
    first = cast.operator.post("/persons", {"phone": phone, "birthday": "1800-01-01"}, request_id="r")
    assert_refused(first, 422, "birthday_invalid")
    assert cast.operator.post("/persons", {"phone": phone}, request_id="r").status_code == 201


def test_request_ids_belong_to_their_key(cast: Cast) -> None:
    body = {"sku": "r", "name": "x"}
    first = cast.full.post(f"/merchants/{cast.a.merchant}/products", body, request_id="same")
    second = cast.other.post(f"/merchants/{cast.b.merchant}/products", body, request_id="same")
    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in second


@pytest.mark.parametrize("request_id", ["x" * 129, "with blank", "中文"])
def test_request_ids_that_cannot_be_kept_are_refused(cast: Cast, request_id: str) -> None:
    response = cast.operator.post("/persons", {"phone": made_up_phone()}, request_id=request_id)
    assert_refused(response, 400, "request_id_missing")


@pytest.mark.parametrize(
    ("language", "speaks"),
    [
        ("en", "en"),
        ("zh-CN", "zh-Hans"),
        ("en;q=0.5, zh;q=0.9", "zh-Hans"),
        ("fr", "zh-Hans"),
        ("", "zh-Hans"),
    ],
)
def test_problems_speak_the_readers_language(cast: Cast, language: str, speaks: str) -> None:
    response = cast.nobody.get("/persons", language=language)
    assert response["Content-Language"] == speaks
    assert ("请提供" in json.loads(response.content)["detail"]) is (speaks == "zh-Hans")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"phone": NaN}', b"[" * 100_000]
)
def test_bodies_that_are_none_are_refused(cast: Cast, raw: bytes) -> None:
    assert_refused(cast.operator.post("/persons", raw=raw), 422, "request_invalid")


def test_a_lone_surrogate_is_refused(cast: Cast) -> None:
    response = cast.operator.post("/persons", raw=b'{"phone": "+8610000000001", "nickname": "\\ud800"}')
    assert_refused(response, 422, "request_invalid")


def test_a_body_beyond_the_limit_is_refused(cast: Cast) -> None:
    raw = b'{"phone": "' + b"1" * 9 * 1024 * 1024 + b'"}'
    assert_refused(cast.operator.post("/persons", raw=raw), 413, "too_large")
    empty = cast.operator.post(f"/merchants/{cast.a.merchant}/approval", raw=raw)
    assert_refused(empty, 413, "too_large")


@pytest.mark.parametrize("path", ["/nothing", "/persons/", "/persons/x/y/z", "/merchants//stores", "/"])
def test_where_no_address_is(cast: Cast, path: str) -> None:
    assert_refused(cast.operator.get(path), 404, "not_found")


@pytest.mark.parametrize(
    "shown", ["x", "per_", "mer_", "per_" + "v" * 26, "per_中文", "PER_" + "0" * 26, "%00"]
)
def test_ids_that_were_never_given_out(cast: Cast, shown: str) -> None:
    assert cast.operator.get(f"/persons/{shown}").status_code in (404, 422)


def test_a_wrong_method_names_the_right_ones(cast: Cast) -> None:
    response = cast.operator.send("DELETE", "/persons")
    assert assert_refused(response, 405, "method_not_allowed")["details"] == {"allowed": "GET, POST"}
    assert response["Allow"] == "GET, POST"


def test_an_actor_without_identity_writes_nothing(cast: Cast, rf) -> None:
    request = rf.post("/x", headers={"Idempotency-Key": "1"})
    request.actor = Actor(kind="system", scopes=frozenset({"operator"}))
    with pytest.raises(edge.ScopeMissing):
        edge.answer_write(request, lambda *_: pytest.fail("acted"), verb="v", kind="k", scope="operator")
    assert connection.connection is not None
