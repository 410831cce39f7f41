"""A merchant's returns: the list with its filters, and one with what became of its points."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tessera.kit import clock
from tessera.kit.csv_answers import csv_answer
from tessera.kit.ids import parse_id
from tessera.kit.pages import page, signed_in
from tessera.kit.paging import Page
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.orders.models import Return
from tessera.orders.pages.filters import Narrowed, gathered, narrowed_by
from tessera.orders.pages.shoppers import shoppers_of
from tessera.orders.pages.words import source_word
from tessera.orders.queries import get_return, list_returns, receipts_by_id

__all__ = ["back", "returns", "returns_csv"]

_AT_ONCE = 50
_MOST_ROWS = 200_000


@signed_in
@require_safe
def returns(request: HttpRequest, merchant: str) -> HttpResponse:
    """List returns, the last recorded first."""
    workplace = enter_merchant(request, merchant, need="purchases:read")
    narrowed = narrowed_by(request, workplace, stores=False)
    found = _found(narrowed, narrowed.cursor, _AT_ONCE)
    shoppers = shoppers_of(workplace, {row.member_id for row in found.items})
    told = {
        "face": "returns",
        "workplace": workplace,
        "rows": [{"row": row, "shopper": shoppers.get(row.member_id)} for row in found.items],
        "narrowed": narrowed,
        "form": narrowed.form,
        "zone": workplace.merchant.time_zone,
        "cursor": narrowed.cursor,
        "next_cursor": found.next_cursor,
        "next_query": narrowed.after(found.next_cursor),
        "first_query": narrowed.query,
    }
    return page(request, "orders/returns.html", told, status=422 if narrowed.form.errors else 200)


def _found(narrowed: Narrowed, cursor: str | None, limit: int) -> Page[Return]:
    return gathered(list_returns, narrowed, cursor, limit)


@signed_in
@require_safe
def returns_csv(request: HttpRequest, merchant: str) -> HttpResponseBase:
    """Give the narrowed list as CSV, whole, row by row."""
    workplace = enter_merchant(request, merchant, need="purchases:read")
    narrowed = narrowed_by(request, workplace, stores=False)
    headings = [
        gettext("Return receipt"), gettext("Time"), gettext("Member"), gettext("Phone number"), gettext("Points taken back"), gettext("Recorded by"),
    ]  # fmt: skip
    return csv_answer(f"returns-{clock.now():%Y%m%d}", headings, _csv_rows(workplace, narrowed))


def _csv_rows(workplace: Workplace, narrowed: Narrowed) -> Iterator[Sequence[Any]]:
    zone = ZoneInfo(workplace.merchant.time_zone)
    cursor, given = None, 0
    while given < _MOST_ROWS:
        part = _found(narrowed, cursor, 1000)
        shoppers = shoppers_of(workplace, {row.member_id for row in part.items})
        for row in part.items:
            shopper = shoppers.get(row.member_id)
            moment = row.occurred_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            phone = shopper.phone.removeprefix("+") if shopper else ""
            yield (
                row.receipt_number,
                moment,
                shopper.name if shopper else "",
                phone,
                row.points,
                source_word(row.source),
            )
        given += len(part.items)
        cursor = part.next_cursor
        if cursor is None:
            return


@signed_in
@require_safe
def back(request: HttpRequest, merchant: str, back: str) -> HttpResponse:
    """Show one return: its lines, to which purchases they belong, and the points that were taken back."""
    workplace = enter_merchant(request, merchant, need="purchases:read")
    found = get_return(parse_id("rtn", back), merchant_id=workplace.merchant.id)
    purchase_ids = {match.purchase_id for match in found.matches if match.purchase_id}
    told = {
        "face": "returns",
        "workplace": workplace,
        "row": found.back,
        "lines": found.lines,
        "unmatched": sum(line.unmatched_quantity for line in found.lines),
        "purchases": receipts_by_id(workplace.merchant.id, purchase_ids),
        "shopper": shoppers_of(workplace, {found.back.member_id}).get(found.back.member_id),
        "zone": workplace.merchant.time_zone,
        "source": source_word(found.back.source),
        "new": request.GET.get("new") == "1",
    }
    return page(request, "orders/return.html", told)
