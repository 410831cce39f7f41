"""Counts over the API, as JSON or (Accept: text/csv) as CSV: parse, one query, respond."""

import csv
import dataclasses
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.insights import queries
from tessera.kit.edge import KnownRequest, answer, language_of, require
from tessera.kit.fields import ListOut
from tessera.kit.ids import parse_id, show_id

__all__ = ["router"]

router = Router(tags=["insights"])

M = TypeVar("M", bound=BaseModel)
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 30))]

_HEADINGS = {
    "day": "日期",
    "hour": "小时",
    "purchases": "消费笔数",
    "amount_minor": "金额（最小单位）",
    "points": "积分",
    "returns": "退货笔数",
    "points_returned": "扣回积分",
    "given": "发放",
    "taken": "收回",
    "outstanding": "未兑积分",
    "product": "商品编号",
    "sku": "货号",
    "name": "商品名称",
    "quantity": "数量",
    "returned_quantity": "退货数量",
}


class DayOfPointsOut(BaseModel):
    """One merchant-local day."""

    day: date
    purchases: int
    amount_minor: int
    points: int
    returns: int
    points_returned: int


class DayOfLiabilityOut(BaseModel):
    """One booking day (UTC): points given, taken, and outstanding at its end."""

    day: date
    given: int
    taken: int
    outstanding: int


class SoldProductOut(BaseModel):
    """One product in the range."""

    product: str
    sku: str
    name: str
    quantity: int
    returned_quantity: int
    amount_minor: int
    points: int


class HourOut(BaseModel):
    """One hour of the merchant-local day."""

    hour: int
    purchases: int
    amount_minor: int
    points: int


def _merchant(request: KnownRequest, merchant: str) -> UUID:
    merchant_id = parse_id("mer", merchant)
    require(request, "purchases:read", merchant_id=merchant_id)
    return merchant_id


def _answer(request: KnownRequest, kind: type[M], items: list[M], name: str) -> HttpResponse:
    if "text/csv" not in request.headers.get("Accept", ""):
        response = answer(ListOut[Any](items=items, next_cursor=None))
        response["Vary"] = "Accept"
        return response
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    fields = list(kind.model_fields)
    chinese = language_of(request) == "zh-Hans"
    writer.writerow([_HEADINGS[field] if chinese else field for field in fields])
    writer.writerows([[_cell(getattr(item, field)) for field in fields] for item in items])
    # a spreadsheet that expects Chinese in UTF-8 needs the mark at the start
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Vary"] = "Accept, Accept-Language"
    return response


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is told to be a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _shown(kind: type[M], rows: Sequence[Any]) -> list[M]:
    return [kind(**dataclasses.asdict(row)) for row in rows]


@router.get(
    "/merchants/{merchant}/insights/points-by-day",
    response=ListOut[DayOfPointsOut],
    summary="Count purchases, returns and points by day",
)
def read_points_by_day(request: KnownRequest, merchant: str, since: Day, until: Day) -> HttpResponse:
    """Merchant-local days, both included, 400 at most; `Accept: text/csv` for CSV. Needs the scope `purchases:read`."""
    rows = queries.points_by_day(_merchant(request, merchant), since, until)
    return _answer(request, DayOfPointsOut, _shown(DayOfPointsOut, rows), "points-by-day")


@router.get(
    "/merchants/{merchant}/insights/liability-by-day",
    response=ListOut[DayOfLiabilityOut],
    summary="Count outstanding points by day",
)
def read_liability_by_day(request: KnownRequest, merchant: str, since: Day, until: Day) -> HttpResponse:
    """Booking days (UTC), both included, 400 at most; `Accept: text/csv` for CSV. Needs the scope `purchases:read`."""
    rows = queries.liability_by_day(_merchant(request, merchant), since, until)
    return _answer(request, DayOfLiabilityOut, _shown(DayOfLiabilityOut, rows), "liability-by-day")


@router.get(
    "/merchants/{merchant}/insights/top-products",
    response=ListOut[SoldProductOut],
    summary="Count what sells most",
)
def read_top_products(
    request: KnownRequest,
    merchant: str,
    since: Day,
    until: Day,
    most: Annotated[int, Field(ge=1, le=200)] = 20,
) -> HttpResponse:
    """By pieces that were kept; `Accept: text/csv` for CSV. Needs the scope `purchases:read`."""
    rows = queries.top_products(_merchant(request, merchant), since, until, most=most)
    items = [
        SoldProductOut(
            product=show_id("prd", row.product_id),
            sku=row.sku,
            name=row.name,
            quantity=row.quantity,
            returned_quantity=row.returned_quantity,
            amount_minor=row.amount_minor,
            points=row.points,
        )
        for row in rows
    ]
    return _answer(request, SoldProductOut, items, "top-products")


@router.get(
    "/merchants/{merchant}/insights/purchases-by-hour",
    response=ListOut[HourOut],
    summary="Count purchases by hour of the day",
)
def read_purchases_by_hour(request: KnownRequest, merchant: str, since: Day, until: Day) -> HttpResponse:
    """Merchant-local hours over all days; `Accept: text/csv` for CSV. Needs the scope `purchases:read`."""
    rows = queries.purchases_by_hour(_merchant(request, merchant), since, until)
    return _answer(request, HourOut, _shown(HourOut, rows), "purchases-by-hour")
