"""Terminals: where they stand, and what becomes of a revoked one (spec/events.md, step 5; Offline door)."""

import base64
from datetime import timedelta
from uuid import UUID

import pytest

from tessera.events.actions.crew import (
    add_crew,
    end_crew,
    enrol_terminal,
    revoke_done_terminals,
    revoke_terminal,
)
from tessera.events.errors.crew import AlreadyCrew, CrewEnded, PrinterUnknown, TooManyTerminals
from tessera.events.errors.door import TerminalRevoked
from tessera.events.models import CrewMember, Event, Terminal
from tessera.events.rules.crew import LAST_UPLOAD, MOST_TERMINALS, terminal_is_done
from tessera.events.rules.door import GRACE
from tessera.events.terminals import find_terminal
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id, show_id
from tests.cast import assert_refused, make_caller
from tests.events.devices import Device
from tests.events.stage import a_guest, a_lease, a_person, a_terminal, an_arrival, an_event

pytestmark = pytest.mark.django_db


def revoke(event: Event, terminal_id: UUID) -> Terminal:
    return revoke_terminal(
        event_id=event.id, terminal_id=terminal_id, reason="lost", now=clock.now(), actor=SYSTEM
    )


def enrol(event: Event, person_id: UUID) -> tuple[Terminal, str]:
    return enrol_terminal(
        event_id=event.id, person_id=person_id, door="B", printer_id=None, now=clock.now(), actor=SYSTEM
    )


def test_where_a_terminal_stands() -> None:
    event = an_event(prefixes={"vip": "V"})
    terminal = a_terminal(event, role="supervisor")
    lease = a_lease(event, terminal, 10)
    an_arrival(event, a_guest(event), lease[2])
    a_guest(event)
    response = Device(terminal).get("session", waiting=3)
    assert response.status_code == 200, response.content
    told = response.json()
    assert told["event"]["id"] == show_id("evt", event.id)
    assert (told["event"]["status"], told["event"]["number_width"], told["event"]["prefixes"]) == (
        "running", 3, {"vip": "V"},
    )  # fmt: skip
    assert told["terminal"] == {
        "id": show_id("trm", terminal.id), "door": "Door A", "supervisor": True, "printer_id": None,
    }  # fmt: skip
    assert len(base64.b64decode(told["vault_key"], validate=True)) == 32
    assert (told["accepted"], told["arrived"]) == (2, 1)
    assert told["leases"] == [{"first_number": lease[0], "last_number": lease[-1], "used": [lease[2]]}]
    kept = Terminal.objects.get(pk=terminal.id)
    assert kept.seen_at is not None
    assert kept.waiting == 3


@pytest.mark.parametrize("path", ["session", "roster", "guests?q=a", "locks"])
def test_a_revoked_terminal_is_told_so_and_a_stranger_is_not_known(path: str) -> None:
    event = an_event()
    terminal = a_terminal(event, role="supervisor")
    assert Device(terminal).get(path).status_code == 200
    revoke(event, terminal.id)
    refused = assert_refused(Device(terminal).get(path), 403, "terminal_revoked")
    assert "vault_key" not in str(refused)
    assert_refused(Device("tdt_nobody").get(path), 401, "unauthenticated")
    key = make_caller("key", event.merchant_id, ["arrivals:write"]).secret
    assert_refused(Device(key or "").get(path), 401, "unauthenticated")


def test_revoking_takes_the_credential_from_the_hot_lane_too() -> None:
    event = an_event()
    terminal = a_terminal(event)
    assert find_terminal(terminal.secret) is not None
    first = revoke(event, terminal.id)
    from tessera.events.terminals import forget_terminals

    forget_terminals()  # what the commit does
    with pytest.raises(TerminalRevoked):
        find_terminal(terminal.secret)
    again = revoke(event, terminal.id)
    assert again.revoked_at == first.revoked_at


