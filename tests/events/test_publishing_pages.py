"""Pages about publishing: forms with wall-clock times, the list before publishing, what everybody sees."""

import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tessera.events.models import Cancellation, Event, Publication, Question, Seats
from tessera.events.queries.publishing import asked_questions
from tessera.events.rules.publishing import reader_standing
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.merchants.actions.staff import employ_person
from tessera.people.models import Person
from tests.events.stage import a_guest, a_merchant, a_person, an_arrival, an_event

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed(person_id: UUID) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(Person.objects.get(pk=person_id), backend=BACKEND)
    return client


@pytest.fixture
def merchant() -> UUID:
    return a_merchant()


@pytest.fixture
def owner(merchant: UUID) -> Client:
    person_id, _ = a_person("Owner")
    employ_person(merchant_id=merchant, person_id=person_id, role="owner", store_id=None, now=clock.now(), actor=SYSTEM)  # fmt: skip
    return signed(person_id)


def form(**other: Any) -> dict[str, Any]:
    return {
        "title": "Tea and tales",
        "text": "Bring a book.",
        "place": "Courtyard",
        "time_zone": "Europe/Berlin",
        "starts_at": "2099-03-30T19:00",
        "ends_at": "2099-03-30T21:00",
        "review": "automatic",
        "number_start": "1",
        "number_width": "3",
        "closing_days": "30",
        "requests": "50",
        "request_id": uuid.uuid4().hex,
        **other,
    }


def at(event: Event, rest: str = "details") -> str:
    return f"/organise/{show_id('evt', event.pk)}/{rest}"


def public(event: Event) -> str:
    return f"/e/{show_id('evt', event.pk)}"


def new(merchant: UUID) -> str:
    return f"/console/{show_id('mer', merchant)}/events/new"


def test_from_draft_to_publication(owner: Client, merchant: UUID) -> None:
    answer = owner.post(new(merchant), form(capacity="24"))
    event = Event.objects.get()
    assert answer["Location"] == at(event)
    assert event.starts_at == datetime(2099, 3, 30, 17, tzinfo=UTC)
    assert Seats.objects.get(pk=event.pk).capacity == 24
    assert Client().get(public(event)).status_code == 404
    assert b"only you" in owner.get(public(event)).content
    sent = {"request_id": "one"}
    assert owner.post(at(event, "publication"), sent).status_code == 303
    assert owner.post(at(event, "publication"), sent).status_code == 303
    assert Publication.objects.count() == 1
    assert b"24 places left" in Client(headers={"Accept-Language": "en"}).get(public(event)).content


def test_what_was_typed_stays_when_it_is_refused(owner: Client, merchant: UUID) -> None:
    answer = owner.post(new(merchant), form(ends_at="2099-03-30T18:00", title="Upside down"))
    assert answer.status_code == 422
    assert b"Upside down" in answer.content
    assert b"The end has to be after the beginning." in answer.content
    assert not Event.objects.exists()


def test_an_hour_that_clocks_skip_is_refused(owner: Client, merchant: UUID) -> None:
    answer = owner.post(new(merchant), form(starts_at="2099-03-29T02:30", ends_at="2099-03-29T05:00"))
    assert answer.status_code == 422
    assert b"Clocks are put forward that day" in answer.content
    assert not Event.objects.exists()


def test_the_second_of_two_hours_stays_the_second(owner: Client, merchant: UUID) -> None:
    """The form shows 02:30 for both; saving something else must not move the event an hour."""
    second = datetime(2098, 10, 26, 1, 30, tzinfo=UTC)
    event = an_event(
        merchant_id=merchant, time_zone="Europe/Berlin", starts_at=second, registration_until=second, text="x"
    )
    known = owner.get(at(event)).context["form"].initial
    given = {name: value for name, value in known.items() if value not in (None, False)}
    assert known["starts_at"] == "2098-10-26T02:30"
    assert owner.post(at(event), form(**{**given, "title": "New name"})).status_code == 303
    event.refresh_from_db()
    assert (event.title, event.starts_at) == ("New name", second)


def test_a_missing_place_is_named_and_nothing_is_published(owner: Client, merchant: UUID) -> None:
    owner.post(new(merchant), form(place=""))
    event = Event.objects.get()
    assert owner.post(at(event, "publication"), {"request_id": "p"}).status_code == 409
    assert not Publication.objects.exists()


