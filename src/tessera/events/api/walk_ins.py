"""Walk-ins over the API: a terminal brings them singly, or in the queue that it kept without a network."""

import time
import unicodedata
from datetime import datetime
from typing import Annotated, Any

import psycopg
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from ninja import Router
from pydantic import AwareDatetime, BaseModel, Field

from tessera.events.actions.walk_ins import WalkedIn, WalkIn, take_in_walk_in
from tessera.events.api.hot import shown_arrival
from tessera.events.api.terminals import TerminalBearer, encoded, terminal_of
from tessera.events.models import Event, Terminal
from tessera.events.queries.events import get_event
from tessera.events.rules.crew import MOST_WALK_INS
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import KnownRequest, language_of, repeated
from tessera.kit.errors import IdReused, RequestInvalid, TooLarge
from tessera.kit.fields import Body
from tessera.kit.lent import lent_connection
from tessera.kit.phones import normal_phone
from tessera.kit.refusals import Refusal
from tessera.kit.requests import checked_request_id, digest_of, remember_requests
from tessera.kit.retry import MOST_TRIES, is_passing_fault

__all__ = ["router"]

router = Router(tags=["door"], auth=TerminalBearer())
_MOST_NUMBER = 99_999_999
_LONGEST_NAME = 60


class WalkInIn(Body):
    """One who has not registered. `arrived_at` and `number`: of one whom the terminal took in by itself, out of its lease."""

    id: Annotated[str, Field(max_length=128, description="The terminal's own id of this walk-in.")]
    phone: Annotated[str, Field(max_length=60)]
    name: Annotated[str, Field(max_length=200)] = ""
    arrived_at: AwareDatetime | None = None
    number: Annotated[int, Field(ge=0, le=_MOST_NUMBER, strict=True)] | None = None


class WalkInsIn(Body):
    """Up to 250 walk-ins."""

    items: Annotated[list[WalkInIn], Field(min_length=1)]


class WalkInAnswerOut(BaseModel):
    """As the answer to an arrival of a bulk call: `answer` with status 201, or the problem document's fields.

    `over_capacity`: the terminal had let the guest in by itself, and no seat was left.
    """

    status: int
    repeat: bool = False
    over_capacity: bool = False
    answer: dict[str, Any] | None = None
    code: str | None = None
    detail: str | None = None


class WalkInsOut(BaseModel):
    """An answer for each, in order."""

    items: list[WalkInAnswerOut]


@router.post("/door/walk-ins", response=WalkInsOut, summary="Let in who has not registered")
def create_walk_ins(request: KnownRequest, body: WalkInsIn) -> HttpResponse:
    """Recognised by phone, registered, accepted if a seat is free, and checked in; each by itself, once by its id."""
    now = clock.now()
    terminal = terminal_of(request)
    request_id = checked_request_id(request.headers.get("Idempotency-Key"))
    if len(body.items) > MOST_WALK_INS:
        raise TooLarge(most=MOST_WALK_INS, what="items")
    with transaction.atomic():
        digest = digest_of(b"POST", request.path.encode(), request.body)
        [reused] = remember_requests(lent_connection(), [(terminal.id, request_id, digest)])
    if reused:
        raise IdReused(request_id=request_id)
    event = get_event(terminal.event_id, now=now).event
    language = language_of(request)
    answers = [_answered(event, terminal, one, request.actor, language) for one in body.items]
    return encoded({"items": answers})


def _answered(
    event: Event, terminal: Terminal, item: WalkInIn, actor: Actor, language: str
) -> dict[str, Any]:
    try:
        done = _taken_in(event, terminal, _walk_in(event, item), actor)
    except Refusal as refusal:
        return refusal.problem(language)
    if isinstance(done.checked, Refusal):
        return done.checked.problem(language)
    return {
        "status": 201,
        "repeat": done.checked.repeat,
        "over_capacity": done.over_capacity,
        "answer": shown_arrival(done.checked),
    }


def _walk_in(event: Event, item: WalkInIn) -> WalkIn:
    if (item.number is None) != (item.arrived_at is None):
        raise RequestInvalid(reason="arrived_at and number: both, or none")
    name = "".join(one for one in item.name if unicodedata.category(one)[0] != "C").strip()[:_LONGEST_NAME]
    return WalkIn(
        request_id=checked_request_id(item.id),
        digest=digest_of(b"walk-in", event.id.bytes, item.model_dump_json().encode()),
        phone=normal_phone(item.phone, region=settings.TESSERA_DEFAULT_REGION),
        name=name,
        arrived_at=_moment(item.arrived_at),
        number=item.number,
    )


def _moment(given: datetime | None) -> datetime | None:
    try:
        return given.astimezone(clock.EPOCH.tzinfo) if given else None
    except OverflowError:
        raise RequestInvalid(reason="arrived_at: out of range") from None


def _taken_in(event: Event, terminal: Terminal, walk_in: WalkIn, actor: Actor) -> WalkedIn:
    """Let one in, in a transaction of his own; again after a fault that passes."""

    def attempt() -> WalkedIn:
        with transaction.atomic():
            return take_in_walk_in(
                event=event, terminal=terminal, walk_in=walk_in, now=clock.now(), actor=actor
            )

    for left in reversed(range(MOST_TRIES)):
        try:
            return repeated(attempt)
        except psycopg.Error as error:
            if not left or not is_passing_fault(error):
                raise
            time.sleep(0.01)
    raise AssertionError("unreachable")
