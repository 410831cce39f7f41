"""Checks what must always hold (spec/ledger.md) on a live database: set-based, in ranges of keys, in flat memory."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.ids import show_id
from tessera.kit.sql import statement

__all__ = ["PHASES", "Fault", "Watch", "audit", "expected_sizes"]

PHASES = ("accounts", "transfers", "days")
"""Entries by account, then by transfer, then by day."""

Watch = Callable[[str, int], None]
"""Told of progress: a phase, and how many more entries it has seen."""

Connection = psycopg.Connection[Any]

_PAGE = 5_000
_RANGE = 50_000
_NIL = UUID(int=0)
_LAST = UUID(int=2**128 - 1)
_HASH = 32
_PRINT = 8
_LOOK_AHEAD = 64

_SETTINGS = (
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL jit = off;"
    " SET LOCAL enable_seqscan = off; SET LOCAL work_mem = '64MB'"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: its kind, where, what was expected and what was found.

    Where: the account, the transfer, or `place` (a day, a unit, a table).
    """

    kind: str
    account_id: UUID | None = None
    transfer_id: UUID | None = None
    expected: int | str | None = None
    found: int | str | None = None
    place: str = ""

    def __str__(self) -> str:
        where = [
            self.place,
            show_id("acc", self.account_id) if self.account_id else "",
            show_id("txn", self.transfer_id) if self.transfer_id else "",
        ]
        said = f": expected {self.expected}, found {self.found}" if self.expected != self.found else ""
        return " ".join([self.kind, *filter(None, where)]) + said


@dataclass(slots=True)
class _Tally:
    """What one phase must tell another."""

    entries: int = 0
    legs: int = 0
    units: dict[UUID, int] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Account:
    id: UUID
    unit_id: UUID
    hot: bool
    balance: int
    entries: int


def audit(connection: Connection, *, watch: Watch | None = None) -> Iterator[Fault]:
    """Yield every fault of the ledger (none: all five invariants hold).

    Runs in the caller's transaction: REPEATABLE READ, or nobody else may be writing; no transaction, no audit.
    """
    connection.execute(_SETTINGS.encode())
    watch = watch or (lambda _phase, _entries: None)
    tally = _Tally()
    guards = [(str(kind), str(place)) for kind, place in connection.execute(_sql("audit_guards"))]
    yield from (Fault(kind, place=place) for kind, place in guards)
    yield from _check_accounts(connection, tally, watch)
    unique = all(kind != "request_ids_not_unique" for kind, _ in guards)
    yield from _check_transfers(connection, tally, watch, unique=unique)
    if tally.entries != tally.legs:
        for low, high, _ in _ranges(connection, _Tally()):
            yield from _faults(connection, "audit_strays", {"low": low, "high": high})
    for unit, total in sorted(tally.units.items()):
        if total:
            yield Fault("unit_not_zero", place=show_id("unt", unit), expected=0, found=total)
    yield from _check_days(connection, tally, watch)


def expected_sizes(connection: Connection) -> dict[str, int]:
    """Return about how many entries each phase will see (statistics, not a count)."""
    row = connection.execute(
        "SELECT greatest(reltuples, 0)::bigint, (SELECT coalesce(sum(entry_count), 0)::bigint FROM ledger_day_digest)"
        " FROM pg_class WHERE oid = 'ledger_entry'::regclass"
    ).fetchone()
    entries, chained = row or (0, 0)
    return dict(zip(PHASES, (entries, entries, chained), strict=True))


def _sql(name: str) -> str:
    return statement("ledger", name)


def _faults(connection: Connection, name: str, parameters: Any) -> list[Fault]:
    return [Fault(*row) for row in connection.execute(_sql(name), parameters)]


# --- accounts ---------------------------------------------------------------------------------------------------


def _list_accounts(connection: Connection, tally: _Tally) -> Iterator[_Account]:
    last = _NIL
    while rows := connection.execute(_sql("audit_page"), (last, _PAGE)).fetchall():
        for row in rows:
            account = _Account(*row)
            tally.units[account.unit_id] = tally.units.get(account.unit_id, 0) + account.balance
            yield account
        last = rows[-1][0]


def _ranges(connection: Connection, tally: _Tally) -> Iterator[tuple[UUID, UUID, _Account | None]]:
    """Cut all ids, known or not, into ranges of some 50,000 entries; a hot account is a range of its own."""
    low, size = _NIL, 0
    for account in _list_accounts(connection, tally):
        size += account.entries + 1
        if account.hot:
            before = UUID(int=account.id.int - 1)
            if before > low:
                yield low, before, None
            yield before, account.id, account
            low, size = account.id, 0
        elif size >= _RANGE:
            yield low, account.id, None
            low, size = account.id, 0
    yield low, _LAST, None


def _check_accounts(connection: Connection, tally: _Tally, watch: Watch) -> Iterator[Fault]:
    for low, high, hot in _ranges(connection, tally):
        if hot is None:
            visited, *faults = _faults(connection, "audit_accounts", {"low": low, "high": high})
            _count(tally, watch, int(visited.found or 0))
            yield from faults
        else:
            yield from _check_hot(connection, hot, tally, watch)
        yield from _faults(connection, "audit_lots", {"low": low, "high": high})


