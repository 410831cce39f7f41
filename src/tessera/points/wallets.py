"""A member's wallet as pages show it: points per merchant and what moved them, put together from several reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.ledger.queries import Balance, EntryRow, LotRow, get_balances, list_entries, list_lots
from tessera.merchants.queries import NamedMerchant, merchants_by_id

__all__ = [
    "Lot",
    "Movement",
    "Purse",
    "Wallet",
    "export_person",
    "get_purse",
    "get_wallet",
    "list_movements",
    "movement_address",
]

_LATEST = 6
_PAGE = 20
_MOST_LOTS = 60
_EXPORTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Purse:
    """What a member has of one merchant's points."""

    merchant: NamedMerchant
    balance: Balance


@dataclass(frozen=True, slots=True)
class Lot:
    """Points of one merchant that came together, or several times with the same end: how many are left, and until when."""

    points: int
    earned_at: datetime
    active_from: datetime
    expires_at: datetime | None
    is_pending: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer in a member's history: `points` on the wallet, `owed` on what is owed; `address` tells why."""

    merchant: NamedMerchant
    kind: str
    points: int
    owed: int
    occurred_at: datetime
    posted_at: datetime
    reason: str
    address: str


@dataclass(frozen=True, slots=True)
class Wallet:
    """All of a member's points as of a moment, the purses with most first, and the latest movements."""

    purses: Sequence[Purse]
    movements: Sequence[Movement]
    ending: Sequence[Purse]

    @property
    def available(self) -> int:
        """How many points can be spent now, at all merchants together."""
        return sum(purse.balance.available for purse in self.purses)

    @property
    def pending(self) -> int:
        """How many points are on their way."""
        return sum(purse.balance.pending for purse in self.purses)

    @property
    def owed(self) -> int:
        """How many points are owed."""
        return sum(purse.balance.owed for purse in self.purses)


def get_wallet(person_id: UUID, *, now: datetime, ending_before: datetime) -> Wallet:
    """Return the person's wallet as of `now`; `ending` are the purses of which something ends before `ending_before`."""
    balances = [one for one in get_balances(person_id, now) if one.unit_kind == "points"]
    entries = list_entries(person_id, limit=_LATEST * 2).items
    named = merchants_by_id([*(one.unit_id for one in balances), *(one.unit_id for one in entries)])
    purses = [Purse(named[one.unit_id], one) for one in balances if one.unit_id in named]
    ending = [one for one in purses if one.balance.next_at and one.balance.next_at < ending_before]
    return Wallet(
        purses=sorted(purses, key=lambda one: (-one.balance.available, one.merchant.name)),
        movements=_grouped(entries, named)[:_LATEST],
        ending=sorted(ending, key=lambda one: one.balance.next_at or now),
    )


def get_purse(person_id: UUID, merchant: NamedMerchant, *, now: datetime) -> tuple[Purse, Sequence[Lot]]:
    """Return what the person has of the merchant's points (zeros where never any), and the lots by their end."""
    found = get_balances(person_id, now, unit_id=merchant.id)
    balance = found[0] if found else Balance(merchant.id, "points", "", 0, 0, 0, 0, 0, 0, None, None)
    lots = list_lots(person_id, merchant.id, limit=_MOST_LOTS).items if found else []
    open_lots = [lot for lot in lots if lot.expires_at is None or lot.expires_at > now]
    return Purse(merchant, balance), _by_end(open_lots, now)


def find_latest(person_id: UUID, *, since: datetime) -> Movement | None:
    """Return what moved the person's points last, if that was after `since`."""
    entries = [one for one in list_entries(person_id, limit=2).items if one.posted_at >= since]
    moved = _grouped(entries, merchants_by_id([one.unit_id for one in entries]))
    return moved[0] if moved else None


def list_movements(
    person_id: UUID, merchant: NamedMerchant, *, cursor: str | None
) -> tuple[Sequence[Movement], str | None]:
    """Return a page of what moved the person's points of one merchant, newest first, and the cursor of the next one.

    Refuses `cursor_invalid`.
    """
    page = list_entries(person_id, merchant.id, cursor=cursor, limit=_PAGE)
    return _grouped(page.items, {merchant.id: merchant}), page.next_cursor


def movement_address(entry: EntryRow) -> str:
    """Return where a movement explains itself: the receipt of the purchase or return, else the transfer's own page."""
    if entry.reference_kind == "purchase" and entry.reference_id:
        return f"/receipts/{show_id('pur', entry.reference_id)}"
    if entry.reference_kind == "return" and entry.reference_id:
        return f"/receipts/{show_id('rtn', entry.reference_id)}"
    return f"/receipts/{show_id('txn', entry.transfer_id)}"


def export_person(person_id: UUID) -> dict[str, object]:
    """Return the person's points and every movement of them, as plain JSON values."""
    balances = get_balances(person_id, clock.now())
    moved: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        page = list_entries(person_id, cursor=cursor, limit=_EXPORTED_AT_ONCE)
        moved += [_exported(entry) for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return {
        "balances": [
            {
                "merchant": str(one.unit_id),
                "available": one.available,
                "pending": one.pending,
                "owed": one.owed,
                "next_to_end": one.next_amount,
                "next_end": one.next_at and one.next_at.isoformat(),
            }
            for one in balances
        ],
        "movements": moved,
    }


def _exported(entry: EntryRow) -> dict[str, object]:
    return {
        "merchant": str(entry.unit_id),
        "account": entry.purpose,
        "kind": entry.kind,
        "points": entry.amount,
        "at": entry.occurred_at.isoformat(),
        "reason": entry.reason,
    }


def _grouped(entries: Sequence[EntryRow], named: dict[UUID, NamedMerchant]) -> list[Movement]:
    found = []
    for (_, unit_id), legs in groupby(entries, key=lambda entry: (entry.transfer_id, entry.unit_id)):
        rows = list(legs)
        if unit_id in named:
            found.append(
                Movement(
                    merchant=named[unit_id],
                    kind=rows[0].kind,
                    points=sum(row.amount for row in rows if row.purpose != "owed"),
                    owed=sum(row.amount for row in rows if row.purpose == "owed"),
                    occurred_at=rows[0].occurred_at,
                    posted_at=rows[0].posted_at,
                    reason=rows[0].reason,
                    address=movement_address(rows[0]),
                )
            )
    return found


def _by_end(lots: Sequence[LotRow], now: datetime) -> list[Lot]:
    """Return lots with the same terms as one, those that end first at the head, those that never end last."""

    def terms(lot: LotRow) -> tuple[bool, datetime, datetime]:
        waits = max(lot.active_from, now)
        return lot.expires_at is None, lot.expires_at or now, waits

    found = []
    for (_, _, active_from), same in groupby(sorted(lots, key=terms), key=terms):
        together = list(same)
        found.append(
            Lot(
                points=sum(lot.remaining for lot in together),
                earned_at=max(lot.earned_at for lot in together),
                active_from=active_from,
                expires_at=together[0].expires_at,
                is_pending=active_from > now,
            )
        )
    return found
