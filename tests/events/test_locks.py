"""Locked after wrong codes, until a supervisor unlocks (spec/events.md, step 4)."""

import pytest

from tessera.events.actions.check_in import check_in_guests
from tessera.events.errors.door import DoorCodeWrong, GuessesLocked
from tessera.events.models import Event, Guess, Registration
from tessera.events.rules.door import MOST_WRONG_OF_PHONE
from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.kit.lent import lent_connection
from tests.cast import assert_refused
from tests.events.devices import Device
from tests.events.stage import ATerminal, a_guest, a_terminal, an_event, at_the_door

pytestmark = pytest.mark.django_db


def check_in(event: Event, guest: Registration, **how: object) -> object:
    return check_in_guests(lent_connection(), [at_the_door(event, guest, **how)], now=clock.now())[0]


def locked(event: Event, guest: Registration, terminal: ATerminal) -> None:
    for _ in range(MOST_WRONG_OF_PHONE):
        assert isinstance(check_in(event, guest, code="x", terminal_id=terminal.id), DoorCodeWrong)
    assert isinstance(check_in(event, guest), GuessesLocked)


@pytest.mark.parametrize("how", ["phone", "lock"])
def test_a_supervisor_unlocks_a_number(how: str) -> None:
    event = an_event()
    guest, terminal = a_guest(event), a_terminal(event, role="supervisor")
    locked(event, guest, terminal)
    device = Device(terminal)
    [lock] = device.get("locks").json()["items"]
    assert (lock["kind"], lock["shown"], lock["wrong"]) == ("phone", f"100****{guest.phone_tail}", 5)
    assert (guest.phone or "") not in str(lock)
    body = {"phone": guest.phone} if how == "phone" else {"lock": lock["lock"]}
    assert device.post("unlocks", body).json() == {"unlocked": 1}
    assert device.get("locks").json()["items"] == []
    assert check_in(event, guest).number == 1  # type: ignore[attr-defined]  # checked in
    kept = Guess.objects.get(event_id=event.id, kind="phone")
    assert (kept.wrong, kept.locked_at, kept.unlocked_by) == (0, None, f"terminal:{terminal.id}")


def test_a_terminal_and_the_event_are_unlocked() -> None:
    event = an_event()
    terminal = a_terminal(event, role="supervisor")
    now = clock.now()
    for kind, subject in (("terminal", str(terminal.id)), ("event", "")):
        Guess.objects.create(
            event_id=event.id, kind=kind, subject=subject, wrong=99, since=now, locked_at=now
        )
    guest, device = a_guest(event), Device(terminal)
    assert isinstance(check_in(event, guest, terminal_id=terminal.id), GuessesLocked)
    assert {one["kind"] for one in device.get("locks").json()["items"]} == {"terminal", "event"}
    assert device.post("unlocks", {"terminal_id": show_id("trm", terminal.id)}).json() == {"unlocked": 1}
    assert isinstance(check_in(event, guest), GuessesLocked)
    assert device.post("unlocks", {"event": True}).json() == {"unlocked": 1}
    assert check_in(event, guest, terminal_id=terminal.id).number == 1  # type: ignore[attr-defined]  # checked in


def test_unlocking_is_a_supervisors() -> None:
    event, other = an_event(), an_event()
    guest, terminal = a_guest(event), a_terminal(event)
    locked(event, guest, terminal)
    assert_refused(Device(terminal).post("unlocks", {"phone": guest.phone}), 403, "scope_missing")
    assert_refused(Device(terminal).get("locks"), 403, "scope_missing")
    foreign = Device(a_terminal(other, role="supervisor"))
    assert foreign.post("unlocks", {"phone": guest.phone}).json() == {"unlocked": 0}
    for body in ({}, {"phone": "+8610012345678", "event": True}, {"event": False}):
        assert_refused(foreign.post("unlocks", body), 422, "request_invalid")
    assert_refused(foreign.post("unlocks", {"lock": "0" * 32}), 404, "not_found")
    assert isinstance(check_in(event, guest), GuessesLocked)
