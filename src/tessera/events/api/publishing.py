"""Events over the API: drafted, described, published, cancelled, listed."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from tessera.events.actions.publishing import (
    cancel_event,
    change_capacity,
    describe_event,
    draft_event,
    publish_event,
)
from tessera.events.api import questions
from tessera.events.gate import api_event
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.publishing import ListedEvent, list_all_events
from tessera.events.rules.publishing import LONGEST_TITLE, MOST_CAPACITY
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, is_operator, require
from tessera.kit.errors import NotFound, RequestInvalid
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown, Text
from tessera.kit.ids import parse_id, show_id
from tessera.kit.media import PICTURE_SIZES, picture_address

__all__ = ["router"]

router = Router(tags=["events"])
_YEARS = (1970, 9000)

router.add_router("", questions.router)

_LONGEST_TEXT = 5000
Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE, pattern=r"^[^\u0000-\u001f\u007f]*$"
    ),
]
Story = Annotated[
    str, StringConstraints(max_length=_LONGEST_TEXT, pattern=r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$")
]
Whole = Annotated[int, Field(strict=True)]
Places = Annotated[int, Field(strict=True, ge=1, le=MOST_CAPACITY, description="None: any number of guests.")]
Latitude = Annotated[int, Field(strict=True, ge=-900_000_000, le=900_000_000)]
Longitude = Annotated[int, Field(strict=True, ge=-1_800_000_000, le=1_800_000_000)]
Prefixes = Annotated[dict[Name, Annotated[str, StringConstraints(max_length=4)]], Field(max_length=60)]


class EventIn(Body):
    """An event to draft; what is left out has a usual value. Coordinates are ten-millionths of a degree (WGS 84).

    `merchant`: for the operator's keys; without one the event is the platform's own. `circle_closing_days` after the end the
    circle closes; `circle_requests`: unanswered requests that a guest may have.
    """

    merchant: Shown | None = None
    title: Title
    text: Story = ""
    place: Text = ""
    address: Text = ""
    district: Text = ""
    latitude_e7: Latitude | None = None
    longitude_e7: Longitude | None = None
    time_zone: Name | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    doors_at: AwareDatetime | None = None
    registration_from: AwareDatetime | None = None
    registration_until: AwareDatetime | None = None
    capacity: Places | None = None
    review: Literal["automatic", "rules", "hand"] = "automatic"
    walk_ins: bool = True
    number_start: Whole = 1
    number_width: Whole = 3
    circle_closing_days: Whole | None = None
    circle_requests: Whole | None = None


class EventChanges(Body):
    """What of an event is to be different; what is left out stays. `capacity` None: any number of guests."""

    title: Title | None = None
    text: Story | None = None
    place: Text | None = None
    address: Text | None = None
    district: Text | None = None
    latitude_e7: Latitude | None = None
    longitude_e7: Longitude | None = None
    time_zone: Name | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    doors_at: AwareDatetime | None = None
    registration_from: AwareDatetime | None = None
    registration_until: AwareDatetime | None = None
    capacity: Places | None = None
    review: Literal["automatic", "rules", "hand"] | None = None
    walk_ins: bool | None = None
    number_start: Whole | None = None
    number_width: Whole | None = None
    group_question: Shown | None = None
    prefixes: Prefixes | None = None
    circle_closing_days: Whole | None = None
    circle_requests: Whole | None = None


class CancellationIn(Body):
    """Why the event does not take place; guests read it."""

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\u0000]*$")
    ]


class EventOut(BaseModel):
    """An event; `status` is "draft", "published", "running", "over" or "cancelled", `taken` the places that are taken."""

    id: str
    merchant: str | None
    title: str
    text: str
    picture: str
    place: str
    address: str
    district: str
    latitude_e7: int | None
    longitude_e7: int | None
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    doors_at: datetime
    registration_from: datetime
    registration_until: datetime
    status: str
    capacity: int | None
    taken: int
    review: str
    walk_ins: bool
    number_start: int
    number_width: int
    group_question: str | None
    prefixes: dict[str, str]
    circle_closing_days: int | None
    circle_requests: int | None
    published_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str | None


_NULLABLE = frozenset({"capacity", "latitude_e7", "longitude_e7", "group_question"})
_SAME = (
    "title", "text", "place", "address", "district", "latitude_e7", "longitude_e7", "time_zone", "starts_at", "ends_at", "doors_at",
    "registration_from", "registration_until", "review", "walk_ins", "number_start", "number_width", "prefixes",
)  # fmt: skip


def _shown(row: EventRow | ListedEvent) -> EventOut:
    event = row.event
    published, cancelled = getattr(event, "publication", None), getattr(event, "cancellation", None)
    return EventOut(
        id=show_id("evt", event.pk),
        merchant=show_id("mer", event.merchant_id) if event.merchant_id else None,
        picture=picture_address(event.picture, PICTURE_SIZES[0]),
        status=row.status,
        capacity=row.capacity,
        taken=row.taken,
        group_question=show_id("qst", event.group_question) if event.group_question else None,
        circle_closing_days=event.circle.get("closing_days"),
        circle_requests=event.circle.get("requests"),
        published_at=published.at if published else None,
        cancelled_at=cancelled.at if cancelled else None,
        cancellation_reason=cancelled.reason if cancelled else None,
        **{name: getattr(event, name) for name in _SAME},
    )


def _described(given: Mapping[str, Any], circle: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the actions want of what was sent: moments in UTC, the circle's terms together."""
    described: dict[str, Any] = {}
    terms = dict(circle)
    for name, value in given.items():
        if value is None and name not in _NULLABLE:
            continue
        if name.startswith("circle_"):
            terms[name.removeprefix("circle_")] = value
        elif name == "group_question":
            described[name] = parse_id("qst", value) if value else None
        elif name not in {"merchant", "capacity"}:
            described[name] = _moment(value) if isinstance(value, datetime) else value
    return described | ({"circle": terms} if terms != circle else {})


def _moment(given: datetime) -> datetime:
    if not _YEARS[0] <= given.year <= _YEARS[1]:
        raise RequestInvalid(reason="a moment out of range")
    return given.astimezone(UTC)


@router.post("/events", response={201: EventOut}, summary="Draft an event")
def create_event(request: KnownRequest, body: EventIn) -> HttpResponse:
    """Nobody but the organiser sees it until it is published. Needs the scope `events:write`."""
    named = parse_id("mer", body.merchant) if body.merchant else None

    def act(actor: Actor, now: datetime) -> Done:
        merchant_id = actor.merchant_id or named
        if named is not None and merchant_id != named:
            raise NotFound
        given = {name: getattr(body, name) for name in body.model_fields_set}
        event = draft_event(
            merchant_id=merchant_id, capacity=body.capacity, now=now, actor=actor, **_described(given, {})
        )
        return _done(event.pk, now)

    return answer_write(request, act, verb="draft_event", kind="event", scope="events:write")


def _done(event_id: UUID, now: datetime) -> Done:
    row = get_event(event_id, now=now)
    return Done(body=_shown(row), object_id=event_id, merchant_id=row.event.merchant_id)


@router.get("/events", response=ListOut[EventOut], summary="List events")
def list_events(
    request: KnownRequest, merchant: Shown | None = None, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """Those that begin last come first; the operator sees every organiser's. Needs the scope `events:read`."""
    named = parse_id("mer", merchant) if merchant else None
    actor = require(request, "events:read", merchant_id=named)
    merchant_id = actor.merchant_id or named
    every = merchant_id is None and is_operator(actor)
    page = list_all_events(merchant_id, every=every, cursor=cursor, limit=limit, now=clock.now())
    return answer(ListOut[EventOut](items=[_shown(one) for one in page.items], next_cursor=page.next_cursor))


@router.get("/events/{event}", response=EventOut, summary="Get an event")
def get_one(request: KnownRequest, event: str) -> HttpResponse:
    """Needs the scope `events:read`."""
    return answer(_shown(api_event(require(request, "events:read"), event)))


@router.patch("/events/{event}", response=EventOut, summary="Change an event")
def change_event(request: KnownRequest, event: str, body: EventChanges) -> HttpResponse:
    """Accepted and waitlisted guests are told of another time or place. Needs the scope `events:write`."""

    def act(actor: Actor, row: EventRow, now: datetime) -> None:
        given = {name: getattr(body, name) for name in body.model_fields_set}
        changes = _described(given, row.event.circle)
        describe_event(event_id=row.event.pk, changes=changes, now=now, actor=actor)
        if "capacity" in given:
            change_capacity(event_id=row.event.pk, capacity=body.capacity, now=now, actor=actor)

    return _write(request, event, act, verb="change_event", status=200)


@router.post("/events/{event}/publication", response={201: EventOut}, summary="Publish an event")
def create_publication(request: KnownRequest, event: str) -> HttpResponse:
    """Guests see it and can register. Refused with what is `missing`. Needs the scope `events:write`."""

    def act(actor: Actor, row: EventRow, now: datetime) -> None:
        publish_event(event_id=row.event.pk, now=now, actor=actor)

    return _write(request, event, act, verb="publish_event")


@router.post("/events/{event}/cancellation", response={201: EventOut}, summary="Cancel an event")
def create_cancellation(request: KnownRequest, event: str, body: CancellationIn) -> HttpResponse:
    """For good; all who registered are told why. Needs the scope `events:write`."""

    def act(actor: Actor, row: EventRow, now: datetime) -> None:
        cancel_event(event_id=row.event.pk, reason=body.reason, now=now, actor=actor)

    return _write(request, event, act, verb="cancel_event")


def _write(
    request: KnownRequest,
    event: str,
    act: Callable[[Actor, EventRow, datetime], None],
    *,
    verb: str,
    status: int = 201,
) -> HttpResponse:
    event_id = parse_id("evt", event)

    def acted(actor: Actor, now: datetime) -> Done:
        act(actor, api_event(actor, event), now)
        row = get_event(event_id, now=now)
        return Done(body=_shown(row), object_id=event_id, merchant_id=row.event.merchant_id, status=status)

    return answer_write(request, acted, verb=verb, kind="event", scope="events:write", object_id=event_id)
