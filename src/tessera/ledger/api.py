"""The ledger over the API, read only: balances, entries, transfers, lots, liabilities, digests.

Balances change through what happens in shops (purchases, redemptions), never by an address of the ledger. A merchant's
key sees its own unit alone: of a member it does not know, it sees what it sees of one who never had a point.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import KnownRequest, answer, require
from tessera.kit.errors import NotFound
from tessera.kit.fields import Cursor, Limit, ListOut, Name
from tessera.kit.ids import parse_id, show_id
from tessera.ledger import queries

__all__ = ["router"]

router = Router(tags=["ledger"])

_CHUNKS_A_PAGE = 8


class BalanceOut(BaseModel):
    """What a member has of one unit; balance = available + pending + expired (past its end, not yet swept)."""

    unit: str
    unit_kind: str
    unit_code: str
    exponent: int
    balance: int
    available: int
    pending: int
    expired: int
    owed: int
    next_expiry_amount: int | None
    next_expiry_at: datetime | None


class EntryOut(BaseModel):
    """One entry of a member's account; `digest_line` is what its hash in the day's digest is made of."""

    transfer: str
    account: str
    unit: str
    purpose: str
    amount: int
    balance_after: int | None
    seq: int | None
    booked_on: date
    kind: str
    request_id: str
    reverses: str | None
    reference_kind: str
    reference_id: UUID | None
    rule_version: str
    reason: str
    occurred_at: datetime
    posted_at: datetime
    digest_line: str


class LotMoveOut(BaseModel):
    """What a transfer took from a lot (negative) or put back into it."""

    account: str
    lot_transfer: str
    lot_part: int
    amount: int


class TransferOut(BaseModel):
    """A transfer with the entries and lots that this key may see."""

    id: str
    kind: str
    amount: int
    request_id: str
    reverses: str | None
    reversed_by: list[str]
    actor: str
    occurred_at: datetime
    posted_at: datetime
    booked_on: date
    entries: list[EntryOut]
    lot_moves: list[LotMoveOut]


class LotOut(BaseModel):
    """Points that came together; `remaining` of `amount` are left."""

    transfer: str
    part: int
    amount: int
    remaining: int
    earned_at: datetime
    active_from: datetime
    expires_at: datetime | None


class LiabilityOut(BaseModel):
    """A merchant's points: with its members, owed by members, expired."""

    merchant: str
    outstanding: int
    receivable: int
    breakage: int


class DigestOut(BaseModel):
    """A closed day's link of the chain (SHA-256, hexadecimal)."""

    day: date
    previous: str
    digest: str
    entry_count: int
    closed_at: datetime


class ChunkOut(BaseModel):
    """Up to 4,096 entries of a day in their order: the digest after them, the first 8 bytes of each one's hash."""

    number: int
    entry_count: int
    digest: str
    fingerprints: str = Field(description="16 hexadecimal digits an entry, one behind the other")


def _unit_for(actor: Actor, unit: str | None) -> UUID | None:
    """Return the unit to show: a merchant's key sees its own, whose id is the merchant's."""
    if actor.merchant_id is None:
        return parse_id("unt", unit) if unit else None
    if unit and parse_id("unt", unit) != actor.merchant_id:
        raise NotFound
    return actor.merchant_id


def _entry(row: queries.EntryRow) -> EntryOut:
    return EntryOut(
        transfer=show_id("txn", row.transfer_id),
        account=show_id("acc", row.account_id),
        unit=show_id("unt", row.unit_id),
        purpose=row.purpose,
        amount=row.amount,
        balance_after=row.balance_after,
        seq=row.seq,
        booked_on=row.booked_on,
        kind=row.kind,
        request_id=row.request_id,
        reverses=show_id("txn", row.reverses) if row.reverses else None,
        reference_kind=row.reference_kind,
        reference_id=row.reference_id,
        rule_version=row.rule_version,
        reason=row.reason,
        occurred_at=row.occurred_at,
        posted_at=row.posted_at,
        digest_line=queries.entry_digest_line(row),
    )


@router.get("/members/{person}/balances", response=ListOut[BalanceOut], summary="Read a member's balances")
def list_balances(request: KnownRequest, person: str, unit: Name | None = None) -> HttpResponse:
    """One line for each unit that the member ever had. Needs the scope `ledger:read`."""
    actor = require(request, "ledger:read")
    rows = queries.get_balances(parse_id("per", person), clock.now(), unit_id=_unit_for(actor, unit))
    items = [
        BalanceOut(
            unit=show_id("unt", row.unit_id),
            unit_kind=row.unit_kind,
            unit_code=row.unit_code,
            exponent=row.exponent,
            balance=row.balance,
            available=row.available,
            pending=row.pending,
            expired=row.expired,
            owed=row.owed,
            next_expiry_amount=row.next_amount,
            next_expiry_at=row.next_at,
        )
        for row in rows
    ]
    return answer(ListOut[BalanceOut](items=items, next_cursor=None))


