"""A merchant's terms for points over the API, version by version."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StrictInt

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, ListOut, Name
from tessera.kit.ids import parse_id
from tessera.points import queries
from tessera.points.actions.rules import MAX_POINT_COST, publish_programme
from tessera.points.api.moments import Moment
from tessera.points.models import ProgrammeVersion

__all__ = ["router"]

router = Router(tags=["programme"])


class ExpiryIn(Body):
    """When points expire: "none", so many "months" after they were earned, or on a "date" of each year (12-31)."""

    kind: Literal["none", "months", "date"]
    months: StrictInt = 0
    date: Name = ""


class ProgrammeIn(Body):
    """Terms for points given from `effective_from` on (none: now).

    A point costs `point_cost_num` / `point_cost_den` of the smallest unit of money.
    """

    effective_from: Moment | None = None
    pending_days: int = Field(default=0, strict=True, ge=0, le=365)
    expiry: ExpiryIn | None = None
    unclaimed_days: int = Field(default=30, strict=True, ge=1, le=3650)
    point_cost_num: int = Field(default=0, strict=True, ge=0, le=MAX_POINT_COST)
    point_cost_den: int = Field(default=1, strict=True, ge=1, le=MAX_POINT_COST)


class ProgrammeOut(BaseModel):
    """One version; `revision` is that of the merchant's rule book with it."""

    version: int
    revision: int
    effective_from: datetime
    pending_days: int
    expiry: dict[str, Any]
    unclaimed_days: int
    point_cost_num: int
    point_cost_den: int
    created_at: datetime


def _shown(programme: ProgrammeVersion) -> ProgrammeOut:
    return ProgrammeOut(
        version=programme.version,
        revision=programme.revision,
        effective_from=programme.effective_from,
        pending_days=programme.pending_days,
        expiry=programme.expiry,
        unclaimed_days=programme.unclaimed_days,
        point_cost_num=programme.point_cost_num,
        point_cost_den=programme.point_cost_den,
        created_at=programme.created_at,
    )


@router.post(
    "/merchants/{merchant}/programme", response={201: ProgrammeOut}, summary="Publish the terms for points"
)
def create_programme(request: KnownRequest, merchant: str, body: ProgrammeIn) -> HttpResponse:
    """Points given before keep their terms. Needs the scope `rules:write`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        terms = body.model_dump(exclude_unset=True)
        programme = publish_programme(merchant_id=merchant_id, **terms, now=now, actor=actor)
        return Done(body=_shown(programme), object_id=merchant_id)

    return answer_write(
        request,
        act,
        verb="publish_programme",
        kind="merchant",
        scope="rules:write",
        merchant_id=merchant_id,
    )


@router.get(
    "/merchants/{merchant}/programme", response=ListOut[ProgrammeOut], summary="List the terms for points"
)
def list_programmes(request: KnownRequest, merchant: str) -> HttpResponse:
    """Newest version first, at most 200; empty: the default terms. Needs the scope `rules:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "rules:read", merchant_id=merchant_id)
    items = [_shown(programme) for programme in queries.list_programmes(merchant_id)]
    return answer(ListOut[ProgrammeOut](items=items, next_cursor=None))
