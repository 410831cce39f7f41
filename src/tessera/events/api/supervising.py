"""What supervisors do at the door, from their terminal: search, undo, unlock."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from tessera.events.actions.undoing import undo_arrival, unlock_guesses
from tessera.events.api.terminals import TerminalBearer, supervisors_terminal
from tessera.events.models import Event, Registration, UndoneArrival
from tessera.events.queries.crew import find_lock, list_locks, search_guests
from tessera.events.queries.events import get_event
from tessera.events.rules.door import prefix_of, shown_number
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write
from tessera.kit.errors import NotFound, RequestInvalid
from tessera.kit.fields import Body, Name, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.kit.media import picture_address
from tessera.kit.phones import normal_phone

__all__ = ["UndoingIn", "UndoneOut", "router", "undone_out"]

router = Router(tags=["door"], auth=TerminalBearer())


class DoorGuestOut(BaseModel):
    """A guest as a supervisor sees him; `phone` is masked; without an arrival the last fields are empty."""

    registration_id: str
    name: str
    picture: str
    group: str
    state: str
    phone: str
    walk_in: bool
    number: int | None
    shown: str
    arrived_at: datetime | None
    door: str


class DoorGuestsOut(BaseModel):
    """The guests found, by name."""

    items: list[DoorGuestOut]


class UndoingIn(Body):
    """Whose arrival did not happen, and why."""

    registration_id: Shown
    reason: Name


class UndoneOut(BaseModel):
    """The arrival that does not count any more; its number is void for ever."""

    registration_id: str
    number: int
    shown: str
    arrived_at: datetime
    door: str


class LockOut(BaseModel):
    """What wrong codes have locked: a "phone" (`shown` masked), a "terminal" (its door) or the "event"; `lock` unlocks it."""

    lock: str
    kind: str
    shown: str
    wrong: int
    locked_at: datetime
    terminal_id: str | None


class LocksOut(BaseModel):
    """What is locked, the latest first."""

    items: list[LockOut]


class UnlockIn(Body):
    """Exactly one: a whole phone number or its last four digits, a terminal, the event, or a `lock` of the list."""

    phone: Annotated[str, Field(max_length=40)] | None = None
    terminal_id: Shown | None = None
    event: bool | None = None
    lock: Shown | None = None


class UnlockedOut(BaseModel):
    """How many were locked."""

    unlocked: int


@router.get("/door/guests", response=DoorGuestsOut, summary="Search guests by name or phone number")
def search_door_guests(request: KnownRequest, q: Annotated[str, Query(max_length=60)]) -> HttpResponse:
    """At most 20, whatever became of their registration. For terminals of supervisors."""
    terminal = supervisors_terminal(request)
    event = get_event(terminal.event_id, now=clock.now()).event
    items = [
        DoorGuestOut(
            registration_id=show_id("reg", one.registration.id),
            name=one.registration.name,
            picture=picture_address(one.registration.picture),
            group=one.registration.group,
            state=one.registration.state,
            phone=one.phone,
            walk_in=one.registration.walk_in,
            number=one.arrival.number if one.arrival else None,
            shown=one.shown,
            arrived_at=one.arrival.arrived_at if one.arrival else None,
            door=one.arrival.door if one.arrival else "",
        )
        for one in search_guests(event, q.replace("\0", ""))
    ]
    return answer(DoorGuestsOut(items=items))


def undone_out(event: Event, undone: UndoneArrival) -> UndoneOut:
    """Return an undone arrival as the API shows it."""
    guest = Registration.objects.filter(event_id=event.id, id=undone.registration_id).only("group").first()
    prefix = prefix_of(guest.group, event.prefixes) if guest else ""
    return UndoneOut(
        registration_id=show_id("reg", undone.registration_id),
        number=undone.number,
        shown=shown_number(undone.number, prefix=prefix, width=event.number_width),
        arrived_at=undone.arrived_at,
        door=undone.door,
    )


@router.post("/door/undoings", response={201: UndoneOut}, summary="Undo an arrival at the door")
def create_undoing(request: KnownRequest, body: UndoingIn) -> HttpResponse:
    """The number is never given again. For terminals of supervisors."""
    terminal = supervisors_terminal(request)
    event = get_event(terminal.event_id, now=clock.now()).event
    registration_id = parse_id("reg", body.registration_id)

    def act(actor: Actor, now: datetime) -> Done:
        undone = undo_arrival(
            event_id=event.id, registration_id=registration_id, reason=body.reason, now=now, actor=actor
        )
        return Done(body=undone_out(event, undone), object_id=registration_id)

    return answer_write(
        request, act, verb="undo_arrival", kind="arrival", scope="arrivals:write", object_id=registration_id
    )


@router.get("/door/locks", response=LocksOut, summary="List what wrong codes have locked")
def read_locks(request: KnownRequest) -> HttpResponse:
    """For terminals of supervisors."""
    terminal = supervisors_terminal(request)
    items = [
        LockOut(
            lock=one.id,
            kind=one.kind,
            shown=one.shown,
            wrong=one.wrong,
            locked_at=one.locked_at,
            terminal_id=show_id("trm", one.terminal_id) if one.terminal_id else None,
        )
        for one in list_locks(terminal.event_id)
    ]
    return answer(LocksOut(items=items))


@router.post("/door/unlocks", response={201: UnlockedOut}, summary="Unlock after wrong codes")
def create_unlock(request: KnownRequest, body: UnlockIn) -> HttpResponse:
    """What was locked counts wrong codes from nothing again. For terminals of supervisors."""
    terminal = supervisors_terminal(request)
    kind, subjects = _what(body, terminal.event_id)

    def act(actor: Actor, now: datetime) -> Done:
        unlocked = unlock_guesses(
            event_id=terminal.event_id, kind=kind, subjects=subjects, now=now, actor=actor
        )
        return Done(body=UnlockedOut(unlocked=unlocked), object_id=terminal.event_id, details={"kind": kind})

    return answer_write(
        request, act, verb="unlock_guesses", kind="event", scope="arrivals:write", object_id=terminal.event_id
    )


def _what(body: UnlockIn, event_id: UUID) -> tuple[str, list[str]]:
    named = [one for one in (body.phone, body.terminal_id, body.event or None, body.lock) if one is not None]
    if len(named) != 1:
        raise RequestInvalid(reason="exactly one of phone, terminal_id, event and lock")
    if body.phone is not None:
        typed = body.phone.strip()
        if len(typed) == 4 and typed.isascii() and typed.isdigit():
            return "phone", [f"tail:{typed}"]
        phone = normal_phone(typed, region=settings.TESSERA_DEFAULT_REGION)
        return "phone", [f"phone:{phone}", f"tail:{phone[-4:]}"]
    if body.terminal_id is not None:
        return "terminal", [str(parse_id("trm", body.terminal_id))]
    if body.lock is not None:
        lock = find_lock(event_id, body.lock)
        if lock is None:
            raise NotFound
        return lock.kind, [lock.subject]
    return "event", [""]
