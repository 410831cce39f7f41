"""A supervisor at the door: finds guests, takes an arrival back (spec/events.md, steps 5 and 6)."""

import pytest

from tessera.events.actions.check_in import check_in_guests
from tessera.events.models import Arrival, Numbering, NumberSetAside, UndoneArrival
from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.kit.lent import lent_connection
from tests.cast import assert_refused
from tests.events.devices import Device
from tests.events.stage import a_guest, a_terminal, an_arrival, an_event, at_the_door

pytestmark = pytest.mark.django_db


def test_an_arrival_is_taken_back_and_its_number_is_void_for_ever() -> None:
    event = an_event(prefixes={"vip": "V"})
    guest = a_guest(event, group="vip")
    device = Device(a_terminal(event, role="supervisor"))
    check_in_guests(lent_connection(), [at_the_door(event, guest)], now=clock.now())
    body = {"registration_id": show_id("reg", guest.id), "reason": "Took the badge of a friend"}
    response = device.post("undoings", body, "one")
    assert response.status_code == 201, response.content
    assert (response.json()["number"], response.json()["shown"]) == (1, "V001")
    undone = UndoneArrival.objects.get(event_id=event.id)
    assert (undone.number, undone.why, undone.reason) == (1, "undone", "Took the badge of a friend")
    assert NumberSetAside.objects.get(event_id=event.id).kind == "void"
    assert not Arrival.objects.filter(event_id=event.id).exists()
    assert Numbering.objects.get(pk=event.id).arrived == 0
    again = device.post("undoings", body, "one")
    assert again["Idempotent-Replayed"] == "true"
    [done] = check_in_guests(lent_connection(), [at_the_door(event, guest)], now=clock.now())
    assert (done.number, Numbering.objects.get(pk=event.id).arrived) == (2, 1)  # type: ignore[union-attr]  # checked in


def test_what_cannot_be_undone_leaves_no_trace() -> None:
    event, other = an_event(), an_event()
    guest, foreign = a_guest(event), a_guest(other)
    an_arrival(other, foreign, 1)
    device = Device(a_terminal(event, role="supervisor"))
    body = {"registration_id": show_id("reg", guest.id), "reason": "why"}
    assert_refused(device.post("undoings", body), 409, "not_arrived")
    assert_refused(
        device.post("undoings", {**body, "registration_id": show_id("reg", foreign.id)}), 409, "not_arrived"
    )
    assert_refused(device.post("undoings", {**body, "reason": " "}), 422, "request_invalid")
    crew = Device(a_terminal(other))
    an_arrival(event, guest, 1)
    assert_refused(crew.post("undoings", body), 403, "scope_missing")
    assert Arrival.objects.filter(event_id__in=[event.id, other.id]).count() == 2
    assert not UndoneArrival.objects.filter(event_id__in=[event.id, other.id]).exists()
    assert not NumberSetAside.objects.filter(event_id__in=[event.id, other.id]).exists()


def test_guests_are_found_by_name_and_by_phone_and_numbers_stay_masked() -> None:
    event, other = an_event(), an_event()
    lan, bo = a_guest(event, name="王小兰"), a_guest(event, name="Bo", state="declined")
    a_guest(other, name="王小兰")
    an_arrival(event, lan, 7, door="East")
    device = Device(a_terminal(event, role="supervisor"))
    [found] = device.get("guests", q="小兰").json()["items"]
    assert (found["number"], found["shown"], found["door"], found["state"]) == (7, "007", "East", "accepted")
    assert found["phone"] == f"100****{lan.phone_tail}"
    for asked in (bo.phone_tail, bo.phone, (bo.phone or "")[3:]):
        text = device.get("guests", q=asked).content.decode()
        assert show_id("reg", bo.id) in text
        assert bo.phone is not None
        assert bo.phone not in text
    assert device.get("guests", q="%").json()["items"] == []
    assert device.get("guests", q=" ").json()["items"] == []
    assert_refused(Device(a_terminal(event)).get("guests", q="a"), 403, "scope_missing")
