"""The organiser's page of the door, and setting a device up (spec/events.md, step 5)."""

import base64
import uuid
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from tessera.events.models import CrewMember, Event, Guess, Printer, Terminal
from tessera.events.queries.crew import list_locks
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.merchants.actions.staff import employ_person
from tessera.notices.models import Notice
from tessera.notices.templates import address_of
from tessera.people.models import Person
from tests.cast import made_up_phone
from tests.events.devices import Device
from tests.events.stage import a_person, a_terminal, an_event

pytestmark = pytest.mark.django_db


class Browser:
    """Somebody's browser at one event."""

    def __init__(self, event: Event, person_id: UUID) -> None:
        self.client, self.event = Client(headers={"Accept-Language": "en"}), event
        person = Person.objects.get(pk=person_id)
        self.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    def get(self, path: str = "door") -> HttpResponse:
        return self.client.get(f"/organise/{show_id('evt', self.event.id)}/{path}")

    def post(self, path: str, **body: Any) -> Any:
        event = show_id("evt", self.event.id)
        base = f"/door/{event}/terminals" if path.startswith("@") else f"/organise/{event}/"
        return self.client.post(base + path.removeprefix("@"), {"request_id": uuid.uuid4().hex, **body})


@pytest.fixture
def event() -> Event:
    return an_event()


@pytest.fixture
def owner(event: Event) -> Browser:
    person_id, _ = a_person("Owner")
    assert event.merchant_id is not None
    employ_person(
        merchant_id=event.merchant_id,
        person_id=person_id,
        role="owner",
        store_id=None,
        now=clock.now(),
        actor=SYSTEM,
    )
    return Browser(event, person_id)


def test_a_device_is_set_up_once(event: Event, owner: Browser) -> None:
    printer = Printer.objects.create(
        event_id=event.id, name="P", language="browser", width_mm=80, height_mm=50, made_at=clock.now()
    )
    body = {"door": " East\u202e ", "printer": show_id("ptr", printer.id), "request_id": "r-1"}
    response = owner.post("@", **body)
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    told = response.json()
    assert (told["door"], told["supervisor"]) == ("East", True)
    session = Device(told["credential"]).get("session").json()
    assert session["terminal"] == {
        "id": told["terminal_id"], "door": "East", "supervisor": True, "printer_id": show_id("ptr", printer.id),
    }  # fmt: skip
    assert session["vault_key"] == told["vault_key"]
    assert len(base64.b64decode(told["vault_key"])) == 32
    again = owner.post("@", **body)
    assert (again.status_code, again.json()["code"]) == (422, "id_reused")
    assert "credential" not in again.json()
    assert Terminal.objects.filter(event_id=event.id).count() == 1
    kept = Terminal.objects.get(event_id=event.id)
    assert told["credential"].encode() not in bytes(kept.digest) + bytes(kept.vault_key)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "request_invalid"),
        ({"door": " "}, "request_invalid"),
        ({"door": "x" * 61}, "request_invalid"),
        ({"door": "A", "printer": "ptr_no"}, "invalid_id"),
        ({"door": "A", "printer": "ptr_" + "0" * 26}, "printer_unknown"),
        ({"door": "A", "request_id": ""}, "request_id_missing"),
    ],
)
def test_what_is_no_terminal(event: Event, owner: Browser, body: dict[str, str], code: str) -> None:
    response = owner.post("@", **body)
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["detail"]
    assert not Terminal.objects.filter(event_id=event.id).exists()


def test_the_crew_sets_up_and_revokes_its_own_devices_only(event: Event) -> None:
    person_id, _ = a_person("Guide")
    mine, other = a_terminal(event, person_id=person_id), a_terminal(event)
    browser = Browser(event, person_id)
    assert browser.post("@", door="West").json()["supervisor"] is False
    assert browser.post(f"@/{show_id('trm', other.id)}/revocation").status_code == 404
    assert browser.post(f"@/{show_id('trm', mine.id)}/revocation", reason="sold").status_code == 303
    assert Device(other).get("session").status_code == 200
    assert Device(mine).get("session").json()["code"] == "terminal_revoked"
    assert Terminal.objects.get(pk=mine.id).revoked_why == "sold"


def test_crew_comes_and_goes(event: Event, owner: Browser) -> None:
    phone = made_up_phone()
    assert owner.post("door", phone=phone, role="supervisor").status_code == 303
    member = CrewMember.objects.get(event_id=event.id)
    notice = Notice.objects.get(person_id=member.person_id)
    assert notice.template == "crew_added"
    assert address_of(notice.template, notice.context) == f"/door/{show_id('evt', event.id)}"
    page = owner.get().content.decode()
    assert "Supervisor" in page
    assert phone not in page
    assert phone[3:] not in page
    again = owner.post("door", phone=phone, role="supervisor")
    assert again.status_code == 409
    assert "already works at this door" in again.content.decode()
    assert phone in again.content.decode(), "what was typed stays"
    wrong = owner.post("door", phone="12", role="crew")
    assert wrong.status_code == 422
    assert "not a possible phone number" in wrong.content.decode()
    assert owner.post(f"crew/{show_id('crw', member.id)}/end").status_code == 303
    assert CrewMember.objects.get(event_id=event.id).until is not None
    assert owner.post(f"crew/{show_id('crw', member.id)}/end").status_code == 409
    assert "Nobody works at the door yet" in owner.get().content.decode()


def test_locks_and_walk_ins(event: Event, owner: Browser) -> None:
    Guess.objects.create(
        event_id=event.id, kind="phone", subject="phone:+8610012345678", wrong=5, since=clock.now(),
        locked_at=clock.now(),
    )  # fmt: skip
    [lock] = list_locks(event.id)
    page = owner.get().content.decode()
    assert "100****5678" in page
    assert "10012345678" not in page
    assert owner.post("unlocks", lock=lock.id).status_code == 303
    assert not list_locks(event.id)
    assert owner.post("unlocks", lock="nothing").status_code == 303
    assert owner.post("walk-ins", allowed="no").status_code == 303
    assert Event.objects.get(pk=event.id).walk_ins is False
    assert "Allow walk-ins" in owner.get().content.decode()


def test_regions_ask_for_themselves(event: Event, owner: Browser) -> None:
    a_terminal(event, door="North")
    for part in ("state", "sheets"):
        address = f"/organise/{show_id('evt', event.id)}/door?part={part}"
        text = owner.client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "North" in text
        assert "<html" not in text
