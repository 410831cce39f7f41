"""Staff: who works for a merchant, where, in which role."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.errors import NotFound, RequestInvalid
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown
from tessera.kit.ids import parse_id, show_id
from tessera.kit.phones import normal_phone
from tessera.merchants import queries
from tessera.merchants.actions import staff as actions
from tessera.merchants.models import Employment
from tessera.people.actions.persons import recognise_phone

__all__ = ["router"]

router = Router(tags=["staff"])


class EmploymentIn(Body):
    """A person to take on, named by id or by phone number."""

    person: Shown | None = None
    phone: Name | None = None
    role: Literal["owner", "manager", "cashier", "guide"]
    store: Shown | None = Field(None, description="Left out: all stores.")


class EmploymentOut(BaseModel):
    """Somebody's work for a merchant; without a store, at all of them."""

    id: str
    person: str
    role: str
    store: str | None
    since: datetime
    until: datetime | None


def _shown(employment: Employment) -> EmploymentOut:
    return EmploymentOut(
        id=show_id("emp", employment.id),
        person=show_id("per", employment.person_id),
        role=employment.role,
        store=show_id("sto", employment.store_id) if employment.store_id else None,
        since=employment.since,
        until=employment.until,
    )


@router.post("/merchants/{merchant}/staff", response={201: EmploymentOut}, summary="Employ a person")
def create_employment(request: KnownRequest, merchant: str, body: EmploymentIn) -> HttpResponse:
    """Send `person` or `phone`. Needs the scope `merchants:write`."""
    merchant_id = parse_id("mer", merchant)
    if (body.person is None) == (body.phone is None):
        raise RequestInvalid(reason="person, phone")

    def act(actor: Actor, now: datetime) -> Done:
        if body.phone is not None:
            phone = normal_phone(body.phone, region=settings.TESSERA_DEFAULT_REGION)
            person_id = recognise_phone(phone=phone, now=now, actor=actor).id
        else:
            person_id = parse_id("per", body.person or "")
        employment = actions.employ_person(
            merchant_id=merchant_id,
            person_id=person_id,
            role=body.role,
            store_id=parse_id("sto", body.store) if body.store else None,
            now=now,
            actor=actor,
        )
        return Done(body=_shown(employment), object_id=employment.id, details={"role": body.role})

    return answer_write(
        request,
        act,
        verb="employ_person",
        kind="employment",
        scope="merchants:write",
        merchant_id=merchant_id,
    )


@router.get("/merchants/{merchant}/staff", response=ListOut[EmploymentOut], summary="List a merchant's staff")
def list_staff(
    request: KnownRequest,
    merchant: str,
    role: Literal["owner", "manager", "cashier", "guide"] | None = None,
    ended: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Needs the scope `merchants:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "merchants:read", merchant_id=merchant_id)
    page = queries.list_employments(merchant_id, role=role, ended=ended, cursor=cursor, limit=limit)
    items = [_shown(employment) for employment in page.items]
    return answer(ListOut[EmploymentOut](items=items, next_cursor=page.next_cursor))


@router.post("/staff/{employment}/termination", response={201: EmploymentOut}, summary="End an employment")
def create_termination(request: KnownRequest, employment: str) -> HttpResponse:
    """History stays. Needs the scope `merchants:write`."""
    employment_id = parse_id("emp", employment)

    def act(actor: Actor, now: datetime) -> Done:
        known = queries.get_employment(employment_id)
        if actor.merchant_id not in (None, known.merchant_id):
            raise NotFound
        ended = actions.dismiss_employee(employment_id=employment_id, now=now, actor=actor)
        return Done(body=_shown(ended), object_id=employment_id, merchant_id=ended.merchant_id)

    return answer_write(
        request,
        act,
        verb="dismiss_employee",
        kind="employment",
        scope="merchants:write",
        object_id=employment_id,
    )
