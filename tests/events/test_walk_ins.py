"""Guests who come without a registration (spec/events.md, Offline door; docs/decisions/0018)."""

from datetime import timedelta
from typing import Any

import pytest

from tessera.events.models import Arrival, Decision, Event, NumberSetAside, Registration, Seats
from tessera.kit import clock
from tessera.kit.ids import show_id
from tests.cast import assert_refused, made_up_phone
from tests.events.devices import Device
from tests.events.stage import a_guest, a_lease, a_terminal, an_arrival, an_event

pytestmark = pytest.mark.django_db


def someone(**more: Any) -> dict[str, Any]:
    return {"id": "w-1", "phone": made_up_phone(), "name": "阿强", **more}


def rows(event: Event) -> tuple[int, int, int, int]:
    """Registrations, accepted ones, arrivals, seats taken."""
    mine = Registration.objects.filter(event_id=event.id)
    return (
        mine.count(),
        mine.filter(state="accepted").count(),
        Arrival.objects.filter(event_id=event.id).count(),
        Seats.objects.get(pk=event.id).taken,
    )


def test_a_walk_in_is_registered_accepted_and_in() -> None:
    event = an_event(capacity=1)
    device = Device(a_terminal(event))
    walk_in = someone()
    [answer] = device.walk_in(walk_in)
    assert (answer["status"], answer["repeat"], answer["over_capacity"]) == (201, False, False)
    assert (answer["answer"]["number"], answer["answer"]["name"]) == (1, "阿强")
    assert walk_in["phone"] not in str(answer)
    guest = Registration.objects.get(event_id=event.id)
    assert (guest.phone, guest.walk_in, guest.source, guest.state) == (
        walk_in["phone"],
        True,
        "door",
        "accepted",
    )
    assert rows(event) == (1, 1, 1, 1)
    [again] = device.walk_in(walk_in)
    assert (again["repeat"], again["answer"]["number"]) == (True, 1)
    [other] = device.walk_in({**walk_in, "name": "Someone else"})
    assert (other["status"], other["code"]) == (422, "id_reused")
    assert rows(event) == (1, 1, 1, 1)


def test_each_is_answered_by_himself() -> None:
    event = an_event(capacity=2)
    declined, accepted = a_guest(event, state="declined", name="Bo"), a_guest(event)
    answers = Device(a_terminal(event)).walk_in(
        someone(id="1", phone=declined.phone),
        someone(id="2", phone="12"),
        someone(id="3", phone=accepted.phone),
        someone(id="4"),
        someone(id="5"),
        someone(id=""),
        someone(id="7", number=3),
    )
    assert [one.get("code") for one in answers] == [
        "registration_declined", "phone_invalid", "walk_in_registered", None, "event_full", "request_id_missing",
        "request_invalid",
    ]  # fmt: skip
    assert rows(event) == (3, 2, 1, 2)


@pytest.mark.parametrize("state", ["pending", "waitlisted", "cancelled"])
def test_who_waited_is_accepted_where_a_seat_is_free(state: str) -> None:
    event = an_event(capacity=1)
    guest = a_guest(event, state=state)
    [answer] = Device(a_terminal(event)).walk_in(someone(phone=guest.phone))
    assert answer["answer"]["registration_id"] == show_id("reg", guest.id)
    assert rows(event) == (1, 1, 1, 1)
    assert Decision.objects.filter(event_id=event.id, registration_id=guest.id, after="accepted").count() == 1
    full = an_event(capacity=0)
    guest = a_guest(full, state=state)
    [answer] = Device(a_terminal(full)).walk_in(someone(phone=guest.phone))
    assert answer["code"] == "event_full"
    assert rows(full) == (1, 0, 0, 0)
    assert Registration.objects.get(event_id=full.id).state == state


def test_walk_ins_can_be_closed_and_the_door_too() -> None:
    event = an_event(walk_ins=False)
    assert Device(a_terminal(event)).walk_in(someone())[0]["code"] == "walk_ins_closed"
    early = an_event(starts_at=clock.now() + timedelta(hours=5))
    assert Device(a_terminal(early)).walk_in(someone())[0]["code"] == "door_not_open"
    assert rows(event) == rows(early) == (0, 0, 0, 0)


def test_whom_a_terminal_took_in_by_itself_is_in_though_all_seats_went_meanwhile() -> None:
    event = an_event(capacity=1)
    terminal = a_terminal(event)
    lease, device = a_lease(event, terminal), Device(terminal)
    at = (clock.now() - timedelta(minutes=5)).isoformat()
    a_guest(event)
    walk_in = someone(number=lease[0], arrived_at=at)
    [answer] = device.walk_in(walk_in)
    assert (answer["status"], answer["over_capacity"], answer["answer"]["number"]) == (201, True, lease[0])
    seats = Seats.objects.get(pk=event.id)
    assert (seats.capacity, seats.taken, seats.over_capacity) == (1, 2, 1)
    assert Registration.objects.get(event_id=event.id, phone=walk_in["phone"]).source == "door_over_capacity"
    assert device.walk_in(walk_in)[0]["repeat"] is True
    assert device.walk_in(someone(id="w-2"))[0]["code"] == "event_full"
    assert rows(event) == (2, 2, 1, 2)


def test_the_queue_keeps_a_guest_whom_the_roster_did_not_hold_yet() -> None:
    event = an_event()
    terminal = a_terminal(event)
    lease, device = a_lease(event, terminal), Device(terminal)
    at = (clock.now() - timedelta(minutes=5)).isoformat()
    accepted, here = a_guest(event), a_guest(event)
    an_arrival(event, here, 1)
    [kept, second] = device.walk_in(
        someone(id="1", phone=accepted.phone, number=lease[0], arrived_at=at),
        someone(id="2", phone=here.phone, number=lease[1], arrived_at=clock.now().isoformat()),
    )
    assert (kept["answer"]["number"], kept["over_capacity"]) == (lease[0], False)
    assert (second["code"], second["details"]["number"]) == ("already_arrived", 1)
    assert NumberSetAside.objects.get(event_id=event.id).number == lease[1]
    assert rows(event) == (2, 2, 2, 2)


def test_a_number_out_of_no_lease_is_replaced() -> None:
    event = an_event()
    device = Device(a_terminal(event))
    [answer] = device.walk_in(someone(number=5, arrived_at=clock.now().isoformat()))
    assert (answer["answer"]["number"], answer["answer"]["void_number"]) == (1, 5)


def test_names_are_cleaned_and_bodies_bounded() -> None:
    event = an_event()
    device = Device(a_terminal(event))
    [answer] = device.walk_in(someone(name="A\u202e\u0007n" + "x" * 150))
    assert answer["answer"]["name"].startswith("Anx")
    assert len(answer["answer"]["name"]) <= 60
    many = {"items": [someone(id=str(n)) for n in range(251)]}
    assert_refused(device.post("walk-ins", many), 413, "too_large")
    assert_refused(device.post("walk-ins", {"items": []}), 422, "request_invalid")
    assert_refused(
        device.post("walk-ins", {"items": [{**someone(), "role": "owner"}]}), 422, "request_invalid"
    )
    assert rows(event) == (1, 1, 1, 1)
    assert device.post("walk-ins", {"items": [someone(id="x")]}, "call").status_code == 200
    assert_refused(device.post("walk-ins", {"items": [someone(id="y")]}, "call"), 422, "id_reused")
    assert rows(event) == (2, 2, 2, 2)
