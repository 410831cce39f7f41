"""Corrections of numbers over the API: listed, asked for, decided."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from tessera.events.actions.corrections import (
    accept_correction,
    ask_correction,
    refuse_correction,
    swap_correction,
)
from tessera.events.gate import api_event
from tessera.events.models import Correction
from tessera.events.queries.corrections import list_corrections
from tessera.events.rules.corrections import LONGEST_REASON, MOST_NUMBER
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.errors import RequestInvalid
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Shown
from tessera.kit.ids import parse_id, show_id

__all__ = ["router"]

router = Router(tags=["events"])

Number = Annotated[int, Field(strict=True, ge=0, le=MOST_NUMBER)]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON, pattern=r"^[^\u0000-\u001f\u007f]*$"),
]


class CorrectionIn(Body):
    """A guest's number is wrong: whose, which one is wanted (none: any other), and why."""

    registration_id: Shown
    wanted_number: Number | None = None
    reason: Annotated[Reason, Field(min_length=1)]


class DecisionIn(Body):
    """What is done; with "refuse", a `reason` that the guest reads.

    "accept" gives `number` (none: the one asked for), "next" the next of the run, "swap" lets two guests change theirs: who
    asked, and who has `number` (none: the one asked for).
    """

    verdict: Literal["accept", "next", "swap", "refuse"]
    number: Number | None = None
    reason: Reason = ""


class CorrectionOut(BaseModel):
    """A correction: `state` is "open", "accepted", "swapped", "refused" or "withdrawn"."""

    id: str
    registration_id: str
    number: int
    wanted_number: int | None
    state: str
    asked_at: datetime
    decided_at: datetime | None
    new_number: int | None
    other_registration_id: str | None


class CorrectionRowOut(CorrectionOut):
    """The same with its words, the guest's number now, and whether the wanted one can be given.

    `standing`: "free", "own", "taken", "void", "leased", "outside", "any" (none is wanted) or "away" (the guest is not here).
    """

    reason: str
    decision_reason: str
    current_number: int | None
    standing: str


def _shown(one: Correction) -> dict[str, Any]:
    other = one.other_registration_id
    return {
        "id": show_id("cor", one.id),
        "registration_id": show_id("reg", one.registration_id),
        "number": one.number,
        "wanted_number": one.wanted_number,
        "state": one.state,
        "asked_at": one.asked_at,
        "decided_at": one.decided_at,
        "new_number": one.new_number,
        "other_registration_id": show_id("reg", other) if other else None,
    }


@router.get(
    "/events/{event}/corrections", response=ListOut[CorrectionRowOut], summary="List corrections of numbers"
)
def list_event_corrections(
    request: KnownRequest,
    event: str,
    waiting: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Return corrections: `waiting=true` those to be decided, the oldest first; `false` those decided; else all.

    Needs the scope `events:read`.
    """
    actor = require(request, "events:read")
    row = api_event(actor, event)
    found = list_corrections(row.event, waiting=waiting, cursor=cursor, limit=limit)
    items = [
        CorrectionRowOut(
            **_shown(one.correction),
            reason=one.correction.reason,
            decision_reason=one.correction.decision_reason,
            current_number=one.guest.number,
            standing=one.standing,
        )
        for one in found.items
    ]
    return answer(ListOut[CorrectionRowOut](items=items, next_cursor=found.next_cursor))


@router.post(
    "/events/{event}/corrections", response={201: CorrectionOut}, summary="Ask for another number for a guest"
)
def post_correction(request: KnownRequest, event: str, body: CorrectionIn) -> HttpResponse:
    """Note that a guest's number is wrong, for a reviewer to decide. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        asked = ask_correction(
            event_id=row.event.id,
            registration_id=parse_id("reg", body.registration_id),
            wanted_number=body.wanted_number,
            reason=body.reason,
            now=now,
            actor=actor,
        )
        return Done(CorrectionOut(**_shown(asked)), asked.id, merchant_id=row.event.merchant_id)

    return answer_write(request, act, verb="ask_correction", kind="correction", scope="events:write")


@router.post(
    "/events/{event}/corrections/{correction}/decision",
    response={201: CorrectionOut},
    summary="Decide about a correction",
)
def post_decision(request: KnownRequest, event: str, correction: str, body: DecisionIn) -> HttpResponse:
    """Give another number, let two guests swap theirs, or refuse; the guests are told.

    Needs the scope `events:write`.
    """

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        whose: dict[str, Any] = {"event_id": row.event.id, "correction_id": parse_id("cor", correction)}
        how: dict[str, Any] = {"reason": body.reason, "now": now, "actor": actor}
        if body.verdict == "refuse":
            if not body.reason:
                raise RequestInvalid(reason="reason: the guest reads it")
            done = refuse_correction(**whose, **how)
        elif body.verdict == "swap":
            done = swap_correction(**whose, number=body.number, **how)
        else:
            of_run = body.verdict == "next"
            number = None if of_run else body.number
            done = accept_correction(**whose, number=number, of_run=of_run, **how)
        return Done(
            CorrectionOut(**_shown(done)),
            done.id,
            merchant_id=row.event.merchant_id,
            details={"verdict": body.verdict},
        )

    return answer_write(request, act, verb="decide_correction", kind="correction", scope="events:write")
