"""Reads of purchases, receipts, returns and imports over the API: parse, one query, respond."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import KnownRequest, answer, language_of, require
from tessera.kit.errors import RequestInvalid
from tessera.kit.fields import Cursor, Limit, ListOut, Name, Shown
from tessera.kit.ids import parse_id
from tessera.orders import queries
from tessera.orders.api.shown import (
    ImportShown,
    PurchaseShown,
    ReceiptShown,
    ReturnDetail,
    ReturnShown,
    shown_detail,
    shown_import,
    shown_purchase,
    shown_receipt,
    shown_return,
)
from tessera.orders.errors import fault_sentence
from tessera.orders.explain import explain_purchase

__all__ = ["router"]

router = Router(tags=["purchases"])

_EARLIEST, _LATEST = datetime(1970, 1, 3, tzinfo=UTC), datetime(2999, 12, 30, tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("a moment lies between 1970 and 2999")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
LineNo = Annotated[int, Field(ge=0, le=2_000_000_000)]


class FaultShown(BaseModel):
    """Why a line of an imported file had no effect."""

    line_no: int
    receipt_number: str
    code: str
    sentence: str
    details: dict[str, Any]


def _whose(actor: Actor, merchant: str | None, member: str | None) -> tuple[UUID | None, UUID | None]:
    """Return merchant and member to narrow by; a merchant's key sees its own merchant's, the operator names one."""
    merchant_id = parse_id("mer", merchant) if merchant else actor.merchant_id
    member_id = parse_id("per", member) if member else None
    if merchant_id is None and member_id is None:
        raise RequestInvalid(reason="merchant, member: name one of them")
    return merchant_id, member_id


def _allowed(request: KnownRequest, merchant: str | None) -> Actor:
    return require(request, "purchases:read", merchant_id=parse_id("mer", merchant) if merchant else None)


@router.get("/purchases", response=ListOut[PurchaseShown], summary="List purchases")
def list_purchases(
    request: KnownRequest,
    merchant: Shown | None = None,
    member: Shown | None = None,
    receipt: Name | None = None,
    store: Shown | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Last recorded first; `until` is the first moment after.

    Narrowed by store or moment, a page may be short and yet go on: follow `next_cursor`. The operator names `merchant`
    or `member`. Needs the scope `purchases:read`.
    """
    merchant_id, member_id = _whose(_allowed(request, merchant), merchant, member)
    page = queries.list_purchases(
        merchant_id=merchant_id,
        member_id=member_id,
        receipt=receipt,
        store_id=parse_id("sto", store) if store else None,
        since=since,
        until=until,
        cursor=cursor,
        limit=limit,
    )
    items = [shown_purchase(row) for row in page.items]
    return answer(ListOut[PurchaseShown](items=items, next_cursor=page.next_cursor))


@router.get("/purchases/{purchase}", response=PurchaseShown, summary="Read a purchase")
def read_purchase(
    request: KnownRequest, purchase: str, merchant: Shown | None = None, member: Shown | None = None
) -> HttpResponse:
    """The operator names `merchant` or `member`. Needs the scope `purchases:read`."""
    purchase_id = parse_id("pur", purchase)
    merchant_id, member_id = _whose(_allowed(request, merchant), merchant, member)
    return answer(
        shown_purchase(queries.get_purchase(purchase_id, merchant_id=merchant_id, member_id=member_id))
    )


@router.get(
    "/purchases/{purchase}/receipt",
    response=ReceiptShown,
    summary="Read a receipt with the why of every point",
)
def read_receipt(
    request: KnownRequest, purchase: str, merchant: Shown | None = None, member: Shown | None = None
) -> HttpResponse:
    """Every rule and version that took effect, with the arithmetic in words.

    Also what is pending and when it expires, what was returned, clawed back and owed. The operator names `merchant` or
    `member`. Needs the scope `purchases:read`.
    """
    purchase_id = parse_id("pur", purchase)
    merchant_id, member_id = _whose(_allowed(request, merchant), merchant, member)
    found = queries.get_purchase(purchase_id, merchant_id=merchant_id, member_id=member_id)
    return answer(shown_receipt(explain_purchase(found, now=clock.now()), language_of(request)))


@router.get("/returns", response=ListOut[ReturnShown], summary="List returns")
def list_returns(
    request: KnownRequest,
    merchant: Shown | None = None,
    member: Shown | None = None,
    receipt: Name | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """As the list of purchases. Needs the scope `purchases:read`."""
    merchant_id, member_id = _whose(_allowed(request, merchant), merchant, member)
    page = queries.list_returns(
        merchant_id=merchant_id,
        member_id=member_id,
        receipt=receipt,
        since=since,
        until=until,
        cursor=cursor,
        limit=limit,
    )
    items = [shown_return(row) for row in page.items]
    return answer(ListOut[ReturnShown](items=items, next_cursor=page.next_cursor))


@router.get("/returns/{back}", response=ReturnDetail, summary="Read a return")
def read_return(
    request: KnownRequest, back: str, merchant: Shown | None = None, member: Shown | None = None
) -> HttpResponse:
    """With the purchases that its pieces belong to. Needs the scope `purchases:read`."""
    return_id = parse_id("rtn", back)
    merchant_id, member_id = _whose(_allowed(request, merchant), merchant, member)
    return answer(shown_detail(queries.get_return(return_id, merchant_id=merchant_id, member_id=member_id)))


@router.get(
    "/merchants/{merchant}/imports", response=ListOut[ImportShown], summary="List a merchant's imports"
)
def list_imports(
    request: KnownRequest, merchant: str, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """Newest first, with counts. Needs the scope `purchases:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "purchases:read", merchant_id=merchant_id)
    page = queries.list_imports(merchant_id, cursor=cursor, limit=limit)
    items = [shown_import(row) for row in page.items]
    return answer(ListOut[ImportShown](items=items, next_cursor=page.next_cursor))


@router.get(
    "/merchants/{merchant}/imports/{file}/faults",
    response=ListOut[FaultShown],
    summary="List the faults of an import",
)
def list_faults(
    request: KnownRequest, merchant: str, file: str, after_line: LineNo = 0, limit: Limit = 50
) -> HttpResponse:
    """By line, behind line `after_line`; `file` is the import's id. Needs the scope `purchases:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "purchases:read", merchant_id=merchant_id)
    found = queries.get_import(parse_id("imp", file), merchant_id=merchant_id)
    rows = queries.list_faults(found.id, after_line=after_line, limit=limit)
    language = language_of(request)
    items = [
        FaultShown(
            line_no=row.line_no,
            receipt_number=row.receipt_number,
            code=row.code,
            sentence=fault_sentence(row.code, row.details, language),
            details=row.details,
        )
        for row in rows
    ]
    return answer(ListOut[FaultShown](items=items, next_cursor=None))
