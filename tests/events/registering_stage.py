"""What tests of registration and review share: asking an event, registering, many at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction

from tessera.events.actions.registering import register_guest
from tessera.events.actions.reviewing import publish_policy
from tessera.events.models import Event, Question, Registration, Seats
from tessera.kit import clock
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.edge import repeated
from tessera.kit.refusals import Refusal
from tests.events.stage import a_person

T = TypeVar("T")


def ask(event: Event, kind: str, label: str = "Which?", *, required: bool = False, **terms: Any) -> Question:
    """A question of the event."""
    place = Question.objects.filter(event=event).count() + 1
    return Question.objects.create(
        event=event, position=place, kind=kind, label=label, required=required, terms=terms
    )


def register(
    event: Event, answers: dict[Question, Any] | None = None, *, person_id: UUID | None = None, **how: Any
) -> Registration:
    """One who registers himself."""
    person_id = person_id or a_person()[0]
    given = {str(question.id): value for question, value in (answers or {}).items()}
    actor = Actor(kind="person", id=person_id)
    terms: dict[str, Any] = {"text_version": "1", "source": "web", "now": clock.now(), "actor": actor, **how}
    with transaction.atomic():
        return register_guest(event_id=event.id, person_id=person_id, answers=given, **terms)


def review_by(event: Event, **kept: Any) -> None:
    """Publish review rules."""
    with transaction.atomic():
        publish_policy(event_id=event.id, rules=kept, now=clock.now(), actor=SYSTEM)


def states(event: Event) -> dict[str, int]:
    """How many registrations are in each state."""
    found: dict[str, int] = {}
    for state in Registration.objects.filter(event_id=event.id).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def taken(event: Event) -> int:
    """Seats that are taken."""
    return Seats.objects.get(pk=event.id).taken


def all_at_once(work: Callable[[int], T], runners: int) -> list[T | Refusal]:
    """Let `work(number)` run in many threads, each in a transaction on a connection of its own; refusals are answers."""
    gate = threading.Barrier(runners)

    def attempt(number: int) -> T:
        with transaction.atomic():
            return work(number)

    def run(number: int) -> T | Refusal:
        gate.wait(timeout=60)
        try:
            return repeated(lambda: attempt(number))
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(runners) as pool:
        return [one.result(timeout=120) for one in [pool.submit(run, number) for number in range(runners)]]