def test_a_picture_is_drawn_anew_and_removed_with_its_files(
    owner: Client, merchant: UUID, settings: Any, tmp_path: Any
) -> None:
    settings.TESSERA_DATA_DIR = str(tmp_path)
    drawn = BytesIO()
    Image.new("RGB", (80, 40), "red").save(drawn, "PNG")
    owner.post(new(merchant), form(picture=SimpleUploadedFile("a.png", drawn.getvalue())))
    event = Event.objects.get()
    assert len(list(tmp_path.glob("media/*/*.webp"))) == 2
    known = owner.get(at(event)).context["form"].initial
    given = {name: value for name, value in known.items() if value not in (None, False)}
    assert owner.post(at(event), form(**given, no_picture="on")).status_code == 303
    event.refresh_from_db()
    assert event.picture == ""
    assert list(tmp_path.glob("media/*/*.webp")) == []
    answer = owner.post(new(merchant), form(picture=SimpleUploadedFile("a.png", b"no picture")))
    assert answer.status_code == 422
    assert Event.objects.count() == 1


def test_a_cancellation_needs_its_reason(owner: Client, merchant: UUID) -> None:
    event = an_event(merchant_id=merchant)
    assert owner.post(at(event, "cancellation"), {"request_id": "a", "reason": ""}).status_code == 422
    assert not Cancellation.objects.exists()
    assert owner.post(at(event, "cancellation"), {"request_id": "b", "reason": "Storm"}).status_code == 303
    shown = Client().get(public(event)).content
    assert b"Storm" in shown
    assert b"/registration" not in shown


def test_questions_without_a_script(owner: Client, merchant: UUID) -> None:
    event = an_event(merchant_id=merchant)
    page = at(event, "questions")
    for kind, more in (
        ("choice", {"choices": "Red\r\n Blue \n\n"}),
        ("number", {"least": "1", "most": "9"}),
        ("date", {"earliest": "2000-01-01"}),
    ):
        sent = {"label": f"Which {kind}?", "request_id": kind, **more}
        assert owner.post(f"{page}/new?kind={kind}", sent).status_code == 303
    choice, number, day = asked_questions(event.pk)
    assert choice.terms == {"choices": ["Red", "Blue"]}
    assert (number.terms, day.terms["earliest"]) == ({"least": 1, "most": 9}, "2000-01-01")
    moved = owner.post(f"{page}/{show_id('qst', day.pk)}/place", {"to": "earlier", "request_id": "m"})
    assert moved.status_code == 303
    assert [one.kind for one in asked_questions(event.pk)] == ["choice", "date", "number"]
    answer = owner.post(f"{page}/new?kind=choice", {"label": "Which?", "choices": "one", "request_id": "x"})
    assert answer.status_code == 422
    assert b"Write 2 to 60 choices" in answer.content
    retired = owner.post(f"{page}/{show_id('qst', day.pk)}/retirement", {"request_id": "r"})
    assert retired.status_code == 303
    assert Question.objects.filter(retired_at__isnull=True).count() == 2
    assert owner.post(f"{page}/{show_id('qst', day.pk)}/retirement", {"request_id": "s"}).status_code == 409


def test_prefixes_of_groups(owner: Client, merchant: UUID) -> None:
    event = an_event(merchant_id=merchant, starts_at=clock.now() + timedelta(days=9), text="x", place="y")
    question = Question.objects.create(
        event=event, position=1, kind="choice", label="Team", terms={"choices": ["Red", "Blue"]}
    )

    def given(**other: Any) -> dict[str, Any]:
        known = owner.get(at(event)).context["form"].initial
        return form(**{name: value for name, value in known.items() if value not in (None, False)}, **other)

    assert owner.post(at(event), given(group_question=str(question.pk))).status_code == 303
    grouped = {"group_question": str(question.pk)}
    assert owner.post(at(event), given(**grouped, prefix_0="R", prefix_1="R")).status_code == 422
    assert owner.post(at(event), given(**grouped, prefix_0="R", prefix_1="B")).status_code == 303
    event.refresh_from_db()
    assert event.prefixes == {"Red": "R", "Blue": "B"}


def test_times_are_of_the_events_zone(merchant: UUID) -> None:
    """Prevents pages that show the platform's own hours for an event elsewhere."""
    starts_at = datetime(2099, 7, 1, 1, 30, tzinfo=UTC)
    event = an_event(
        merchant_id=merchant, time_zone="America/New_York", starts_at=starts_at, registration_until=starts_at
    )
    shown = Client(headers={"Accept-Language": "en"}).get(public(event)).content.decode()
    assert "30 Jun 2099" in shown
    assert "21:30 – " in shown
    assert "UTC−4" in shown
    assert "Doors open at 20:30" in shown
    assert '<span class="leaf-day">30</span>' in Client().get("/events").content.decode()


