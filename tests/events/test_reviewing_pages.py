"""The organiser's pages: the list, many decided and undone, rules written in words; and what follows by itself."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tessera.events.actions.erasing import forget_guest
from tessera.events.actions.reminding import remind_guests
from tessera.events.jobs import due_reminders
from tessera.events.models import AnswerFile, Event, Registration, ReviewPolicy
from tessera.events.queries.exports import export_person
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id, show_id
from tessera.merchants.models import Employment
from tessera.notices.models import Notice
from tessera.people.models import Person
from tests.events.registering_stage import ask, register, states, taken
from tests.events.stage import a_guest, a_person, an_arrival, an_event

pytestmark = pytest.mark.django_db


def owner_of(event: Event) -> Client:
    person_id, _ = a_person("Owner")
    assert event.merchant_id is not None
    Employment.objects.create(
        merchant_id=event.merchant_id, person_id=person_id, role="owner", since=clock.now(), actor="system"
    )
    client = Client(headers={"accept-language": "en"})
    person = Person.objects.get(pk=person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def place(event: Event, rest: str) -> str:
    return f"/organise/{show_id('evt', event.id)}{rest}"


def test_many_are_accepted_and_the_banner_undoes_it() -> None:
    event = an_event(review="hand", capacity=2)
    rows = [register(event) for _ in range(3)]
    client = owner_of(event)
    form = {"request_id": "a", "verdict": "accept", "registration": [show_id("reg", row.id) for row in rows]}
    done = client.post(place(event, "/decisions"), form)
    assert (done.status_code, states(event)) == (303, {"accepted": 2, "pending": 1})
    page = client.get(done["Location"]).content.decode()
    assert "2 guests accepted." in page
    assert "All 2 places are taken." in page
    undo = done["Location"].rpartition("undo=")[2]
    assert f"/decisions/{undo}/undoing" in page
    back = client.post(place(event, f"/decisions/{undo}/undoing"), {"request_id": "b"})
    assert (back.status_code, states(event), taken(event)) == (303, {"pending": 3}, 0)


def test_declining_without_a_reason_says_so_and_keeps_the_ticks() -> None:
    event = an_event(review="hand")
    row = register(event)
    client = owner_of(event)
    form = {"verdict": "decline", "registration": show_id("reg", row.id)}
    refused = client.post(place(event, "/decisions"), {**form, "request_id": "a"})
    assert refused.status_code == 422
    assert f'value="{show_id("reg", row.id)}" checked' in refused.content.decode()
    alone = client.post(
        place(event, "/decisions"), {**form, "request_id": "b", "one": show_id("reg", row.id)}
    )
    assert (alone.status_code, states(event)) == (422, {"pending": 1})


def test_the_list_is_found_by_state_name_tail_group_and_answer() -> None:
    event = an_event()
    side = ask(event, "choice", "Side", choices=["left", "right"])
    event.group_question = side.id
    event.save(update_fields=["group_question"])
    left = register(event, {side: "left"}, name="Wen the first")
    register(event, {side: "right"}, name="Lu the second")
    client = owner_of(event)
    for query in (
        "q=wen the",
        f"q={left.phone_tail}",
        f"q={(left.phone or '').replace('+', '%2B')}",
        "group=left",
        f"answer={show_id('qst', side.id)}:left",
        "show=accepted&q=Wen",
    ):
        page = client.get(place(event, f"/registrations?{query}")).content.decode()
        assert ("Wen the first" in page, "Lu the second" in page) == (True, False), query
    assert (left.phone or "-") not in client.get(place(event, "/registrations")).content.decode()
    assert "No registration fits" in client.get(place(event, "/registrations?show=declined")).content.decode()


def test_the_list_asks_no_more_for_more_rows() -> None:
    event = an_event()
    client = owner_of(event)
    counts = []
    for many in (2, 20):
        for _ in range(many):
            a_guest(event)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(place(event, "/registrations")).status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0]


def test_a_guest_is_added_by_phone_number() -> None:
    event = an_event(review="hand", capacity=1)
    client, (_, phone) = owner_of(event), a_person()
    form = {"phone": phone, "name": "Hua", "request_id": "a"}
    assert client.post(place(event, "/registrations/new"), form).status_code == 303
    row = Registration.objects.get(event_id=event.id)
    assert (row.state, row.source, row.name) == ("accepted", "organiser", "Hua")
    again = client.post(place(event, "/registrations/new"), {**form, "request_id": "b"})
    assert (again.status_code, "already" in again.content.decode()) == (409, True)
    full = client.post(place(event, "/registrations/new"), {"phone": a_person()[1], "request_id": "c"})
    assert (full.status_code, taken(event)) == (409, 1)


def test_a_file_is_handed_out_as_a_download_to_its_organiser_alone(settings: Any, tmp_path: Path) -> None:
    settings.TESSERA_DATA_DIR = tmp_path
    event = an_event()
    kept = tmp_path / "media" / "answers" / "ab" / ("ab" * 16)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"%PDF-1.7")
    file = AnswerFile.objects.create(
        event_id=event.id, id=new_id(), person_id=new_id(), question_id=new_id(), file_name="简历.pdf",
        media_type="application/pdf", size_bytes=8, stored="ab" * 16, at=clock.now(),
    )  # fmt: skip
    path = place(event, f"/answers/{show_id('ans', file.id)}")
    answer = owner_of(event).get(path)
    assert answer.getvalue() == b"%PDF-1.7"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == (
        "nosniff",
        "application/octet-stream",
    )
    assert owner_of(an_event()).get(path).status_code == 404


def test_rules_are_written_tried_and_published() -> None:
    event = an_event(review="hand", capacity=10)
    side, born = ask(event, "choice", "Side", choices=["left", "right"]), ask(event, "date", "Born")
    for answer in ("left", "left", "right"):
        register(event, {side: answer, born: "1990-01-01"})
    client = owner_of(event)
    typed = {
        "subject-0": f"answer:{side.id}:one_of", "value-0": "left", "subject-1": f"age:{born.id}:between", "value-1": "25-40",
        "then": "accept", "policy": "{}", "request_id": "a",
    }  # fmt: skip
    wrong = client.post(place(event, "/review"), {**typed, "value-1": "old", "do": "add"})
    assert (wrong.status_code, 'value="old"' in wrong.content.decode()) == (422, True)
    added = client.post(place(event, "/review"), {**typed, "do": "add"}).content.decode()
    assert "If “Side” is “left” and the age is 25 to 40: accept." in added
    rules = [
        {
            "when": [{"of": "answer", "question": str(side.id), "test": "one_of", "words": ["left"]}],
            "then": "accept",
        }
    ]
    draft = {"policy": json.dumps({"rules": rules}), "otherwise": "decline", "request_id": "b"}
    more = {"quota-answer": f"{side.id}:left", "quota-most": "10", "quota-unit": "percent", "do": "add-quota"}
    quoted = client.post(place(event, "/review"), {**draft, **more}).content.decode()
    assert "At most 10% of the places (1) for “Side”: “left”" in quoted
    tried = client.post(place(event, "/review"), {**draft, "do": "try"}).content.decode()
    assert '<p class="stat-value">2</p>' in tried
    assert (states(event), ReviewPolicy.objects.count()) == ({"pending": 3}, 0)
    assert client.post(place(event, "/review"), {**draft, "do": "publish"}).status_code == 303
    assert client.post(place(event, "/review/run"), {"request_id": "c"}).status_code == 303
    assert states(event) == {"accepted": 2, "declined": 1}


def test_guests_are_reminded_once_and_not_when_they_are_here() -> None:
    event = an_event(starts_at=clock.now() + timedelta(hours=20))
    far = an_event(starts_at=clock.now() + timedelta(hours=30))
    guest, here = a_guest(event), a_guest(event)
    a_guest(event, state="pending")
    an_arrival(event, here, 1)
    assert event.id in due_reminders("day", now=clock.now())
    assert far.id not in due_reminders("day", now=clock.now())
    assert event.id not in due_reminders("hours", now=clock.now())
    sent = [remind_guests(event_id=event.id, kind="day", now=clock.now(), actor=SYSTEM) for _ in range(2)]
    assert sent == [1, 0]
    told = Notice.objects.get(template="event_reminder")
    assert (told.person_id, told.context["code"]) == (guest.person_id, guest.code)
    assert event.id not in due_reminders("day", now=clock.now())


def test_who_is_erased_leaves_place_and_history_only() -> None:
    event = an_event(capacity=1, starts_at=clock.now() + timedelta(days=1))
    first, second = register(event, name="To be forgotten"), register(event)
    assert "To be forgotten" in json.dumps(export_person(first.person_id), ensure_ascii=False)
    before = Notice.objects.filter(person_id=first.person_id).count()
    for _ in range(2):
        forget_guest(person_id=first.person_id, now=clock.now(), actor=SYSTEM)
    row = Registration.objects.get(id=first.id)
    assert (row.state, row.phone, row.phone_tail, row.name, row.code, row.answers) == (
        "cancelled",
        None,
        "",
        "",
        "",
        {},
    )
    assert Registration.objects.get(id=second.id).state == "accepted"
    assert Notice.objects.filter(person_id=first.person_id).count() == before
