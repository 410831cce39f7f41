"""Registrations over the API: brought in by phone number, listed, decided, undone, cancelled."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from tessera.events.actions.changing import cancel_registration
from tessera.events.actions.registering import register_guest
from tessera.events.actions.reviewing import decide_registrations, undo_decision
from tessera.events.gate import api_event
from tessera.events.models import Arrival, Decision, Registration
from tessera.events.queries.registrations import (
    LISTS,
    Narrowing,
    arrivals_by_registration,
    get_registration,
    list_registrations,
)
from tessera.events.queries.reviewing import list_decisions
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, language_of, require
from tessera.kit.errors import RequestInvalid
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.kit.phones import normal_phone
from tessera.kit.refusals import Refusal
from tessera.people.actions.persons import recognise_phone

__all__ = ["router"]

router = Router(tags=["events"])

_PLAIN = r"^[^\u0000-\u001f\u007f]*$"
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_PLAIN)]
Answer = str | int | list[str]
_MOST_AT_ONCE = 500


class RegistrationIn(Body):
    """A guest by phone number; `answers`: question id -> answer (text, whole number, day, choice, or several).

    `invited`: the organiser has decided: accepted at once, outside of the window too. `text_version` names the text of the
    consent that you hold of this guest.
    """

    phone: Name
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=_PLAIN)] = ""
    answers: Annotated[dict[Shown, Answer], Field(max_length=60)] = {}
    invited: bool = False
    text_version: Annotated[str, StringConstraints(max_length=40, pattern=_PLAIN)] = ""


class DecisionsIn(Body):
    """What is decided about these registrations; who declines gives a `reason`, which the guests read."""

    registration_ids: Annotated[list[Shown], Field(min_length=1, max_length=_MOST_AT_ONCE)]
    verdict: Literal["accept", "decline", "waitlist"]
    reason: Reason = ""


class CancellationIn(Body):
    """Why the organiser cancels; the guest reads it."""

    reason: Reason = ""


class RegistrationWritten(BaseModel):
    """Answer to a write: kept for ever, so it names nobody."""

    id: str
    state: str
    registered_at: datetime


class RegistrationOut(RegistrationWritten):
    """A registration as its organiser sees it; `number` and `arrived_at` when the guest is here. The door's code is not shown."""

    name: str
    phone: str | None
    group: str
    source: str
    walk_in: bool
    decided_at: datetime | None
    waitlisted_at: datetime | None
    number: int | None
    arrived_at: datetime | None


class DecisionOut(BaseModel):
    """A decision; `by` is "rule", "person", "guest" or "waitlist", `rule` names the rule of that revision of the policy."""

    id: str
    registration_id: str
    before: str
    after: str
    by: str
    rule: str
    policy_revision: int | None
    reason: str
    undoes: str | None
    at: datetime


class RegistrationWhole(RegistrationOut):
    """The same with its answers, its ticket (the secret of its QR), and what was decided about it, the last first."""

    answers: dict[str, Answer]
    ticket: str
    decisions: list[DecisionOut]


class DecisionWritten(BaseModel):
    """One decision that was made."""

    id: str
    registration_id: str
    before: str
    after: str


class DecisionsWritten(BaseModel):
    """What became of each: the decisions made, those refused with code and sentence, how many moved up from the waitlist."""

    decisions: list[DecisionWritten]
    refused: list[dict[str, Any]]
    moved_up: int


def _written(row: Registration) -> RegistrationWritten:
    return RegistrationWritten(id=show_id("reg", row.id), state=row.state, registered_at=row.registered_at)


def _fields(row: Registration, here: Arrival | None) -> dict[str, Any]:
    return {
        "id": show_id("reg", row.id),
        "state": row.state,
        "registered_at": row.registered_at,
        "name": row.name,
        "phone": row.phone,
        "group": row.group,
        "source": row.source,
        "walk_in": row.walk_in,
        "decided_at": row.decided_at,
        "waitlisted_at": row.waitlisted_at,
        "number": here.number if here else None,
        "arrived_at": here.arrived_at if here else None,
    }


def _decision(one: Decision) -> DecisionOut:
    return DecisionOut(
        id=show_id("dcs", one.id),
        registration_id=show_id("reg", one.registration_id),
        before=one.before,
        after=one.after,
        by=one.by,
        rule=one.rule,
        policy_revision=one.policy_revision,
        reason=one.reason,
        undoes=show_id("dcs", one.undoes) if one.undoes else None,
        at=one.at,
    )


