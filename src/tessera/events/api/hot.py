"""The contended endpoints of this room: looking a guest up at the door, and checking him in; single and bulk."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.conf import settings

from tessera.events.actions.check_in import handle_arrivals
from tessera.events.rules.door import Checked, CheckIn
from tessera.events.terminals import Station, find_station
from tessera.kit.errors import NotFound, RequestInvalid, ScopeMissing
from tessera.kit.hot import Asked, HotEndpoint
from tessera.kit.ids import parse_id, show_id
from tessera.kit.media import picture_address
from tessera.kit.phones import normal_phone
from tessera.kit.requests import checked_request_id, digest_of

__all__ = ["HOT_ENDPOINTS"]

_MOST_NUMBER = 99_999_999
_encode = msgspec.json.Encoder().encode

Phone = Annotated[str, msgspec.Meta(max_length=40, description="Whole number, or its last four digits.")]
Code = Annotated[str, msgspec.Meta(max_length=12, examples=["314159"])]


class ArrivalIn(msgspec.Struct, forbid_unknown_fields=True):
    """A guest at the door: by `ticket`, by `phone` (whole, or the last four digits) with `code`, or by `registration_id`.

    `id`, `arrived_at` and `number` are of an arrival that a terminal recorded by itself: its own id, the moment by the
    server's clock, and the number out of its lease. `door`: for keys; a terminal has its own.
    """

    ticket: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    phone: Phone | None = None
    code: Code | None = None
    registration_id: str | None = None
    id: str | None = None
    arrived_at: datetime | None = None
    number: int | None = None
    door: Annotated[str, msgspec.Meta(max_length=60)] = ""


class ArrivalOut(msgspec.Struct):
    """The guest and his number (`shown` as on the badge); `void_number` is on a badge and not valid."""

    registration_id: str
    name: str
    picture: str
    group: str
    number: int | None
    shown: str
    arrived_at: datetime | None
    door: str
    void_number: int | None


@lru_cache(maxsize=1024)
def _event_id(event: str) -> UUID:
    return parse_id("evt", event)


def _station(asked: Asked, event_id: UUID) -> Station | None:
    """Return the terminal that asks; None: a key. Refuses `not_found` for another event than the terminal's own."""
    if asked.actor.kind != "terminal":
        return None
    station = find_station(asked.owner_id)
    if station is None or station.event_id != event_id:
        raise NotFound
    return station


def _who(body: ArrivalIn) -> tuple[str, str, str]:
    """Return by what the guest is found: kind, what was given, code; refuses `request_invalid`, `phone_invalid`."""
    named = [one for one in (body.ticket, body.phone, body.registration_id) if one is not None]
    if len(named) != 1:
        raise RequestInvalid(reason="exactly one of ticket, phone and registration_id")
    if body.ticket is not None:
        return "ticket", body.ticket.rstrip("/").rpartition("/")[2], ""
    if body.phone is not None:
        typed = body.phone.strip()
        tail = len(typed) == 4 and typed.isascii() and typed.isdigit()
        return (
            ("tail", typed, body.code or "")
            if tail
            else ("phone", normal_phone(typed, region=settings.TESSERA_DEFAULT_REGION), body.code or "")
        )
    return "guest", "", ""


def _moment(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    try:
        if given.tzinfo is not None:
            return given.astimezone(UTC)
    except OverflowError:
        pass
    raise RequestInvalid(reason="arrived_at: a moment with its time zone")


def _command(body: ArrivalIn, asked: Asked, *, confirm: bool) -> CheckIn:
    event_id = _event_id(asked.names["event"])
    station = _station(asked, event_id)
    if any("\0" in said for said in (body.ticket, body.code, body.door) if said):
        raise RequestInvalid(reason="ticket, code, door: a sign that no text holds")
    by, given, code = _who(body)
    if by == "guest" and station is not None and not station.supervisor and body.number is None:
        raise ScopeMissing(needed="supervisor")
    if body.number is not None and (station is None or body.arrived_at is None or body.id is None):
        raise RequestInvalid(reason="number: with id and arrived_at, from the terminal that holds the lease")
    if body.number is not None and not 0 <= body.number <= _MOST_NUMBER:
        raise RequestInvalid(reason="number: out of range")
    own = body.id is not None
    return CheckIn(
        event_id=event_id,
        by=by,
        given=given,
        code=code,
        registration_id=parse_id("reg", body.registration_id) if body.registration_id else None,
        merchant_id=asked.actor.merchant_id if station is None else None,
        confirm=confirm,
        terminal_id=station.id if station else None,
        printer_id=station.printer_id if station else None,
        door=station.door if station else body.door.strip(),
        arrived_at=_moment(body.arrived_at) if body.number is not None else None,
        number=body.number,
        actor=asked.actor.name,
        owner_id=asked.owner_id,
        request_id=checked_request_id(body.id) if own else asked.request_id,
        request_digest=digest_of(b"arrival", event_id.bytes, _encode(body)) if own else asked.digest,
    )


def arrival_command(body: ArrivalIn, asked: Asked) -> CheckIn:
    """Make the command; refuses `request_invalid`, `phone_invalid`, `invalid_id`, `not_found`, `scope_missing`."""
    return _command(body, asked, confirm=True)


def look_command(body: ArrivalIn, asked: Asked) -> CheckIn:
    """Make the command that only looks; refuses as `arrival_command`."""
    return _command(body, asked, confirm=False)


def shown_arrival(done: Checked) -> ArrivalOut:
    """Return a guest at the door as the API shows him: never a phone number."""
    return ArrivalOut(
        registration_id=show_id("reg", done.registration_id),
        name=done.name,
        picture=picture_address(done.picture),
        group=done.group,
        number=done.number,
        shown=done.shown,
        arrived_at=done.arrived_at,
        door=done.door,
        void_number=done.void_number,
    )


def _endpoint(name: str, summary: str, path: str, command: Any) -> HotEndpoint:
    return HotEndpoint(
        name=name,
        summary=summary,
        path=path,
        group=name,
        scope="arrivals:write",
        body=ArrivalIn,
        answer=ArrivalOut,
        command=command,
        handle=handle_arrivals,
        shown=shown_arrival,
        is_repeat=lambda done: done.repeat,
        tag="events",
    )


HOT_ENDPOINTS = (
    _endpoint("arrival", "Check a guest in", "/api/v1/events/{event}/arrivals", arrival_command),
    _endpoint("look", "Look a guest up at the door", "/api/v1/events/{event}/door-looks", look_command),
)
