"""Guests who note each other at the same moment are told, once (spec/events.md, step 9)."""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from django.db import connections, transaction

from tessera.events.actions.circle import describe_guest
from tessera.events.actions.jotter import jot_number, settle_mutual
from tessera.events.models import Arrival, CircleProfile, Event, Jotting, MutualInterest
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.notices.models import Notice
from tests.events.stage import a_guest, an_arrival, an_event

pytestmark = pytest.mark.usefixtures("committed")


def at_once(works: Sequence[Callable[[], object]]) -> None:
    """Let all works begin at one signal, each in a transaction of its own; a fault in one fails the test."""
    gate = threading.Barrier(len(works))
    faults: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(timeout=30)
            with transaction.atomic():
                work()
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def arrived(event: Event, number: int) -> UUID:
    guest = a_guest(event)
    an_arrival(event, guest, number)
    return guest.person_id


def noting(event: Event, person_id: UUID, number: int) -> Callable[[], Jotting]:
    return lambda: jot_number(
        event_id=event.id, person_id=person_id, number=number, remark="", now=clock.now(), actor=SYSTEM
    )


def test_pairs_who_note_each_other_at_once_are_told_once() -> None:
    """Prevents two who each look before the other has committed: nobody would be told."""
    event = an_event()
    guests = {number: arrived(event, number) for number in range(1, 13)}
    works = []
    for number in range(1, 13, 2):
        works += [noting(event, guests[number], number + 1), noting(event, guests[number + 1], number)] * 2
    at_once(works)
    assert MutualInterest.objects.filter(event_id=event.id).count() == 6
    for person in guests.values():
        assert Notice.objects.filter(person_id=person, template="event_mutual").count() == 1


def test_a_number_that_is_noted_while_it_is_corrected() -> None:
    """Prevents a pair that neither the one who notes nor the one who corrects sees."""
    for _ in range(8):
        event = an_event()
        me, other = arrived(event, 1), arrived(event, 2)
        at_once([noting(event, other, 1)])

        def correct(event: Event = event, other: UUID = other) -> None:
            Arrival.objects.filter(event_id=event.id, person_id=other).update(number=7)
            settle_mutual(event_id=event.id, person_id=other, now=clock.now(), actor=SYSTEM)

        at_once([noting(event, me, 7), correct])
        assert MutualInterest.objects.filter(event_id=event.id).count() == 1
        assert Notice.objects.filter(person_id=me, template="event_mutual").count() == 1


def test_one_profile_of_one_guest() -> None:
    event = an_event()
    me = arrived(event, 1)
    at_once(
        [
            lambda one=one: describe_guest(
                event_id=event.id, person_id=me, described={one: "tea"}, now=clock.now(), actor=SYSTEM
            )
            for one in ("appearance", "introduction", "interests") * 3
        ]
    )
    [profile] = CircleProfile.objects.filter(event_id=event.id)
    assert (profile.appearance, profile.introduction, profile.interests) == ("tea", "tea", "tea")
