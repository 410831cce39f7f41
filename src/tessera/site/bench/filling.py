"""A made-up history, as large as wanted, written by sets: what the ledger would hold after so many purchases.

Written as the database's owner, past the doors, because ten million entries through the doors take hours. What comes
out is a sound ledger (`tessera audit` finds nothing), spread over all members as purchases are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from tessera.kit.sql import statement

__all__ = ["Fill", "fill"]

_CHUNK = 250_000
_MANY = 500_000
_TABLES = (
    "ledger_transfer", "ledger_entry", "ledger_lot",
    "orders_receipt", "orders_purchase", "orders_purchase_line", "kit_request",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fill:
    """What to write: so many purchases (two entries each), by the members whose customer numbers are M`first` to M`last`.

    `tag` tells one history from another in a database; `key_id` owns the request ids, `like_id` is a recorded purchase whose wording is copied, `product_id` what is bought;
    `rule` the version of the rules that the transfers name.
    """

    tag: str
    merchant_id: UUID
    key_id: UUID
    like_id: UUID
    product_id: UUID
    rule: str
    purchases: int
    first: int
    last: int
    began_at: datetime
    ended_at: datetime


def fill(owner: psycopg.Connection[Any], wanted: Fill, *, watch: Callable[[int], None]) -> None:
    """Write the history in one go on an autocommit connection of the owner; `watch` is told of purchases written.

    Nobody else may write meanwhile. Indexes are dropped and made anew where that is faster.
    """
    named: dict[str, Any] = {
        "tag": wanted.tag, "merchant": wanted.merchant_id, "first": wanted.first, "last": wanted.last,
        "members": wanted.last - wanted.first + 1, "purchases": wanted.purchases,
        "key": wanted.key_id, "like": wanted.like_id, "product": wanted.product_id, "rule": wanted.rule,
        "actor": f"key:{wanted.key_id}", "began": wanted.began_at, "step": _step(wanted),
    }  # fmt: skip
    _run(owner, "fill_who", named)
    with _without_indexes(owner, needed=wanted.purchases < _MANY):
        for start in range(1, wanted.purchases + 1, _CHUNK):
            end = min(start + _CHUNK - 1, wanted.purchases)
            _run(owner, "fill_chunk", {**named, "from": start, "to": end})
            with owner.transaction():
                _run(owner, "fill_ledger", named)
                _run(owner, "fill_orders", named)
            owner.execute("DROP TABLE fill_chunk")
            watch(end - start + 1)
        _run(owner, "fill_sums", named)
    owner.execute("DROP TABLE fill_who")


def _step(wanted: Fill) -> timedelta:
    return (wanted.ended_at - wanted.began_at) / wanted.purchases


def _run(owner: psycopg.Connection[Any], name: str, named: dict[str, Any]) -> None:
    # Bound on this side: PostgreSQL takes no parameters in CREATE TABLE AS.
    psycopg.ClientCursor(owner).execute(statement("site.bench", name).encode(), named)


@contextmanager
def _without_indexes(owner: psycopg.Connection[Any], *, needed: bool) -> Iterator[None]:
    """Drop keys and indexes of the large tables, and make them anew at the end."""
    if needed:
        yield
        return
    keys = owner.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype IN ('p', 'u') AND conrelid = ANY (%s::regclass[])", [list(_TABLES)],
    ).fetchall()  # fmt: skip
    indexes = owner.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY (%s::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)", [list(_TABLES)],
    ).fetchall()  # fmt: skip
    alter = sql.SQL("ALTER TABLE {} {} CONSTRAINT {} {}")
    for table, name, _ in keys:
        owner.execute(alter.format(sql.Identifier(table), sql.SQL("DROP"), sql.Identifier(name), sql.SQL("")))
    for name, _ in indexes:
        owner.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    owner.execute("SET maintenance_work_mem = '1GB'")
    for table, name, definition in keys:
        owner.execute(
            alter.format(sql.Identifier(table), sql.SQL("ADD"), sql.Identifier(name), sql.SQL(definition))
        )
    for _, definition in indexes:
        owner.execute(definition.encode())
