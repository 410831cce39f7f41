"""Guests who have not registered: recognised, registered, accepted and checked in at the door, all or nothing.

Source: spec/events.md, Offline door (walk-ins); docs/decisions/0018.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.registering import Newcomer, register_guests
from tessera.events.actions.seats import lock_seats, take_seat
from tessera.events.errors.crew import WalkInRegistered, WalkInsClosed
from tessera.events.errors.door import AlreadyArrived, RegistrationDeclined
from tessera.events.errors.registering import EventFull
from tessera.events.models import Arrival, Event, Registration, Seats, Terminal
from tessera.events.moving import Move, move_registrations
from tessera.events.rules.door import Checked, CheckIn
from tessera.kit.actors import Actor
from tessera.kit.lent import lent_connection
from tessera.kit.refusals import Refusal
from tessera.kit.requests import find_answer
from tessera.people.actions.persons import recognise_phone

__all__ = ["TEXT_AT_THE_DOOR", "WalkIn", "WalkedIn", "take_in_walk_in"]

TEXT_AT_THE_DOOR = "door"
"""Stands for the text version of a registration that the crew wrote: the guest agreed by word of mouth."""


@dataclass(frozen=True, slots=True)
class WalkIn:
    """One who comes without a registration; `phone` is E.164.

    `arrived_at` and `number` are those of one whom a terminal took in by itself: he is inside already.
    """

    request_id: str
    digest: bytes
    phone: str
    name: str
    arrived_at: datetime | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class WalkedIn:
    """The guest and his number, or that he was here already (a second number is then void).

    `over_capacity`: there was no seat left for whom a terminal had let in by itself.
    """

    checked: Checked | AlreadyArrived
    over_capacity: bool


def take_in_walk_in(
    *, event: Event, terminal: Terminal, walk_in: WalkIn, now: datetime, actor: Actor
) -> WalkedIn:
    """Let a walk-in in, in the caller's transaction: recognised by phone, registered, accepted, checked in; once by id.

    Who waited or cancelled is accepted too. Refuses `walk_ins_closed`, `registration_declined`, `event_full`,
    `quota_reached`, `walk_in_registered`, `id_reused` and what check-in refuses; `already_arrived` is returned. Whom a terminal took in by itself (`number`)
    is refused by neither a full event nor his own registration: he then counts over the capacity.
    """
    first = find_answer(terminal.id, walk_in.request_id, walk_in.digest)
    if first is not None:
        registration_id, over = UUID(bytes=first[1][:16]), False
    else:
        registration_id, over = _admitted(event, terminal, walk_in, now=now, actor=actor)
    command = CheckIn(
        event_id=event.id,
        by="guest",
        given="",
        registration_id=registration_id,
        terminal_id=terminal.id,
        printer_id=terminal.printer_id,
        door=terminal.door,
        arrived_at=walk_in.arrived_at,
        number=walk_in.number,
        actor=actor.name,
        owner_id=terminal.id,
        request_id=walk_in.request_id,
        request_digest=walk_in.digest,
    )
    [outcome] = check_in_guests(lent_connection(), [command], now=now)
    if isinstance(outcome, Refusal) and not isinstance(outcome, AlreadyArrived):
        raise outcome
    return WalkedIn(outcome, over)


def _admitted(
    event: Event, terminal: Terminal, walk_in: WalkIn, *, now: datetime, actor: Actor
) -> tuple[UUID, bool]:
    """Return the accepted registration, and whether it is one too many. Locks: events_seats, then the registration."""
    inside = walk_in.number is not None
    if not event.walk_ins and not inside:
        raise WalkInsClosed
    seats = lock_seats(event.id)
    person = recognise_phone(phone=walk_in.phone, now=now, actor=actor)
    known = Registration.objects.filter(event_id=event.id, person_id=person.id).first()
    state = "" if known is None else known.state
    if known is not None and state == "accepted":
        arrived = Arrival.objects.filter(event_id=event.id, registration_id=known.id).exists()
        if not inside and not arrived:
            raise WalkInRegistered
        return known.id, False
    if known is not None and state == "declined":
        raise RegistrationDeclined(name=known.name)
    over = inside and seats.capacity is not None and seats.taken >= seats.capacity
    if over:  # held by us: nobody sees the seat that is lent until it is taken
        Seats.objects.filter(pk=event.id).update(capacity=F("taken") + 1)
    if known is not None and state in {"pending", "waitlisted"}:
        _accept(event, seats, known, now=now, actor=actor)
        registration = known
    else:
        at = max(min(walk_in.arrived_at, now), terminal.made_at) if walk_in.arrived_at else now
        registration = _registered(event, person.id, walk_in.name, over=over, now=at, actor=actor)
    if over:
        Seats.objects.filter(pk=event.id).update(
            capacity=seats.capacity, over_capacity=F("over_capacity") + 1
        )
    return registration.id, over


def _accept(event: Event, seats: Seats, known: Registration, *, now: datetime, actor: Actor) -> None:
    if not take_seat(event.id):
        raise EventFull(capacity=seats.capacity)
    how = Move(by="person", rule="walk_in")
    move_registrations(event, [(known, "accepted", how)], tell=False, now=now, actor=actor)


def _registered(
    event: Event, person_id: UUID, name: str, *, over: bool, now: datetime, actor: Actor
) -> Registration:
    [outcome] = register_guests(
        event_id=event.id,
        newcomers=[Newcomer(person_id=person_id, name=name)],
        text_version=TEXT_AT_THE_DOOR,
        source="door_over_capacity" if over else "door",
        walk_in=True,
        tell=False,
        now=now,
        actor=actor,
    )
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome
