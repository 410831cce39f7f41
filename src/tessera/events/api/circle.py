"""The circle over the API: for a merchant's own event, as one of its guests (spec/events.md, step 8)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.events.actions.circle import describe_guest
from tessera.events.actions.jotter import jot_number, unjot
from tessera.events.errors.circle import CircleClosed, NotInCircle
from tessera.events.gate import api_event
from tessera.events.models import CircleProfile, Event
from tessera.events.queries.circle import (
    Eye,
    Face,
    eye_of,
    find_arrived,
    find_profile,
    get_face,
    is_circle_closed,
    list_faces,
    list_jottings,
    list_recent,
)
from tessera.events.queries.circle_search import find_by_beginning, find_by_words
from tessera.events.rules.circle import FIELDS, HIGHEST_NUMBER, number_asked, seen_by_of, terms_of
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.errors import NotFound
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown
from tessera.kit.ids import parse_id, show_id

__all__ = ["router"]

router = Router(tags=["circle"])

Number = Annotated[int, Field(strict=True, ge=0, le=HIGHEST_NUMBER)]
Remark = Annotated[str, Field(max_length=200)]
Told = Annotated[str, Field(max_length=500)]
To = Literal["circle", "talks", "nobody", "initial"]


class GuestOut(BaseModel):
    """A guest as another one sees him: what is not for him to see is empty."""

    number: int
    shown: str
    name: str
    appearance: str
    introduction: str
    interests: str
    has_picture: bool
    arrived_at: datetime | None


class ProfileIn(Body):
    """What a guest says about himself; what is left out stays."""

    appearance: Told | None = None
    name: Told | None = None
    introduction: Told | None = None
    interests: Told | None = None
    seen_by: dict[Literal["appearance", "picture", "name", "introduction", "interests"], To] | None = None


class ProfileOut(BaseModel):
    """A guest's own profile, and who sees what of it."""

    guest: str
    appearance: str
    name: str
    introduction: str
    interests: str
    has_picture: bool
    seen_by: dict[str, str]


class JottingIn(Body):
    """A number to note; nobody needs to have it yet."""

    number: Number
    remark: Remark = ""


class JottingOut(BaseModel):
    """A noted number; `mutual`: its guest has noted this guest's."""

    number: int
    remark: str
    at: datetime
    mutual: bool


class KeptOut(BaseModel):
    """What was noted or taken out; the remark is not repeated."""

    guest: str
    number: int


def _guest_out(face: Face) -> GuestOut:
    return GuestOut(
        number=face.number,
        shown=face.shown,
        name=face.name,
        appearance=face.appearance,
        introduction=face.introduction,
        interests=face.interests,
        has_picture=bool(face.picture),
        arrived_at=face.arrived_at,
    )


def _entered(actor: Actor, event: str, guest: str | None) -> tuple[Event, UUID | None]:
    """Return the key's own event, and the person as whom it is looked at; the guest must have arrived."""
    row = api_event(actor, event)
    if is_circle_closed(row.event.id):
        raise CircleClosed
    if guest is None:
        return row.event, None
    person_id = find_arrived(row.event.id, parse_id("reg", guest))
    if person_id is None:
        raise NotInCircle
    return row.event, person_id


