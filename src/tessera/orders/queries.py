"""Reads of purchases and returns: lists by cursor, one with its lines, and what an import did."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from tessera.kit.errors import NotFound
from tessera.kit.paging import Page, cursor_of, page_of, position_of
from tessera.kit.sql import statement
from tessera.orders.models import Import, ImportFault, Purchase, Receipt, Return

__all__ = [
    "BoughtLine",
    "ReturnRow",
    "ReturnedPart",
    "earliest_id",
    "export_person",
    "find_receipt",
    "get_import",
    "get_purchase",
    "get_return",
    "list_faults",
    "list_imports",
    "list_lines",
    "list_purchases",
    "list_returns",
    "list_returns_of",
    "list_running_imports",
    "receipts_by_id",
    "same_person",
]

R = TypeVar("R", Purchase, Return)

_WINDOW = 1000
"""Most rows looked at for one narrowed page: what is rare gives short pages, not long waits."""

_AHEAD = timedelta(hours=25)
"""A purchase is recorded at most a day before it happens (orders.rules.FUTURE_TOLERANCE), an hour for clocks that differ."""


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """One line of a purchase with the product's present SKU and name."""

    line_no: int
    product_id: UUID
    sku: str
    name: str
    quantity: int
    amount_minor: int
    points: int
    returned_quantity: int


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """One line of a return, or (with a purchase) the part of it that belongs to one line of an earlier purchase."""

    line_no: int
    sku: str
    name: str
    quantity: int
    unmatched_quantity: int
    points: int
    purchase_id: UUID | None = None
    purchase_line_no: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return, its lines, and to which purchases their pieces belong."""

    back: Return
    lines: Sequence[ReturnedPart]
    matches: Sequence[ReturnedPart]


def earliest_id(occurred_at: datetime) -> UUID:
    """Return an id below that of everything that happened at `occurred_at` or later.

    Ids begin with the moment of recording, and nothing is recorded more than a day before it happens: so a list
    narrowed by moment reads the part of the index behind this id, and no index by moment is needed.
    """
    milliseconds = max(0, int((occurred_at - _AHEAD).timestamp() * 1000))
    return UUID(int=milliseconds << 80)


def same_person(person_id: UUID) -> list[UUID]:
    """Return all ids under which the history of this human being stands: his own, and those of joined numbers."""
    with connection.cursor() as cursor:
        cursor.execute(statement("orders", "same_person"), {"member": person_id})
        return [row[0] for row in cursor.fetchall()]


def find_receipt(merchant_id: UUID, number: str, kind: str) -> Receipt | None:
    """Return the identity of a "purchase" or "return" by the merchant's receipt number, or None."""
    return Receipt.objects.filter(pk=(merchant_id, number), kind=kind).first()


def get_purchase(
    purchase_id: UUID, *, merchant_id: UUID | None = None, member_id: UUID | None = None
) -> Purchase:
    """Return the purchase of this merchant or member (one of them at least is needed); refuses `not_found`."""
    return _one(Purchase.objects.filter(id=purchase_id), merchant_id, member_id)


def get_return(
    return_id: UUID, *, merchant_id: UUID | None = None, member_id: UUID | None = None
) -> ReturnRow:
    """Return the return of this merchant or member with its lines and matches; refuses `not_found`."""
    back = _one(Return.objects.filter(id=return_id), merchant_id, member_id)
    with connection.cursor() as cursor:
        cursor.execute(statement("orders", "return_lines"), (back.member_id, back.id))
        lines = [ReturnedPart(*row) for row in cursor.fetchall()]
        cursor.execute(statement("orders", "return_matches"), (back.member_id, back.id))
        matches = [ReturnedPart(*row) for row in cursor.fetchall()]
    return ReturnRow(back, lines, matches)


def _one(rows: "QuerySet[R]", merchant_id: UUID | None, member_id: UUID | None) -> R:
    assert merchant_id or member_id, "no index finds a purchase by its id alone"
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if member_id is not None:
        rows = rows.filter(member_id__in=same_person(member_id))
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def list_purchases(
    *,
    merchant_id: UUID | None = None,
    member_id: UUID | None = None,
    receipt: str | None = None,
    store_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Purchase]:
    """Return purchases, the last recorded first; `until` is the first moment after. A merchant or member is needed.

    Narrowed by store or moment, at most 1,000 are looked at for a page: it may be short, even empty, and yet go on.
    Refuses `cursor_invalid`.
    """

    def fits(row: Purchase) -> bool:
        return (store_id is None or row.store_id == store_id) and _within(row.occurred_at, since, until)

    rows = _narrowed(Purchase.objects.all(), merchant_id, member_id, receipt, since)
    return _page(rows, fits if store_id or since or until else None, cursor, limit)


