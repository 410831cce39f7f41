"""Corrections on pages and over the API: who asks, who decides, and what the pages say (spec/events.md, 10)."""

import json
import uuid
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tessera.events.actions.corrections import ask_correction
from tessera.events.models import Arrival, Correction, CrewMember, Event, Registration
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.models import AuditLine
from tessera.merchants.actions.staff import employ_person
from tessera.people.models import Person
from tests.cast import Caller, assert_refused, make_caller
from tests.events.stage import a_guest, a_person, an_arrival, an_event

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(person_id: UUID) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(Person.objects.get(pk=person_id), backend=BACKEND)
    return client


def organiser(event: Event) -> Client:
    person, _phone = a_person("Owner")
    assert event.merchant_id is not None
    with transaction.atomic():
        employ_person(
            merchant_id=event.merchant_id,
            person_id=person,
            role="owner",
            store_id=None,
            now=clock.now(),
            actor=SYSTEM,
        )
    return browser(person)


def arrived(event: Event, *numbers: int) -> list[Registration]:
    guests = [a_guest(event, name=f"Guest {number}") for number in numbers]
    for guest, number in zip(guests, numbers, strict=True):
        an_arrival(event, guest, number)
    return guests


def asked(guest: Registration, wanted: int | None, reason: str = "Wrong badge") -> Correction:
    return ask_correction(
        event_id=guest.event_id,
        registration_id=guest.id,
        wanted_number=wanted,
        reason=reason,
        now=clock.now(),
        actor=SYSTEM,
    )


def number_of(guest: Registration) -> int:
    return Arrival.objects.get(event_id=guest.event_id, registration_id=guest.id).number


def form(**given: Any) -> dict[str, Any]:
    return {"request_id": uuid.uuid4().hex, **given}


def at(event: Event, path: str) -> str:
    return path.replace("EVENT", show_id("evt", event.id))


def test_a_guest_asks_reads_the_answer_and_withdraws() -> None:
    event = an_event(number_width=3)
    guest, _other = arrived(event, 1, 2)
    page, here = browser(guest.person_id), at(event, "/circle/EVENT/correction")
    assert "001" in page.get(here).content.decode()
    sent = form(wanted="０40", reason="It got <wet>")
    assert page.post(here, sent)["Location"] == here
    assert page.post(here, sent)["Location"] == here, "the same form again asks once"
    one = Correction.objects.get(event_id=event.id)
    assert (one.wanted_number, one.reason, one.state) == (40, "It got <wet>", "open")
    shown = page.get(here).content.decode()
    assert "It got &lt;wet&gt;" in shown
    assert 'data-live-topic="correction"' in shown
    again = page.post(here, form(wanted="41", reason="Really"))
    assert again.status_code == 409
    away = at(event, f"/circle/EVENT/correction/{show_id('cor', one.id)}/withdrawal")
    assert page.post(away, form()).status_code == 303
    assert Correction.objects.get(event_id=event.id).state == "withdrawn"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"wanted": "1", "reason": "x"}, "number already"),
        ({"wanted": "many", "reason": "x"}, "as it stands on the badge"),
        ({"wanted": "5", "reason": ""}, "required"),
        ({"wanted": "5", "reason": "hidden\u202eword"}, "cannot be seen"),
        ({"wanted": "5", "reason": "x" * 301}, "at most 300"),
    ],
)
def test_what_cannot_be_asked_keeps_what_was_typed(sent: dict[str, str], says: str) -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    answer = browser(guest.person_id).post(at(event, "/circle/EVENT/correction"), form(**sent))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert f'value="{sent["wanted"]}"' in answer.content.decode()
    assert not Correction.objects.filter(event_id=event.id).exists()


def test_another_guests_correction_cannot_be_withdrawn() -> None:
    event = an_event()
    guest, other = arrived(event, 1, 2)
    one = asked(other, 9)
    answer = browser(guest.person_id).post(
        at(event, f"/circle/EVENT/correction/{show_id('cor', one.id)}/withdrawal"), form()
    )
    assert answer.status_code == 404
    assert Correction.objects.get(event_id=event.id).state == "open"


def test_the_organiser_swaps_gives_and_refuses() -> None:
    event = an_event()
    one, other, third, fourth = arrived(event, 1, 2, 3, 4)
    page = organiser(event)
    here = at(event, "/organise/EVENT/corrections")
    for guest, wanted, verdict, extra in [
        (one, 2, "swapped", {}),
        (third, 30, "wanted", {}),
        (fourth, None, "next", {}),
        (one, 77, "other", {"number": "31"}),
        (other, 9, "refused", {"reason": "Numbers go by arrival"}),
    ]:
        correction = asked(guest, wanted)
        shown = page.get(here).content.decode()
        assert guest.name in shown
        address = f"{here}/{show_id('cor', correction.id)}/decision"
        assert page.post(address, form(verdict=verdict, **extra))["Location"] == here
    assert [number_of(guest) for guest in (one, other, third, fourth)] == [31, 1, 30, 5]
    lines = AuditLine.objects.filter(verb="decide_correction", outcome="done")
    assert lines.count() == 5
    assert "Numbers go by arrival" in page.get(here).content.decode()


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"verdict": "wanted"}, 409, "Another guest has number 2"),
        ({"verdict": "refused"}, 422, "Say why"),
        ({"verdict": "other", "number": ""}, 422, "as it stands on the badge"),
        ({"verdict": "other", "number": "2"}, 409, "Another guest has number 2"),
        ({"verdict": "burn"}, 422, ""),
    ],
)
def test_what_cannot_be_decided_leaves_the_number(sent: dict[str, str], status: int, says: str) -> None:
    event = an_event()
    guest, _other = arrived(event, 1, 2)
    one = asked(guest, 2)
    page, here = organiser(event), at(event, "/organise/EVENT/corrections")
    answer = page.post(
        f"{here}/{show_id('cor', one.id)}/decision", form(**{"reason": "because <b>", **sent})
        if sent["verdict"] != "refused" else form(**sent),
    )  # fmt: skip
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert number_of(guest) == 1
    assert Correction.objects.get(event_id=event.id).state == "open"


