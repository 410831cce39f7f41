"""Events are drafted, described, published, cancelled and copied (spec/events.md, step 1)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from tessera.events.actions.copying import copy_event
from tessera.events.actions.publishing import (
    cancel_event,
    change_capacity,
    describe_event,
    draft_event,
    publish_event,
)
from tessera.events.actions.questions import (
    add_question,
    change_question,
    move_question,
    order_questions,
    replace_questions,
    retire_question,
)
from tessera.events.actions.seats import take_seat
from tessera.events.errors.door import EventCancelled, EventOver
from tessera.events.errors.publishing import (
    CapacityBelowTaken,
    EventAlreadyPublished,
    EventIncomplete,
    EventTermsInvalid,
    EventTimesInvalid,
    NumbersInUse,
    QuestionInvalid,
    QuestionRetired,
    TooManyQuestions,
)
from tessera.events.models import Event, Numbering, Publication, Question, Registration, Seats
from tessera.events.queries.publishing import (
    asked_questions,
    list_events,
    list_events_near,
    list_public_events,
)
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.models import News
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.merchants import suspend_merchant
from tessera.merchants.errors import PlaceInvalid, TimeZoneUnknown
from tessera.notices.models import Notice
from tessera.site.outbox import tell_news
from tests.events.stage import a_guest, a_lease, a_merchant, a_terminal, an_arrival, an_event
from tests.races.race import race

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def draft(**terms: Any) -> Event:
    starts_at = clock.now() + timedelta(days=10)
    usual = {
        "merchant_id": None,
        "title": "Tea and tales",
        "text": "Bring a book.",
        "place": "Courtyard",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
    }
    with transaction.atomic():
        return draft_event(**{**usual, "now": clock.now(), "actor": SYSTEM, **terms})


def told(event: Event, template: str) -> set[Any]:
    rows = Notice.objects.filter(template=template)
    return set(rows.values_list("person_id", flat=True))


def test_a_draft_has_seats_and_numbers(db: None) -> None:
    event = draft(capacity=300, number_start=100)
    assert Seats.objects.get(pk=event.pk).capacity == 300
    numbering = Numbering.objects.get(pk=event.pk)
    assert (numbering.next_number, numbering.run_end, numbering.next_block) == (100, 1001, 1001)
    assert event.doors_at == event.starts_at - timedelta(minutes=30)
    assert event.circle == {"closing_days": 30, "requests": 50}
    assert not Publication.objects.exists()


def test_a_merchants_event_is_in_the_merchants_zone(db: None) -> None:
    assert draft(merchant_id=a_merchant()).time_zone == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"ends_at": NOW, "starts_at": NOW}, EventTimesInvalid(why="end")),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(days=200)}, EventTimesInvalid(why="length")),
        ({"doors_at": NOW - timedelta(days=40)}, EventTimesInvalid(why="doors")),
        ({"registration_until": NOW + timedelta(days=900)}, EventTimesInvalid(why="registration")),
        ({"title": " "}, EventTermsInvalid(why="title")),
        ({"capacity": 0}, EventTermsInvalid(why="capacity")),
        ({"number_width": 9}, EventTermsInvalid(why="numbers")),
        ({"prefixes": {"a": "V", "b": "V"}}, EventTermsInvalid(why="prefixes")),
        ({"circle": {"closing_days": 0}}, EventTermsInvalid(why="circle")),
        ({"time_zone": "Mars/Olympus"}, TimeZoneUnknown(given="Mars/Olympus")),
        ({"latitude_e7": 1}, PlaceInvalid()),
    ],
)
def test_what_does_not_fit_is_refused(db: None, terms: dict[str, Any], refusal: Refusal) -> None:
    with pytest.raises(type(refusal)) as no:
        draft(**terms)
    assert no.value == refusal
    assert no.value.message("en") != no.value.message("zh-Hans")
    assert not Event.objects.exists()


def test_what_is_missing_is_named(db: None) -> None:
    event = draft(text="", place="")
    with pytest.raises(EventIncomplete) as no, transaction.atomic():
        publish_event(event_id=event.pk, now=clock.now(), actor=SYSTEM)
    assert no.value.details["missing"] == ["text", "place"]
    assert not Publication.objects.exists()
    describe_event(
        event_id=event.pk, changes={"text": "Tea.", "place": "Yard"}, now=clock.now(), actor=SYSTEM
    )
    publish_event(event_id=event.pk, now=clock.now(), actor=SYSTEM)
    with pytest.raises(EventAlreadyPublished):
        publish_event(event_id=event.pk, now=clock.now(), actor=SYSTEM)


def test_a_suspended_merchant_publishes_nothing_and_is_not_listed(db: None) -> None:
    merchant_id = a_merchant()
    published, kept = (
        an_event(merchant_id=merchant_id, latitude_e7=1, longitude_e7=1),
        draft(merchant_id=merchant_id),
    )
    assert [one.event.pk for one in list_public_events(now=clock.now()).items] == [published.pk]
    suspend_merchant(merchant_id=merchant_id, reason="No", now=clock.now(), actor=SYSTEM)
    assert list_public_events(now=clock.now()).items == []
    assert list_events_near(latitude_e7=0, longitude_e7=0, now=clock.now()) == []
    with pytest.raises(EventIncomplete):
        publish_event(event_id=kept.pk, now=clock.now(), actor=SYSTEM)


def test_guests_are_told_of_another_time_and_of_nothing_else(db: None) -> None:
    event = an_event(starts_at=clock.now() + timedelta(days=2))
    going, waiting = a_guest(event), a_guest(event, state="waitlisted")
    a_guest(event, state="declined")
    describe_event(event_id=event.pk, changes={"text": "More tea."}, now=clock.now(), actor=SYSTEM)
    assert not News.objects.filter(topic="events.changed").exists()
    changed = describe_event(
        event_id=event.pk, changes={"place": "Roof", "title": event.title}, now=clock.now(), actor=SYSTEM
    )
    assert changed == {"place"}
    tell_news(now=clock.now())
    assert told(event, "event_changed") == {going.person_id, waiting.person_id}
    assert Notice.objects.filter(template="event_changed")[0].context["place"] == "Roof"


def test_a_cancellation_is_told_with_its_reason_and_is_for_good(db: None) -> None:
    event = an_event()
    guests = {a_guest(event, state=state).person_id for state in ("accepted", "waitlisted", "pending")}
    a_guest(event, state="cancelled")
    cancel_event(event_id=event.pk, reason="Storm", now=clock.now(), actor=SYSTEM)
    tell_news(now=clock.now())
    assert told(event, "event_cancelled") == guests
    assert Notice.objects.filter(template="event_cancelled")[0].context["reason"] == "Storm"
    for act in (
        lambda: cancel_event(event_id=event.pk, reason="Again", now=clock.now(), actor=SYSTEM),
        lambda: describe_event(event_id=event.pk, changes={"text": "x"}, now=clock.now(), actor=SYSTEM),
        lambda: change_capacity(event_id=event.pk, capacity=1000, now=clock.now(), actor=SYSTEM),
        lambda: add_question(event_id=event.pk, kind="text", label="x", now=clock.now(), actor=SYSTEM),
    ):
        with pytest.raises(EventCancelled):
            act()


def test_a_draft_is_dropped_without_a_word(db: None) -> None:
    event = draft()
    cancel_event(event_id=event.pk, reason="No", now=clock.now(), actor=SYSTEM)
    assert not News.objects.filter(topic="events.cancelled").exists()


def test_what_is_over_stays(db: None) -> None:
    event = an_event(starts_at=clock.now() - timedelta(days=2))
    with pytest.raises(EventOver):
        describe_event(event_id=event.pk, changes={"place": "Roof"}, now=clock.now(), actor=SYSTEM)
    with pytest.raises(EventOver):
        cancel_event(event_id=event.pk, reason="Late", now=clock.now(), actor=SYSTEM)
    event.refresh_from_db()
    assert event.place == ""


def test_a_published_event_cannot_move_into_the_past(db: None) -> None:
    event = an_event(starts_at=clock.now() + timedelta(days=2))
    past = clock.now() - timedelta(days=3)
    changes = {
        "starts_at": past,
        "ends_at": past + timedelta(hours=1),
        "doors_at": past,
        "registration_until": past,
        "registration_from": past - timedelta(days=1),
    }
    with pytest.raises(EventTimesInvalid) as no, transaction.atomic():
        describe_event(event_id=event.pk, changes=changes, now=clock.now(), actor=SYSTEM)
    assert no.value.details["why"] == "past"


def test_the_form_of_numbers_stays_once_one_was_given(db: None) -> None:
    event = an_event()
    describe_event(event_id=event.pk, changes={"number_start": 50}, now=clock.now(), actor=SYSTEM)
    assert Numbering.objects.get(pk=event.pk).next_number == 50
    an_arrival(event, a_guest(event), 50)
    with pytest.raises(NumbersInUse), transaction.atomic():
        describe_event(event_id=event.pk, changes={"number_start": 1}, now=clock.now(), actor=SYSTEM)
    event.refresh_from_db()
    assert (event.number_start, Numbering.objects.get(pk=event.pk).next_number) == (50, 51)
    change_capacity(event_id=event.pk, capacity=20_000, now=clock.now(), actor=SYSTEM)
    event.refresh_from_db()
    assert Numbering.objects.get(pk=event.pk).run_end == 1001


def test_blocks_move_with_the_capacity_while_no_number_is_out(db: None) -> None:
    event = draft(capacity=10)
    change_capacity(event_id=event.pk, capacity=None, now=clock.now(), actor=SYSTEM)
    event.refresh_from_db()
    assert event.offline_start == Numbering.objects.get(pk=event.pk).next_block == 20_001


def test_a_larger_capacity_moves_the_waitlist_up(db: None) -> None:
    event = an_event(capacity=1)
    a_guest(event)
    waiting = a_guest(event, state="waitlisted")
    Registration.objects.filter(event_id=event.pk, id=waiting.id).update(waitlisted_at=clock.now())
    assert change_capacity(event_id=event.pk, capacity=2, now=clock.now(), actor=SYSTEM) == 1
    assert Registration.objects.get(event_id=event.pk, id=waiting.id).state == "accepted"


def test_a_capacity_below_the_accepted_is_refused(db: None) -> None:
    event = an_event(capacity=5)
    a_guest(event), a_guest(event)
    with pytest.raises(CapacityBelowTaken) as no:
        change_capacity(event_id=event.pk, capacity=1, now=clock.now(), actor=SYSTEM)
    assert no.value.details["taken"] == 2
    assert Seats.objects.get(pk=event.pk).capacity == 5


@pytest.mark.usefixtures("committed")
def test_capacity_and_seats_race() -> None:
    """Eight take a seat while eight shrink the event: never more guests than places."""
    event = an_event(capacity=8)

    def run(_: Any, place: int) -> None:
        try:
            with transaction.atomic():
                if place % 2:
                    take_seat(event.pk)
                    return
                change_capacity(event_id=event.pk, capacity=3, now=clock.now(), actor=SYSTEM)
        except CapacityBelowTaken:
            pass
        finally:
            connection.close()

    race(run, 16)
    seats = Seats.objects.get(pk=event.pk)
    assert seats.capacity in (3, 8)
    assert seats.taken <= seats.capacity


def test_an_answered_question_makes_room_for_another(db: None) -> None:
    event = an_event()
    asked = add_question(
        event_id=event.pk,
        kind="choice",
        label="Team",
        terms={"choices": ["Red", "Blue"]},
        now=NOW,
        actor=SYSTEM,
    )
    describe_event(
        event_id=event.pk,
        changes={"group_question": asked.pk, "prefixes": {"Red": "R", "Green": "G"}},
        now=clock.now(),
        actor=SYSTEM,
    )
    assert Event.objects.get(pk=event.pk).prefixes == {"Red": "R"}
    guest = a_guest(event)
    Registration.objects.filter(event_id=event.pk, id=guest.id).update(answers={str(asked.pk): "Red"})

    def change(**changes: Any) -> Question:
        return change_question(
            event_id=event.pk, question_id=asked.pk, changes=changes, now=clock.now(), actor=SYSTEM
        )

    assert change(note="One of them", terms={"choices": ["Red", "Blue", "Green"]}).pk == asked.pk
    other = change(terms={"choices": ["Blue", "Green"]})
    assert other.pk != asked.pk
    assert [one.pk for one in asked_questions(event.pk)] == [other.pk]
    assert Event.objects.get(pk=event.pk).group_question == other.pk
    with pytest.raises(QuestionRetired):
        change(label="Late")
    retire_question(event_id=event.pk, question_id=other.pk, now=clock.now(), actor=SYSTEM)
    assert Event.objects.get(pk=event.pk).group_question is None


@pytest.mark.parametrize(
    ("kind", "terms", "why"),
    [
        ("riddle", {}, "kind"),
        ("choice", {"choices": ["one"]}, "choices"),
        ("choice", {"choices": ["ＯＮＥ", "one"]}, "choices_twice"),
        ("choices", {"choices": ["a", "b"], "least": 3}, "range"),
        ("number", {"least": 5, "most": 4}, "range"),
        ("number", {"least": 1.5}, "range"),
        ("date", {"earliest": "2026-02-30"}, "range"),
        ("text", {"longest": 9_999}, "longest"),
        ("file", {"most_mb": 50}, "file"),
    ],
)
def test_terms_that_do_not_fit_their_kind(db: None, kind: str, terms: dict[str, Any], why: str) -> None:
    event = draft()
    with pytest.raises(QuestionInvalid) as no:
        add_question(event_id=event.pk, kind=kind, label="?", terms=terms, now=clock.now(), actor=SYSTEM)
    assert no.value.details["why"] == why
    assert not Question.objects.exists()


def test_the_order_of_questions(db: None) -> None:
    event = draft()
    names = ("a", "b", "c")
    [a, b, c] = [
        add_question(event_id=event.pk, kind="text", label=one, now=clock.now(), actor=SYSTEM)
        for one in names
    ]

    def labels() -> list[str]:
        return [one.label for one in asked_questions(event.pk)]

    order_questions(event_id=event.pk, question_ids=[c.pk, a.pk, b.pk], now=clock.now(), actor=SYSTEM)
    move_question(event_id=event.pk, question_id=b.pk, earlier=True, now=clock.now(), actor=SYSTEM)
    move_question(event_id=event.pk, question_id=c.pk, earlier=True, now=clock.now(), actor=SYSTEM)
    assert labels() == ["c", "b", "a"]
    with pytest.raises(QuestionInvalid):
        order_questions(event_id=event.pk, question_ids=[c.pk, c.pk, b.pk], now=clock.now(), actor=SYSTEM)
    replace_questions(
        event_id=event.pk, questions=[{"kind": "text", "label": "new"}], now=clock.now(), actor=SYSTEM
    )
    assert labels() == ["new"]
    with pytest.raises(TooManyQuestions):
        replace_questions(
            event_id=event.pk, questions=[{"kind": "text", "label": "x"}] * 41, now=clock.now(), actor=SYSTEM
        )


def test_a_copy_keeps_the_hour_over_a_change_of_clocks(db: None) -> None:
    """18:30 in Berlin is 18:30 there after the clocks were put back, an hour later in UTC."""
    berlin = ZoneInfo("Europe/Berlin")
    starts_at = datetime(2026, 10, 22, 18, 30, tzinfo=berlin)
    event = draft(time_zone="Europe/Berlin", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), registration_from=NOW - timedelta(days=90), number_width=2)  # fmt: skip
    asked = add_question(
        event_id=event.pk,
        kind="choice",
        label="Team",
        terms={"choices": ["Red", "Blue"]},
        now=starts_at,
        actor=SYSTEM,
    )
    Event.objects.filter(pk=event.pk).update(group_question=asked.pk, prefixes={"Red": "R"})
    made = copy_event(event_id=event.pk, now=starts_at + timedelta(days=2), actor=SYSTEM)
    there = made.starts_at.astimezone(berlin)
    assert (there.isoformat(), made.number_width) == ("2026-10-29T18:30:00+01:00", 2)
    [copied] = asked_questions(made.pk)
    assert (copied.label, made.group_question, made.prefixes) == ("Team", copied.pk, {"Red": "R"})
    assert not Publication.objects.filter(pk=made.pk).exists()


def test_lists_go_on_where_they_stopped(db: None) -> None:
    merchant_id = a_merchant()
    first = clock.now() + timedelta(days=1)
    made = [
        an_event(merchant_id=merchant_id, starts_at=first + timedelta(hours=place // 2)) for place in range(5)
    ]
    found, cursor = [], None
    while True:
        page = list_events(merchant_id, cursor=cursor, limit=2, now=clock.now())
        found += [one.event.pk for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == sorted(one.pk for one in made)
    assert len(set(found)) == 5
    assert list_events(merchant_id, which="past", now=clock.now()).items == []
    assert list_events(None, now=clock.now()).items == []


def test_a_terminal_with_a_block_keeps_the_numbers_as_they_are(db: None) -> None:
    event = an_event()
    a_lease(event, a_terminal(event))
    with pytest.raises(NumbersInUse), transaction.atomic():
        describe_event(event_id=event.pk, changes={"number_width": 5}, now=clock.now(), actor=SYSTEM)
