"""Crew and terminals over the API, for the organiser's programs: who works at a door, on what; and undoing an arrival."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from tessera.events.actions.crew import add_crew, end_crew, revoke_terminal
from tessera.events.actions.undoing import undo_arrival
from tessera.events.api.supervising import UndoingIn, UndoneOut, undone_out
from tessera.events.gate import api_event
from tessera.events.models import CrewMember, Terminal
from tessera.events.queries.crew import TerminalRow, list_crew, list_terminals
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, Name, Text
from tessera.kit.ids import parse_id, show_id
from tessera.kit.phones import normal_phone
from tessera.people.actions.persons import recognise_phone

__all__ = ["router"]

router = Router(tags=["door"])


class CrewIn(Body):
    """Whom to put at the door, by phone number."""

    phone: Name
    role: Literal["crew", "supervisor"] = "crew"


class CrewOut(BaseModel):
    """Somebody's work at a door."""

    id: str
    person: str
    role: str
    since: datetime
    until: datetime | None


class CrewListOut(BaseModel):
    """Who works at the door, in the order in which they came."""

    items: list[CrewOut]


class TerminalOut(BaseModel):
    """A terminal; `waiting`: arrivals it had not uploaded when it was seen; numbers `used` and `unused` of its leases."""

    id: str
    person: str | None
    door: str
    made_at: datetime
    seen_at: datetime | None
    waiting: int | None
    used: int
    unused: int
    revoked_at: datetime | None
    revoked_why: str


class TerminalListOut(BaseModel):
    """The event's terminals, those in use first."""

    items: list[TerminalOut]


class RevocationIn(Body):
    """Why, for the record."""

    reason: Text = ""


def _member(row: CrewMember) -> CrewOut:
    return CrewOut(
        id=show_id("crw", row.id),
        person=show_id("per", row.person_id),
        role=row.role,
        since=row.since,
        until=row.until,
    )


def _terminal(one: Terminal, row: TerminalRow | None = None) -> TerminalOut:
    return TerminalOut(
        id=show_id("trm", one.id),
        person=show_id("per", one.person_id) if one.person_id else None,
        door=one.door,
        made_at=one.made_at,
        seen_at=one.seen_at,
        waiting=one.waiting,
        used=row.used if row else 0,
        unused=row.unused if row else 0,
        revoked_at=one.revoked_at,
        revoked_why=one.revoked_why,
    )


@router.get("/events/{event}/crew", response=CrewListOut, summary="List a door's crew")
def read_crew(request: KnownRequest, event: str) -> HttpResponse:
    """Needs the scope `events:read`."""
    row = api_event(require(request, "events:read"), event)
    return answer(CrewListOut(items=[_member(one) for one in list_crew(row.event.id)]))


@router.post("/events/{event}/crew", response={201: CrewOut}, summary="Put a person on a door's crew")
def create_crew(request: KnownRequest, event: str, body: CrewIn) -> HttpResponse:
    """Another role held before ends. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        phone = normal_phone(body.phone, region=settings.TESSERA_DEFAULT_REGION)
        member = add_crew(
            event_id=row.event.id,
            person_id=recognise_phone(phone=phone, now=now, actor=actor).id,
            role=body.role,
            now=now,
            actor=actor,
        )
        return Done(body=_member(member), object_id=member.id, details={"role": member.role})

    return answer_write(request, act, verb="add_crew", kind="crew_member", scope="events:write")


@router.post("/events/{event}/crew/{crew}/ending", response={201: CrewOut}, summary="End work at a door")
def create_crew_ending(request: KnownRequest, event: str, crew: str) -> HttpResponse:
    """The person's terminals there are revoked. Needs the scope `events:write`."""
    crew_id = parse_id("crw", crew)

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        member = end_crew(event_id=row.event.id, crew_id=crew_id, now=now, actor=actor)
        return Done(body=_member(member), object_id=crew_id)

    return answer_write(
        request, act, verb="end_crew", kind="crew_member", scope="events:write", object_id=crew_id
    )


@router.get("/events/{event}/terminals", response=TerminalListOut, summary="List a door's terminals")
def read_terminals(request: KnownRequest, event: str) -> HttpResponse:
    """Needs the scope `events:read`."""
    row = api_event(require(request, "events:read"), event)
    found = list_terminals(row.event.id, now=clock.now())
    return answer(TerminalListOut(items=[_terminal(one.terminal, one) for one in found]))


@router.post(
    "/events/{event}/terminals/{terminal}/revocation",
    response={201: TerminalOut},
    summary="Revoke a terminal",
)
def create_revocation(request: KnownRequest, event: str, terminal: str, body: RevocationIn) -> HttpResponse:
    """What it has not uploaded yet is refused. Needs the scope `events:write`."""
    terminal_id = parse_id("trm", terminal)

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        revoked = revoke_terminal(
            event_id=row.event.id, terminal_id=terminal_id, reason=body.reason, now=now, actor=actor
        )
        return Done(body=_terminal(revoked), object_id=terminal_id)

    return answer_write(
        request, act, verb="revoke_terminal", kind="terminal", scope="events:write", object_id=terminal_id
    )


@router.post("/events/{event}/undoings", response={201: UndoneOut}, summary="Undo an arrival")
def create_undoing(request: KnownRequest, event: str, body: UndoingIn) -> HttpResponse:
    """The number is never given again. Needs the scope `events:write`."""
    registration_id = parse_id("reg", body.registration_id)

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        undone = undo_arrival(
            event_id=row.event.id,
            registration_id=registration_id,
            reason=body.reason,
            now=now,
            actor=actor,
        )
        return Done(body=undone_out(row.event, undone), object_id=registration_id)

    return answer_write(
        request, act, verb="undo_arrival", kind="arrival", scope="events:write", object_id=registration_id
    )
