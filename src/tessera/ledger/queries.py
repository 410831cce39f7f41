"""Reads of the ledger. What a member looks at daily takes a few index reads, however long the history is.

Checking a statement against the digests: `entry_digest_line` gives the line of each entry; its SHA-256 is the entry's
hash, whose first eight bytes stand among the fingerprints of the entry's day. The entries of a day are ordered by
(account_id, transfer_id, owner_id), as bytes, and cut into chunks of 4,096. A chunk's digest is the SHA-256 of the
digest before it and the hashes of the chunk, one behind the other; before a day's first chunk stands the digest of the
day closed before (32 zero bytes before the first of all). The digest of a day is that of its last chunk.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.paging import Page
from tessera.kit.sql import statement
from tessera.ledger.models import DayDigest, DigestChunk, Entry, Lot, LotMove, Transfer

__all__ = [
    "Balance",
    "EntryRow",
    "Issued",
    "LotRow",
    "TransferRow",
    "entry_digest_line",
    "get_balances",
    "get_issued",
    "get_transfer",
    "list_digest_chunks",
    "list_digests",
    "list_entries",
    "list_lots",
    "list_lots_made_by",
]

T = TypeVar("T")

_LAST = UUID(int=2**128 - 1)
_WINDOW = 1000
"""Most rows looked at for one filtered page: a rare kind gives short pages, not long waits."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an owner has of one unit. `balance` = `available` + `pending` + `expired` (past its end, not yet swept).

    `owed` is what was clawed back but spent before. `next_amount` expires at `next_at`, the earliest end to come.
    """

    unit_id: UUID
    unit_kind: str
    unit_code: str
    exponent: int
    balance: int
    available: int
    pending: int
    expired: int
    owed: int
    next_amount: int | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry with the transfer it belongs to."""

    transfer_id: UUID
    account_id: UUID
    owner_id: UUID
    amount: int
    balance_after: int | None
    seq: int | None
    booked_on: date
    unit_id: UUID
    purpose: str
    kind: str
    transfer_amount: int
    request_id: str
    reverses: UUID | None
    reference_kind: str
    reference_id: UUID | None
    rule_version: str
    reason: str
    actor: str
    occurred_at: datetime
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer whole: its entries on all accounts, what it took from lots and put into them, and its reversals."""

    transfer: Transfer
    entries: Sequence[EntryRow]
    lot_moves: Sequence[LotMove]
    reversed_by: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class LotRow:
    """Points that came together; `remaining` of `amount` are left. `part` tells the lots of one transfer apart."""

    account_id: UUID
    transfer_id: UUID
    part: int
    owner_id: UUID
    funder_id: UUID | None
    amount: int
    remaining: int
    cost_minor: int
    earned_at: datetime
    active_from: datetime
    expires_at: datetime | None
    origin_transfer_id: UUID | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A merchant's points: `outstanding` with its members (the liability), owed by them, and expired in all."""

    merchant_id: UUID
    outstanding: int
    receivable: int
    breakage: int


def get_balances(owner_id: UUID, now: datetime, *, unit_id: UUID | None = None) -> list[Balance]:
    """Return what a member has, per unit (none: he never had any), or of `unit_id` alone, as of `now`."""
    rows = _rows("SELECT * FROM ledger_read_balances_v1(%s, %s, %s)", [owner_id, unit_id, now])
    return [
        Balance(
            unit, kind, code, exponent, total, total - pending - expired, pending, expired, owed, amount, ends
        )
        for unit, kind, code, exponent, total, owed, pending, expired, ends, amount in rows
    ]