@router.get("/members/{person}/entries", response=ListOut[EntryOut], summary="List a member's entries")
def list_entries(
    request: KnownRequest,
    person: str,
    unit: Name | None = None,
    kind: Name | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 20,
) -> HttpResponse:
    """Newest first. A page of one kind may be short and yet go on: follow `next_cursor`. Needs `ledger:read`."""
    actor = require(request, "ledger:read")
    page = queries.list_entries(
        parse_id("per", person),
        _unit_for(actor, unit),
        kinds=[kind] if kind else None,
        cursor=cursor,
        limit=limit,
    )
    return answer(ListOut[EntryOut](items=[_entry(row) for row in page.items], next_cursor=page.next_cursor))


@router.get("/members/{person}/transfers/{transfer}", response=TransferOut, summary="Read a transfer")
def read_transfer(request: KnownRequest, person: str, transfer: str) -> HttpResponse:
    """With its entries, what it took from which lots, and what undid it. Needs the scope `ledger:read`."""
    actor = require(request, "ledger:read")
    found = queries.get_transfer(
        parse_id("per", person), parse_id("txn", transfer), unit_id=_unit_for(actor, None)
    )
    row = found.transfer
    body = TransferOut(
        id=show_id("txn", row.id),
        kind=row.kind,
        amount=row.amount,
        request_id=row.request_id,
        reverses=show_id("txn", row.reverses) if row.reverses else None,
        reversed_by=[show_id("txn", other) for other in found.reversed_by],
        actor=row.actor,
        occurred_at=row.occurred_at,
        posted_at=row.posted_at,
        booked_on=row.booked_on,
        entries=[_entry(entry) for entry in found.entries],
        lot_moves=[
            LotMoveOut(
                account=show_id("acc", move.account_id),
                lot_transfer=show_id("txn", move.lot_transfer_id),
                lot_part=move.lot_part,
                amount=move.amount,
            )
            for move in found.lot_moves
        ],
    )
    return answer(body)


@router.get("/members/{person}/lots/{unit}", response=ListOut[LotOut], summary="List a member's lots")
def list_lots(
    request: KnownRequest,
    person: str,
    unit: str,
    show: Literal["open", "all"] = "open",
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Newest first; `show=all` with those that are spent. Needs the scope `ledger:read`."""
    actor = require(request, "ledger:read")
    unit_id = _unit_for(actor, unit) or parse_id("unt", unit)
    page = queries.list_lots(
        parse_id("per", person), unit_id, spent=show == "all", cursor=cursor, limit=limit
    )
    items = [
        LotOut(
            transfer=show_id("txn", lot.transfer_id),
            part=lot.part,
            amount=lot.amount,
            remaining=lot.remaining,
            earned_at=lot.earned_at,
            active_from=lot.active_from,
            expires_at=lot.expires_at,
        )
        for lot in page.items
    ]
    return answer(ListOut[LotOut](items=items, next_cursor=page.next_cursor))


@router.get("/merchants/{merchant}/liability", response=LiabilityOut, summary="Read a merchant's liability")
def read_liability(request: KnownRequest, merchant: str) -> HttpResponse:
    """What the merchant's points stand at. Needs the scope `ledger:read`."""
    merchant_id = parse_id("mer", merchant)
    require(request, "ledger:read", merchant_id=merchant_id)
    row = queries.get_issued(merchant_id)
    body = LiabilityOut(
        merchant=show_id("mer", merchant_id),
        outstanding=row.outstanding,
        receivable=row.receivable,
        breakage=row.breakage,
    )
    return answer(body)


@router.get("/ledger/digests", response=ListOut[DigestOut], summary="List the digests of closed days")
def list_digests(request: KnownRequest, cursor: Cursor | None = None, limit: Limit = 50) -> HttpResponse:
    """Newest first; keep them, and nobody can change the past unnoticed. Needs the scope `ledger:read`."""
    require(request, "ledger:read")
    page = queries.list_digests(cursor=cursor, limit=limit)
    items = [
        DigestOut(
            day=row.day,
            previous=bytes(row.previous).hex(),
            digest=bytes(row.digest).hex(),
            entry_count=row.entry_count,
            closed_at=row.closed_at,
        )
        for row in page.items
    ]
    return answer(ListOut[DigestOut](items=items, next_cursor=page.next_cursor))


@router.get(
    "/ledger/digests/{day}/chunks", response=ListOut[ChunkOut], summary="List the chunks of a closed day"
)
def list_digest_chunks(
    request: KnownRequest, day: date, first: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0
) -> HttpResponse:
    """Up to 8 chunks from number `first`; a day that is not closed has none. Needs the scope `ledger:read`."""
    require(request, "ledger:read")
    rows = queries.list_digest_chunks(day, first=first, limit=_CHUNKS_A_PAGE)
    items = [
        ChunkOut(
            number=row.number,
            entry_count=row.entry_count,
            digest=bytes(row.digest).hex(),
            fingerprints=bytes(row.fingerprints).hex(),
        )
        for row in rows
    ]
    return answer(ListOut[ChunkOut](items=items, next_cursor=None))
