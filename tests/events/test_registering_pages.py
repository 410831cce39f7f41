"""A guest's pages: the form, the standing, the ticket; who sees whose (spec/events.md, steps 2 and 4)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tessera.events.models import AnswerFile, Event, Registration
from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.people.models import Consent, Person
from tests.events.registering_stage import ask, register, states
from tests.events.stage import a_guest, a_person, a_terminal, an_arrival, an_event

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 and so on"


def browser(person_id: Any) -> Client:
    client = Client()
    person = Person.objects.get(pk=person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def place(event: Event) -> str:
    return f"/e/{show_id('evt', event.id)}/registration"


def send(client: Client, event: Event, **fields: Any) -> Any:
    return client.post(place(event), {"request_id": uuid4().hex, "name": "Mei", "agree": "on", **fields})


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.TESSERA_DATA_DIR = tmp_path


def test_a_visitor_signs_in_and_comes_back() -> None:
    event = an_event()
    answer = Client().get(place(event))
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/sign-in?next=%2Fe%2F{show_id('evt', event.id)}%2Fregistration",
    )


def test_registering_leads_to_the_ticket_and_the_same_form_leads_there_again() -> None:
    event, (person_id, _) = an_event(), a_person()
    question = ask(event, "choice", "Side", required=True, choices=["left", "right"])
    client = browser(person_id)
    form = {"request_id": "one", "name": "阿梅", "agree": "on", f"q-{question.id}": "left"}
    first = client.post(place(event), form)
    row = Registration.objects.get(event_id=event.id)
    assert (first.status_code, first["Location"], row.name) == (303, f"/t/{row.ticket}", "阿梅")
    again = client.post(place(event), form)
    assert (again.status_code, again["Location"]) == (303, f"/t/{row.ticket}")
    other = client.post(place(event), {**form, "request_id": "two"})
    assert other.status_code == 409
    assert states(event) == {"accepted": 1}


def test_what_was_typed_is_kept_when_it_is_refused() -> None:
    event, (person_id, _) = an_event(), a_person()
    side = ask(event, "choice", "Side", required=True, choices=["left", "right"])
    text = ask(event, "text", "Why?", longest=200)
    answer = send(browser(person_id), event, agree="", **{f"q-{text.id}": "因为喜欢喝茶"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "因为喜欢喝茶" in page
    assert f'id="id_q-{side.id}_error"' in page or "Side" in page
    assert page.count('role="alert"') == 2
    assert not Registration.objects.exists()
    assert not Consent.objects.filter(person_id=person_id).exists()


def test_a_file_is_kept_for_the_organiser_and_checked_by_its_bytes(tmp_path: Path) -> None:
    event, (person_id, _) = an_event(review="hand"), a_person()
    question = ask(event, "file", "CV", required=True, kinds=["pdf"], most_mb=1)
    client = browser(person_id)
    bad = send(client, event, **{f"q-{question.id}": SimpleUploadedFile("cv.pdf", b"MZ not a pdf")})
    assert (bad.status_code, AnswerFile.objects.count()) == (422, 0)
    large = SimpleUploadedFile("cv.pdf", PDF + b"x" * 1024 * 1024)
    assert send(client, event, **{f"q-{question.id}": large}).status_code == 413
    assert not any(one.is_file() for one in tmp_path.rglob("*"))
    good = send(client, event, **{f"q-{question.id}": SimpleUploadedFile("../../cv.pdf", PDF)})
    assert good.status_code == 303
    file = AnswerFile.objects.get()
    assert (file.media_type, file.file_name) == ("application/pdf", "cv.pdf")
    [kept] = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert (kept.name, kept.read_bytes()) == (file.stored, PDF)


def test_a_refused_registration_leaves_no_file(tmp_path: Path) -> None:
    event, (person_id, _) = an_event(registration_until=clock.now() - timedelta(days=1)), a_person()
    question = ask(event, "file", "CV")
    refused = send(browser(person_id), event, **{f"q-{question.id}": SimpleUploadedFile("cv.pdf", PDF)})
    assert (refused.status_code, AnswerFile.objects.count()) == (409, 0)
    assert not any(one.is_file() for one in tmp_path.rglob("*"))


def test_answers_change_while_nobody_has_decided_and_the_file_stays() -> None:
    event, (person_id, _) = an_event(review="hand"), a_person()
    file, text = ask(event, "file", "CV", required=True), ask(event, "text", "Why?")
    client = browser(person_id)
    send(client, event, **{f"q-{file.id}": SimpleUploadedFile("cv.pdf", PDF), f"q-{text.id}": "tea"})
    assert "tea" in client.get(f"{place(event)}?change=1").content.decode()
    form = {"request_id": "change", "name": "Mei", f"q-{text.id}": "music"}
    assert client.post(f"{place(event)}?change=1", form).status_code == 303
    row = Registration.objects.get(event_id=event.id)
    assert row.answers[str(text.id)] == "music"
    assert row.answers[str(file.id)] == show_id("ans", AnswerFile.objects.get().id)


@pytest.mark.parametrize("state", ["pending", "accepted", "declined", "waitlisted", "cancelled"])
def test_every_standing_has_its_page(state: str) -> None:
    event, person = an_event(), a_person()
    guest = a_guest(event, state=state, person=person)
    client = browser(person[0])
    for path in (place(event), f"/t/{guest.ticket}", "/tickets"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert (guest.code or "none") in answer.content.decode().replace(" ", "") or path == place(event) or state != "accepted"  # fmt: skip


def test_the_ticket_is_the_owners_the_crew_goes_to_the_door_others_learn_nothing() -> None:
    event, person = an_event(), a_person()
    guest = a_guest(event, person=person)
    crew, _ = a_person("Crew")
    a_terminal(event, person_id=crew)
    own = browser(person[0]).get(f"/t/{guest.ticket}").content.decode()
    assert f"{guest.code[:3]} {guest.code[3:]}" in own
    at_door = browser(crew).get(f"/t/{guest.ticket}")
    assert (at_door.status_code, at_door["Location"]) == (
        302,
        f"/door/{show_id('evt', event.id)}?ticket={guest.ticket}",
    )
    stranger = browser(a_person()[0]).get(f"/t/{guest.ticket}")
    assert stranger.status_code == 404
    assert guest.name not in stranger.content.decode()


def test_the_ticket_turns_into_the_number() -> None:
    event, person = an_event(prefixes={"vip": "V"}), a_person()
    guest = a_guest(event, person=person)
    client = browser(person[0])
    before = client.get(f"/t/{guest.ticket}").content.decode()
    assert 'data-live-topic="arrival"' in before
    assert "data-number" not in before
    an_arrival(event, guest, 17, prefix="V", door="Door A")
    after = client.get(f"/t/{guest.ticket}").content.decode()
    assert "data-number>V017<" in after
    assert guest.code not in after.replace(" ", "")
    assert f"/circle/{show_id('evt', event.id)}" in after


def test_tickets_to_come_and_past() -> None:
    person = a_person()
    a_guest(an_event(title="Soon"), person=person)
    a_guest(an_event(title="Long ago", starts_at=clock.now() - timedelta(days=9)), person=person)
    client = browser(person[0])
    to_come, past = (client.get(path).content.decode() for path in ("/tickets", "/tickets/past"))
    assert ("Soon" in to_come, "Long ago" in to_come) == (True, False)
    assert ("Soon" in past, "Long ago" in past) == (False, True)


def test_cancelling_from_the_page_lets_the_next_one_in() -> None:
    event = an_event(capacity=1)
    first, second = register(event), register(event)
    done = browser(first.person_id).post(f"{place(event)}/cancellation", {"request_id": "c"})
    assert done.status_code == 303
    assert Registration.objects.get(id=second.id).state == "accepted"


def test_a_draft_is_not_there() -> None:
    assert browser(a_person()[0]).get(place(an_event(published=False))).status_code == 404
