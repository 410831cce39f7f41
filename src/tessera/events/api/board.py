"""An event's board and arrivals over the API."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from tessera.events.gate import api_event
from tessera.events.queries.board import (
    count_jotted,
    get_board,
    list_arrivals,
    list_doors,
    list_pace,
    list_terminals,
)
from tessera.events.rules.board import percent_of
from tessera.kit import clock
from tessera.kit.edge import KnownRequest, answer, require
from tessera.kit.fields import Cursor, Limit, ListOut
from tessera.kit.ids import show_id
from tessera.talk.queries import count_meetings

__all__ = ["router"]

router = Router(tags=["events"])


class DoorOut(BaseModel):
    """One door; `lately`: within the last ten minutes."""

    door: str
    arrived: int
    lately: int
    offline: int
    last_at: datetime | None


class TerminalOut(BaseModel):
    """One terminal: `state` is "here", "away", "new" or "revoked"; `waiting`: arrivals not uploaded when seen last."""

    id: str
    door: str
    state: str
    seen_at: datetime | None
    arrived: int
    waiting: int | None
    numbers_left: int


class StepOut(BaseModel):
    """Arrivals from a moment on, until the next step."""

    at: datetime
    arrived: int


class MeetingsOut(BaseModel):
    """What the circle came to; `share_percent` of those who arrived talked with at least one other."""

    requests: int
    accepted: int
    declined: int
    messages: int
    talked: int
    share_percent: int
    median_partners: int
    jottings: int
    mutual: int


class BoardOut(BaseModel):
    """How an event stands; `no_shows` only after its end."""

    status: str
    capacity: int | None
    accepted: int
    waitlisted: int
    pending: int
    declined: int
    cancelled: int
    walk_ins: int
    arrived: int
    arrived_offline: int
    lately: int
    first_at: datetime | None
    last_at: datetime | None
    no_shows: int | None
    corrections_open: int
    badges_failed: int
    badges_waiting: int
    locks: int
    step_minutes: int
    steps: list[StepOut]
    doors: list[DoorOut]
    terminals: list[TerminalOut]
    meetings: MeetingsOut


class ArrivalRowOut(BaseModel):
    """An arrival; `shown` as on the badge."""

    registration_id: str
    name: str
    group: str
    number: int
    shown: str
    arrived_at: datetime
    recorded_at: datetime
    door: str
    offline: bool
    corrected: bool


def _doors(event_id: UUID, now: datetime) -> list[DoorOut]:
    return [
        DoorOut(
            door=one.door, arrived=one.arrived, lately=one.lately, offline=one.offline, last_at=one.last_at
        )
        for one in list_doors(event_id, now=now)
    ]


def _terminals(event_id: UUID, now: datetime) -> list[TerminalOut]:
    return [
        TerminalOut(
            id=show_id("trm", one.id),
            door=one.door,
            state=one.state,
            seen_at=one.seen_at,
            arrived=one.arrived,
            waiting=one.waiting,
            numbers_left=one.numbers_left,
        )
        for one in list_terminals(event_id, now=now)
    ]


def _meetings(event_id: UUID, arrived: int) -> MeetingsOut:
    meetings, jotted = count_meetings(event_id), count_jotted(event_id)
    return MeetingsOut(
        requests=meetings.requests,
        accepted=meetings.accepted,
        declined=meetings.declined,
        messages=meetings.messages,
        talked=meetings.talked,
        share_percent=percent_of(min(meetings.talked, arrived), arrived),
        median_partners=meetings.median_partners(arrived),
        jottings=jotted.jottings,
        mutual=jotted.mutual,
    )


@router.get("/events/{event}/board", response=BoardOut, summary="Look at an event's board")
def get_event_board(request: KnownRequest, event: str) -> HttpResponse:
    """Return an event's figures: guests, arrivals over time and by door, terminals, and who met whom.

    Needs the scope `events:read`.
    """
    actor = require(request, "events:read")
    row, now = api_event(actor, event), clock.now()
    found = get_board(row, now=now)
    event_id = row.event.id
    pace = list_pace(event_id, found.first_at, found.last_at)
    return answer(
        BoardOut(
            status=row.status,
            capacity=found.capacity,
            accepted=found.accepted,
            waitlisted=found.waitlisted,
            pending=found.pending,
            declined=found.declined,
            cancelled=found.cancelled,
            walk_ins=found.walk_ins,
            arrived=found.arrived,
            arrived_offline=found.offline,
            lately=found.lately,
            first_at=found.first_at,
            last_at=found.last_at,
            no_shows=found.no_shows,
            corrections_open=found.corrections,
            badges_failed=found.badges_failed,
            badges_waiting=found.badges_waiting,
            locks=found.locks,
            step_minutes=pace.step_min,
            steps=[StepOut(at=at, arrived=count) for at, count in pace.steps],
            doors=_doors(event_id, now),
            terminals=_terminals(event_id, now),
            meetings=_meetings(event_id, found.arrived),
        )
    )


@router.get("/events/{event}/arrivals", response=ListOut[ArrivalRowOut], summary="List arrivals")
def list_event_arrivals(
    request: KnownRequest, event: str, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """Return who has arrived, with number, time and door; no phone numbers. Needs the scope `events:read`."""
    actor = require(request, "events:read")
    found = list_arrivals(api_event(actor, event), cursor=cursor, limit=limit)
    return answer(
        ListOut[ArrivalRowOut](
            items=[
                ArrivalRowOut(
                    registration_id=show_id("reg", one.arrival.registration_id),
                    name=one.name,
                    group=one.group,
                    number=one.arrival.number,
                    shown=one.shown,
                    arrived_at=one.arrival.arrived_at,
                    recorded_at=one.arrival.recorded_at,
                    door=one.arrival.door,
                    offline=one.arrival.offline,
                    corrected=one.arrival.corrected,
                )
                for one in found.items
            ],
            next_cursor=found.next_cursor,
        )
    )