@router.post(
    "/events/{event}/registrations",
    response={201: RegistrationWritten},
    summary="Register a guest by phone number",
)
def create_registration(request: KnownRequest, event: str, body: RegistrationIn) -> HttpResponse:
    """Who has this number is made known if nobody was; the event's policy decides. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        phone = normal_phone(body.phone, region=settings.TESSERA_DEFAULT_REGION)
        person = recognise_phone(phone=phone, now=now, actor=actor)
        made = register_guest(
            event_id=row.event.id,
            person_id=person.id,
            answers={str(parse_id("qst", key)): value for key, value in body.answers.items()},
            name=body.name,
            text_version=body.text_version,
            source="api",
            invited=body.invited,
            now=now,
            actor=actor,
        )
        return Done(body=_written(made), object_id=made.id, merchant_id=row.event.merchant_id)

    return answer_write(request, act, verb="register_guest", kind="registration", scope="events:write")


@router.get(
    "/events/{event}/registrations",
    response=ListOut[RegistrationOut],
    summary="List an event's registrations",
)
def list_event_registrations(
    request: KnownRequest,
    event: str,
    show: str = "all",
    search: Annotated[str, StringConstraints(max_length=100, pattern=_PLAIN)] = "",
    group: Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)] = "",
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Return the newest first; pending and waitlisted ones the oldest first. `show` is a state, "arrived" or "absent".

    Needs the scope `events:read`.
    """
    if show not in LISTS:
        raise RequestInvalid(reason=f"show: one of {', '.join(LISTS)}")
    row = api_event(require(request, "events:read"), event)
    found = list_registrations(
        row.event.id, Narrowing(show=show, search=search, group=group), cursor=cursor, limit=limit
    )
    here = arrivals_by_registration(row.event.id, [one.id for one in found.items])
    items = [RegistrationOut(**_fields(one, here.get(one.id))) for one in found.items]
    return answer(ListOut[RegistrationOut](items=items, next_cursor=found.next_cursor))


@router.get(
    "/events/{event}/registrations/{registration}", response=RegistrationWhole, summary="Read a registration"
)
def read_registration(request: KnownRequest, event: str, registration: str) -> HttpResponse:
    """Return one registration with its answers and history. Needs the scope `events:read`."""
    event_row = api_event(require(request, "events:read"), event)
    row = get_registration(event_row.event.id, parse_id("reg", registration))
    here = arrivals_by_registration(row.event_id, [row.id])
    whole = RegistrationWhole(
        **_fields(row, here.get(row.id)),
        answers={show_id("qst", UUID(key)): value for key, value in row.answers.items()},
        ticket=row.ticket,
        decisions=[_decision(one) for one in list_decisions(row.event_id, row.id)],
    )
    return answer(whole)


@router.post(
    "/events/{event}/decisions",
    response={201: DecisionsWritten},
    summary="Accept, decline or waitlist guests",
)
def create_decisions(request: KnownRequest, event: str, body: DecisionsIn) -> HttpResponse:
    """Decide about one or many; each stands for itself, seats and quotas are exact. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        done = decide_registrations(
            event_id=row.event.id,
            registration_ids=[parse_id("reg", one) for one in body.registration_ids],
            verdict=body.verdict,
            reason=body.reason,
            now=now,
            actor=actor,
        )
        written = DecisionsWritten(
            decisions=[_decided(one) for one in done.decisions],
            refused=[
                {"registration_id": show_id("reg", key), "code": one.code, "detail": _sentence(request, one)}
                for key, one in done.refused.items()
            ],
            moved_up=done.moved_up,
        )
        details = {"verdict": body.verdict, "decided": len(done.decisions), "refused": len(done.refused)}
        return Done(body=written, object_id=row.event.id, merchant_id=row.event.merchant_id, details=details)

    return answer_write(request, act, verb="decide_registrations", kind="event", scope="events:write")


def _sentence(request: HttpRequest, refusal: Refusal) -> str:
    """A sentence that names the guest is told without the name: the answer is kept for ever."""
    details = {**refusal.details, **({"name": "·"} if "name" in refusal.details else {})}
    return type(refusal)(**details).message(language_of(request))


def _decided(one: Decision) -> DecisionWritten:
    return DecisionWritten(
        id=show_id("dcs", one.id),
        registration_id=show_id("reg", one.registration_id),
        before=one.before,
        after=one.after,
    )


@router.post(
    "/events/{event}/decisions/{decision}/undoing", response={201: DecisionWritten}, summary="Undo a decision"
)
def create_undoing(request: KnownRequest, event: str, decision: str) -> HttpResponse:
    """Bring a registration back to where it stood before its last decision. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        done = undo_decision(
            event_id=row.event.id, decision_id=parse_id("dcs", decision), now=now, actor=actor
        )
        return Done(body=_decided(done), object_id=done.id, merchant_id=row.event.merchant_id)

    return answer_write(request, act, verb="undo_decision", kind="decision", scope="events:write")


@router.post(
    "/events/{event}/registrations/{registration}/cancellation",
    response={201: RegistrationWritten},
    summary="Cancel a registration",
)
def create_registration_cancellation(
    request: KnownRequest, event: str, registration: str, body: CancellationIn
) -> HttpResponse:
    """Cancel for a guest; his seat goes to the waitlist at once. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        gone = cancel_registration(
            event_id=row.event.id,
            registration_id=parse_id("reg", registration),
            by="person",
            reason=body.reason,
            now=now,
            actor=actor,
        )
        return Done(body=_written(gone), object_id=gone.id, merchant_id=row.event.merchant_id)

    return answer_write(request, act, verb="cancel_registration", kind="registration", scope="events:write")
