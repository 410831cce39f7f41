"""Blocks of numbers for terminals without a network (spec/events.md, Offline door; docs/decisions/0018)."""

import pytest

from tessera.events.models import Lease, Numbering
from tests.cast import assert_refused
from tests.events.devices import Device
from tests.events.stage import a_guest, a_terminal, an_arrival, an_event

pytestmark = pytest.mark.django_db


def test_blocks_follow_one_another_behind_the_run() -> None:
    event = an_event()
    one, other = Device(a_terminal(event)), Device(a_terminal(event))
    blocks = [device.post("leases", {"numbers": 50}).json() for device in (one, other, one)]
    assert [(b["first_number"], b["last_number"]) for b in blocks] == [
        (1001, 1050),
        (1051, 1100),
        (1101, 1150),
    ]
    assert Numbering.objects.get(pk=event.id).next_block == 1151


def test_the_same_request_leases_once() -> None:
    event = an_event()
    device = Device(a_terminal(event))
    first = device.post("leases", {"numbers": 50}, "one")
    again = device.post("leases", {"numbers": 50}, "one")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Lease.objects.filter(event_id=event.id).count() == 1
    assert_refused(device.post("leases", {"numbers": 60}, "one"), 422, "id_reused")


def test_a_terminal_holds_so_many_and_no_more() -> None:
    event = an_event()
    device = Device(a_terminal(event))
    assert device.post("leases", {"numbers": 200}).status_code == 201
    told = assert_refused(device.post("leases", {"numbers": 1}), 409, "lease_not_used_up")
    assert told["details"] == {"unused": 200, "most": 200}
    assert Numbering.objects.get(pk=event.id).next_block == 1201
    for number in range(1001, 1051):
        an_arrival(event, a_guest(event), number)
    assert device.post("leases", {"numbers": 50}).status_code == 201


@pytest.mark.parametrize("numbers", [0, -1, 201, 10**12, 1.5, "50", True, None])
def test_a_block_is_a_whole_number_of_numbers(numbers: object) -> None:
    event = an_event()
    assert_refused(Device(a_terminal(event)).post("leases", {"numbers": numbers}), 422, "request_invalid")
    assert not Lease.objects.filter(event_id=event.id).exists()
