"""An event with guests, crew and terminals, put on the stage row by row: for tests that are not about publishing."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tessera.events.models import (
    Arrival,
    CrewMember,
    Event,
    Lease,
    Numbering,
    Publication,
    Registration,
    Seats,
    Terminal,
)
from tessera.events.rules.door import CheckIn
from tessera.events.terminals import digest_of_credential, new_credential
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.people.actions.persons import open_person, register_person
from tests.cast import made_up_phone


def a_merchant(name: str = "Night market") -> UUID:
    """An approved merchant."""
    with transaction.atomic():
        merchant = open_merchant(name=name, now=clock.now(), actor=SYSTEM)
        approve_merchant(merchant_id=merchant.id, now=clock.now(), actor=SYSTEM)
    return merchant.id


def an_event(
    *,
    capacity: int | None = 300,
    published: bool = True,
    starts_at: datetime | None = None,
    merchant_id: UUID | None = None,
    **terms: Any,
) -> Event:
    """An event that began an hour ago, its doors two hours ago, unless it is said otherwise."""
    now = clock.now()
    starts_at = starts_at or now - timedelta(hours=1)
    event = Event.objects.create(
        **{
            "merchant_id": merchant_id or a_merchant(),
            "title": "Lantern night",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=4),
            "doors_at": starts_at - timedelta(hours=1),
            "registration_from": now - timedelta(days=30),
            "registration_until": starts_at + timedelta(hours=3),
            "offline_start": 1001,
            "created_at": now,
            "changed_at": now,
            **terms,
        }
    )
    Seats.objects.create(event=event, capacity=capacity)
    Numbering.objects.create(
        event_id=event.id,
        next_number=event.number_start,
        run_end=event.offline_start,
        next_block=event.offline_start,
    )
    if published:
        Publication.objects.create(event=event, at=now, actor="system")
    return event


def a_person(nickname: str = "Mei") -> tuple[UUID, str]:
    """A registered person; return id and phone."""
    phone = made_up_phone()
    with transaction.atomic():
        person = open_person(phone=phone, nickname=nickname, now=clock.now(), actor=SYSTEM)
        register_person(person_id=person.id, now=clock.now(), actor=SYSTEM)
    return person.id, phone


def a_guest(
    event: Event,
    *,
    name: str = "Mei",
    state: str = "accepted",
    code: str = "",
    group: str = "",
    person: tuple[UUID, str] | None = None,
) -> Registration:
    """A registration in `state`; an accepted one has a code and a seat."""
    person_id, phone = person or a_person(name)
    if state == "accepted":
        seats = Seats.objects.get(pk=event.id)
        seats.taken += 1
        seats.save(update_fields=["taken"])
        code = code or f"{secrets.randbelow(10**6):06d}"
    return Registration.objects.create(
        event_id=event.id,
        id=new_id(),
        person_id=person_id,
        state=state,
        phone=phone,
        phone_tail=phone[-4:],
        name=name,
        group=group,
        code=code,
        ticket=secrets.token_urlsafe(12),
        source="test",
        registered_at=clock.now(),
        text_version="1",
    )


def an_arrival(event: Event, guest: Registration, number: int, **how: Any) -> Arrival:
    """The guest is here with `number`; the event's run goes on behind it."""
    numbering = Numbering.objects.get(pk=event.id)
    if number < numbering.run_end:
        numbering.next_number = max(numbering.next_number, number + 1)
    numbering.arrived += 1
    numbering.save(update_fields=["next_number", "arrived"])
    return Arrival.objects.create(
        event_id=event.id,
        registration_id=guest.id,
        person_id=guest.person_id,
        number=number,
        **{"arrived_at": clock.now(), "recorded_at": clock.now(), "actor": "system", **how},
    )


@dataclass(frozen=True)
class ATerminal:
    """A terminal and its credential."""

    id: UUID
    secret: str


def a_terminal(
    event: Event, *, door: str = "Door A", person_id: UUID | None = None, role: str = "crew"
) -> ATerminal:
    """A terminal of a member of the crew."""
    person_id = person_id or a_person("Crew")[0]
    CrewMember.objects.get_or_create(
        event_id=event.id,
        person_id=person_id,
        until=None,
        defaults={"role": role, "since": clock.now(), "actor": "system"},
    )
    secret = new_credential()
    terminal = Terminal.objects.create(
        event_id=event.id,
        person_id=person_id,
        door=door,
        digest=digest_of_credential(secret),
        vault_key=secrets.token_bytes(32),
        made_at=clock.now(),
    )
    return ATerminal(terminal.id, secret)


def a_lease(
    event: Event, terminal: ATerminal, numbers: int = 50, *, at: datetime | None = None
) -> Sequence[int]:
    """A block of numbers that the terminal holds, since two hours unless it is said otherwise."""
    numbering = Numbering.objects.get(pk=event.id)
    first = numbering.next_block
    numbering.next_block += numbers
    numbering.save(update_fields=["next_block"])
    Lease.objects.create(
        event_id=event.id,
        first_number=first,
        last_number=first + numbers - 1,
        terminal_id=terminal.id,
        at=at or clock.now() - timedelta(hours=2),
    )
    return range(first, first + numbers)


def at_the_door(event: Event, guest: Registration, **how: Any) -> CheckIn:
    """The command that checks the guest in by phone and code."""
    usual: dict[str, Any] = {
        "event_id": event.id,
        "by": "phone",
        "given": guest.phone or "",
        "code": guest.code,
        "actor": "test",
        "owner_id": event.id,
        "door": "Door A",
    }
    return CheckIn(**{**usual, **how})
