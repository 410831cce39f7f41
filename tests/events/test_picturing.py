"""A guest who shows another picture is known by it at the door; seats over the capacity are counted while they are."""

import pytest

from tessera.events.models import Registration, Seats
from tessera.events.seating import free_seats, take_seat
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.people.actions.pictures import use_picture
from tessera.site.outbox import tell_news
from tests.events.stage import a_guest, an_event

pytestmark = pytest.mark.django_db


def test_the_door_shows_the_present_picture() -> None:
    event = an_event()
    guest = a_guest(event)
    use_picture(person_id=guest.person_id, picture="a" * 32, now=clock.now(), actor=SYSTEM)
    tell_news(now=clock.now())
    assert Registration.objects.get(event_id=event.id, id=guest.id).picture == "a" * 32


def test_seats_over_the_capacity_end_with_their_guests() -> None:
    event = an_event(capacity=2)
    Seats.objects.filter(pk=event.id).update(taken=3, over_capacity=1)
    assert not take_seat(event.id)
    free_seats(event.id, 1)
    seats = Seats.objects.get(pk=event.id)
    assert (seats.taken, seats.over_capacity) == (2, 0)
    assert not take_seat(event.id)
    free_seats(event.id, 1)
    assert take_seat(event.id)


def test_seats_without_a_capacity_are_free() -> None:
    event = an_event(capacity=None)
    assert take_seat(event.id)
    free_seats(event.id, 1)
    assert Seats.objects.get(pk=event.id).over_capacity == 0
