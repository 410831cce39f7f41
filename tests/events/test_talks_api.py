"""Talks over the API: who may act for whose guests, once, and nobody reads what was written."""

from typing import Any

import pytest

from tessera.kit.ids import show_id
from tessera.talk.models import Conversation, Message
from tests.cast import READ_SCOPES, Caller, assert_refused, make_caller
from tests.events.stage import a_guest, an_arrival, an_event

pytestmark = pytest.mark.django_db

SECRET = "The blue house behind the bridge"


@pytest.fixture
def stage() -> dict[str, Any]:
    event, other = an_event(), an_event()
    guests = [a_guest(event, name=name) for name in ("Mei", "Lan", "Bo")]
    for number, guest in enumerate(guests, 1):
        an_arrival(event, guest, number)
    scopes = ["circle:read", "circle:write"]
    return {
        "event": event,
        "guests": guests,
        "away": a_guest(event, name="Ping"),
        "full": make_caller("full", event.merchant_id, scopes),
        "reader": make_caller("reader", event.merchant_id, READ_SCOPES),
        "other": make_caller("other", other.merchant_id, scopes),
        "operator": make_caller("operator", None, ["operator"]),
        "nobody": Caller("nobody", None),
    }


def place(stage: dict[str, Any], guest: Any) -> str:
    return f"/events/{show_id('evt', stage['event'].id)}/guests/{show_id('reg', guest.id)}/conversations"


def test_ask_answer_write_list(stage: dict[str, Any]) -> None:
    mei, lan, _ = stage["guests"]
    caller = stage["full"]
    asked = caller.post(place(stage, mei), {"number": 2, "text": SECRET}).json()
    assert asked["state"] == "waiting"
    [row] = caller.get(place(stage, lan) + "?asked=true").json()["items"]
    assert (row["id"], row["number"], row["state"], row["unread"]) == (asked["id"], 1, "asked", True)
    talk = f"/{asked['id']}"
    said = caller.post(place(stage, lan) + talk + "/answer", {"answer": "accepted"})
    assert (said.status_code, said.json()["state"]) == (201, "accepted")
    assert caller.post(place(stage, lan) + talk + "/messages", {"text": "Yes"}).status_code == 201
    [row] = caller.get(place(stage, mei)).json()["items"]
    assert (row["number"], row["state"], row["unread"]) == (2, "accepted", True)


@pytest.mark.parametrize(
    ("who", "status"), [("full", 201), ("operator", 201), ("reader", 403), ("other", 404), ("nobody", 401)]
)
def test_who_may_write(stage: dict[str, Any], who: str, status: int) -> None:
    mei, _, bo = stage["guests"]
    address, body = place(stage, mei), {"number": 2, "text": "Hello"}
    response = stage[who].post(address, body, request_id="once")
    assert response.status_code == status, response.content
    if status == 201:
        again = stage[who].post(address, body, request_id="once")
        assert (again.content, again["Idempotent-Replayed"]) == (response.content, "true")
    assert Conversation.objects.count() == Message.objects.count() == (status == 201)
    read = stage[who].get(place(stage, bo))
    assert read.status_code == (200 if who in {"full", "operator", "reader"} else status)


def test_no_answer_says_what_was_written(stage: dict[str, Any]) -> None:
    mei, lan, bo = stage["guests"]
    for caller in (stage["full"], stage["operator"]):
        told = [caller.post(place(stage, mei), {"number": 2, "text": SECRET}).content]
        told += [
            caller.get(place(stage, one) + more).content
            for one in (mei, lan, bo)
            for more in ("", "?asked=true")
        ]
        assert not [one for one in told if SECRET.encode() in one]
        assert not [one for one in told for guest in stage["guests"] if guest.phone.encode() in one]


def test_no_is_said_with_its_reason(stage: dict[str, Any]) -> None:
    mei, _, _ = stage["guests"]
    caller = stage["full"]
    for body, status, code in [
        ({"number": 9, "text": "Hello"}, 404, "person_unavailable"),
        ({"number": 1, "text": "Hello"}, 422, "talk_with_self"),
        ({"number": 2, "text": " "}, 422, "message_unusable"),
        ({"number": 2, "text": "x" * 1001}, 422, "message_unusable"),
        ({"number": "2", "text": "Hello"}, 422, "request_invalid"),
    ]:
        assert_refused(caller.post(place(stage, mei), body), status, code)
    assert_refused(caller.post(place(stage, stage["away"]), {"number": 2, "text": "x"}), 409, "not_in_circle")
    assert Message.objects.count() == 0
