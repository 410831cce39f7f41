"""What a purchase and a return are, in plain values, and the arithmetic of what is kept (spec/points.md, Earning)."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

__all__ = [
    "EARLIEST",
    "FUTURE_TOLERANCE",
    "MOST_LINES",
    "RecordPurchase",
    "RecordReturn",
    "RecordedPurchase",
    "RecordedReturn",
    "ReturnedLine",
    "SoldLine",
    "content_digest",
    "kept_amount",
]

MOST_LINES = 2_000
"""Most lines of one receipt."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before this no till was running that sends receipts here: an earlier moment is a wrong clock."""

FUTURE_TOLERANCE = timedelta(hours=24)
"""How far a till's clock may be ahead: a time zone's worth, not a year's."""


class SoldLine(NamedTuple):
    """One line of a receipt: a product by the merchant's SKU, pieces, and what was paid for the line (None: price list)."""

    sku: str
    quantity: int
    amount_minor: int | None = None


class RecordPurchase(NamedTuple):
    """The command of all four doors. `member` is (kind, value): "person", "phone" or "number".

    `owner_id` and `request_id` identify the request of a single call (None: the receipt number alone does), and
    `request_digest` its body.
    """

    merchant_id: UUID
    receipt_number: str
    member: tuple[str, str]
    lines: tuple[SoldLine, ...]
    actor: str
    source: str
    occurred_at: datetime | None = None
    store: str | None = None
    owner_id: UUID | None = None
    request_id: str | None = None
    request_digest: bytes = b""


class RecordReturn(NamedTuple):
    """Goods come back.

    With `of_receipt` to that purchase's lines (no lines: all of it); without, each line goes to the latest earlier
    purchase of the same member and product with quantity left.
    """

    merchant_id: UUID
    receipt_number: str
    lines: tuple[SoldLine, ...]
    actor: str
    source: str
    member: tuple[str, str] | None = None
    of_receipt: str | None = None
    occurred_at: datetime | None = None
    owner_id: UUID | None = None
    request_id: str | None = None
    request_digest: bytes = b""


class RecordedPurchase(NamedTuple):
    """The answer: what was recorded, or had been recorded before (`repeat`)."""

    purchase_id: UUID
    member_id: UUID
    receipt_number: str
    points: int
    line_points: tuple[int, ...]
    transfer_id: UUID | None
    rules_revision: int
    amount_minor: int
    currency: str
    repeat: bool = False


class ReturnedLine(NamedTuple):
    """What became of one returned line: pieces that belonged to no purchase, points taken back for the others."""

    sku: str
    quantity: int
    unmatched_quantity: int
    points: int


class RecordedReturn(NamedTuple):
    """The answer to a return: points taken back in all, and by line."""

    return_id: UUID
    member_id: UUID
    receipt_number: str
    points: int
    lines: tuple[ReturnedLine, ...]
    repeat: bool = False


def content_digest(command: RecordPurchase | RecordReturn) -> bytes:
    """Return the SHA-256 of what a receipt says, by which "the same receipt" is told from another content.

    Who sends it, by which door and under which request id do not matter.
    """
    content = (
        type(command).__name__,
        command.member,
        command.occurred_at.isoformat() if command.occurred_at else None,
        command.store if isinstance(command, RecordPurchase) else command.of_receipt,
        [(line.sku, line.quantity, line.amount_minor) for line in command.lines],
    )
    return hashlib.sha256(repr(content).encode("utf-8", "backslashreplace")).digest()


def kept_amount(amount_minor: int, quantity: int, kept: int) -> int:
    """Return what `kept` of `quantity` pieces cost: the line's share, rounded down to the smallest unit of money."""
    return amount_minor * kept // quantity
