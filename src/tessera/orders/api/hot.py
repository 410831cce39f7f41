"""The contended endpoints of this room: purchases and returns, single and bulk."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from tessera.kit.amounts import MAX_AMOUNT, MAX_QUANTITY, whole
from tessera.kit.errors import RequestInvalid
from tessera.kit.hot import Asked, HotEndpoint
from tessera.kit.ids import show_id
from tessera.merchants.api import MemberIn, Number, merchant_of, named_member
from tessera.orders.actions.receipts import handle_receipts
from tessera.orders.rules import (
    MOST_LINES,
    RecordedPurchase,
    RecordedReturn,
    RecordPurchase,
    RecordReturn,
    SoldLine,
)

__all__ = ["HOT_ENDPOINTS"]

Quantity = Annotated[int, msgspec.Meta(description="Pieces; 1 to 1,000,000.", examples=[2])]
Minor = Annotated[int, msgspec.Meta(description="Money in the currency's smallest unit.", examples=[1250])]


class LineIn(msgspec.Struct, forbid_unknown_fields=True):
    """One line: the merchant's SKU, pieces, and what was paid for the line (or per piece; neither: the price list)."""

    sku: Number
    quantity: Quantity
    amount_minor: Minor | None = None
    unit_price_minor: Minor | None = None


class PurchaseIn(msgspec.Struct, forbid_unknown_fields=True):
    """A receipt of the merchant's till. The same number with the same content has effect once."""

    receipt_number: Number
    member: MemberIn
    lines: Annotated[list[LineIn], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    occurred_at: datetime | None = None
    store: Number | None = None


class PurchaseOut(msgspec.Struct):
    """What was recorded; `line_points` are the base points of each line, `points` what the member got in all."""

    purchase_id: str
    member_id: str
    receipt_number: str
    points: int
    line_points: list[int]
    transfer_id: str | None
    rules_revision: int
    amount_minor: int
    currency: str


class ReturnLineIn(msgspec.Struct, forbid_unknown_fields=True):
    """A returned line: SKU and pieces."""

    sku: Number
    quantity: Quantity


class ReturnIn(msgspec.Struct, forbid_unknown_fields=True):
    """Goods that come back: on a receipt (`of_receipt`; no lines: all of it), or without one (`member` and lines)."""

    receipt_number: Number
    of_receipt: Number | None = None
    member: MemberIn | None = None
    lines: Annotated[list[ReturnLineIn], msgspec.Meta(max_length=MOST_LINES)] = []
    occurred_at: datetime | None = None


class ReturnedLineOut(msgspec.Struct):
    """What became of one returned line; `unmatched_quantity` was never bought here and takes nothing back."""

    sku: str
    quantity: int
    unmatched_quantity: int
    points: int


class ReturnOut(msgspec.Struct):
    """What was recorded; `points` were taken back."""

    return_id: str
    member_id: str
    receipt_number: str
    points: int
    lines: list[ReturnedLineOut]


def _moment(given: datetime | None) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise RequestInvalid(
            reason="occurred_at: a moment has a time zone, such as 2026-11-22T12:00:00+08:00"
        )
    try:
        return given.astimezone(UTC) if given else None
    except OverflowError:
        raise RequestInvalid(reason="occurred_at: out of range") from None


def _sold_line(line: LineIn, position: int) -> SoldLine:
    quantity = whole(line.quantity, field=f"lines[{position}].quantity", most=MAX_QUANTITY)
    amount = line.amount_minor
    if amount is None and line.unit_price_minor is not None:
        amount = whole(line.unit_price_minor, field=f"lines[{position}].unit_price_minor", least=0) * quantity
    if amount is not None:
        whole(amount, field=f"lines[{position}].amount_minor", least=0, most=MAX_AMOUNT)
    return SoldLine(line.sku, quantity, amount)


def purchase_command(body: PurchaseIn, asked: Asked) -> RecordPurchase:
    """Make the command; refuses `request_invalid`, `amount_invalid`, `phone_invalid`, `invalid_id`."""
    return RecordPurchase(
        merchant_id=merchant_of(asked),
        receipt_number=body.receipt_number,
        member=named_member(body.member),
        lines=tuple(_sold_line(line, position) for position, line in enumerate(body.lines)),
        actor=asked.actor.name,
        source="api",
        occurred_at=_moment(body.occurred_at),
        store=body.store,
        owner_id=asked.owner_id,
        request_id=asked.request_id,
        request_digest=asked.digest,
    )


def return_command(body: ReturnIn, asked: Asked) -> RecordReturn:
    """Make the command; refuses `request_invalid`, `amount_invalid`, `phone_invalid`, `invalid_id`."""
    if (body.of_receipt is None) == (body.member is None):
        raise RequestInvalid(reason="exactly one of of_receipt and member")
    if body.member is not None and not body.lines:
        raise RequestInvalid(reason="lines: at least one without of_receipt")
    return RecordReturn(
        merchant_id=merchant_of(asked),
        receipt_number=body.receipt_number,
        lines=tuple(
            SoldLine(line.sku, whole(line.quantity, field=f"lines[{position}].quantity", most=MAX_QUANTITY))
            for position, line in enumerate(body.lines)
        ),
        actor=asked.actor.name,
        source="api",
        member=named_member(body.member) if body.member else None,
        of_receipt=body.of_receipt,
        occurred_at=_moment(body.occurred_at),
        owner_id=asked.owner_id,
        request_id=asked.request_id,
        request_digest=asked.digest,
    )


def shown_purchase(done: RecordedPurchase) -> PurchaseOut:
    """Return a recorded purchase as the API shows it."""
    return PurchaseOut(
        purchase_id=show_id("pur", done.purchase_id),
        member_id=show_id("per", done.member_id),
        receipt_number=done.receipt_number,
        points=done.points,
        line_points=list(done.line_points),
        transfer_id=show_id("txn", done.transfer_id) if done.transfer_id else None,
        rules_revision=done.rules_revision,
        amount_minor=done.amount_minor,
        currency=done.currency,
    )


def shown_return(done: RecordedReturn) -> ReturnOut:
    """Return a recorded return as the API shows it."""
    return ReturnOut(
        return_id=show_id("rtn", done.return_id),
        member_id=show_id("per", done.member_id),
        receipt_number=done.receipt_number,
        points=done.points,
        lines=[
            ReturnedLineOut(line.sku, line.quantity, line.unmatched_quantity, line.points)
            for line in done.lines
        ],
    )


HOT_ENDPOINTS = (
    HotEndpoint(
        name="purchase",
        summary="Record a purchase",
        path="/api/v1/purchases",
        group="receipts",
        scope="purchases:write",
        body=PurchaseIn,
        answer=PurchaseOut,
        command=purchase_command,
        handle=handle_receipts,
        shown=shown_purchase,
        is_repeat=lambda done: done.repeat,
        tag="purchases",
    ),
    HotEndpoint(
        name="return",
        summary="Record a return",
        path="/api/v1/returns",
        group="receipts",
        scope="purchases:write",
        body=ReturnIn,
        answer=ReturnOut,
        command=return_command,
        handle=handle_receipts,
        shown=shown_return,
        is_repeat=lambda done: done.repeat,
        tag="purchases",
    ),
)
