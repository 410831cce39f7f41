"""Merchants, their approval and suspension."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Text
from tessera.kit.ids import parse_id, show_id
from tessera.kit.phones import normal_phone
from tessera.merchants import queries
from tessera.merchants.actions import merchants as actions
from tessera.merchants.queries import MerchantRow

__all__ = ["router"]

router = Router(tags=["merchants"])

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class MerchantIn(Body):
    """A business to open."""

    name: Name
    code: Text = Field("", description="Unified social credit code (GB 32100-2015), or empty.")
    phone: Text = ""
    district: Text = Field(
        "", description="Where it is; only used to find merchants that look like the same one."
    )
    currency: Currency = "CNY"
    time_zone: Name = "Asia/Shanghai"


class MerchantOut(BaseModel):
    """A merchant; `status` is pending, active or suspended."""

    id: str
    name: str
    code: str
    phone: str
    currency: str
    time_zone: str
    status: str
    created_at: datetime


class SimilarOut(BaseModel):
    """A merchant that may be the same one."""

    id: str
    name: str
    code: str


class MerchantOpened(BaseModel):
    """The merchant was opened; look at the similar ones before approving it."""

    id: str
    name: str
    status: str
    similar: list[SimilarOut]


class MerchantStatus(BaseModel):
    """How the merchant stands now."""

    merchant: str
    status: str
    at: datetime


class SuspensionIn(Body):
    """Why the merchant is stopped."""

    reason: Name


def _shown(row: MerchantRow) -> MerchantOut:
    merchant = row.merchant
    return MerchantOut(
        id=show_id("mer", merchant.id),
        name=merchant.name,
        code=merchant.code,
        phone=merchant.phone,
        currency=merchant.currency,
        time_zone=merchant.time_zone,
        status=row.status,
        created_at=merchant.created_at,
    )


def _standing(merchant_id: UUID, at: datetime, *, status: int) -> Done:
    row = queries.get_merchant(merchant_id)
    body = MerchantStatus(merchant=show_id("mer", merchant_id), status=row.status, at=at)
    return Done(body=body, object_id=merchant_id, status=status)


@router.post("/merchants", response={201: MerchantOpened}, summary="Open a merchant")
def create_merchant(request: KnownRequest, body: MerchantIn) -> HttpResponse:
    """Pending until approved; `similar` names merchants that may be the same one. Needs the scope `operator`."""

    def act(actor: Actor, now: datetime) -> Done:
        phone = normal_phone(body.phone, region=settings.TESSERA_DEFAULT_REGION) if body.phone else ""
        merchant = actions.open_merchant(
            name=body.name,
            code=body.code,
            phone=phone,
            currency=body.currency,
            time_zone=body.time_zone,
            now=now,
            actor=actor,
        )
        districts = [body.district] if body.district else []
        similar = queries.list_similar(name=body.name, phone=phone, districts=districts, but=merchant.id)
        opened = MerchantOpened(
            id=show_id("mer", merchant.id),
            name=merchant.name,
            status="pending",
            similar=[SimilarOut(id=show_id("mer", one.id), name=one.name, code=one.code) for one in similar],
        )
        return Done(body=opened, object_id=merchant.id, merchant_id=merchant.id)

    return answer_write(request, act, verb="open_merchant", kind="merchant", scope="operator")


@router.get("/merchants", response=ListOut[MerchantOut], summary="List merchants")
def list_merchants(
    request: KnownRequest,
    name: Name | None = None,
    district: Name | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """A merchant's key lists its own merchant only. Needs the scope `merchants:read`."""
    actor = require(request, "merchants:read")
    page = queries.list_merchants(
        merchant_id=actor.merchant_id, name=name, district=district, cursor=cursor, limit=limit
    )
    return answer(
        ListOut[MerchantOut](items=[_shown(row) for row in page.items], next_cursor=page.next_cursor)
    )


@router.get("/merchants/{merchant}", response=MerchantOut, summary="Read a merchant")
def read_merchant(request: KnownRequest, merchant: str) -> HttpResponse:
    """Needs the scope `merchants:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "merchants:read", merchant_id=merchant_id)
    return answer(_shown(queries.get_merchant(merchant_id)))


@router.post("/merchants/{merchant}/approval", response={201: MerchantStatus}, summary="Approve a merchant")
def create_approval(request: KnownRequest, merchant: str) -> HttpResponse:
    """Needs the scope `operator`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        approval = actions.approve_merchant(merchant_id=merchant_id, now=now, actor=actor)
        return _standing(merchant_id, approval.at, status=201)

    return answer_write(
        request,
        act,
        verb="approve_merchant",
        kind="merchant",
        scope="operator",
        merchant_id=merchant_id,
        object_id=merchant_id,
    )


@router.post("/merchants/{merchant}/suspension", response={201: MerchantStatus}, summary="Suspend a merchant")
def create_suspension(request: KnownRequest, merchant: str, body: SuspensionIn) -> HttpResponse:
    """Needs the scope `operator`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        suspension = actions.suspend_merchant(
            merchant_id=merchant_id, reason=body.reason, now=now, actor=actor
        )
        return _standing(merchant_id, suspension.at, status=201)

    return answer_write(
        request,
        act,
        verb="suspend_merchant",
        kind="merchant",
        scope="operator",
        merchant_id=merchant_id,
        object_id=merchant_id,
    )


@router.post(
    "/merchants/{merchant}/reinstatement", response={201: MerchantStatus}, summary="Reinstate a merchant"
)
def create_reinstatement(request: KnownRequest, merchant: str) -> HttpResponse:
    """Lifts the open suspension. Needs the scope `operator`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        actions.reinstate_merchant(merchant_id=merchant_id, now=now, actor=actor)
        return _standing(merchant_id, now, status=201)

    return answer_write(
        request,
        act,
        verb="reinstate_merchant",
        kind="merchant",
        scope="operator",
        merchant_id=merchant_id,
        object_id=merchant_id,
    )
