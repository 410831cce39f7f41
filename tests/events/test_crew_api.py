"""Crew, terminals and undoing over the API, for every caller."""

from typing import Any

import pytest

from tessera.events.models import Arrival, CrewMember, Terminal
from tessera.kit.ids import show_id
from tests.cast import READ_SCOPES, Caller, assert_refused, made_up_phone, make_caller
from tests.events.devices import Device
from tests.events.stage import a_guest, a_terminal, an_arrival, an_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> dict[str, Any]:
    """An event with a guest who has arrived, a terminal and its holder; keys of all kinds."""
    event, other = an_event(), an_event()
    guest = a_guest(event)
    an_arrival(event, guest, 1)
    terminal = a_terminal(event)
    return {
        "event": event,
        "guest": guest,
        "terminal": terminal,
        "full": make_caller("full", event.merchant_id, ["events:read", "events:write"]),
        "reader": make_caller("reader", event.merchant_id, READ_SCOPES),
        "other": make_caller("other", other.merchant_id, ["events:read", "events:write"]),
        "operator": make_caller("operator", None, ["operator"]),
        "device": Caller("terminal", terminal.secret),
        "nobody": Caller("nobody", None),
    }


def writes(stage: dict[str, Any]) -> dict[str, Any]:
    """Address -> body of every write."""
    event = f"/events/{show_id('evt', stage['event'].id)}"
    crew = CrewMember.objects.get(event_id=stage["event"].id)
    undo = {"registration_id": show_id("reg", stage["guest"].id), "reason": "wrong guest"}
    return {
        f"{event}/crew": {"phone": made_up_phone(), "role": "supervisor"},
        f"{event}/undoings": undo,
        f"{event}/terminals/{show_id('trm', stage['terminal'].id)}/revocation": {"reason": "lost"},
        f"{event}/crew/{show_id('crw', crew.id)}/ending": None,
    }


@pytest.mark.parametrize(
    ("who", "status"),
    [("full", 201), ("operator", 201), ("reader", 403), ("other", 404), ("device", 403), ("nobody", 401)],
)
def test_who_may_write(stage: dict[str, Any], who: str, status: int) -> None:
    for place, (address, body) in enumerate(writes(stage).items()):
        response = stage[who].post(address, body, request_id=f"w-{place}")
        assert response.status_code == status, (address, response.content)
        if status == 201:
            again = stage[who].post(address, body, request_id=f"w-{place}")
            assert (again.content, again["Idempotent-Replayed"]) == (response.content, "true")
    done = status == 201
    assert Arrival.objects.filter(event_id=stage["event"].id).exists() is not done
    assert (Terminal.objects.get(pk=stage["terminal"].id).revoked_at is not None) is done
    assert CrewMember.objects.filter(event_id=stage["event"].id, role="supervisor").exists() is done


@pytest.mark.parametrize(
    ("who", "status"),
    [("full", 200), ("operator", 200), ("reader", 200), ("other", 404), ("device", 403), ("nobody", 401)],
)
def test_who_may_read(stage: dict[str, Any], who: str, status: int) -> None:
    event = f"/events/{show_id('evt', stage['event'].id)}"
    for address in (f"{event}/crew", f"{event}/terminals"):
        response = stage[who].get(address)
        assert response.status_code == status, response.content
        assert stage["terminal"].secret not in response.content.decode()
        if status == 200:
            [only] = response.json()["items"]
            assert only["id"][:4] in {"crw_", "trm_"}


def test_what_is_not_there_is_refused(stage: dict[str, Any]) -> None:
    event, full = f"/events/{show_id('evt', stage['event'].id)}", stage["full"]
    foreign = a_terminal(an_event())
    gone = f"{event}/terminals/{show_id('trm', foreign.id)}/revocation"
    assert_refused(full.post(gone, {}), 404, "not_found")
    assert Device(foreign).get("session").status_code == 200
    assert_refused(full.post(f"{event}/crew", {"phone": "12"}), 422, "phone_invalid")
    assert_refused(
        full.post(f"{event}/crew", {"phone": made_up_phone(), "role": "owner"}), 422, "request_invalid"
    )
    assert CrewMember.objects.filter(event_id=stage["event"].id).count() == 1
