"""Reads of the room `points`: the rule book and cap use for the hot path, rules and programmes for pages and API."""

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.errors import NotFound
from tessera.kit.lent import lent_connection
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.sql import statement
from tessera.merchants.queries import get_rules_revision
from tessera.points.models import EarningRule, EarningRuleVersion, ProgrammeVersion
from tessera.points.rules import Programme, RuleBook, RuleVersion, expiry_from, terms_from

__all__ = [
    "CapKey",
    "current_book",
    "get_rule",
    "list_programmes",
    "list_rules",
    "list_versions",
    "load_book",
    "read_cap_use",
]

CapKey = tuple[UUID, UUID, date]
"""Member, rule and merchant-local day."""

_MOST_BOOKS = 4096
_books: "OrderedDict[tuple[UUID, int], RuleBook]" = OrderedDict()
_guard = threading.Lock()


def load_book(connection: psycopg.Connection[Any], merchant_id: UUID, revision: int) -> RuleBook:
    """Return the merchant's rule book as of `revision`; read once, since it never changes (spec/README.md, rule 5).

    `revision` is one that the caller has read from the merchant's row, so all its versions are committed or are the
    caller's own: a book that may still be rolled back must not be asked for before its transaction has ended.
    """
    key = (merchant_id, revision)
    with _guard:
        book = _books.get(key)
        if book is not None:
            _books.move_to_end(key)
            return book
    book = read_book(connection, merchant_id, revision)
    with _guard:
        _books[key] = book
        while len(_books) > _MOST_BOOKS:
            _books.popitem(last=False)
    return book


def read_book(connection: psycopg.Connection[Any], merchant_id: UUID, revision: int) -> RuleBook:
    """Return the merchant's rule book as of `revision`, always from the database."""
    asked = (merchant_id, revision)
    versions = connection.execute(statement("points", "book_versions"), asked).fetchall()
    programmes = connection.execute(statement("points", "book_programmes"), asked).fetchall()
    return RuleBook(
        merchant_id,
        revision,
        tuple(_version(*row) for row in versions),
        tuple(_programme(*row) for row in programmes),
    )


def _version(
    rule_id: UUID,
    version: int,
    revision: int,
    kind: str,
    name: str,
    position: int,
    effective_from: datetime,
    effective_until: datetime | None,
    store_ids: Sequence[UUID],
    terms: str,
) -> RuleVersion:
    return RuleVersion(
        rule_id,
        version,
        revision,
        kind,
        name,
        position,
        effective_from.astimezone(UTC),
        effective_until and effective_until.astimezone(UTC),
        frozenset(store_ids),
        terms_from(kind, json.loads(terms)),
    )


def _programme(
    version: int,
    revision: int,
    effective_from: datetime,
    pending_days: int,
    expiry: str,
    unclaimed_days: int,
    point_cost_num: int,
    point_cost_den: int,
) -> Programme:
    return Programme(
        version,
        revision,
        effective_from.astimezone(UTC),
        pending_days,
        expiry_from(json.loads(expiry)),
        unclaimed_days,
        point_cost_num,
        point_cost_den,
    )


def read_cap_use(connection: psycopg.Connection[Any], keys: Sequence[CapKey]) -> dict[CapKey, int]:
    """Return the points that caps have let through, for those of `keys` that have any.

    Exact only while the caller holds the members' accounts (tessera.ledger.actions.posting.hold_accounts).
    """
    if not keys:
        return {}
    columns = tuple(list(column) for column in zip(*keys, strict=True))
    rows = connection.execute(statement("points", "cap_use"), columns).fetchall()
    return {(member_id, rule_id, on_day): points for member_id, rule_id, on_day, points in rows}


def current_book(merchant_id: UUID) -> RuleBook:
    """Return the merchant's rule book as it stands, on Django's connection; refuses `not_found`."""
    return read_book(lent_connection(), merchant_id, get_rules_revision(merchant_id))


def get_rule(rule_id: UUID, *, merchant_id: UUID | None = None) -> EarningRule:
    """Return the rule, of that merchant where one is given; refuses `not_found`."""
    rows = EarningRule.objects.filter(pk=rule_id)
    rule = (rows.filter(merchant_id=merchant_id) if merchant_id else rows).first()
    if rule is None:
        raise NotFound
    return rule


def list_rules(
    merchant_id: UUID,
    *,
    kind: str | None = None,
    ended: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[EarningRule]:
    """Return the merchant's rules, oldest first. Refuses `cursor_invalid`."""
    rows = EarningRule.objects.filter(merchant_id=merchant_id).order_by("id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if ended is not None:
        rows = rows.filter(ended_at__isnull=not ended)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda rule: rule.id)


def list_versions(rule_ids: Sequence[UUID], *, most: int = 1000) -> dict[UUID, list[EarningRuleVersion]]:
    """Return the newest `most` versions of these rules together, by rule, newest first."""
    found: dict[UUID, list[EarningRuleVersion]] = {rule_id: [] for rule_id in rule_ids}
    rows = EarningRuleVersion.objects.filter(rule_id__in=list(rule_ids)).order_by("-revision")[:most]
    for version in rows:
        found[version.rule_id].append(version)
    return found


def list_programmes(merchant_id: UUID, *, most: int = 200) -> list[ProgrammeVersion]:
    """Return the merchant's programme versions, newest first, at most `most`."""
    return list(ProgrammeVersion.objects.filter(merchant_id=merchant_id).order_by("-version")[:most])
