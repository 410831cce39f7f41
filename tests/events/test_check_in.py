"""Guests at the door: who comes in, with which number, and how the door says no (spec/events.md, 5 and 6)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tessera.events.actions.check_in import check_in_guests
from tessera.events.errors.door import (
    AlreadyArrived,
    DoorCodeWrong,
    DoorNotOpen,
    GuessesLocked,
    GuestUnknown,
    OtherEvent,
    RegistrationDeclined,
    TerminalRevoked,
)
from tessera.events.models import Arrival, Event, Guess, Numbering, NumberSetAside, Terminal, UndoneArrival
from tessera.events.rules.door import Checked, CheckIn, default_offline_start
from tessera.kit import clock
from tessera.kit.connections import connect
from tessera.kit.errors import IdReused
from tessera.kit.retry import retried
from tests.cast import made_up_phone
from tests.events.stage import a_guest, a_lease, a_terminal, an_event, at_the_door

pytestmark = pytest.mark.usefixtures("committed")


def check_in(*commands: CheckIn) -> Sequence[Any]:
    """Check in a batch as group commit does."""
    with connect() as line:
        return retried(line, lambda c: check_in_guests(c, commands, now=clock.now()))


def numbers(event: Event) -> list[int]:
    return sorted(Arrival.objects.filter(event_id=event.id).values_list("number", flat=True))


def test_numbers_go_in_order_of_arrival() -> None:
    event = an_event(prefixes={"vip": "V"})
    guests = [a_guest(event), a_guest(event, group="vip"), a_guest(event)]
    done = check_in(*[at_the_door(event, guest) for guest in guests])
    assert [one.number for one in done] == [1, 2, 3]
    assert [one.shown for one in done] == ["001", "V002", "003"]
    assert Numbering.objects.get(pk=event.id).arrived == 3


def test_the_same_guest_twice_is_told_his_number() -> None:
    event = an_event()
    guest = a_guest(event, name="小美")
    [first, again] = check_in(at_the_door(event, guest), at_the_door(event, guest, door="Door B"))
    assert isinstance(first, Checked)
    assert isinstance(again, AlreadyArrived)
    assert (again.details["number"], again.details["shown"], again.details["door"]) == (1, "001", "Door A")
    assert numbers(event) == [1]


def test_the_same_request_again_is_answered_again() -> None:
    event = an_event()
    guest = a_guest(event)
    command = at_the_door(event, guest, request_id="one", request_digest=b"a" * 32)
    [first] = check_in(command)
    [again] = check_in(command)
    assert (again.number, again.repeat, first.repeat) == (1, True, False)
    [other] = check_in(at_the_door(event, guest, request_id="one", request_digest=b"b" * 32))
    assert isinstance(other, IdReused)


def test_looking_gives_nothing() -> None:
    event = an_event()
    guest = a_guest(event)
    [seen] = check_in(at_the_door(event, guest, confirm=False))
    assert (seen.name, seen.number) == (guest.name, None)
    assert numbers(event) == []


def test_by_ticket_by_tail_and_other_events_ticket() -> None:
    event, other = an_event(), an_event()
    guest, tail, foreign = a_guest(event), a_guest(event), a_guest(other)
    done = check_in(
        at_the_door(event, guest, by="ticket", given=guest.ticket, code=""),
        at_the_door(event, tail, by="tail", given=tail.phone_tail),
        at_the_door(event, foreign, by="ticket", given=foreign.ticket),
    )
    assert [one.number for one in done[:2]] == [1, 2]
    assert done[2] == OtherEvent(title=other.title)


def test_refusals_leave_no_arrival() -> None:
    event = an_event()
    declined = a_guest(event, state="declined", name="Bo")
    guest = a_guest(event)
    [no, unknown, wrong] = check_in(
        at_the_door(event, declined),
        at_the_door(event, guest, given=made_up_phone()),
        at_the_door(event, guest, code="12ab"),
    )
    assert no == RegistrationDeclined(name="Bo")
    assert isinstance(unknown, GuestUnknown)
    assert wrong == DoorCodeWrong(tries_left=4)
    assert numbers(event) == []


def test_doors_open_later() -> None:
    event = an_event(starts_at=clock.now() + timedelta(hours=5))
    [no] = check_in(at_the_door(event, a_guest(event)))
    assert isinstance(no, DoorNotOpen)
    assert numbers(event) == []


def test_wrong_codes_lock_one_number_and_no_other() -> None:
    event = an_event()
    guest, other = a_guest(event, code="111111"), a_guest(event)
    wrong = at_the_door(event, guest, code="999999")
    outcomes = [outcome for _ in range(5) for outcome in check_in(*[wrong] * 200)]
    assert [type(one) for one in outcomes[:6]] == [DoorCodeWrong] * 5 + [GuessesLocked]
    assert {type(one) for one in outcomes[6:]} == {GuessesLocked}
    [right, fine] = check_in(at_the_door(event, guest), at_the_door(event, other))
    assert isinstance(right, GuessesLocked)
    assert fine.number == 1
    assert Guess.objects.filter(event_id=event.id, locked_at__isnull=False).count() == 1


def test_an_offline_arrival_keeps_its_number() -> None:
    event = an_event()
    terminal = a_terminal(event)
    lease = a_lease(event, terminal)
    guest = a_guest(event)
    at = clock.now() - timedelta(minutes=20)
    command = at_the_door(
        event, guest, terminal_id=terminal.id, number=lease[0], arrived_at=at, request_id="q1"
    )
    [done] = check_in(command)
    assert (done.number, done.arrived_at) == (lease[0], at)
    [again] = check_in(command)
    assert (again.number, again.repeat) == (lease[0], True)


@pytest.mark.parametrize("first_uploads_first", [True, False])
def test_two_doors_without_a_network(first_uploads_first: bool) -> None:
    """The first by the doors' time keeps its number, whoever uploads first; the other is void for ever."""
    event = an_event()
    guest = a_guest(event)
    a, b = a_terminal(event, door="A"), a_terminal(event, door="B")
    early, late = clock.now() - timedelta(minutes=9), clock.now() - timedelta(minutes=3)
    number_a, number_b = a_lease(event, a)[0], a_lease(event, b)[0]
    commands = [
        at_the_door(event, guest, terminal_id=a.id, owner_id=a.id, number=number_a, arrived_at=early, door="A", request_id="1"),
        at_the_door(event, guest, terminal_id=b.id, owner_id=b.id, number=number_b, arrived_at=late, door="B", request_id="1"),
    ]  # fmt: skip
    for command in commands if first_uploads_first else reversed(commands):
        check_in(command)
    arrival = Arrival.objects.get(event_id=event.id)
    assert (arrival.number, arrival.door, arrival.arrived_at) == (number_a, "A", early)
    assert NumberSetAside.objects.get(event_id=event.id).number == number_b
    assert UndoneArrival.objects.get(event_id=event.id).number == number_b
    for command in commands:
        check_in(command)
    assert numbers(event) == [number_a]
    assert NumberSetAside.objects.filter(event_id=event.id).count() == 1