def test_whoever_enrols_is_on_the_crew_and_holds_so_many_terminals() -> None:
    event, (person_id, _) = an_event(), a_person()
    for _ in range(MOST_TERMINALS):
        enrol(event, person_id)
    assert CrewMember.objects.get(event_id=event.id).role == "supervisor"
    with pytest.raises(TooManyTerminals):
        enrol(event, person_id)
    assert Terminal.objects.filter(event_id=event.id).count() == MOST_TERMINALS


def test_an_unknown_printer_enrols_nothing() -> None:
    event, (person_id, _) = an_event(), a_person()
    with pytest.raises(PrinterUnknown):
        enrol_terminal(
            event_id=event.id,
            person_id=person_id,
            door="B",
            printer_id=new_id(),
            now=clock.now(),
            actor=SYSTEM,
        )
    assert not Terminal.objects.filter(event_id=event.id).exists()


def test_crew_that_ends_takes_its_terminals_along() -> None:
    event, (person_id, _) = an_event(), a_person()
    crew = add_crew(event_id=event.id, person_id=person_id, role="crew", now=clock.now(), actor=SYSTEM)
    _, secret = enrol(event, person_id)
    other = a_terminal(event)
    end_crew(event_id=event.id, crew_id=crew.id, now=clock.now(), actor=SYSTEM)
    assert_refused(Device(secret).get("session"), 403, "terminal_revoked")
    assert Device(other).get("session").status_code == 200
    with pytest.raises(CrewEnded):
        end_crew(event_id=event.id, crew_id=crew.id, now=clock.now(), actor=SYSTEM)


def test_a_role_is_changed_and_terminals_follow() -> None:
    event, (person_id, _) = an_event(), a_person()
    add_crew(event_id=event.id, person_id=person_id, role="crew", now=clock.now(), actor=SYSTEM)
    with pytest.raises(AlreadyCrew):
        add_crew(event_id=event.id, person_id=person_id, role="crew", now=clock.now(), actor=SYSTEM)
    _, secret = enrol(event, person_id)
    assert_refused(Device(secret).get("locks"), 403, "scope_missing")
    add_crew(event_id=event.id, person_id=person_id, role="supervisor", now=clock.now(), actor=SYSTEM)
    assert Device(secret).get("locks").status_code == 200
    assert CrewMember.objects.filter(event_id=event.id, until__isnull=True).count() == 1


ENDS = clock.now()


@pytest.mark.parametrize(
    ("after", "seen", "waiting", "has_lease", "done"),
    [
        (GRACE, None, None, False, False),
        (GRACE * 2, None, None, False, True),
        (GRACE * 2, timedelta(hours=1), 0, True, True),
        (GRACE * 2, timedelta(hours=1), 4, True, False),
        (GRACE * 2, -timedelta(hours=1), 0, True, False),
        (GRACE * 2, None, None, True, False),
        (LAST_UPLOAD * 2, None, None, True, True),
    ],
)
def test_when_a_terminal_has_nothing_more_to_bring(
    after: timedelta, seen: timedelta | None, waiting: int | None, has_lease: bool, done: bool
) -> None:
    seen_at = None if seen is None else ENDS + seen
    assert (
        terminal_is_done(
            now=ENDS + after, ends_at=ENDS, seen_at=seen_at, waiting=waiting, has_lease=has_lease
        )
        is done
    )


def test_terminals_of_events_that_ended_are_revoked() -> None:
    over = an_event(starts_at=clock.now() - timedelta(days=2))
    running = an_event()
    idle, late, working = a_terminal(over), a_terminal(over), a_terminal(running)
    a_lease(over, late)
    assert revoke_done_terminals(now=clock.now(), actor=SYSTEM) == 1
    assert_refused(Device(idle).get("session"), 403, "terminal_revoked")
    assert Device(late).get("session").status_code == 200
    assert Device(working).get("session").status_code == 200
    assert revoke_done_terminals(now=clock.now() + LAST_UPLOAD, actor=SYSTEM) >= 1
    assert_refused(Device(late).get("session"), 403, "terminal_revoked")
