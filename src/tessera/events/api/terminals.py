"""The door's terminals over the API: where they stand, whom they may let in, and their numbers."""

from datetime import UTC, datetime
from typing import Annotated, Any, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.security import HttpBearer
from pydantic import BaseModel, Field

from tessera.events.actions.leases import lease_numbers
from tessera.events.models import Terminal
from tessera.events.queries.events import get_event
from tessera.events.queries.leases import list_leases
from tessera.events.queries.roster import list_roster, standing_of
from tessera.events.rules.crew import MOST_IN_ROSTER_PAGE, MOST_UNUSED_NUMBERS
from tessera.events.terminals import TERMINAL_SCOPES, get_terminal, is_supervisors, see_terminal
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer_write
from tessera.kit.errors import RequestInvalid, ScopeMissing
from tessera.kit.fields import Body, Cursor
from tessera.kit.ids import show_id
from tessera.kit.media import picture_address

__all__ = ["TerminalBearer", "encoded", "router", "supervisors_terminal", "terminal_of"]

_encode = msgspec.json.Encoder().encode


class TerminalBearer(HttpBearer):
    """Signs a terminal in by its credential, as it stands at this moment: a revoked one learns that it is."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the terminal as the one who acts; None answers `unauthenticated`, to API keys too."""
        terminal = get_terminal(token)
        if terminal is None:
            return None
        event = get_event(terminal.event_id, now=clock.now()).event
        actor = Actor("terminal", terminal.id, event.merchant_id, TERMINAL_SCOPES)
        known = cast("Any", request)
        known.actor, known.terminal = actor, terminal
        return actor


router = Router(tags=["door"], auth=TerminalBearer())


def terminal_of(request: HttpRequest) -> Terminal:
    """Return the terminal that asks."""
    terminal: Terminal = cast("Any", request).terminal
    return terminal


def supervisors_terminal(request: HttpRequest) -> Terminal:
    """Return the terminal that asks; refuses `scope_missing` where no supervisor holds it."""
    terminal = terminal_of(request)
    if not is_supervisors(terminal):
        raise ScopeMissing(needed="supervisor")
    return terminal


def encoded(body: Any) -> HttpResponse:
    """Return what msgspec writes as JSON."""
    return HttpResponse(_encode(body), content_type="application/json")


class DoorEventOut(BaseModel):
    """The event of the door; `prefixes`: group -> prefix of its numbers."""

    id: str
    title: str
    time_zone: str
    starts_at: datetime
    doors_at: datetime
    ends_at: datetime
    status: str
    number_width: int
    prefixes: dict[str, str]
    walk_ins: bool


class DoorTerminalOut(BaseModel):
    """The terminal that asks; `supervisor`: it may search, override, undo and unlock."""

    id: str
    door: str
    supervisor: bool
    printer_id: str | None


class LeaseOut(BaseModel):
    """A block of numbers of this terminal, both ends included."""

    first_number: int
    last_number: int


class HeldLeaseOut(LeaseOut):
    """A block with its numbers that somebody has, or that are void."""

    used: list[int]


class DoorSessionOut(BaseModel):
    """Where a terminal and its event stand; `vault_key` (base64, 32 bytes) opens what the terminal keeps."""

    event: DoorEventOut
    terminal: DoorTerminalOut
    vault_key: str
    server_time: datetime
    accepted: int
    arrived: int
    capacity: int | None
    leases: list[HeldLeaseOut]


class RosterGuestOut(BaseModel):
    """An accepted guest. Digests are HMAC-SHA256 in hexadecimal; a salt's hexadecimal digits write the key's bytes.

    `phone_hash`, `tail_hash`, `ticket_hash`: of the number in E.164, of its last four digits, of the ticket, under `salt`;
    `code_hash`: of the code, under `code_salt`; empty where the guest has none.
    """

    registration_id: str
    name: str
    picture: str
    group: str
    phone_hash: str
    tail_hash: str
    code_salt: str
    code_hash: str
    ticket_hash: str
    number: int | None
    arrived_at: datetime | None


class RosterOut(BaseModel):
    """A page of the roster; those in `removed` may no longer enter; `mark` is sent as `since` for the next changes."""

    salt: str
    items: list[RosterGuestOut]
    removed: list[str]
    next_cursor: str | None
    mark: datetime