def list_returns(
    *,
    merchant_id: UUID | None = None,
    member_id: UUID | None = None,
    receipt: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Return]:
    """Return returns, as `list_purchases` does purchases."""

    def fits(row: Return) -> bool:
        return _within(row.occurred_at, since, until)

    rows = _narrowed(Return.objects.all(), merchant_id, member_id, receipt, since)
    return _page(rows, fits if since or until else None, cursor, limit)


def _within(moment: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or moment >= since) and (until is None or moment < until)


def _narrowed(
    rows: "QuerySet[R]",
    merchant_id: UUID | None,
    member_id: UUID | None,
    receipt: str | None,
    since: datetime | None,
) -> "QuerySet[R]":
    assert merchant_id or member_id, "no index leads to everybody's purchases"
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if member_id is not None:
        rows = rows.filter(member_id__in=same_person(member_id))
    if receipt is not None:
        kind = "purchase" if rows.model is Purchase else "return"
        named = Receipt.objects.filter(number=receipt, kind=kind)
        if merchant_id is not None:
            rows = rows.filter(id__in=named.filter(merchant_id=merchant_id).values("object_id"))
        else:
            rows = rows.filter(receipt_number=receipt)
    if since is not None:
        rows = rows.filter(id__gte=earliest_id(since))
    return rows.order_by("-id")


def _page(rows: "QuerySet[R]", fits: Callable[[R], bool] | None, cursor: str | None, limit: int) -> Page[R]:
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    if fits is None:
        return page_of(list(rows[: limit + 1]), limit=limit, key=lambda row: row.id)
    found: list[R] = []
    looked = 0
    for row in rows[:_WINDOW]:
        looked += 1
        if fits(row):
            found.append(row)
        if len(found) > limit:
            return Page(found[:limit], cursor_of(found[limit - 1].id))
    goes_on = looked == _WINDOW
    return Page(found, cursor_of(row.id) if goes_on else None)


def list_lines(purchase: Purchase) -> list[BoughtLine]:
    """Return the lines of a purchase in their order."""
    with connection.cursor() as cursor:
        cursor.execute(statement("orders", "bought_lines"), (purchase.member_id, purchase.id))
        return [BoughtLine(*row) for row in cursor.fetchall()]


def list_returns_of(purchase: Purchase) -> list[tuple[Return, int, int]]:
    """Return what came back of a purchase: the return, the pieces and the points that were taken from this purchase."""
    with connection.cursor() as cursor:
        members = same_person(purchase.member_id)
        cursor.execute(statement("orders", "returns_of"), {"members": members, "purchase": purchase.id})
        rows = cursor.fetchall()
    backs = {
        back.id: back
        for back in Return.objects.filter(member_id__in=members, id__in=[row[0] for row in rows])
    }
    return [(backs[return_id], quantity, points) for return_id, quantity, points in rows]


def receipts_by_id(merchant_id: UUID, purchase_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the receipt numbers of those of these purchases that are the merchant's."""
    rows = Purchase.objects.filter(merchant_id=merchant_id, id__in=list(purchase_ids))
    return dict(rows.values_list("id", "receipt_number"))


def list_imports(merchant_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Import]:
    """Return a merchant's imports, newest first. Refuses `cursor_invalid`."""
    rows = Import.objects.filter(merchant_id=merchant_id).order_by("-id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda row: row.id)


def list_running_imports(*, most: int = 50) -> list[Import]:
    """Return the imports of all merchants that are not finished, newest first."""
    return list(Import.objects.filter(finished_at__isnull=True).order_by("-id")[:most])


def get_import(import_id: UUID, *, merchant_id: UUID | None = None) -> Import:
    """Return the import, of that merchant where one is given; refuses `not_found`."""
    rows = Import.objects.filter(pk=import_id)
    found = (rows.filter(merchant_id=merchant_id) if merchant_id else rows).first()
    if found is None:
        raise NotFound
    return found


def list_faults(import_id: UUID, *, after_line: int = 0, limit: int = 200) -> list[ImportFault]:
    """Return what was wrong in an import, by line, behind line `after_line`."""
    rows = ImportFault.objects.filter(import_id=import_id, line_no__gt=after_line)
    return list(rows.order_by("line_no")[:limit])


def export_person(person_id: UUID) -> dict[str, object]:
    """Return everything this room keeps about the person, as plain JSON values."""
    ids = same_person(person_id)
    purchases = Purchase.objects.filter(member_id__in=ids).order_by("id")
    returns = Return.objects.filter(member_id__in=ids).order_by("id")
    return {
        "purchases": [
            {
                "merchant": str(row.merchant_id),
                "receipt": row.receipt_number,
                "at": row.occurred_at.isoformat(),
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "points": row.points,
                "lines": [
                    [line.sku, line.name, line.quantity, line.amount_minor] for line in list_lines(row)
                ],
            }
            for row in purchases.iterator(chunk_size=500)
        ],
        "returns": [
            {
                "merchant": str(row.merchant_id),
                "receipt": row.receipt_number,
                "at": row.occurred_at.isoformat(),
                "points": row.points,
            }
            for row in returns.iterator(chunk_size=500)
        ],
    }
