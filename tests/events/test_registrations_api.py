"""Registrations over the API, for every caller; answers that are kept name nobody."""

import json
from typing import Any

import pytest

from tessera.events.models import Decision, Registration
from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.kit.models import Request
from tests.cast import READ_SCOPES, Caller, assert_refused, made_up_phone, make_caller
from tests.events.registering_stage import ask, register, states, taken
from tests.events.stage import a_person, an_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> dict[str, Any]:
    """A reviewed event with a registration that waits, one that is accepted; keys of all kinds."""
    event, other = an_event(review="hand", capacity=5), an_event()
    accepted = register(event, invited=True)
    return {
        "event": event,
        "waiting": register(event),
        "accepted": accepted,
        "decision": Decision.objects.get(registration_id=accepted.id),
        "full": make_caller("full", event.merchant_id, ["events:read", "events:write"]),
        "reader": make_caller("reader", event.merchant_id, READ_SCOPES),
        "other": make_caller("other", other.merchant_id, ["events:read", "events:write"]),
        "operator": make_caller("operator", None, ["operator"]),
        "nobody": Caller("nobody", None),
    }


def address(stage: dict[str, Any], rest: str = "") -> str:
    return f"/events/{show_id('evt', stage['event'].id)}{rest}"


def writes(stage: dict[str, Any]) -> dict[str, Any]:
    """Address -> body of every write."""
    waiting, accepted = (show_id("reg", stage[one].id) for one in ("waiting", "accepted"))
    undoing = f"/decisions/{show_id('dcs', stage['decision'].id)}/undoing"
    return {
        address(stage, "/registrations"): {"phone": made_up_phone(), "name": "Hua"},
        address(stage, undoing): None,
        address(stage, "/decisions"): {"registration_ids": [waiting, accepted], "verdict": "accept"},
        address(stage, f"/registrations/{waiting}/cancellation"): {"reason": "asked for it"},
    }


@pytest.mark.parametrize(
    ("who", "status"), [("full", 201), ("operator", 201), ("reader", 403), ("other", 404), ("nobody", 401)]
)
def test_who_may_write(stage: dict[str, Any], who: str, status: int) -> None:
    before = (states(stage["event"]), taken(stage["event"]), Decision.objects.count())
    for place, (path, body) in enumerate(writes(stage).items()):
        response = stage[who].post(path, body, request_id=f"w-{place}")
        assert response.status_code == status, (path, response.content)
        if status == 201:
            again = stage[who].post(path, body, request_id=f"w-{place}")
            assert (again.content, again["Idempotent-Replayed"]) == (response.content, "true")
    if status == 201:
        assert states(stage["event"]) == {"pending": 1, "accepted": 1, "cancelled": 1}
        assert taken(stage["event"]) == 1
    else:
        assert (states(stage["event"]), taken(stage["event"]), Decision.objects.count()) == before


@pytest.mark.parametrize(
    ("who", "status"), [("full", 200), ("operator", 200), ("reader", 200), ("other", 404), ("nobody", 401)]
)
def test_who_may_read(stage: dict[str, Any], who: str, status: int) -> None:
    one = f"/registrations/{show_id('reg', stage['accepted'].id)}"
    for rest in ("/registrations", "/registrations?show=pending", one):
        assert stage[who].get(address(stage, rest)).status_code == status


def test_a_guest_is_known_by_phone_and_registered_once(stage: dict[str, Any]) -> None:
    phone = made_up_phone()
    question = ask(stage["event"], "number", "Guests", least=1, most=9)
    body = {"phone": phone, "name": "Hua", "answers": {show_id("qst", question.id): 3}}
    made = stage["full"].post(address(stage, "/registrations"), body, request_id="a")
    assert (made.status_code, json.loads(made.content)["state"]) == (201, "pending")
    row = Registration.objects.get(event_id=stage["event"].id, phone=phone)
    assert (row.source, row.name, row.answers) == ("api", "Hua", {str(question.id): 3})
    again = stage["full"].post(address(stage, "/registrations"), body, request_id="b")
    assert_refused(again, 409, "already_registered_for_event")
    wrong = {**body, "phone": made_up_phone(), "answers": {show_id("qst", question.id): 10}}
    refused = stage["full"].post(address(stage, "/registrations"), wrong, request_id="c")
    assert_refused(refused, 422, "answer_not_number")
    assert not Registration.objects.filter(phone=wrong["phone"]).exists()


def test_each_decision_stands_for_itself(stage: dict[str, Any]) -> None:
    ids = [show_id("reg", stage[one].id) for one in ("waiting", "accepted")]
    body = {"registration_ids": ids, "verdict": "accept"}
    done = json.loads(stage["full"].post(address(stage, "/decisions"), body, request_id="a").content)
    assert [one["registration_id"] for one in done["decisions"]] == ids[:1]
    assert [(one["registration_id"], one["code"]) for one in done["refused"]] == [
        (ids[1], "registration_state_unfit")
    ]
    declined = {"registration_ids": ids, "verdict": "decline"}
    refused = stage["full"].post(address(stage, "/decisions"), declined, request_id="b")
    assert_refused(refused, 422, "decision_reason_missing")


def test_the_list_is_narrowed_and_goes_on(stage: dict[str, Any]) -> None:
    for _ in range(3):
        register(stage["event"])
    first = json.loads(stage["full"].get(address(stage, "/registrations?show=pending&limit=3")).content)
    rest = json.loads(
        stage["full"].get(address(stage, f"/registrations?show=pending&limit=3&cursor={first['next_cursor']}")).content
    )  # fmt: skip
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)
    tail = stage["accepted"].phone[-4:]
    found = json.loads(stage["full"].get(address(stage, f"/registrations?search={tail}")).content)
    assert show_id("reg", stage["accepted"].id) in [one["id"] for one in found["items"]]
    assert_refused(stage["full"].get(address(stage, "/registrations?show=odd")), 422, "request_invalid")


def test_kept_answers_hold_no_name_no_phone_and_no_code(stage: dict[str, Any]) -> None:
    person_id, phone = a_person("Guest with a name")
    body = {"phone": phone, "name": "Guest with a name", "invited": True}
    stage["full"].post(address(stage, "/registrations"), body, request_id="a")
    row = Registration.objects.get(event_id=stage["event"].id, person_id=person_id)
    assert row.state == "accepted"
    kept = b"".join(bytes(one.answer) for one in Request.objects.all())
    for secret in (phone, phone[-8:], "Guest with a name", row.code, row.ticket):
        assert secret.encode() not in kept
    whole = stage["full"].get(address(stage, f"/registrations/{show_id('reg', row.id)}"))
    assert row.code.encode() not in whole.content
    assert clock.now() > row.registered_at
