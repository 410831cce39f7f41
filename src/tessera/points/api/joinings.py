"""Customer numbers are joined to registered persons over the API."""

from datetime import datetime

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer_write
from tessera.kit.fields import Body, Name, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.points.actions.joining import join_customer_number

__all__ = ["router"]

router = Router(tags=["customers"])


class JoiningIn(Body):
    """The merchant's own customer number, and the registered person who has shown that it is his."""

    number: Name
    person: Shown


class JoiningOut(BaseModel):
    """What came along."""

    person: str
    points: int


@router.post(
    "/merchants/{merchant}/joinings",
    response={201: JoiningOut},
    summary="Join a customer number to a registered person",
)
def create_joining(request: KnownRequest, merchant: str, body: JoiningIn) -> HttpResponse:
    """His points come along with their terms. Needs the scope `members:write`."""
    merchant_id = parse_id("mer", merchant)
    person_id = parse_id("per", body.person)

    def act(actor: Actor, now: datetime) -> Done:
        points = join_customer_number(
            merchant_id=merchant_id, number=body.number, person_id=person_id, now=now, actor=actor
        )
        return Done(body=JoiningOut(person=show_id("per", person_id), points=points), object_id=person_id)

    return answer_write(
        request,
        act,
        verb="join_customer_number",
        kind="person",
        scope="members:write",
        merchant_id=merchant_id,
        object_id=person_id,
    )
