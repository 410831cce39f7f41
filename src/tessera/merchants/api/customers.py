"""Customers of a merchant, by its own number, by phone or by person."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, is_operator, require
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown, Text
from tessera.kit.ids import parse_id, show_id
from tessera.kit.phones import normal_phone
from tessera.merchants import queries
from tessera.merchants.actions.customers import enrol_customer
from tessera.people.queries import find_by_phone, persons_by_id
from tessera.people.sight import phone_for

__all__ = ["router"]

router = Router(tags=["customers"])


class CustomerIn(Body):
    """A customer to enrol: by number, by phone or by person; a number may come with one of the others."""

    number: Name | None = None
    phone: Name | None = None
    person: Shown | None = None
    level: Text | None = None


class CustomerWritten(BaseModel):
    """Answer to a write: kept for ever, so it holds no phone number. Read the list for more."""

    person: str
    number: str | None
    level: str
    joined_at: datetime


class CustomerOut(BaseModel):
    """A customer; the phone number is whole only where the merchant itself gave it."""

    person: str
    numbers: list[str]
    phone: str | None
    nickname: str
    level: str
    registered: bool
    joined_at: datetime


@router.post(
    "/merchants/{merchant}/customers",
    response={200: CustomerWritten, 201: CustomerWritten},
    summary="Enrol a customer",
)
def create_customer(request: KnownRequest, merchant: str, body: CustomerIn) -> HttpResponse:
    """Enrolling again changes the level and adds the number (200). Needs the scope `members:write`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        phone = normal_phone(body.phone, region=settings.TESSERA_DEFAULT_REGION) if body.phone else None
        customer, new = enrol_customer(
            merchant_id=merchant_id,
            number=body.number,
            phone=phone,
            person_id=parse_id("per", body.person) if body.person else None,
            level=body.level,
            now=now,
            actor=actor,
        )
        written = CustomerWritten(
            person=show_id("per", customer.person_id),
            number=body.number,
            level=customer.level,
            joined_at=customer.joined_at,
        )
        return Done(body=written, object_id=customer.person_id, status=201 if new else 200)

    return answer_write(
        request, act, verb="enrol_customer", kind="customer", scope="members:write", merchant_id=merchant_id
    )


@router.get(
    "/merchants/{merchant}/customers", response=ListOut[CustomerOut], summary="List a merchant's customers"
)
def list_customers(
    request: KnownRequest,
    merchant: str,
    number: Name | None = None,
    phone: Name | None = None,
    person: Shown | None = None,
    level: Name | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Needs the scope `members:read`."""
    merchant_id = parse_id("mer", merchant)
    actor = require(request, "members:read", merchant_id=merchant_id)
    page = queries.list_customers(
        merchant_id,
        number=number,
        person_ids=_wanted(phone=phone, person=person),
        phone_given=phone is not None and not is_operator(actor),
        level=level,
        cursor=cursor,
        limit=limit,
    )
    persons = persons_by_id([row.customer.person_id for row in page.items])
    items = []
    for row in page.items:
        customer = row.customer
        known = persons[customer.person_id]
        items.append(
            CustomerOut(
                person=show_id("per", customer.person_id),
                numbers=list(row.numbers),
                phone=phone_for(known, whole=customer.phone_given or is_operator(actor)),
                nickname=known.nickname,
                level=customer.level,
                registered=known.registered_at is not None,
                joined_at=customer.joined_at,
            )
        )
    return answer(ListOut[CustomerOut](items=items, next_cursor=page.next_cursor))


def _wanted(*, phone: str | None, person: str | None) -> list[UUID] | None:
    wanted: set[UUID] | None = None
    if person is not None:
        wanted = {parse_id("per", person)}
    if phone is not None:
        known = find_by_phone(normal_phone(phone, region=settings.TESSERA_DEFAULT_REGION))
        by_phone = {known.id} if known else set()
        wanted = by_phone if wanted is None else wanted & by_phone
    return None if wanted is None else list(wanted)
