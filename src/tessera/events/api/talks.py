"""Talks over the API, for a guest of the key's own event: ask, answer, write, list.

What guests write to one another is read by the two alone, so no key reads it: an organiser's key could be any guest's.
"""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from tessera.events.actions.talks import answer_guest, ask_guest
from tessera.events.gate import GuestPlace, api_event, guest_place
from tessera.events.models import Registration
from tessera.events.queries.circle import eye_of, faces_by_person
from tessera.events.rules.circle import HIGHEST_NUMBER
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, Cursor, Limit, ListOut
from tessera.kit.ids import parse_id, show_id
from tessera.talk.actions.writing import write_message
from tessera.talk.queries import list_conversations, list_requests

__all__ = ["router"]

router = Router(tags=["events"])

_HERE = "/events/{event}/guests/{guest}/conversations"
Words = Annotated[str, StringConstraints(max_length=4000)]


class RequestIn(Body):
    """Whom to ask, by the number on the badge, and what to say first (1 to 1000 characters)."""

    number: Annotated[int, Field(strict=True, ge=0, le=HIGHEST_NUMBER)]
    text: Words


class AnswerIn(Body):
    """What is said to a request."""

    answer: Literal["accepted", "declined"]


class MessageIn(Body):
    """What to write (1 to 1000 characters)."""

    text: Words


class ConversationOut(BaseModel):
    """A conversation; `state` for this guest: "asked" (he answers), "waiting", "accepted" or "declined"."""

    id: str
    state: str


class ConversationRowOut(ConversationOut):
    """The same with the other guest's number (None: not here any more) and whether there is something to read."""

    number: int | None
    unread: bool
    asked_at: datetime
    last_at: datetime


class MessageOut(BaseModel):
    """A message that was written."""

    id: str
    at: datetime


def _guest(actor: Actor, event: str, guest: str) -> GuestPlace:
    """Return the circle as the guest named in the address enters it; refuses as events.gate.enter_circle."""
    row = api_event(actor, event)
    registration = Registration.objects.filter(event_id=row.event.id, id=parse_id("reg", guest)).first()
    return guest_place(actor, row, registration)


@router.get(_HERE, response=ListOut[ConversationRowOut], summary="List a guest's conversations")
def get_conversations(
    request: KnownRequest,
    event: str,
    guest: str,
    asked: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Return conversations, the liveliest first; `asked=true`: the requests that the guest has to answer.

    Needs the scope `circle:read`. Says who talks, not what about.
    """
    place = _guest(require(request, "circle:read"), event, guest)
    listed = list_requests if asked else list_conversations
    found = listed(place.event.id, place.person_id, cursor=cursor, limit=limit)
    eye = eye_of(place.event.id, place.person_id)
    faces = faces_by_person(place.event, [row.other_id for row in found.items], eye)
    items = [
        ConversationRowOut(
            id=show_id("cnv", row.id),
            state=row.state,
            number=faces[row.other_id].number if row.other_id in faces else None,
            unread=row.unread,
            asked_at=row.conversation.asked_at,
            last_at=row.conversation.last_at,
        )
        for row in found.items
    ]
    return answer(ListOut[ConversationRowOut](items=items, next_cursor=found.next_cursor))


@router.post(_HERE, response={201: ConversationOut}, summary="Ask another guest to talk")
def post_conversation(request: KnownRequest, event: str, guest: str, body: RequestIn) -> HttpResponse:
    """The first message is a request. Needs the scope `circle:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        place = _guest(actor, event, guest)
        made = ask_guest(
            event=place.event,
            person_id=place.person_id,
            number=body.number,
            text=body.text,
            now=now,
            actor=actor,
        )
        shown = ConversationOut(id=show_id("cnv", made.id), state=made.answer or "waiting")
        return Done(body=shown, object_id=made.id, merchant_id=place.event.merchant_id)

    return answer_write(request, act, verb="ask_guest", kind="conversation", scope="circle:write")


@router.post(
    _HERE + "/{conversation}/answer", response={201: ConversationOut}, summary="Accept or decline a request"
)
def post_answer(
    request: KnownRequest, event: str, guest: str, conversation: str, body: AnswerIn
) -> HttpResponse:
    """Only the guest who was asked answers. Needs the scope `circle:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        place = _guest(actor, event, guest)
        row = answer_guest(
            event=place.event,
            person_id=place.person_id,
            conversation_id=parse_id("cnv", conversation),
            accept=body.answer == "accepted",
            now=now,
            actor=actor,
        )
        shown = ConversationOut(id=show_id("cnv", row.id), state=row.answer)
        return Done(body=shown, object_id=row.id, merchant_id=place.event.merchant_id)

    return answer_write(request, act, verb="answer_request", kind="conversation", scope="circle:write")


@router.post(_HERE + "/{conversation}/messages", response={201: MessageOut}, summary="Write to another guest")
def post_message(
    request: KnownRequest, event: str, guest: str, conversation: str, body: MessageIn
) -> HttpResponse:
    """Only in a conversation that both have agreed to. Needs the scope `circle:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        place = _guest(actor, event, guest)
        message = write_message(
            circle_id=place.event.id,
            conversation_id=parse_id("cnv", conversation),
            person_id=place.person_id,
            text=body.text,
            now=now,
            actor=actor,
        )
        shown = MessageOut(id=show_id("msg", message.id), at=message.at)
        return Done(body=shown, object_id=message.id, merchant_id=place.event.merchant_id)

    return answer_write(request, act, verb="write_message", kind="message", scope="circle:write")