def test_what_was_decided_elsewhere_is_said() -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    one = asked(guest, None)
    page, here = organiser(event), at(event, "/organise/EVENT/corrections")
    address = f"{here}/{show_id('cor', one.id)}/decision"
    assert page.post(address, form(verdict="next")).status_code == 303
    late = page.post(address, form(verdict="next"))
    assert late.status_code == 409
    assert "no longer open" in late.content.decode()
    assert number_of(guest) == 2


def test_what_comes_in_is_appended_and_what_is_done_leaves() -> None:
    """Prevents a live page that throws away what a reviewer is typing."""
    event = an_event()
    guest, other = arrived(event, 1, 2)
    first = asked(guest, 9)
    page, here = organiser(event), at(event, "/organise/EVENT/corrections")
    second = asked(other, None, "The printer was <empty>")
    part = page.get(f"{here}?after={show_id('cor', first.id)}", headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "The printer was &lt;empty&gt;" in text
    assert f'id="{show_id("cor", first.id)}"' not in text
    assert f"after={show_id('cor', second.id)}" in text
    page.post(f"{here}/{show_id('cor', first.id)}/decision", form(verdict="wanted"))
    kept = f"here={show_id('cor', first.id)}&here={show_id('cor', second.id)}"
    gone = page.get(f"{here}?after={show_id('cor', second.id)}&{kept}", headers={"HX-Request": "true"})
    assert f'hx-swap-oob="delete:#{show_id("cor", first.id)}"' in gone.content.decode()
    assert f'hx-swap-oob="delete:#{show_id("cor", second.id)}"' not in gone.content.decode()


def test_a_supervisor_decides_at_the_door_and_crew_does_not() -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    one = asked(guest, None)
    here = at(event, "/door/EVENT/corrections")
    for role, status in [("crew", 404), ("supervisor", 200)]:
        person, _phone = a_person(role)
        CrewMember.objects.create(
            event_id=event.id, person_id=person, role=role, since=timezone.now(), actor="test"
        )
        page = browser(person)
        assert page.get(here).status_code == status
        answer = page.post(f"{here}/{show_id('cor', one.id)}/decision", form(verdict="next"))
        assert answer.status_code == (303 if role == "supervisor" else 404)
    assert number_of(guest) == 2


def key_of(event: Event, *scopes: str) -> Caller:
    return make_caller("till", event.merchant_id, scopes)


def test_over_the_api_a_key_asks_lists_and_decides() -> None:
    event = an_event()
    guest, other = arrived(event, 1, 2)
    key = key_of(event, "events:read", "events:write")
    reader, stranger = key_of(event, "events:read"), key_of(an_event(), "events:read", "events:write")
    path = at(event, "/events/EVENT/corrections")
    body = {"registration_id": show_id("reg", guest.id), "wanted_number": 2, "reason": "Swapped"}
    for caller, status, code in [(reader, 403, "scope_missing"), (stranger, 404, "not_found")]:
        assert_refused(caller.send("POST", path, body), status, code)
    assert not Correction.objects.filter(event_id=event.id).exists()
    first = key.send("POST", path, body, request_id="one")
    assert first.status_code == 201, first.content
    assert key.send("POST", path, body, request_id="one").content == first.content
    [row] = json.loads(reader.send("GET", f"{path}?waiting=true").content)["items"]
    assert (row["standing"], row["current_number"], row["reason"]) == ("taken", 1, "Swapped")
    assert stranger.send("GET", path).status_code == 404
    decision = f"{path}/{row['id']}/decision"
    assert_refused(reader.send("POST", decision, {"verdict": "swap"}), 403, "scope_missing")
    assert_refused(stranger.send("POST", decision, {"verdict": "swap"}), 404, "not_found")
    assert_refused(key.send("POST", decision, {"verdict": "accept"}), 409, "number_taken")
    assert_refused(key.send("POST", decision, {"verdict": "refuse"}), 422, "request_invalid")
    assert number_of(guest) == 1
    done = key.send("POST", decision, {"verdict": "swap"}, request_id="two")
    assert json.loads(done.content)["new_number"] == 2
    assert key.send("POST", decision, {"verdict": "swap"}, request_id="two").content == done.content
    assert (number_of(guest), number_of(other)) == (2, 1)
    assert_refused(key.send("POST", decision, {"verdict": "next"}), 409, "correction_decided")
