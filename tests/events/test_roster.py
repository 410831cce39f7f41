"""What a terminal carries of the guests, and what it cannot tell anybody (spec/events.md, Offline door)."""

import hashlib
import hmac
import re
import secrets
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.undoing import undo_arrival
from tessera.events.models import Event, Registration, Terminal
from tessera.events.queries.roster import list_roster
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.lent import lent_connection
from tests.cast import assert_refused
from tests.events.devices import Device
from tests.events.stage import a_guest, a_terminal, an_arrival, an_event, at_the_door

pytestmark = pytest.mark.django_db


def digest(salt: str, text: str) -> str:
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()


def roster(device: Device, **asked: Any) -> dict[str, Any]:
    response = device.get("roster", **asked)
    assert response.status_code == 200, response.content
    told: dict[str, Any] = response.json()
    return told


def test_a_guest_is_found_by_what_he_shows() -> None:
    event = an_event()
    guest = a_guest(event, name="小美", group="vip", code="042042")
    device = Device(a_terminal(event))
    told = roster(device)
    [item] = told["items"]
    salt = told["salt"]
    assert (item["registration_id"], item["name"], item["group"]) == (show_id("reg", guest.id), "小美", "vip")
    assert item["phone_hash"] == digest(salt, guest.phone or "")
    assert item["tail_hash"] == digest(salt, guest.phone_tail)
    assert item["ticket_hash"] == digest(salt, guest.ticket)
    assert item["code_hash"] == digest(item["code_salt"], "042042")
    assert (item["number"], item["arrived_at"]) == (None, None)
    assert roster(Device(a_terminal(event)))["salt"] != salt


def test_only_accepted_guests_of_this_event() -> None:
    event, other = an_event(), an_event()
    for state in ("pending", "declined", "waitlisted", "cancelled"):
        a_guest(event, state=state)
    a_guest(other)
    guest = a_guest(event)
    an_arrival(event, guest, 1)
    [item] = roster(Device(a_terminal(event)))["items"]
    assert (item["registration_id"], item["number"]) == (show_id("reg", guest.id), 1)


def test_no_phone_code_or_ticket_is_in_it() -> None:
    """Prevents a copied answer from telling anybody's number."""
    event = an_event()
    guests = [a_guest(event, code=f"{secrets.randbelow(10**6):06d}") for _ in range(20)]
    text = Device(a_terminal(event)).get("roster").content.decode()
    bare = re.sub(r'"(?:[0-9a-f]{64}|[0-9a-f]{32}|reg_[0-9a-v]{26}|[\d:T.+-]+Z)"', '""', text)
    for guest in guests:
        for secret in (guest.phone, (guest.phone or "")[3:], guest.phone_tail, guest.code, guest.ticket):
            assert secret
            assert secret not in bare


def test_pages_of_one_download_share_a_mark() -> None:
    event = an_event()
    guests = {show_id("reg", a_guest(event).id) for _ in range(5)}
    device = Device(a_terminal(event))
    found: list[str] = []
    marks, cursor = set(), ""
    while cursor is not None:
        page = roster(device, limit=2, **({"cursor": cursor} if cursor else {}))
        found += [item["registration_id"] for item in page["items"]]
        marks.add(page["mark"][:23])
        cursor = page["next_cursor"]
    assert set(found) == guests
    assert len(found) == 5
    assert len(marks) == 1


@pytest.mark.parametrize("asked", [{"cursor": "!"}, {"cursor": "AAAA"}, {"cursor": "_" * 32}])
def test_a_cursor_of_nobody_is_refused(asked: dict[str, str]) -> None:
    assert_refused(Device(a_terminal(an_event())).get("roster", **asked), 422, "cursor_invalid")


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": 2001}, {"since": "x"}, {"since": "2026-01-01T00:00:00"}]
)
def test_what_cannot_be_read_is_refused(asked: dict[str, Any]) -> None:
    assert_refused(Device(a_terminal(an_event())).get("roster", **asked), 422, "request_invalid")


def test_changes_are_told_and_nothing_else() -> None:
    event = an_event()
    quiet, comer, leaver, undone = (a_guest(event) for _ in range(4))
    long_ago = clock.now() - timedelta(minutes=5)
    Registration.objects.filter(event_id=event.id).update(registered_at=long_ago)
    an_arrival(event, undone, 1)
    device = Device(a_terminal(event))
    mark = clock.now().isoformat()
    assert roster(device, since=mark)["items"] == []
    check_in_guests(lent_connection(), [at_the_door(event, comer)], now=clock.now())
    Registration.objects.filter(event_id=event.id, id=leaver.id).update(
        state="cancelled", decided_at=clock.now()
    )
    undo_arrival(
        event_id=event.id, registration_id=undone.id, reason="wrong guest", now=clock.now(), actor=SYSTEM
    )
    newcomer = a_guest(event)
    told = roster(device, since=mark)
    numbers = {item["registration_id"]: item["number"] for item in told["items"]}
    assert numbers == {
        show_id("reg", comer.id): 2, show_id("reg", undone.id): None, show_id("reg", newcomer.id): None,
    }  # fmt: skip
    assert told["removed"] == [show_id("reg", leaver.id)]
    assert show_id("reg", quiet.id) not in str(told)


def many_guests(event: Event, guests: int) -> None:
    """Guests with arrivals for every second one, written by the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_registration (event_id, id, person_id, state, phone, phone_tail, name, answers, code, ticket,"
            " source, registered_at, text_version) SELECT %s, gen_random_uuid(), gen_random_uuid(), 'accepted',"
            " '+86100' || lpad(n::text, 8, '0'), right('0000' || n, 4), 'Guest ' || n, '{}', lpad(n::text, 6, '0'),"
            " 'ticket' || n, 'test', now() - interval '1 day', '1' FROM generate_series(1, %s) n",
            [event.id, guests],
        )
        cursor.execute(
            "INSERT INTO events_arrival (event_id, registration_id, person_id, number, arrived_at, recorded_at, actor)"
            " SELECT event_id, id, person_id, row_number() OVER (), now() - interval '1 hour', now() - interval '1 hour',"
            " 'test' FROM events_registration WHERE event_id = %s LIMIT %s",
            [event.id, guests // 2],
        )
        cursor.execute("ANALYZE events_registration, events_arrival")


def test_twenty_thousand_guests_in_two_seconds() -> None:
    event = an_event(capacity=None)
    many_guests(event, 20_000)
    terminal = Terminal.objects.get(pk=a_terminal(event).id)
    begun, found, cursor = time.process_time(), 0, None
    while True:
        page = list_roster(event, terminal, since=None, cursor=cursor, limit=2_000, now=clock.now())
        found, cursor = found + len(page.items), page.next_cursor
        if cursor is None:
            break
    assert found == 20_000
    assert time.process_time() - begun < 2
    begun = time.monotonic()
    assert not list_roster(
        event, terminal, since=clock.now(), cursor=None, limit=2_000, now=clock.now()
    ).items
    assert time.monotonic() - begun < 0.5