def list_entries(
    owner_id: UUID,
    unit_id: UUID | None = None,
    *,
    kinds: Collection[str] | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[EntryRow]:
    """Return an owner's entries, newest first; `unit_id` and `kinds` narrow them.

    At most 1,000 entries are looked at for a page of certain kinds: it may be short, even empty, and yet go on.
    Refuses `cursor_invalid`.
    """
    transfer, account = _two_ids(cursor) if cursor else (_LAST, _LAST)
    window = limit + 1 if kinds is None else _WINDOW
    rows = _rows(
        "SELECT * FROM ledger_read_entries_v1(%s, %s, %s, %s, %s, %s::text[], %s)",
        [owner_id, unit_id, transfer, account, window, None if kinds is None else list(kinds), limit + 1],
    )
    return _page(rows, EntryRow, limit, lambda row: row.transfer_id.bytes + row.account_id.bytes)


def get_transfer(owner_id: UUID, transfer_id: UUID, *, unit_id: UUID | None = None) -> TransferRow:
    """Return a transfer of this owner's history; of `unit_id` alone where given. Refuses `not_found`."""
    transfer = Transfer.objects.filter(owner_id=owner_id, id=transfer_id).first()
    if transfer is None:
        raise NotFound
    accounts = _accounts_of(transfer.account_ids)
    entries = [
        _entry_row(entry, transfer, *accounts[entry.account_id])
        for entry in Entry.objects.filter(
            account_id__in=transfer.account_ids, transfer_id=transfer_id, owner_id=owner_id
        )
        if unit_id in (None, accounts[entry.account_id][0])
    ]
    if not entries:
        raise NotFound
    seen = {entry.account_id for entry in entries}
    moves = LotMove.objects.filter(owner_id=owner_id, transfer_id=transfer_id)
    undone = Transfer.objects.filter(owner_id=owner_id, reverses=transfer_id).order_by("id")
    return TransferRow(
        transfer=transfer,
        entries=sorted(entries, key=lambda entry: (entry.amount > 0, entry.account_id)),
        lot_moves=[move for move in moves if move.account_id in seen],
        reversed_by=list(undone.values_list("id", flat=True)),
    )


def get_issued(merchant_id: UUID) -> Issued:
    """Return what a merchant's points stand at; zeros where none were ever given (spec/ledger.md, Account)."""
    sums: dict[str, int] = dict(_rows(statement("ledger", "issued"), [merchant_id, merchant_id]))
    receivable = sums.pop("receivable", 0)
    return Issued(merchant_id, -sum(sums.values()), -receivable, sums.get("breakage", 0))


def list_lots(
    owner_id: UUID, unit_id: UUID, *, spent: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[LotRow]:
    """Return the lots of a wallet, newest first; without `spent`, those in which something is left.

    At most 1,000 lots are looked at for a page: it may be short and yet go on. Refuses `cursor_invalid`.
    """
    transfer, part = (_LAST, 2**15 - 1)
    if cursor:
        key = _bytes_of(cursor, 18)
        transfer, part = UUID(bytes=key[:16]), int.from_bytes(key[16:], "big")
        if part > 2**15 - 1:
            raise CursorInvalid
    rows = _rows(
        "SELECT * FROM ledger_read_lots_v1(%s, %s, %s, %s::smallint, %s, %s, %s)",
        [owner_id, unit_id, transfer, part, limit + 1 if spent else _WINDOW, spent, limit + 1],
    )
    return _page(rows, LotRow, limit, lambda row: row.transfer_id.bytes + row.part.to_bytes(2, "big"))


def list_lots_made_by(owner_id: UUID, transfer_ids: Collection[UUID]) -> list[Lot]:
    """Return the lots that `owner_id` holds from these transfers, those that came along by a joining included."""
    made = Lot.objects.filter(
        account_id__in=[
            row[0] for row in _rows("SELECT id FROM ledger_account WHERE owner_id = %s", [owner_id])
        ],
        transfer_id__in=transfer_ids,
    )
    joined = Lot.objects.filter(owner_id=owner_id, origin_transfer_id__in=transfer_ids)
    return sorted([*made, *joined], key=lambda lot: (lot.transfer_id, lot.part))


def list_digests(*, cursor: str | None = None, limit: int = 50) -> Page[DayDigest]:
    """Return the digests of the closed days, newest first. Refuses `cursor_invalid`."""
    days = DayDigest.objects.order_by("-day")
    if cursor:
        try:
            days = days.filter(day__lt=date.fromordinal(int.from_bytes(_bytes_of(cursor, 4), "big")))
        except (ValueError, OverflowError):
            raise CursorInvalid from None
    rows = list(days[: limit + 1])
    last = rows[limit - 1].day.toordinal().to_bytes(4, "big") if len(rows) > limit else None
    return Page(items=rows[:limit], next_cursor=None if last is None else _cursor(last))


def list_digest_chunks(day: date, *, first: int = 0, limit: int = 16) -> list[DigestChunk]:
    """Return up to `limit` chunks of a closed day, from number `first`: digests, and eight bytes of each entry's hash."""
    return list(DigestChunk.objects.filter(day=day, number__gte=first).order_by("number")[:limit])


def entry_digest_line(entry: EntryRow) -> str:
    """Return the line whose SHA-256 (of its UTF-8 bytes) is the entry's hash in the chain (see above).

    Parts, with "|" between them: "entry.1", account, transfer, owner of the transfer, amount, balance after, number on
    the account, day, then of the transfer: kind, amount, what it reverses, occurred and posted (microseconds since
    1970 UTC), request id. Ids are UUIDs in lower case with hyphens; what is not there is empty.
    """
    parts = (
        "entry.1", entry.account_id, entry.transfer_id, entry.owner_id, entry.amount, entry.balance_after, entry.seq,
        entry.booked_on.isoformat(), entry.kind, entry.transfer_amount, entry.reverses,
        _microseconds(entry.occurred_at), _microseconds(entry.posted_at), entry.request_id,
    )  # fmt: skip
    return "|".join("" if part is None else str(part) for part in parts)


def _microseconds(moment: datetime) -> int:
    past = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _rows(query: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _accounts_of(account_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    rows = _rows("SELECT id, unit_id, purpose FROM ledger_account WHERE id = ANY (%s)", [list(account_ids)])
    return {account: (unit, purpose) for account, unit, purpose in rows}


def _entry_row(entry: Entry, transfer: Transfer, unit_id: UUID, purpose: str) -> EntryRow:
    return EntryRow(
        entry.transfer_id, entry.account_id, entry.owner_id, entry.amount, entry.balance_after, entry.seq,
        entry.booked_on, unit_id, purpose, transfer.kind, transfer.amount, transfer.request_id, transfer.reverses,
        transfer.reference_kind, transfer.reference_id, transfer.rule_version, transfer.reason, transfer.actor,
        transfer.occurred_at, transfer.posted_at,
    )  # fmt: skip


def _page(
    rows: Sequence[tuple[Any, ...]], kind: Callable[..., T], limit: int, position: Callable[[T], bytes]
) -> Page[T]:
    """Make a page of rows whose last two columns say whether they match and whether more may follow behind them."""
    items = [kind(*row[:-2]) for row in rows if row[-2]]
    if len(items) > limit:
        return Page(items[:limit], _cursor(position(items[limit - 1])))
    if rows and rows[-1][-1]:
        return Page(items, _cursor(position(kind(*rows[-1][:-2]))))
    return Page(items, None)


def _cursor(position: bytes) -> str:
    return base64.urlsafe_b64encode(position).decode("ascii").rstrip("=")


def _bytes_of(cursor: str, length: int) -> bytes:
    try:
        position = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorInvalid from None
    if len(position) != length:
        raise CursorInvalid
    return position


def _two_ids(cursor: str) -> tuple[UUID, UUID]:
    position = _bytes_of(cursor, 32)
    return UUID(bytes=position[:16]), UUID(bytes=position[16:])