def test_a_number_out_of_no_lease_is_replaced() -> None:
    event = an_event()
    terminal = a_terminal(event)
    guest = a_guest(event)
    [done] = check_in(
        at_the_door(
            event, guest, terminal_id=terminal.id, number=7777, arrived_at=clock.now(), request_id="x"
        )
    )
    assert (done.number, done.void_number) == (1, 7777)


def test_a_revoked_terminal_gives_nothing() -> None:
    event = an_event()
    terminal = a_terminal(event)
    Terminal.objects.filter(pk=terminal.id).update(revoked_at=clock.now())
    [no] = check_in(at_the_door(event, a_guest(event), terminal_id=terminal.id))
    assert no == TerminalRevoked()
    assert numbers(event) == []


def test_numbers_set_aside_are_passed_over() -> None:
    event = an_event()
    early = a_guest(event)
    for number in (1, 3):
        NumberSetAside.objects.create(
            event_id=event.id,
            number=number,
            kind="void",
            registration_id=early.id,
            at=clock.now(),
            actor="test",
        )
    done = check_in(*[at_the_door(event, a_guest(event)) for _ in range(3)])
    assert [one.number for one in done] == [2, 4, 5]


def test_a_run_that_is_used_up_goes_on_behind_the_blocks() -> None:
    event = an_event(offline_start=3, capacity=None)
    lease = a_lease(event, a_terminal(event), 10)
    done = check_in(*[at_the_door(event, a_guest(event)) for _ in range(3)])
    assert [one.number for one in done] == [1, 2, lease[-1] + 1]


@pytest.mark.parametrize(("capacity", "begins"), [(300, 1001), (10, 51), (20_000, 50_001), (None, 20_001)])
def test_blocks_begin_at_a_round_number(capacity: int | None, begins: int) -> None:
    assert default_offline_start(start=1, capacity=capacity) == begins
