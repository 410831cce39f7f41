"""Registration: who gets in, who waits, who is told what; a refusal leaves no trace (spec/events.md, steps 2 to 4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tessera.events.actions.changing import cancel_registration, change_answers
from tessera.events.actions.registering import Newcomer, register_guests
from tessera.events.actions.seats import fill_from_waitlist
from tessera.events.errors.door import EventCancelled, EventOver, NotPublished
from tessera.events.errors.registering import (
    AlreadyDecided,
    AlreadyRegistered,
    AnswerMissing,
    AnswerNotOffered,
    EventFull,
    GuestHasArrived,
    RegistrationClosed,
    RegistrationFixed,
    RegistrationNotOpen,
)
from tessera.events.models import Cancellation, Decision, Event, Registration, Seats
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.refusals import Refusal
from tessera.notices.models import Notice
from tessera.people.models import Consent
from tests.events.registering_stage import ask, register, states, taken
from tests.events.stage import a_guest, a_person, an_arrival, an_event

pytestmark = pytest.mark.django_db


def test_first_come_first_served_then_the_waitlist() -> None:
    event = an_event(capacity=1)
    first, second = register(event), register(event)
    assert (first.state, second.state, taken(event)) == ("accepted", "waitlisted", 1)
    assert len(first.code) == 6
    assert first.code.isdigit()
    assert second.code == ""
    assert first.ticket != second.ticket
    assert len(first.ticket) >= 16
    assert second.waitlisted_at is not None


def test_the_guest_is_told_with_the_code_and_leaves_a_consent() -> None:
    event = an_event(capacity=1)
    first, second = register(event), register(event)
    told = Notice.objects.get(person_id=first.person_id)
    assert (told.template, told.context["code"], told.kind) == ("event_accepted", first.code, "events")
    waits = Notice.objects.get(person_id=second.person_id)
    assert waits.template == "event_waitlisted"
    assert "code" not in waits.context
    consent = Consent.objects.get(person_id=first.person_id)
    assert (consent.purpose, consent.text_version, consent.given) == ("event_registration", "1", True)


def test_a_reviewed_event_lets_wait_for_a_person() -> None:
    event = an_event(review="hand")
    row = register(event)
    assert (row.state, row.code, taken(event)) == ("pending", "", 0)
    assert Notice.objects.get(person_id=row.person_id).template == "event_registered"
    assert not Decision.objects.filter(registration_id=row.id).exists()


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"published": False}, NotPublished),
        ({"registration_from": clock.now() + timedelta(days=1), "registration_until": clock.now() + timedelta(days=2)}, RegistrationNotOpen),
        ({"registration_until": clock.now() - timedelta(days=1)}, RegistrationClosed),
        ({"starts_at": clock.now() - timedelta(days=2)}, EventOver),
    ],
)  # fmt: skip
def test_when_nobody_can_register(terms: dict[str, Any], refusal: type[Refusal]) -> None:
    event = an_event(**terms)
    person_id, _ = a_person()
    with pytest.raises(refusal):
        register(event, person_id=person_id)
    _no_trace(event)
    assert not Consent.objects.filter(person_id=person_id).exists()


def test_a_cancelled_event_takes_nobody() -> None:
    event = an_event()
    Cancellation.objects.create(event=event, at=clock.now(), actor="system", reason="rain")
    with pytest.raises(EventCancelled):
        register(event)
    _no_trace(event)


def _no_trace(event: Event) -> None:
    assert not Registration.objects.filter(event_id=event.id).exists()
    assert not Notice.objects.filter(kind="events").exists()
    assert taken(event) == 0


def test_answers_are_read_by_their_questions() -> None:
    event = an_event()
    choice = ask(event, "choice", "Side", required=True, choices=["left", "right"])
    number = ask(event, "number", "Age", least=18, most=99)
    with pytest.raises(AnswerMissing):
        register(event)
    with pytest.raises(AnswerNotOffered):
        register(event, {choice: "middle"})
    _no_trace(event)
    row = register(event, {choice: "left", number: "30"})
    assert row.answers == {str(choice.id): "left", str(number.id): 30}


def test_the_answer_to_the_group_question_is_the_group() -> None:
    event = an_event()
    choice = ask(event, "choice", "Side", choices=["left", "right"])
    event.group_question = choice.id
    event.save(update_fields=["group_question"])
    assert register(event, {choice: "left"}).group == "left"


def test_once_per_person_and_again_after_cancelling() -> None:
    event = an_event(capacity=1)
    row = register(event)
    with pytest.raises(AlreadyRegistered):
        register(event, person_id=row.person_id)
    cancelled = cancel_registration(event_id=event.id, registration_id=row.id, now=clock.now(), actor=SYSTEM)
    assert (cancelled.state, taken(event)) == ("cancelled", 0)
    again = register(event, person_id=row.person_id)
    assert (again.id, again.state, again.ticket, taken(event)) == (row.id, "accepted", row.ticket, 1)
    assert [d.after for d in Decision.objects.order_by("id")] == ["accepted", "cancelled", "accepted"]


def test_a_cancellation_moves_the_waitlist_up_in_order() -> None:
    event = an_event(capacity=2)
    rows = [register(event) for _ in range(5)]
    cancel_registration(event_id=event.id, registration_id=rows[0].id, now=clock.now(), actor=SYSTEM)
    now = {row.id: row.state for row in Registration.objects.filter(event_id=event.id)}
    assert [now[row.id] for row in rows] == ["cancelled", "accepted", "accepted", "waitlisted", "waitlisted"]
    assert taken(event) == 2
    assert Decision.objects.get(registration_id=rows[2].id, by="waitlist").after == "accepted"
    assert Notice.objects.filter(person_id=rows[2].person_id, template="event_accepted").count() == 1


def test_a_raised_capacity_fills_from_the_waitlist() -> None:
    event = an_event(capacity=1)
    for _ in range(4):
        register(event)
    Seats.objects.filter(pk=event.id).update(capacity=3)
    assert fill_from_waitlist(event_id=event.id, now=clock.now(), actor=SYSTEM) == 2
    assert states(event) == {"accepted": 3, "waitlisted": 1}
    assert fill_from_waitlist(event_id=event.id, now=clock.now(), actor=SYSTEM) == 0


def test_who_has_arrived_cannot_cancel() -> None:
    event = an_event()
    guest = a_guest(event)
    an_arrival(event, guest, 1)
    with pytest.raises(GuestHasArrived):
        cancel_registration(event_id=event.id, registration_id=guest.id, now=clock.now(), actor=SYSTEM)
    assert (states(event), taken(event)) == ({"accepted": 1}, 1)
    declined = a_guest(event, state="declined")
    with pytest.raises(AlreadyDecided):
        cancel_registration(event_id=event.id, registration_id=declined.id, now=clock.now(), actor=SYSTEM)


def test_walk_ins_are_accepted_at_once_or_refused() -> None:
    event = an_event(capacity=1, review="hand", registration_until=clock.now() - timedelta(hours=1))
    ask(event, "text", required=True)
    row = register(event, walk_in=True, source="door")
    assert (row.state, row.walk_in) == ("accepted", True)
    with pytest.raises(EventFull):
        register(event, walk_in=True, source="door")
    assert (states(event), taken(event)) == ({"accepted": 1}, 1)


def test_answers_change_until_somebody_decides() -> None:
    event = an_event(review="hand")
    text = ask(event, "text", "Why?", longest=20)
    row = register(event, {text: "tea"})
    changed = change_answers(
        event_id=event.id,
        registration_id=row.id,
        answers={str(text.id): "music"},
        now=clock.now(),
        actor=SYSTEM,
    )
    assert changed.answers == {str(text.id): "music"}
    Registration.objects.filter(event_id=event.id, id=row.id).update(state="accepted")
    with pytest.raises(RegistrationFixed):
        change_answers(
            event_id=event.id,
            registration_id=row.id,
            answers={str(text.id): "x"},
            now=clock.now(),
            actor=SYSTEM,
        )


def test_many_at_once_each_with_an_answer() -> None:
    event = an_event(capacity=2)
    persons = [a_person()[0] for _ in range(3)]
    with transaction.atomic():
        outcomes = register_guests(
            event_id=event.id,
            newcomers=[Newcomer(one) for one in [*persons, persons[0]]],
            text_version="1",
            source="import",
            tell=False,
            now=clock.now(),
            actor=SYSTEM,
        )
    assert [getattr(one, "state", getattr(one, "code", "")) for one in outcomes] == [
        "accepted",
        "accepted",
        "waitlisted",
        "already_registered_for_event",
    ]
    assert taken(event) == 2
    assert not Notice.objects.filter(kind="events").exists()
