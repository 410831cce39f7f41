"""Many at one door: numbers, seats, leases and revocations hold (spec/events.md, Bad input; issue: races and refusals)."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import close_old_connections, connections, transaction

from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.crew import revoke_terminal
from tessera.events.actions.undoing import undo_arrival
from tessera.events.errors.corrections import NotArrived
from tessera.events.errors.door import AlreadyArrived
from tessera.events.models import (
    Arrival,
    Event,
    Guess,
    Lease,
    Numbering,
    NumberSetAside,
    Registration,
    Seats,
    UndoneArrival,
)
from tessera.events.rules.door import Checked, CheckIn
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.edge import repeated
from tessera.kit.ids import show_id
from tessera.kit.retry import retried
from tessera.site.lane import HotLane
from tests.cast import assert_refused, made_up_phone
from tests.events.devices import Device, lane, over_lane
from tests.events.stage import a_guest, a_lease, a_terminal, an_event, at_the_door
from tests.races.race import race

__all__ = ["lane"]
pytestmark = pytest.mark.usefixtures("committed")


def at_once(work: Any, runners: int) -> list[Any]:
    """Let `work(n)` run in threads with connections of their own."""

    def run(number: int) -> Any:
        close_old_connections()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(run, range(runners)))


def check_in(commands: Sequence[CheckIn], line: Any) -> list[Any]:
    """One batch, as group commit hands it over."""
    return list(check_in_guests(line, commands, now=clock.now()))


def numbers(event: Event) -> list[int]:
    return sorted(Arrival.objects.filter(event_id=event.id).values_list("number", flat=True))


def test_one_guest_at_eight_terminals() -> None:
    event = an_event()
    guest = a_guest(event)
    terminals = [a_terminal(event, door=f"Door {n}") for n in range(8)]

    def work(line: Any, number: int) -> Any:
        command = at_the_door(
            event, guest, terminal_id=terminals[number].id, owner_id=terminals[number].id, request_id="1"
        )
        return retried(line, partial(check_in, [command]))[0]

    outcomes = race(work, 8)
    [done] = [one for one in outcomes if isinstance(one, Checked)]
    others = [one for one in outcomes if isinstance(one, AlreadyArrived)]
    assert [one.details["number"] for one in others] == [done.number] * 7
    assert numbers(event) == [1]
    assert Numbering.objects.get(pk=event.id).arrived == 1


def test_leases_of_eight_terminals_are_disjoint() -> None:
    event = an_event()
    devices = [Device(a_terminal(event)) for _ in range(8)]

    def work(number: int) -> list[tuple[int, int]]:
        answers = [devices[number].post("leases", {"numbers": 20}) for _ in range(5)]
        assert {one.status_code for one in answers} == {201}
        return [(one.json()["first_number"], one.json()["last_number"]) for one in answers]

    blocks = sorted(block for blocks in at_once(work, 8) for block in blocks)
    assert [first for first, _ in blocks] == list(range(1001, 1001 + 40 * 20, 20))
    assert all(last - first == 19 for first, last in blocks)
    assert Numbering.objects.get(pk=event.id).next_block == 1001 + 800


def test_a_lease_asked_for_twice_at_once_is_one() -> None:
    event = an_event()
    device = Device(a_terminal(event))
    answers = at_once(lambda _: device.post("leases", {"numbers": 50}, "same").json(), 8)
    assert len({str(one) for one in answers}) == 1
    assert Lease.objects.filter(event_id=event.id).count() == 1


def test_leases_and_check_ins_give_no_number_twice() -> None:
    event = an_event(offline_start=5, capacity=None)
    guests = [a_guest(event) for _ in range(40)]
    devices = [Device(a_terminal(event)) for _ in range(4)]

    def work(line: Any, number: int) -> Any:
        if number < 4:
            return devices[number].post("leases", {"numbers": 10}).json()
        mine = guests[(number - 4) * 10 : (number - 3) * 10]
        done = [retried(line, partial(check_in, [at_the_door(event, guest)]))[0] for guest in mine]
        return [one.number for one in done]

    outcomes = race(work, 8)
    leased = {
        number for block in outcomes[:4] for number in range(block["first_number"], block["last_number"] + 1)
    }
    given = [number for some in outcomes[4:] for number in some]
    assert len(leased) == 40
    assert len(set(given)) == len(given) == 40
    assert not leased & set(given)


def test_undoing_and_checking_in_keep_count() -> None:
    """Prevents a number that two have, or an `arrived` that counts who is not there."""
    event = an_event()
    guests = [a_guest(event) for _ in range(4)]

    def undo(guest_id: UUID) -> Any:
        def attempt() -> Any:
            with transaction.atomic():
                return undo_arrival(
                    event_id=event.id, registration_id=guest_id, reason="x", now=clock.now(), actor=SYSTEM
                )

        try:
            return repeated(attempt)
        except NotArrived as refusal:
            return refusal

    def work(line: Any, number: int) -> list[Any]:
        close_old_connections()
        guest, outcomes = guests[number % 4], []
        for _ in range(6):
            if number < 8:
                outcomes += retried(line, partial(check_in, [at_the_door(event, guest)]))
            else:
                outcomes.append(undo(guest.id))
        connections.close_all()
        return outcomes

    outcomes = [one for some in race(work, 16) for one in some]
    done = [one.number for one in outcomes if isinstance(one, Checked)]
    undone = [one.number for one in outcomes if isinstance(one, UndoneArrival)]
    assert len(set(done)) == len(done)
    assert set(undone) <= set(done)
    assert sorted(set(done) - set(undone)) == numbers(event)
    assert Numbering.objects.get(pk=event.id).arrived == len(numbers(event))
    assert NumberSetAside.objects.filter(event_id=event.id, kind="void").count() == len(undone)


def test_walk_ins_and_the_last_seat() -> None:
    event = an_event(capacity=5)
    devices = [Device(a_terminal(event)) for _ in range(4)]

    def work(number: int) -> Any:
        [answer] = devices[number % 4].walk_in(
            {"id": f"w-{number}", "phone": made_up_phone(), "name": "Ming"}
        )
        return answer

    answers = at_once(work, 16)
    assert Counter(one.get("code") for one in answers) == {None: 5, "event_full": 11}
    assert numbers(event) == [1, 2, 3, 4, 5]
    assert Registration.objects.filter(event_id=event.id).count() == 5
    assert Seats.objects.get(pk=event.id).taken == 5


def test_one_walk_in_at_four_terminals() -> None:
    event, phone = an_event(), made_up_phone()
    devices = [Device(a_terminal(event)) for _ in range(4)]
    answers = at_once(lambda n: devices[n].walk_in({"id": "w", "phone": phone, "name": "Ming"})[0], 4)
    assert Counter(one.get("code") for one in answers) == {None: 1, "already_arrived": 3}
    assert (numbers(event), Seats.objects.get(pk=event.id).taken) == ([1], 1)


def test_a_stolen_terminal_is_revoked_in_the_middle_of_its_queue(lane: HotLane) -> None:
    """What it brought before the revocation counts; what comes after leaves nothing."""
    event = an_event(capacity=None)
    guests = [a_guest(event) for _ in range(200)]
    terminal, other = a_terminal(event), a_terminal(event)
    lease = a_lease(event, terminal, 200)
    at = clock.now() - timedelta(minutes=10)
    items = [
        {
            "id": f"q-{place}",
            "registration_id": show_id("reg", guest.id),
            "number": lease[place],
            "arrived_at": at.isoformat(),
        }
        for place, guest in enumerate(guests)
    ]
    path = Device(terminal).arrivals(event, bulk=True)

    def work(number: int) -> Any:
        if number == 0:
            answers = []
            for start in range(0, 200, 10):
                [response] = over_lane(lane, [(terminal.secret, path, {"items": items[start : start + 10]})])
                told = response.json()
                answers += told["items"] if response.status_code == 200 else [told] * 10
            return answers
        while Arrival.objects.filter(event_id=event.id).count() < 50:
            pass
        with transaction.atomic():
            revoke_terminal(
                event_id=event.id, terminal_id=terminal.id, reason="stolen", now=clock.now(), actor=SYSTEM
            )
        return Arrival.objects.filter(event_id=event.id).count()

    answers, counted = at_once(work, 2)
    taken = [place for place, one in enumerate(answers) if one["status"] == 201]
    assert taken == list(range(len(taken)))
    assert 50 <= len(taken) < 200
    assert {one["code"] for one in answers[len(taken) :]} == {"terminal_revoked"}
    assert numbers(event) == list(lease[: len(taken)])
    assert counted == len(taken), "nothing came in after the revocation"
    [fine] = over_lane(lane, [(other.secret, Device(other).arrivals(event), {"ticket": guests[199].ticket})])
    assert (fine.status_code, fine.json()["number"]) == (201, 1)


def test_a_thousand_wrong_codes_lock_one_phone_and_no_other(lane: HotLane) -> None:
    event = an_event(capacity=None)
    victim, others = a_guest(event, code="111111"), [a_guest(event) for _ in range(5)]
    attackers = [a_terminal(event, door=f"Stolen {n}") for n in range(10)]
    honest = a_terminal(event)
    path = Device(honest).arrivals(event)
    wrong = [
        (attackers[n % 10].secret, path, {"phone": victim.phone, "code": f"{n:06d}"}) for n in range(1000)
    ]
    codes = Counter(one.json()["code"] for one in over_lane(lane, wrong))
    assert codes == {"door_code_wrong": 5, "guesses_locked": 995}
    right = (honest.secret, path, {"phone": victim.phone, "code": "111111"})
    fine = [(honest.secret, path, {"phone": one.phone, "code": one.code}) for one in others]
    told = over_lane(lane, [right, *fine])
    assert told[0].json()["code"] == "guesses_locked"
    assert [one.status_code for one in told[1:]] == [201] * 5
    ticket = (honest.secret, path, {"ticket": victim.ticket})
    assert over_lane(lane, [ticket])[0].status_code == 201
    assert Guess.objects.filter(event_id=event.id, locked_at__isnull=False).count() == 1


def test_a_lease_is_not_given_to_who_is_being_revoked() -> None:
    event = an_event()
    terminal = a_terminal(event)

    def work(number: int) -> Any:
        if number:
            return Device(terminal).post("leases", {"numbers": 10}).status_code
        with transaction.atomic():
            revoked = revoke_terminal(
                event_id=event.id, terminal_id=terminal.id, reason="", now=clock.now(), actor=SYSTEM
            )
        return revoked.door

    _, *statuses = at_once(work, 8)
    assert set(statuses) <= {201, 403}
    assert Lease.objects.filter(event_id=event.id).count() == statuses.count(201)
    assert_refused(Device(terminal).post("leases", {"numbers": 10}), 403, "terminal_revoked")
    assert Numbering.objects.get(pk=event.id).next_block == 1001 + 10 * statuses.count(201)
