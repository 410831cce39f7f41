"""Seats and quotas are exact however many ask at once (spec/README.md, rule 3)."""

from collections import Counter

import pytest

from tessera.events.actions.changing import cancel_registration
from tessera.events.actions.registering import register_guest
from tessera.events.actions.reviewing import decide_registrations
from tessera.events.models import Registration
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tests.events.registering_stage import all_at_once, ask, register, review_by, states, taken
from tests.events.stage import a_guest, a_person, an_event

pytestmark = pytest.mark.usefixtures("committed")


def test_the_last_place_and_fifty_registrations() -> None:
    event = an_event(capacity=1)
    persons = [a_person()[0] for _ in range(50)]
    rows = all_at_once(
        lambda n: register_guest(
            event_id=event.id, person_id=persons[n], answers={}, text_version="1", source="web", now=clock.now(), actor=SYSTEM
        ),
        50,
    )  # fmt: skip
    assert Counter(row.state for row in rows if isinstance(row, Registration)) == {
        "accepted": 1,
        "waitlisted": 49,
    }
    assert (states(event), taken(event)) == ({"accepted": 1, "waitlisted": 49}, 1)


def test_one_person_registers_fifty_times_at_once() -> None:
    event = an_event(capacity=10)
    person_id, _ = a_person()
    rows = all_at_once(
        lambda _: register_guest(
            event_id=event.id, person_id=person_id, answers={}, text_version="1", source="web", now=clock.now(), actor=SYSTEM
        ),
        20,
    )  # fmt: skip
    codes = Counter(getattr(row, "state", getattr(row, "code", "")) for row in rows)
    assert codes == {"accepted": 1, "already_registered_for_event": 19}
    assert taken(event) == 1


def test_fifty_cancellations_and_fifty_on_the_waitlist() -> None:
    event = an_event(capacity=50)
    rows = [register(event) for _ in range(100)]
    all_at_once(
        lambda n: cancel_registration(
            event_id=event.id, registration_id=rows[n].id, now=clock.now(), actor=SYSTEM
        ),
        50,
    )
    assert (states(event), taken(event)) == ({"cancelled": 50, "accepted": 50}, 50)


def test_a_quota_holds_with_many_reviewers_and_guests() -> None:
    event = an_event(capacity=20)
    side = ask(event, "choice", "Side", choices=["left", "right"])
    review_by(
        event,
        rules=[{"when": [], "then": "accept"}],
        quotas=[{"question": str(side.id), "answer": "left", "percent": 60, "then": "hand"}],
    )
    waiting = [a_guest(event, state="pending") for _ in range(10)]
    Registration.objects.filter(event_id=event.id).update(answers={str(side.id): "left"})
    persons = [a_person()[0] for _ in range(20)]

    def work(n: int) -> object:
        if n >= 20:
            return decide_registrations(
                event_id=event.id, registration_ids=[waiting[n - 20].id], verdict="accept", now=clock.now(), actor=SYSTEM
            )  # fmt: skip
        return register_guest(
            event_id=event.id, person_id=persons[n], answers={str(side.id): "left"}, text_version="1", source="web",
            now=clock.now(), actor=SYSTEM,
        )  # fmt: skip

    all_at_once(work, 30)
    assert (states(event), taken(event)) == ({"accepted": 12, "pending": 18}, 12)