class LeaseIn(Body):
    """How many numbers."""

    numbers: Annotated[int, Field(ge=1, le=MOST_UNUSED_NUMBERS, strict=True)] = 50


@router.get("/door/session", response=DoorSessionOut, summary="Read where the door stands")
def read_session(
    request: KnownRequest, waiting: Annotated[int | None, Query(ge=0, le=1_000_000)] = None
) -> HttpResponse:
    """`waiting`: how many arrivals the terminal still has to upload. For terminals; a revoked one wipes what it keeps."""
    now = clock.now()
    terminal = terminal_of(request)
    see_terminal(terminal, waiting=waiting, now=now)
    row = get_event(terminal.event_id, now=now)
    standing = standing_of(row.event.id)
    return encoded(
        {
            "event": _event(row.event, row.status),
            "terminal": {
                "id": show_id("trm", terminal.id),
                "door": terminal.door,
                "supervisor": is_supervisors(terminal),
                "printer_id": show_id("ptr", terminal.printer_id) if terminal.printer_id else None,
            },
            "vault_key": bytes(terminal.vault_key),  # msgspec writes bytes in base64
            "server_time": now,
            "accepted": standing.accepted,
            "arrived": standing.arrived,
            "capacity": row.capacity,
            "leases": [
                {"first_number": one.first_number, "last_number": one.last_number, "used": one.used}
                for one in list_leases(row.event.id, terminal.id)
            ],
        }
    )


def _event(event: Any, status: str) -> dict[str, Any]:
    named = ("title", "time_zone", "starts_at", "doors_at", "ends_at", "number_width", "prefixes", "walk_ins")
    return {
        "id": show_id("evt", event.id),
        "status": status,
        **{name: getattr(event, name) for name in named},
    }


@router.get("/door/roster", response=RosterOut, summary="Download the accepted guests")
def read_roster(
    request: KnownRequest,
    since: datetime | None = None,
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_IN_ROSTER_PAGE)] = MOST_IN_ROSTER_PAGE,
) -> HttpResponse:
    """No phone number, code or ticket can be read out of it. With `since` (a mark): only what has changed. For terminals."""
    now = clock.now()
    terminal = terminal_of(request)
    see_terminal(terminal, waiting=None, now=now)
    event = get_event(terminal.event_id, now=now).event
    roster = list_roster(event, terminal, since=_mark(since), cursor=cursor, limit=limit, now=now)
    items = [
        {
            "registration_id": show_id("reg", one.registration_id),
            "name": one.name,
            "picture": picture_address(one.picture),
            "group": one.group,
            "phone_hash": one.phone_hash,
            "tail_hash": one.tail_hash,
            "code_salt": one.code_salt,
            "code_hash": one.code_hash,
            "ticket_hash": one.ticket_hash,
            "number": one.number,
            "arrived_at": one.arrived_at,
        }
        for one in roster.items
    ]
    return encoded(
        {
            "salt": roster.salt,
            "items": items,
            "removed": [show_id("reg", one) for one in roster.removed],
            "next_cursor": roster.next_cursor,
            "mark": roster.mark,
        }
    )


def _mark(since: datetime | None) -> datetime | None:
    if since is None:
        return None
    try:
        if since.tzinfo is not None:
            return since.astimezone(UTC)
    except OverflowError:
        pass
    raise RequestInvalid(reason="since: the mark of an earlier answer")


@router.post("/door/leases", response={201: LeaseOut}, summary="Lease numbers for a time without a network")
def create_lease(request: KnownRequest, body: LeaseIn) -> HttpResponse:
    """A block that nobody else gives; a terminal holds at most 200 unused numbers. For terminals."""
    terminal = terminal_of(request)

    def act(actor: Actor, now: datetime) -> Done:
        lease = lease_numbers(
            event_id=terminal.event_id, terminal_id=terminal.id, numbers=body.numbers, now=now, actor=actor
        )
        shown = LeaseOut(first_number=lease.first_number, last_number=lease.last_number)
        return Done(body=shown, object_id=terminal.id, details={"numbers": body.numbers})

    return answer_write(
        request, act, verb="lease_numbers", kind="terminal", scope="arrivals:write", object_id=terminal.id
    )