def test_the_reader_sees_what_he_can_do(merchant: UUID) -> None:
    event = an_event(merchant_id=merchant, capacity=1)
    guest = a_guest(event, name="Mei")
    assert f"/t/{guest.ticket}" in signed(guest.person_id).get(public(event)).content.decode()
    assert b"Join the waitlist" in Client(headers={"Accept-Language": "en"}).get(public(event)).content
    an_arrival(event, guest, 7)
    shown = signed(guest.person_id).get(public(event)).content.decode()
    assert "007" in shown
    assert f"/circle/{show_id('evt', event.pk)}" in shown
    assert str(guest.phone) not in shown


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "cancelled", "registration": "accepted"}, "cancelled"),
        ({"status": "over", "registration": "accepted", "arrived": True}, "arrived"),
        ({"status": "over", "registration": "waitlisted"}, "over"),
        ({"registration": "declined"}, "declined"),
        ({"registration": "cancelled"}, "register"),
        ({"registration_from": 5}, "opens"),
        ({"registration_until": -5}, "closed"),
        ({"full": True}, "waitlist"),
        ({}, "register"),
    ],
)
def test_standings(told: dict[str, Any], standing: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    usual: dict[str, Any] = {
        "status": "published",
        "registration": "",
        "arrived": False,
        "registration_from": -1,
        "registration_until": 1,
        "full": False,
        **told,
    }
    for name in ("registration_from", "registration_until"):
        usual[name] = now + timedelta(days=usual[name])
    assert reader_standing(**usual, now=now) == standing


def test_the_list_of_what_is_on(merchant: UUID) -> None:
    soon = clock.now() + timedelta(days=3)
    near = an_event(merchant_id=merchant, title="Near one", starts_at=soon, district="Xuhui", latitude_e7=312110000, longitude_e7=1214430000)  # fmt: skip
    an_event(merchant_id=merchant, title="Far one", starts_at=soon + timedelta(days=20), latitude_e7=0, longitude_e7=0)  # fmt: skip
    an_event(merchant_id=merchant, title="Gone one", starts_at=clock.now() - timedelta(days=3))
    an_event(merchant_id=merchant, title="Draft one", published=False)

    def titles(query: str) -> list[str]:
        return [one["event"].title for one in Client().get(f"/events{query}").context["rows"]]

    assert titles("") == ["Near one", "Far one"]
    assert titles("?when=week") == ["Near one"]
    assert titles("?when=past") == ["Gone one"]
    assert titles("?district=Xuhui") == ["Near one"]
    assert titles("?q=far") == ["Far one"]
    assert Client().get("/events?q=%00").status_code == 422
    found = Client().post("/events/near", {"latitude_e7": "312000000", "longitude_e7": "1214000000"})
    assert found.context["rows"][0]["event"].pk == near.pk
    assert Client().post("/events/near", {"latitude_e7": "x"}).status_code == 422


def test_the_calendar_takes_it_over(merchant: UUID) -> None:
    title = "围炉，夜话; tea, books" + "很长" * 30
    event = an_event(merchant_id=merchant, title=title, starts_at=datetime(2099, 1, 2, 11, 30, tzinfo=UTC))
    answer = Client().get(public(event) + "/calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    lines = answer.content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    text = answer.content.decode().replace("\r\n ", "")
    assert "DTSTART:20990102T113000Z\r\n" in text
    assert "SUMMARY:围炉，夜话\\; tea\\, books" + "很长" * 30 in text
    assert "STATUS:CONFIRMED" in text
    Publication.objects.all().delete()
    assert Client().get(public(event) + "/calendar.ics").status_code == 404


def test_the_organisers_table_to_take_away(owner: Client, merchant: UUID) -> None:
    an_event(merchant_id=merchant, title="=HYPERLINK(1)", starts_at=clock.now() + timedelta(days=3))
    answer = owner.get(f"/console/{show_id('mer', merchant)}/events.csv")
    assert "'=HYPERLINK(1)" in b"".join(answer).decode()


def test_a_copy_is_a_draft_of_its_own(owner: Client, merchant: UUID) -> None:
    event = an_event(merchant_id=merchant)
    assert owner.post(at(event, "copy"), {"request_id": "c"}).status_code == 303
    assert owner.post(at(event, "copy"), {"request_id": "c"}).status_code == 303
    assert Event.objects.count() == 2
    assert Publication.objects.count() == 1
