"""A merchant's purchases: the list with its filters, one with the why of its points, and the return from there."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.amounts import exponent_of
from tessera.kit.csv_answers import csv_answer
from tessera.kit.ids import parse_id, show_id
from tessera.kit.lent import lent_connection
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.paging import Page
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.queries import list_store_names
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.explain import Explanation, explain_purchase, sentence_of, total_of
from tessera.orders.models import Purchase
from tessera.orders.pages.filters import Narrowed, gathered, narrowed_by
from tessera.orders.pages.shoppers import shoppers_of
from tessera.orders.pages.words import source_word
from tessera.orders.queries import BoughtLine, get_purchase, list_purchases
from tessera.orders.rules import RecordedReturn, RecordReturn, SoldLine

__all__ = ["give_back", "purchase", "purchases", "purchases_csv"]

_AT_ONCE = 50
_MOST_ROWS = 200_000
"""Most rows of one download; who needs more narrows it by days."""


@signed_in
@require_safe
def purchases(request: HttpRequest, merchant: str) -> HttpResponse:
    """List purchases, the last recorded first."""
    workplace = enter_merchant(request, merchant, need="purchases:read")
    narrowed = narrowed_by(request, workplace, stores=True)
    found = _found(narrowed, narrowed.cursor, _AT_ONCE)
    shoppers = shoppers_of(workplace, {row.member_id for row in found.items})
    stores = list_store_names(workplace.merchant.id)
    rows = [
        {
            "row": row,
            "shopper": shoppers.get(row.member_id),
            "store": stores.get(row.store_id or UUID(int=0), ""),
        }
        for row in found.items
    ]
    told = {
        "face": "purchases",
        "workplace": workplace,
        "rows": rows,
        "narrowed": narrowed,
        "form": narrowed.form,
        "zone": workplace.merchant.time_zone,
        "cursor": narrowed.cursor,
        "next_cursor": found.next_cursor,
        "next_query": narrowed.after(found.next_cursor),
        "first_query": narrowed.query,
    }
    return page(request, "orders/purchases.html", told, status=422 if narrowed.form.errors else 200)


def _found(narrowed: Narrowed, cursor: str | None, limit: int) -> Page[Purchase]:
    return gathered(list_purchases, narrowed, cursor, limit)


@signed_in
@require_safe
def purchases_csv(request: HttpRequest, merchant: str) -> HttpResponseBase:
    """Give the narrowed list as CSV, whole, row by row."""
    workplace = enter_merchant(request, merchant, need="purchases:read")
    narrowed = narrowed_by(request, workplace, stores=True)
    headings = [
        gettext("Receipt"), gettext("Time"), gettext("Store"), gettext("Member"), gettext("Phone number"), gettext("Amount"), gettext("Currency"),
        gettext("Points"), gettext("Points taken back"), gettext("Recorded by"),
    ]  # fmt: skip
    return csv_answer(f"purchases-{clock.now():%Y%m%d}", headings, _csv_rows(workplace, narrowed))


def _csv_rows(workplace: Workplace, narrowed: Narrowed) -> Iterator[Sequence[Any]]:
    zone = ZoneInfo(workplace.merchant.time_zone)
    stores = list_store_names(workplace.merchant.id)
    cursor, given = None, 0
    while given < _MOST_ROWS:
        part = _found(narrowed, cursor, 1000)
        shoppers = shoppers_of(workplace, {row.member_id for row in part.items})
        for row in part.items:
            shopper = shoppers.get(row.member_id)
            yield (
                row.receipt_number,
                row.occurred_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
                stores.get(row.store_id, "") if row.store_id else "",
                shopper.name if shopper else "",
                shopper.phone.removeprefix("+") if shopper else "",
                _plain_money(row.amount_minor, row.currency),
                row.currency,
                row.points,
                row.points_returned,
                source_word(row.source),
            )
        given += len(part.items)
        cursor = part.next_cursor
        if cursor is None:
            return


def _plain_money(minor: int, currency: str) -> str:
    digits = exponent_of(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


class ReturnForm(forms.Form):
    """What comes back of a purchase: pieces of each line, and the return's own receipt number."""

    receipt_number = forms.CharField(
        label=_("Number of the return receipt"),
        max_length=64,
        help_text=_("Your till's number, or the one proposed here."),
    )

    def __init__(self, *given: Any, lines: Sequence[BoughtLine], **named: Any) -> None:
        super().__init__(*given, **named)
        self.lines = lines
        for line in lines:
            left = line.quantity - line.returned_quantity
            number = forms.IntegerField(
                label=gettext("Pieces of {name} that come back").format(name=line.name),
                min_value=0,
                max_value=left,
                required=False,
                widget=forms.NumberInput(
                    attrs={"inputmode": "numeric", "min": 0, "max": left, "placeholder": "0"}
                ),
            )
            if left:
                self.fields[f"line_{line.line_no}"] = number

    def clean(self) -> dict[str, Any]:
        """Refuse a return of nothing."""
        told = super().clean() or {}
        if "whole" not in self.data and not self.errors and not self.sold():
            self.add_error(None, gettext("Say how many pieces come back, or take all of them back."))
        return told

    def sold(self) -> tuple[SoldLine, ...]:
        """The pieces that were named, as the action takes them."""
        pieces = [(line, self.cleaned_data.get(f"line_{line.line_no}") or 0) for line in self.lines]
        return tuple(SoldLine(line.sku, quantity) for line, quantity in pieces if quantity)


@signed_in
@require_safe
def purchase(request: HttpRequest, merchant: str, purchase: str) -> HttpResponse:
    """Show one purchase: lines, points, why, what came back, what is left of its points."""
    workplace = enter_merchant(request, merchant, need="purchases:read")
    row = get_purchase(parse_id("pur", purchase), merchant_id=workplace.merchant.id)
    return _shown(request, workplace, row)


def _shown(
    request: HttpRequest,
    workplace: Workplace,
    row: Purchase,
    form: ReturnForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    language = reader_language()
    why = explain_purchase(row, now=clock.now())
    form = form or ReturnForm(lines=why.lines, initial={"receipt_number": _proposed(row, why)})
    stores = list_store_names(workplace.merchant.id)
    told = {
        "face": "purchases",
        "workplace": workplace,
        "row": row,
        "why": why,
        "lots": [(lot, lot.expires_at and lot.expires_at - timedelta(seconds=1)) for lot in why.lots],
        "kept": row.points - row.points_returned,
        "reasons": [sentence_of(reason, language) for reason in why.reasons],
        "total": total_of(why, language),
        "lines": [
            (line, form[name] if (name := f"line_{line.line_no}") in form.fields else None)
            for line in why.lines
        ],
        "left": sum(line.quantity - line.returned_quantity for line in why.lines),
        "form": form,
        "shopper": shoppers_of(workplace, {row.member_id}).get(row.member_id),
        "store": stores.get(row.store_id, "") if row.store_id else "",
        "zone": workplace.merchant.time_zone,
        "source": source_word(row.source),
        "may_return": workplace.may("purchases:write"),
    }
    return page(request, "orders/purchase.html", told, status=status)


def _proposed(row: Purchase, why: Explanation) -> str:
    made = len(why.returns)
    return f"{row.receipt_number[:58]}-R{made + 1 if made else ''}"


@signed_in
@require_POST
def give_back(request: HttpRequest, merchant: str, purchase: str) -> HttpResponse:
    """Take goods back: all that is left, or pieces by line; then show what became of the points."""
    workplace = enter_merchant(request, merchant, need="purchases:write")
    row = get_purchase(parse_id("pur", purchase), merchant_id=workplace.merchant.id)
    lines = explain_purchase(row, now=clock.now()).lines
    form = ReturnForm(request.POST, lines=lines)
    if not form.is_valid():
        return _shown(request, workplace, row, form, status=422)

    def act(actor: Actor, now: datetime) -> Did:
        done = _take_back(row, form, actor, now)
        address = f"{workplace.address}/returns/{show_id('rtn', done.return_id)}?new=1"
        return Did(address, done.return_id, workplace.merchant.id, {"points": done.points})

    try:
        return do_once(
            request, act, actor=workplace.actor, verb="record_return", kind="return", object_id=row.id
        )
    except Refusal as refusal:
        on_form(form, refusal, "receipt_number" if refusal.code == "receipt_reused" else None)
        return _shown(request, workplace, row, form, status=refusal.status)


def _take_back(row: Purchase, form: ReturnForm, actor: Actor, now: datetime) -> RecordedReturn:
    command = RecordReturn(
        merchant_id=row.merchant_id,
        receipt_number=form.cleaned_data["receipt_number"].strip(),
        lines=() if "whole" in form.data else form.sold(),
        actor=actor.name,
        source="console",
        of_receipt=row.receipt_number,
    )
    [done] = record_receipts(lent_connection(), [command], now=now)
    if isinstance(done, Refusal):
        raise done
    assert isinstance(done, RecordedReturn), "a return is answered with a return"
    return done
