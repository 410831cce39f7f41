"""Review by hand and by rule, one and many, with undo; seats stay exact (spec/events.md, step 3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tessera.events.actions.changing import cancel_registration
from tessera.events.actions.reviewing import (
    Decided,
    apply_policy,
    decide_registrations,
    undo_decision,
    undo_decisions,
)
from tessera.events.errors.registering import (
    DecisionNotLast,
    DecisionUndone,
    EventFull,
    GuestHasArrived,
    PolicyInvalid,
    QuotaNeedsCapacity,
    ReasonMissing,
)
from tessera.events.models import Decision, Event, Registration, ReviewPolicy
from tessera.events.queries.reviewing import past_of
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.merchants.actions.customers import enrol_customer
from tessera.notices.models import Notice
from tests.events.registering_stage import ask, register, review_by, states, taken
from tests.events.stage import a_guest, a_person, an_arrival, an_event

pytestmark = pytest.mark.django_db


def decide(event: Event, verdict: str, *rows: Registration, reason: str = "") -> Decided:
    return decide_registrations(
        event_id=event.id, registration_ids=[row.id for row in rows], verdict=verdict, reason=reason,
        now=clock.now(), actor=SYSTEM,
    )  # fmt: skip


def undo(event: Event, decision: UUID) -> Decision:
    return undo_decision(event_id=event.id, decision_id=decision, now=clock.now(), actor=SYSTEM)


def state(row: Registration) -> str:
    return Registration.objects.get(event_id=row.event_id, id=row.id).state


def test_many_are_accepted_until_the_places_are_gone() -> None:
    event = an_event(capacity=2, review="hand")
    rows = [register(event) for _ in range(3)]
    done = decide(event, "accept", *rows)
    assert (states(event), taken(event)) == ({"accepted": 2, "pending": 1}, 2)
    assert done.refused == {rows[2].id: EventFull(capacity=2)}
    assert Notice.objects.filter(template="event_accepted").count() == 2
    assert len({row.code for row in Registration.objects.filter(state="accepted")} - {""}) > 0


def test_declining_needs_a_reason_and_frees_the_place() -> None:
    event = an_event(capacity=1)
    first, second = register(event), register(event)
    with pytest.raises(ReasonMissing):
        decide(event, "decline", first)
    assert states(event) == {"accepted": 1, "waitlisted": 1}
    done = decide(event, "decline", first, reason="规则不符")
    assert (state(first), state(second), taken(event), done.moved_up) == ("declined", "accepted", 1, 1)
    told = Notice.objects.get(person_id=first.person_id, template="event_declined_because")
    assert told.context["reason"] == "规则不符"


def test_who_has_arrived_or_cancelled_stays() -> None:
    event = an_event()
    here, gone, other = a_guest(event), register(event), a_guest(an_event())
    an_arrival(event, here, 1)
    cancel_registration(event_id=event.id, registration_id=gone.id, now=clock.now(), actor=SYSTEM)
    before = Decision.objects.count()
    done = decide(event, "waitlist", here, gone, other)
    assert {one.code for one in done.refused.values()} == {
        "guest_has_arrived",
        "registration_state_unfit",
        "not_found",
    }
    assert (Decision.objects.count(), taken(event)) == (before, 1)


def test_undo_takes_the_place_back_exactly() -> None:
    event = an_event(capacity=1, review="hand")
    row, other = register(event), register(event)
    [accepted] = decide(event, "accept", row).decisions
    undone = undo(event, accepted.id)
    assert (undone.undoes, state(row), taken(event)) == (accepted.id, "pending", 0)
    with pytest.raises(DecisionUndone):
        undo(event, accepted.id)
    [declined] = decide(event, "decline", row, reason="no").decisions
    decide(event, "accept", other)
    undo(event, declined.id)
    assert (state(row), taken(event)) == ("pending", 1)


def test_undo_of_a_declining_wants_a_free_place() -> None:
    event = an_event(capacity=1)
    first, second = register(event), register(event)
    [declined] = decide(event, "decline", first, reason="no").decisions
    assert state(second) == "accepted"
    with pytest.raises(EventFull):
        undo(event, declined.id)
    assert (state(first), taken(event)) == ("declined", 1)


def test_undo_of_an_acceptance_does_not_take_the_same_guest_up_again() -> None:
    event = an_event(capacity=1)
    first, second = register(event), register(event)
    decide(event, "decline", first, reason="no")
    moved = Decision.objects.get(registration_id=second.id, by="waitlist")
    undo(event, moved.id)
    assert (state(second), taken(event)) == ("waitlisted", 0)


def test_only_the_last_decision_is_undone_and_not_after_arriving() -> None:
    event = an_event(review="hand")
    row = register(event)
    [first] = decide(event, "waitlist", row).decisions
    [second] = decide(event, "accept", row).decisions
    with pytest.raises(DecisionNotLast):
        undo(event, first.id)
    an_arrival(event, row, 1)
    with pytest.raises(GuestHasArrived):
        undo(event, second.id)
    assert (state(row), taken(event)) == ("accepted", 1)


def test_a_bulk_decision_is_undone_whole() -> None:
    event = an_event(review="hand")
    rows = [register(event) for _ in range(4)]
    done = decide(event, "accept", *rows[:3])
    back = undo_decisions(event_id=event.id, decision_id=done.decisions[1].id, now=clock.now(), actor=SYSTEM)
    assert (len(back.decisions), states(event), taken(event)) == (3, {"pending": 4}, 0)


def test_rules_decide_at_registration_and_are_named() -> None:
    event = an_event(capacity=10)
    side, age = ask(event, "choice", choices=["left", "right"]), ask(event, "date")
    review_by(
        event,
        rules=[
            {"when": [{"of": "age", "question": str(age.id), "test": "between", "most": 17}], "then": "decline", "reason": "18+"},
            {"when": [{"of": "answer", "question": str(side.id), "test": "one_of", "words": ["left"]}], "then": "accept"},
        ],
        quotas=[{"question": str(side.id), "answer": "left", "most": 1, "then": "waitlist"}],
    )  # fmt: skip
    event.refresh_from_db()
    assert event.review == "rules"
    young = register(event, {side: "left", age: "2020-01-01"})
    first, second = register(event, {side: "left"}), register(event, {side: "left"})
    other = register(event, {side: "right"})
    assert [row.state for row in (young, first, second, other)] == [
        "declined",
        "accepted",
        "waitlisted",
        "pending",
    ]
    why = Decision.objects.get(registration_id=young.id)
    assert (why.by, why.rule, why.policy_revision, why.reason) == ("rule", "1", 1, "18+")
    assert Decision.objects.get(registration_id=second.id).rule == "quota 1"
    assert decide(event, "accept", second).refused[second.id].code == "quota_reached"
    decide(event, "accept", other)
    cancel_registration(event_id=event.id, registration_id=other.id, now=clock.now(), actor=SYSTEM)
    assert state(second) == "waitlisted"
    cancel_registration(event_id=event.id, registration_id=first.id, now=clock.now(), actor=SYSTEM)
    assert (state(second), taken(event)) == ("accepted", 1)


def test_level_membership_and_past_attendance_count() -> None:
    before = an_event(starts_at=clock.now() - timedelta(days=9))
    assert before.merchant_id is not None
    event = an_event(merchant_id=before.merchant_id)
    came, missed = a_person(), a_person()
    an_arrival(before, a_guest(before, person=came), 1)
    a_guest(before, person=missed)
    past = past_of(before.merchant_id, [came[0], missed[0]], now=clock.now())
    assert (past[came[0]].attended, past[missed[0]].no_shows) == (1, 1)
    enrol_customer(
        merchant_id=before.merchant_id, number=None, phone=None, person_id=missed[0], level="gold", now=clock.now(), actor=SYSTEM
    )  # fmt: skip
    review_by(
        event,
        rules=[
            {"when": [{"of": "attended", "test": "between", "least": 1}], "then": "accept"},
            {"when": [{"of": "level", "test": "one_of", "words": ["gold"]}, {"of": "no_shows", "test": "between", "most": 1}], "then": "waitlist"},
        ],
    )  # fmt: skip
    assert register(event, person_id=came[0]).state == "accepted"
    assert register(event, person_id=missed[0]).state == "waitlisted"
    assert register(event).state == "pending"


def test_published_rules_decide_those_who_wait() -> None:
    event = an_event(capacity=2, review="hand")
    for _ in range(3):
        register(event)
    review_by(event, rules=[{"when": [], "then": "accept"}])
    done = apply_policy(event_id=event.id, now=clock.now(), actor=SYSTEM)
    assert (len(done.decisions), states(event), taken(event)) == (3, {"accepted": 2, "waitlisted": 1}, 2)


@pytest.mark.parametrize(
    ("kept", "refusal"),
    [
        ({"rules": [{"when": [], "then": "explode"}]}, PolicyInvalid),
        ({"rules": [{"when": [{"of": "answer", "question": "other", "test": "answered"}], "then": "accept"}]}, PolicyInvalid),
        ({"quotas": [{"question": "side", "answer": "left", "percent": 10}]}, QuotaNeedsCapacity),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_followed_is_not_published(kept: dict[str, Any], refusal: type) -> None:
    event = an_event(capacity=None)
    side = ask(event, "choice", choices=["left", "right"])
    for quota in kept.get("quotas", []):
        quota["question"] = str(side.id)
    with pytest.raises(refusal):
        review_by(event, **kept)
    event.refresh_from_db()
    assert (event.review, ReviewPolicy.objects.count()) == ("automatic", 0)
