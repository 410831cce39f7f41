"""Stores: place and district."""

from datetime import datetime
from typing import Annotated

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Text
from tessera.kit.ids import parse_id, show_id
from tessera.merchants import queries
from tessera.merchants.actions import stores as actions
from tessera.merchants.models import Store

__all__ = ["router"]

router = Router(tags=["stores"])

Latitude = Annotated[int, Field(strict=True, ge=-900_000_000, le=900_000_000)]
Longitude = Annotated[int, Field(strict=True, ge=-1_800_000_000, le=1_800_000_000)]


class StoreIn(Body):
    """A store to open; coordinates are ten-millionths of a degree (WGS 84)."""

    number: Name
    name: Name
    address: Text = ""
    district: Text = ""
    latitude_e7: Latitude | None = None
    longitude_e7: Longitude | None = None


class StoreOut(BaseModel):
    """A store."""

    id: str
    number: str
    name: str
    address: str
    district: str
    latitude_e7: int | None
    longitude_e7: int | None
    closed_at: datetime | None


def _shown(store: Store) -> StoreOut:
    return StoreOut(
        id=show_id("sto", store.id),
        number=store.number,
        name=store.name,
        address=store.address,
        district=store.district,
        latitude_e7=store.latitude_e7,
        longitude_e7=store.longitude_e7,
        closed_at=store.closed_at,
    )


@router.post("/merchants/{merchant}/stores", response={201: StoreOut}, summary="Open a store")
def create_store(request: KnownRequest, merchant: str, body: StoreIn) -> HttpResponse:
    """Needs the scope `merchants:write`."""
    merchant_id = parse_id("mer", merchant)

    def act(actor: Actor, now: datetime) -> Done:
        store = actions.open_store(
            merchant_id=merchant_id,
            number=body.number,
            name=body.name,
            address=body.address,
            district=body.district,
            latitude_e7=body.latitude_e7,
            longitude_e7=body.longitude_e7,
            now=now,
            actor=actor,
        )
        return Done(body=_shown(store), object_id=store.id)

    return answer_write(
        request, act, verb="open_store", kind="store", scope="merchants:write", merchant_id=merchant_id
    )


@router.get("/merchants/{merchant}/stores", response=ListOut[StoreOut], summary="List a merchant's stores")
def list_stores(
    request: KnownRequest,
    merchant: str,
    district: Name | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Needs the scope `merchants:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "merchants:read", merchant_id=merchant_id)
    page = queries.list_stores(merchant_id, district=district, cursor=cursor, limit=limit)
    return answer(
        ListOut[StoreOut](items=[_shown(store) for store in page.items], next_cursor=page.next_cursor)
    )


@router.post("/stores/{store}/closure", response={201: StoreOut}, summary="Close a store")
def create_closure(request: KnownRequest, store: str) -> HttpResponse:
    """For good; its history stays. Needs the scope `merchants:write`."""
    store_id = parse_id("sto", store)

    def act(actor: Actor, now: datetime) -> Done:
        if actor.merchant_id is not None:
            queries.get_store(store_id, merchant_id=actor.merchant_id)
        closed = actions.close_store(store_id=store_id, now=now, actor=actor)
        return Done(body=_shown(closed), object_id=store_id, merchant_id=closed.merchant_id)

    return answer_write(
        request, act, verb="close_store", kind="store", scope="merchants:write", object_id=store_id
    )