def _check_hot(connection: Connection, account: _Account, tally: _Tally, watch: Watch) -> Iterator[Fault]:
    total = entries = 0
    transfer, owner = _NIL, _NIL
    while True:
        row = connection.execute(_sql("audit_hot"), (account.id, transfer, owner, _RANGE)).fetchone()
        if row is None or row[0] == 0:
            break
        entries += row[0]
        total += row[1]
        transfer, owner = UUID(row[2][:36]), UUID(row[2][36:])
        _count(tally, watch, row[0])
    if total != account.balance:
        yield Fault("balance_wrong", account.id, expected=total, found=account.balance)
    if entries != account.entries:
        yield Fault("entry_count_wrong", account.id, expected=entries, found=account.entries)


def _count(tally: _Tally, watch: Watch, entries: int) -> None:
    tally.entries += entries
    watch("accounts", entries)


# --- transfers --------------------------------------------------------------------------------------------------


def _check_transfers(connection: Connection, tally: _Tally, watch: Watch, *, unique: bool) -> Iterator[Fault]:
    owner, transfer = _NIL, _NIL
    if not unique:
        yield from _faults(connection, "audit_requests", ())
    while True:
        position = {"owner": owner, "transfer": transfer, "most": _PAGE}
        rows = connection.execute(_sql("audit_transfers"), position).fetchall()
        _, last_owner, last_transfer, transfers, legs, days = rows[0]
        if transfers == 0:
            return
        yield from (Fault(*row[:-1]) for row in rows[1:])
        owner, transfer = last_owner, last_transfer
        tally.legs += legs
        tally.days.update(days)
        watch("transfers", legs)


# --- days -------------------------------------------------------------------------------------------------------


def _check_days(connection: Connection, tally: _Tally, watch: Watch) -> Iterator[Fault]:
    before = bytes(_HASH)
    closed: list[date] = []
    rows = connection.execute(
        "SELECT day, previous, digest, entry_count FROM ledger_day_digest ORDER BY day"
    ).fetchall()
    for day, previous, digest, entries in rows:
        if bytes(previous) != before:
            yield Fault("chain_broken", place=str(day), expected=before.hex(), found=bytes(previous).hex())
        yield from _check_day(connection, day, bytes(previous), bytes(digest), entries, watch)
        before = bytes(digest)
        closed.append(day)
    for day in sorted(tally.days.difference(closed)):
        if closed and day < closed[-1]:
            yield Fault("day_not_closed", place=str(day))


def _check_day(
    connection: Connection, day: date, previous: bytes, digest: bytes, entries: int, watch: Watch
) -> Iterator[Fault]:
    chained, seen, next_number = previous, 0, 0
    with connection.cursor(name="audit_day") as chunks:
        chunks.itersize = 8
        chunks.execute(_sql("audit_chunks"), (day,))
        for number, count, hashes in chunks:
            prints = b"".join(hashes[at : at + _PRINT] for at in range(0, len(hashes), _HASH))
            kept, kept_digest = _kept_chunk(connection, day, number)
            if kept != prints:
                yield _named_difference(connection, day, number, kept, prints)
                return
            chained = hashlib.sha256(chained + hashes).digest()
            if chained != kept_digest:
                yield Fault(
                    "chunk_digest_wrong",
                    place=f"{day}/{number}",
                    expected=chained.hex(),
                    found=kept_digest.hex(),
                )
                chained = kept_digest
            seen += count
            next_number = number + 1
            watch("days", count)
    kept, _ = _kept_chunk(connection, day, next_number)
    if kept:
        yield _named_difference(connection, day, next_number, kept, b"")
        return
    if chained != digest:
        yield Fault("day_digest_wrong", place=str(day), expected=chained.hex(), found=digest.hex())
    if seen != entries:
        yield Fault("day_count_wrong", place=str(day), expected=seen, found=entries)


def _kept_chunk(connection: Connection, day: date, number: int) -> tuple[bytes, bytes]:
    row = connection.execute(
        "SELECT fingerprints, digest FROM ledger_digest_chunk WHERE day = %s AND number = %s", (day, number)
    ).fetchone()
    return (bytes(row[0]), bytes(row[1])) if row else (b"", b"")


def _named_difference(connection: Connection, day: date, number: int, kept: bytes, prints: bytes) -> Fault:
    """Name the first entry of the day that was changed, put in or taken out, by the fingerprints around it."""
    at = 0
    while at < min(len(kept), len(prints)) and kept[at : at + _PRINT] == prints[at : at + _PRINT]:
        at += _PRINT
    place = number * 4096 + at // _PRINT + 1
    around = connection.execute(_sql("audit_place"), (day, place, place + _LOOK_AHEAD - 1)).fetchall()
    is_now = [bytes(row[2]) for row in around]
    was = _split(kept[at:] + _kept_chunk(connection, day, number + 1)[0])[:_LOOK_AHEAD]
    account, transfer = around[0][:2] if around else (None, None)
    where = f"{day} entry {place}"
    if was and (not is_now or is_now[0] in was):
        return Fault("entry_taken_out", place=where, expected=was[0].hex(), found="nothing")
    if not was or was[0] in is_now:
        return Fault(
            "entry_put_in", account, transfer, place=where, expected="nothing", found=is_now[0].hex()
        )
    return Fault(
        "entry_changed", account, transfer, place=where, expected=was[0].hex(), found=is_now[0].hex()
    )


def _split(prints: bytes) -> Sequence[bytes]:
    return [prints[at : at + _PRINT] for at in range(0, len(prints), _PRINT)]