@router.get("/events/{event}/circle", response=ListOut[GuestOut], summary="Find guests of a circle")
def list_circle(
    request: KnownRequest,
    event: str,
    number: Name | None = None,
    words: Name | None = None,
    name: Name | None = None,
    guest: Shown | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """By the beginning of a number, by words of the appearance, by a name that is shown; else who came last.

    Only the last has further pages. `guest` (`reg_...`): as this guest sees it. Needs the scope `circle:read`.
    """
    found_event, viewer = _entered(require(request, "circle:read"), event, guest)
    eye = eye_of(found_event.id, viewer)
    if number is None and words is None and name is None:
        page = list_recent(found_event, eye, cursor=cursor, limit=limit)
        return answer(
            ListOut[GuestOut](items=[_guest_out(one) for one in page.items], next_cursor=page.next_cursor)
        )
    faces = _found(found_event, eye, number=number, words=words, name=name, limit=limit)
    return answer(ListOut[GuestOut](items=[_guest_out(one) for one in faces], next_cursor=None))


def _found(
    event: Event, eye: Eye, *, number: str | None, words: str | None, name: str | None, limit: int
) -> list[Face]:
    if number is not None:
        asked = number_asked(number, [str(one) for one in event.prefixes.values()])
        if asked is None:
            return []
        found = find_by_beginning(event.id, asked, width=event.number_width, limit=limit, hidden=eye.hidden)
        return list_faces(event, found, eye)
    text = words if words is not None else name or ""
    faces = list_faces(event, find_by_words(event.id, text, limit, hidden=eye.hidden), eye)
    if words is None and name is not None:
        return [face for face in faces if name.casefold() in face.name.casefold()]
    return faces


@router.get("/events/{event}/circle/{number}", response=GuestOut, summary="Look a guest up by number")
def get_guest(request: KnownRequest, event: str, number: int, guest: Shown | None = None) -> HttpResponse:
    """`guest` (`reg_...`): as this guest sees him. Needs the scope `circle:read`."""
    found_event, viewer = _entered(require(request, "circle:read"), event, guest)
    if not 0 <= number <= HIGHEST_NUMBER:
        raise NotFound
    return answer(_guest_out(get_face(found_event, number, eye_of(found_event.id, viewer))))


@router.get(
    "/events/{event}/guests/{guest}/profile", response=ProfileOut, summary="Read a guest's own profile"
)
def get_profile(request: KnownRequest, event: str, guest: str) -> HttpResponse:
    """Needs the scope `circle:read`."""
    found_event, person_id = _entered(require(request, "circle:read"), event, guest)
    assert person_id is not None
    return answer(_profile_out(found_event, guest, find_profile(found_event.id, person_id)))


@router.patch("/events/{event}/guests/{guest}/profile", response=ProfileOut, summary="Describe a guest")
def change_profile(request: KnownRequest, event: str, guest: str, body: ProfileIn) -> HttpResponse:
    """Acts for a guest who has arrived. Needs the scope `circle:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        found_event, person_id = _entered(actor, event, guest)
        assert person_id is not None
        given = body.model_dump(exclude_none=True)
        profile = describe_guest(
            event_id=found_event.id, person_id=person_id, described=given, now=now, actor=actor
        )
        shown = _profile_out(found_event, guest, profile)
        # the answer is kept for ever under its request id: without what the guest says about himself
        kept = shown.model_copy(update=dict.fromkeys(("appearance", "name", "introduction", "interests"), ""))
        return Done(
            body=shown,
            kept=kept,
            object_id=parse_id("reg", guest),
            status=200,
            merchant_id=found_event.merchant_id,
        )

    return answer_write(request, act, verb="describe_guest", kind="registration", scope="circle:write")


def _profile_out(event: Event, guest: str, profile: CircleProfile | None) -> ProfileOut:
    texts = {field: getattr(profile, field, "") for field in FIELDS if field != "picture"}
    return ProfileOut(
        guest=guest,
        has_picture=bool(profile and profile.picture),
        seen_by=seen_by_of(profile.seen_by if profile else {}, terms_of(event.circle).fields),
        **texts,
    )


@router.get(
    "/events/{event}/guests/{guest}/jottings", response=ListOut[JottingOut], summary="List a guest's jotter"
)
def list_jotter(
    request: KnownRequest, event: str, guest: str, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """The latest first. Needs the scope `circle:write`: a jotter is its owner's alone."""
    found_event, person_id = _entered(require(request, "circle:write"), event, guest)
    page = list_jottings(found_event, eye_of(found_event.id, person_id), cursor=cursor, limit=limit)
    items = [
        JottingOut(number=one.number, remark=one.remark, at=one.at, mutual=one.mutual) for one in page.items
    ]
    return answer(ListOut[JottingOut](items=items, next_cursor=page.next_cursor))


@router.post("/events/{event}/guests/{guest}/jottings", response={201: KeptOut}, summary="Note a number")
def create_jotting(request: KnownRequest, event: str, guest: str, body: JottingIn) -> HttpResponse:
    """Where both have noted each other, both are told. Acts for a guest who has arrived. Needs the scope `circle:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        found_event, person_id = _entered(actor, event, guest)
        assert person_id is not None
        jot_number(
            event_id=found_event.id,
            person_id=person_id,
            number=body.number,
            remark=body.remark,
            now=now,
            actor=actor,
        )
        return _noted(found_event, guest, body.number)

    return answer_write(request, act, verb="jot_number", kind="registration", scope="circle:write")


@router.post(
    "/events/{event}/guests/{guest}/jottings/{number}/removal",
    response={201: KeptOut},
    summary="Take a number out of the jotter",
)
def create_jotting_removal(request: KnownRequest, event: str, guest: str, number: int) -> HttpResponse:
    """One that is not there is no fault. Needs the scope `circle:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        found_event, person_id = _entered(actor, event, guest)
        assert person_id is not None
        if 0 <= number <= HIGHEST_NUMBER:
            unjot(event_id=found_event.id, person_id=person_id, number=number, now=now, actor=actor)
        return _noted(found_event, guest, number)

    return answer_write(request, act, verb="unjot", kind="registration", scope="circle:write")


def _noted(event: Event, guest: str, number: int) -> Done:
    return Done(
        body=KeptOut(guest=show_id("reg", parse_id("reg", guest)), number=number),
        object_id=parse_id("reg", guest),
        merchant_id=event.merchant_id,
    )
