"""The circle: what a guest shows and to whom, the jotter, and the closing (spec/events.md, steps 8, 9 and 11)."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from PIL import Image

from tessera.events.actions.circle import describe_guest, set_circle_terms, use_circle_picture
from tessera.events.actions.closing import close_circle, erase_circle_person
from tessera.events.actions.jotter import jot_number, settle_all_mutual, settle_mutual, unjot
from tessera.events.circle_jobs import close_due, settle_running
from tessera.events.errors.circle import (
    CircleClosed,
    CircleTermsInvalid,
    JotterFull,
    OwnNumber,
    ProfileFieldAbsent,
    ProfileTextUnusable,
)
from tessera.events.models import (
    Arrival,
    CircleClosure,
    CircleProfile,
    Event,
    Jotting,
    MutualInterest,
    Registration,
)
from tessera.events.queries.circle import count_circle, eye_of, get_face, list_jottings, list_recent
from tessera.events.queries.circle_search import find_by_words
from tessera.events.rules.circle import initial_of, seen_by_of
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.ids import new_id, show_id
from tessera.kit.media import find_picture, keep_picture
from tessera.notices.models import Notice
from tessera.talk.models import Block, Conversation
from tests.events.stage import a_guest, an_arrival, an_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return an_event()


def a_member(event: Event, number: int, name: str = "小美") -> UUID:
    """A guest who has arrived with this number."""
    guest = a_guest(event, name=name)
    an_arrival(event, guest, number)
    return guest.person_id


def describe(event: Event, person_id: UUID, **described: Any) -> CircleProfile:
    return describe_guest(
        event_id=event.id, person_id=person_id, described=described, now=clock.now(), actor=SYSTEM
    )


def jot(event: Event, person_id: UUID, number: int, remark: str = "") -> Jotting:
    return jot_number(
        event_id=event.id, person_id=person_id, number=number, remark=remark, now=clock.now(), actor=SYSTEM
    )


def signed_in(person_id: UUID) -> Client:
    client = Client()
    person = get_user_model().objects.get(pk=person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(event: Event, rest: str = "") -> str:
    return f"/circle/{show_id('evt', event.id)}{rest}"


def talk_between(event: Event, one: UUID, other: UUID) -> None:
    now = clock.now()
    low, high = sorted((one, other))
    Conversation.objects.create(
        circle_id=event.id, id=new_id(), low_id=low, high_id=high, asker_id=low, asked_at=now, answer="accepted",
        answered_at=now, last_at=now,
    )  # fmt: skip


def block(event: Event, one: UUID, other: UUID) -> None:
    Block.objects.create(person_id=one, blocked_id=other, circle_id=event.id, at=clock.now())


# --- Who sees what ----------------------------------------------------------------------------------------------------


def test_a_name_is_its_first_character_until_it_is_shown(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2, "王小明")
    assert get_face(event, 2, eye_of(event.id, me)).name == "王**"
    describe(event, other, name="小明", seen_by={"name": "circle"})
    assert get_face(event, 2, eye_of(event.id, me)).name == "小明"
    describe(event, other, seen_by={"name": "nobody"})
    assert get_face(event, 2, eye_of(event.id, me)).name == ""
    assert (initial_of("  Mei"), initial_of("🎈"), initial_of("")) == ("M**", "", "")


def test_what_is_for_those_one_talks_with_is_seen_by_them_alone(event: Event) -> None:
    me, other, third = a_member(event, 1), a_member(event, 2), a_member(event, 3)
    describe(
        event, other, appearance="red dress", introduction="Potter", interests="tea",
        seen_by={"appearance": "nobody", "introduction": "talks", "interests": "circle"},
    )  # fmt: skip
    talk_between(event, me, other)
    mine = get_face(event, 2, eye_of(event.id, me))
    theirs = get_face(event, 2, eye_of(event.id, third))
    assert (mine.appearance, mine.introduction, mine.interests) == ("", "Potter", "tea")
    assert (theirs.appearance, theirs.introduction, theirs.interests) == ("", "", "tea")
    assert get_face(event, 2, eye_of(event.id, other)).appearance == "red dress"


def test_nobody_is_found_by_what_not_everybody_may_see(event: Event) -> None:
    other = a_member(event, 2, "Xiaoming")
    describe(event, other, appearance="red dress", interests="pottery")
    assert [one.number for one in find_by_words(event.id, "红裙", 9)] == [2]
    assert find_by_words(event.id, "Xiaoming", 9) == []
    describe(event, other, seen_by={"appearance": "talks", "interests": "nobody", "name": "circle"})
    assert find_by_words(event.id, "red dress", 9) == []
    assert find_by_words(event.id, "pottery", 9) == []
    assert [one.number for one in find_by_words(event.id, "xiaomin", 9)] == [2]


def test_what_the_organiser_left_out_is_neither_taken_nor_shown(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    describe(event, other, appearance="red dress", introduction="Potter")
    set_circle_terms(event_id=event.id, terms={"fields": ["appearance"]}, now=clock.now(), actor=SYSTEM)
    event.refresh_from_db()
    face = get_face(event, 2, eye_of(event.id, me))
    assert (face.appearance, face.introduction, face.name) == ("red dress", "", "")
    with pytest.raises(ProfileFieldAbsent):
        describe(event, me, introduction="Hello")
    assert not CircleProfile.objects.filter(event_id=event.id, person_id=me, introduction="Hello").exists()


def test_who_is_blocked_is_not_there(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    describe(event, other, appearance="red dress")
    block(event, other, me)
    for one, number in ((me, 2), (other, 1)):
        eye = eye_of(event.id, one)
        with pytest.raises(NotFound):
            get_face(event, number, eye)
        assert [face.number for face in list_recent(event, eye).items] == [3 - number]
    answer = signed_in(me).get(address(event), {"q": "red dress"})
    assert "Nobody fits" in answer.content.decode() or "没有找到" in answer.content.decode()
    assert signed_in(me).get(address(event, "/2")).status_code == 404


@pytest.mark.parametrize("text", ["x" * 121, "red\x07dress", "red\u202edress", "a\u2028b"])
def test_texts_that_cannot_be_shown_are_refused(event: Event, text: str) -> None:
    me = a_member(event, 1)
    with pytest.raises(ProfileTextUnusable), transaction.atomic():
        describe(event, me, appearance=text)
    assert not CircleProfile.objects.filter(event_id=event.id).exists()


def test_terms_out_of_bounds_are_refused(event: Event) -> None:
    for terms in (
        {"closing_days": 0},
        {"closing_days": 366},
        {"requests": 0},
        {"requests": 501},
        {"requests": True},
    ):
        with pytest.raises(CircleTermsInvalid):
            set_circle_terms(event_id=event.id, terms=terms, now=clock.now(), actor=SYSTEM)
    assert Event.objects.get(pk=event.id).circle == {}


def test_an_unknown_choice_is_the_usual_one() -> None:
    assert (
        seen_by_of({"name": "everybody", "appearance": "initial"}, ["name", "appearance"])["name"]
        == "initial"
    )
    assert seen_by_of({"appearance": "initial"}, ["appearance"])["appearance"] == "circle"
    assert seen_by_of({}, [])["name"] == "nobody"


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_whole_number_leads_to_its_guest_at_once(event: Event) -> None:
    me = a_member(event, 1)
    a_member(event, 17)
    for typed in ("17", "017", "１７号", "#17"):
        answer = signed_in(me).get(address(event), {"q": typed})
        assert (answer.status_code, answer["Location"]) == (302, address(event, "/17"))
    assert signed_in(me).get(address(event, "/1"))["Location"] == address(event, "/me")
    listed = signed_in(me).get(
        address(event), {"q": "17"}, headers={"HX-Request": "true", "HX-Target": "finds"}
    )
    assert 'href="' + address(event, "/17") in listed.content.decode()
    nobody = signed_in(me).get(address(event), {"q": "99"}).content.decode()
    assert 'name="number" value="99"' in nobody


def test_the_own_number_is_there_and_the_latest_come_first(event: Event) -> None:
    me = a_member(event, 1)
    now = clock.now()
    for number in range(2, 30):
        guest = a_guest(event)
        an_arrival(event, guest, number, arrived_at=now + timedelta(seconds=number))
    first = list_recent(event, eye_of(event.id, me), limit=20)
    second = list_recent(event, eye_of(event.id, me), cursor=first.next_cursor, limit=20)
    assert [face.number for face in [*first.items, *second.items]] == [*range(29, 1, -1), 1]
    assert second.next_cursor is None
    page = signed_in(me).get(address(event)).content.decode()
    assert ">001<" in page
    assert len(page) < 60_000
    with pytest.raises(CursorInvalid):
        list_recent(event, eye_of(event.id, me), cursor="_____________________w")


def test_a_badge_scanned_by_somebody_else_tells_nothing(event: Event) -> None:
    a_member(event, 1, "Secretive")
    stranger = a_member(an_event(), 1)
    waiting = a_guest(event, name="Waiting")
    for client in (Client(), signed_in(stranger), signed_in(waiting.person_id)):
        there = client.get(address(event, "/1"))
        not_there = client.get(address(event, "/77"))
        assert there.status_code == not_there.status_code == 200
        text = there.content.decode()
        assert "Secretive" not in text
        assert event.title not in text
        assert "S**" not in text


def test_before_the_arrival_the_circle_says_when_it_opens(event: Event) -> None:
    guest = a_guest(event)
    answer = signed_in(guest.person_id).get(address(event))
    assert answer.status_code == 409
    assert "/tickets" in answer.content.decode()


def test_a_photo_keeps_nothing_but_its_pixels(event: Event) -> None:
    """Prevents a photo that tells where its owner lives."""
    me = a_member(event, 1)
    picture = Image.new("RGB", (1600, 1200), "red")
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mei"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 2.5)
    raw = BytesIO()
    picture.save(raw, "JPEG", exif=exif)
    assert b"Camera of Mei" in raw.getvalue()
    assert Image.open(BytesIO(raw.getvalue())).getexif().get_ifd(0x8825)
    file = SimpleUploadedFile("me.jpg", raw.getvalue(), content_type="image/jpeg")
    sent = signed_in(me).post(address(event, "/me/picture"), {"picture": file, "request_id": "p1"})
    assert sent.status_code == 303
    name = CircleProfile.objects.get(event_id=event.id, person_id=me).picture
    for size in (512, 96):
        place = find_picture(name, size)
        assert place is not None
        with Image.open(place) as kept:
            assert not kept.getexif()
            assert max(kept.size) <= size
        assert b"Camera of Mei" not in place.read_bytes()


def test_a_refused_photo_leaves_what_was_there(event: Event) -> None:
    me = a_member(event, 1)
    file = SimpleUploadedFile("me.jpg", b"no picture", content_type="image/jpeg")
    answer = signed_in(me).post(address(event, "/me/picture"), {"picture": file, "request_id": "p1"})
    assert answer.status_code == 422
    assert not CircleProfile.objects.filter(event_id=event.id).exists()


def test_the_form_keeps_what_was_typed_when_it_is_refused(event: Event) -> None:
    me = a_member(event, 1)
    to = {f"{field}_to": "circle" for field in ("appearance", "picture", "name", "introduction", "interests")}
    answer = signed_in(me).post(
        address(event, "/me"), {"appearance": "red\u202edress", "request_id": "f", **to}
    )
    assert answer.status_code == 422
    assert "dress" in answer.content.decode()
    done = signed_in(me).post(
        address(event, "/me"),
        {"appearance": "红裙", "introduction": "你好\r\n我做陶", "request_id": "g", **to},
    )
    assert done.status_code == 303
    profile = CircleProfile.objects.get(event_id=event.id, person_id=me)
    assert (profile.introduction, profile.seen_by["name"]) == ("你好\n我做陶", "circle")


def test_harmful_texts_are_only_texts(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    describe(
        event, other, appearance="<script>alert(1)</script>", introduction="<img src=x onerror=alert(1)>"
    )
    jot(event, me, 2, "<b>bold</b>")
    for rest in ("", "/2", "/jotter", "/latest"):
        text = signed_in(me).get(address(event, rest)).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>bold" not in text


# --- Jotter -----------------------------------------------------------------------------------------------------------


def mutual(event: Event) -> int:
    return MutualInterest.objects.filter(event_id=event.id).count()


def told(person_id: UUID) -> int:
    return Notice.objects.filter(person_id=person_id, template="event_mutual").count()


def test_two_who_note_each_other_are_told_once(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    jot(event, me, 2, "tea")
    assert (mutual(event), told(me), told(other)) == (0, 0, 0)
    jot(event, other, 1)
    jot(event, other, 1, "again")
    jot(event, me, 2, "other tea")
    assert (mutual(event), told(me), told(other)) == (1, 1, 1)
    rows = list_jottings(event, eye_of(event.id, me)).items
    assert [(one.number, one.remark, one.mutual) for one in rows] == [(2, "other tea", True)]
    assert "002" in Notice.objects.get(person_id=me, template="event_mutual").context["number"]


def test_a_number_may_be_noted_before_it_is_given(event: Event) -> None:
    me = a_member(event, 1)
    jot(event, me, 2)
    assert list_jottings(event, eye_of(event.id, me)).items[0].face is None
    other = a_member(event, 2)
    face = list_jottings(event, eye_of(event.id, me)).items[0].face
    assert face is not None
    assert face.person_id == other
    jot(event, other, 1)
    assert mutual(event) == 1


def test_a_corrected_number_counts_as_it_is_now(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    jot(event, me, 7)
    jot(event, other, 1)
    assert mutual(event) == 0
    Arrival.objects.filter(event_id=event.id, person_id=other).update(number=7)
    assert settle_mutual(event_id=event.id, person_id=other, now=clock.now(), actor=SYSTEM) == 1
    assert settle_mutual(event_id=event.id, person_id=other, now=clock.now(), actor=SYSTEM) == 0
    assert (told(me), told(other)) == (1, 1)


def test_what_was_missed_is_settled_later(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    jot(event, me, 7)
    jot(event, other, 1)
    Arrival.objects.filter(event_id=event.id, person_id=other).update(number=7)
    assert settle_running() == 1
    assert settle_all_mutual(event_id=event.id, now=clock.now(), actor=SYSTEM) == 0


def test_who_blocks_is_not_told_of(event: Event) -> None:
    me, other = a_member(event, 1), a_member(event, 2)
    block(event, me, other)
    jot(event, me, 2)
    jot(event, other, 1)
    assert (mutual(event), told(me), told(other)) == (0, 0, 0)


def test_ones_own_number_and_too_many_are_refused(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    me = a_member(event, 1)
    with pytest.raises(OwnNumber):
        jot(event, me, 1)
    monkeypatch.setattr("tessera.events.actions.jotter.MOST_JOTTINGS", 2)
    jot(event, me, 2)
    jot(event, me, 3)
    with pytest.raises(JotterFull):
        jot(event, me, 4)
    jot(event, me, 3, "remarks can change")
    unjot(event_id=event.id, person_id=me, number=2, now=clock.now(), actor=SYSTEM)
    jot(event, me, 4)
    assert sorted(Jotting.objects.filter(event_id=event.id).values_list("number", flat=True)) == [3, 4]


def test_a_noted_number_sent_twice_under_one_id_is_noted_once(event: Event) -> None:
    me = a_member(event, 1)
    client = signed_in(me)
    said = {"number": "5", "remark": "tea", "request_id": "offline-1"}
    assert [client.post(address(event, "/jotter"), said).status_code for _ in range(2)] == [303, 303]
    client.post(address(event, "/jotter/5/removal"), {"request_id": "offline-2"})
    client.post(address(event, "/jotter"), said)  # the queue was not emptied: a late repeat
    assert not Jotting.objects.filter(event_id=event.id).exists()


@pytest.mark.parametrize("typed", ["", "red", "-1", "123456789", "1"])
def test_what_is_no_number_of_others_is_refused(event: Event, typed: str) -> None:
    me = a_member(event, 1)
    answer = signed_in(me).post(
        address(event, "/jotter"), {"number": typed, "request_id": "n", "remark": "keep me"}
    )
    assert answer.status_code == 422
    assert "keep me" in answer.content.decode()
    assert not Jotting.objects.filter(event_id=event.id).exists()


# --- Closing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def over() -> Event:
    """An event that ended 31 days ago."""
    starts_at = clock.now() - timedelta(days=31, hours=5)
    return an_event(starts_at=starts_at, registration_from=starts_at - timedelta(days=9))


def test_a_circle_closes_and_only_counts_stay(over: Event, django_capture_on_commit_callbacks: Any) -> None:
    running = an_event()
    me, other, elsewhere = a_member(over, 1), a_member(over, 2), a_member(running, 1)
    describe(over, me, appearance="red dress")
    describe(running, elsewhere, appearance="red dress")
    raw = BytesIO()
    Image.new("RGB", (40, 40), "red").save(raw, "PNG")
    picture = keep_picture(raw, square=True)
    use_circle_picture(event_id=over.id, person_id=me, picture=picture, now=clock.now(), actor=SYSTEM)
    jot(over, me, 2)
    jot(over, other, 1)
    talk_between(over, me, other)
    with django_capture_on_commit_callbacks(execute=True):
        assert close_due() == 1
    assert close_due() == 1  # swept again: nothing changes
    assert find_picture(picture, 96) is None
    for table in (CircleProfile, Jotting, MutualInterest):
        assert not table.objects.filter(event_id=over.id).exists()
    assert not Conversation.objects.filter(circle_id=over.id).exists()
    assert not Registration.objects.filter(event_id=over.id).exclude(code="").exists()
    counts = count_circle(over.id)
    assert (counts.profiles, counts.pictures, counts.jottings, counts.mutual) == (1, 1, 2, 1)
    assert CircleProfile.objects.filter(event_id=running.id).count() == 1
    assert signed_in(me).get(address(over)).status_code == 410
    with pytest.raises(CircleClosed):
        describe(over, me, appearance="blue")
    with pytest.raises(CircleClosed):
        jot(over, me, 2)
    listed = signed_in(me).get("/circle").content.decode()
    assert over.title in listed
    assert address(over) not in listed


def test_it_stays_open_as_long_as_the_organiser_said(over: Event) -> None:
    Event.objects.filter(pk=over.pk).update(circle={"closing_days": 40})
    assert close_due() == 0
    assert not CircleClosure.objects.filter(pk=over.pk).exists()


def test_a_person_who_is_erased_is_gone_from_all_circles(event: Event) -> None:
    other_event = an_event()
    guest = a_guest(event)
    an_arrival(event, guest, 1)
    other = a_member(event, 2)
    me = guest.person_id
    again = a_guest(other_event, person=(me, guest.phone or ""))
    an_arrival(other_event, again, 1)
    for one in (event, other_event):
        describe(one, me, appearance="red dress")
        jot(one, me, 2)
    jot(event, other, 1)
    assert mutual(event) == 1
    erase_circle_person(person_id=me, now=clock.now(), actor=SYSTEM)
    assert not CircleProfile.objects.filter(person_id=me).exists()
    assert not Jotting.objects.filter(person_id=me).exists()
    assert mutual(event) == 0
    assert Jotting.objects.filter(person_id=other).count() == 1


def test_closing_twice_keeps_the_first_counts(event: Event) -> None:
    me = a_member(event, 1)
    describe(event, me, appearance="red dress")
    for _ in range(2):
        close_circle(event_id=event.id, now=clock.now(), actor=SYSTEM)
    assert count_circle(event.id).profiles == 1
