"""Who comes through the doors of an event: its organiser, its crew, its guests (spec/README.md, People and roles)."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from tessera.events.errors.circle import CircleClosed, NotInCircle
from tessera.events.models import Arrival, CircleClosure, CrewMember, Event, Registration
from tessera.events.queries.events import EventRow, get_event
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import person_actor
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.people.gate import enter_platform

__all__ = [
    "DoorPlace",
    "EventPlace",
    "GuestPlace",
    "api_event",
    "enter_circle",
    "enter_door",
    "enter_event",
    "guest_place",
]


@dataclass(frozen=True, slots=True)
class EventPlace:
    """An event entered by its organiser: staff of its merchant, or the operator for the platform's own.

    `frame` is the template that its pages extend; `workplace` what the merchant's console needs (None: the operator's).
    """

    actor: Actor
    row: EventRow
    workplace: Workplace | None
    may_write: bool

    @property
    def event(self) -> Event:
        """The event."""
        return self.row.event

    @property
    def address(self) -> str:
        """Where the organiser's pages of the event begin."""
        return f"/organise/{show_id('evt', self.event.id)}"

    @property
    def list_address(self) -> str:
        """Where the list is that the event stands in."""
        return "/operator/events" if self.workplace is None else f"{self.workplace.address}/events"

    @property
    def frame(self) -> str:
        """The template that the pages extend."""
        return "site/operator.html" if self.workplace is None else "site/console.html"


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """An event's door entered by its crew; `role` is "crew" or "supervisor" (the organiser is one)."""

    actor: Actor
    row: EventRow
    role: str

    @property
    def event(self) -> Event:
        """The event."""
        return self.row.event


@dataclass(frozen=True, slots=True)
class GuestPlace:
    """A circle entered by a guest who has arrived."""

    actor: Actor
    row: EventRow
    registration: Registration
    arrival: Arrival

    @property
    def event(self) -> Event:
        """The event."""
        return self.row.event

    @property
    def person_id(self) -> UUID:
        """Who the guest is."""
        return self.arrival.person_id

    @property
    def address(self) -> str:
        """Where the circle's pages begin."""
        return f"/circle/{show_id('evt', self.event.id)}"


def enter_event(request: HttpRequest, event: str, *, need: str = "events:read") -> EventPlace:
    """Return the event behind an address (`evt_...`), entered by its organiser; `need`: "events:read" or "events:write".

    Refuses `not_found` for who does not work for the organiser, `role_missing` where the roles do not allow it.
    """
    row = get_event(parse_id("evt", event), now=clock.now())
    if row.event.merchant_id is None:
        return EventPlace(enter_platform(request), row, None, may_write=True)
    workplace = enter_merchant(request, show_id("mer", row.event.merchant_id), need=need)
    return EventPlace(workplace.actor, row, workplace, may_write=workplace.may("events:write"))


def enter_door(request: HttpRequest, event: str, *, supervisor: bool = False) -> DoorPlace:
    """Return the door behind an address (`evt_...`), entered by a member of its crew, or by the organiser.

    Refuses `not_found` for who does not work there, and for the crew where a `supervisor` is needed.
    """
    row = get_event(parse_id("evt", event), now=clock.now())
    member = CrewMember.objects.filter(
        event_id=row.event.id, person_id=str(request.user.pk), until__isnull=True
    ).first()
    if member is None:
        place = enter_event(request, event, need="arrivals:write")
        return DoorPlace(place.actor, row, "supervisor")
    if supervisor and member.role != "supervisor":
        raise NotFound
    actor = person_actor(request, merchant_id=row.event.merchant_id, scopes=frozenset({"arrivals:write"}))
    return DoorPlace(actor, row, member.role)


def enter_circle(request: HttpRequest, event: str) -> GuestPlace:
    """Return the circle behind an address (`evt_...`), entered by a guest who has arrived.

    Refuses `not_found` for who has not registered, `not_in_circle` before the arrival, `circle_closed` after the closing.
    """
    row = get_event(parse_id("evt", event), now=clock.now())
    registration = Registration.objects.filter(event_id=row.event.id, person_id=str(request.user.pk)).first()
    return guest_place(person_actor(request), row, registration)


def guest_place(actor: Actor, row: EventRow, registration: Registration | None) -> GuestPlace:
    """Return the circle as the guest with this registration enters it; refuses as `enter_circle`."""
    if registration is None:
        raise NotFound
    if CircleClosure.objects.filter(pk=row.event.id).exists():
        raise CircleClosed
    arrival = Arrival.objects.filter(event_id=row.event.id, registration_id=registration.id).first()
    if arrival is None:
        raise NotInCircle
    return GuestPlace(actor, row, registration, arrival)


def api_event(actor: Actor, event: str) -> EventRow:
    """Return the event that a key names (`evt_...`); refuses `not_found` for another merchant's than the key's own."""
    row = get_event(parse_id("evt", event), now=clock.now())
    if actor.merchant_id is not None and row.event.merchant_id != actor.merchant_id:
        raise NotFound
    return row
