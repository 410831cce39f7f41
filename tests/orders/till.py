"""A merchant with a till: short words for what the tests of purchases and returns do."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.products import NewProduct, list_products
from tessera.kit.actors import SYSTEM
from tessera.kit.clock import EPOCH
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.retry import retried
from tessera.ledger.queries import get_balances
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.merchants.actions.stores import open_store
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.rules import RecordedPurchase, RecordedReturn, RecordPurchase, RecordReturn, SoldLine
from tessera.people.actions.persons import open_person, register_person
from tessera.points.actions.rules import publish_programme, publish_rule
from tessera.points.models import EarningRuleVersion
from tests.cast import made_up_phone

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
ONE_TWO = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}

Sold = tuple[str, int] | tuple[str, int, int]


class Till:
    """One merchant: products A, B, C (10.00 each), D without price; a store 1; the rule 1 -> 1, 2 -> 3 if `rule`."""

    def __init__(self, connection: psycopg.Connection[Any], *, rule: bool = True) -> None:
        self.connection = connection
        with transaction.atomic():
            self.id = open_merchant(name="Till", now=NOW, actor=SYSTEM).id
            approve_merchant(merchant_id=self.id, now=NOW, actor=SYSTEM)
            open_store(merchant_id=self.id, number="1", name="First", now=NOW, actor=SYSTEM)
            self.category = open_category(merchant_id=self.id, name="Tea", now=NOW, actor=SYSTEM).id
            new = [
                NewProduct(sku, f"Product {sku}", "", self.category if sku == "C" else None, 1000)
                for sku in "ABC"
            ]
            listed = list_products(
                merchant_id=self.id, products=[*new, NewProduct("D", "Without price")], now=NOW, actor=SYSTEM
            )
        self.products = {one.sku: one.id for one in listed if not isinstance(one, Refusal)}
        if rule:
            self.rule("product", ONE_TWO)

    def rule(self, kind: str, terms: Mapping[str, Any], **more: Any) -> EarningRuleVersion:
        usual = {"name": kind, "effective_from": EPOCH, "now": NOW, "actor": SYSTEM}
        with transaction.atomic():
            return publish_rule(merchant_id=self.id, kind=kind, terms=terms, **{**usual, **more})

    def programme(self, **terms: Any) -> None:
        with transaction.atomic():
            publish_programme(
                merchant_id=self.id, **{"effective_from": EPOCH, "now": NOW, "actor": SYSTEM, **terms}
            )

    def member(self, *, birthday: Any = None) -> UUID:
        with transaction.atomic():
            person = open_person(phone=made_up_phone(), birthday=birthday, now=NOW, actor=SYSTEM)
            register_person(person_id=person.id, now=NOW, actor=SYSTEM)
        return person.id

    def purchase(self, receipt: str, member: UUID | str, *sold: Sold, **more: Any) -> RecordPurchase:
        """A command; a member is a person (UUID), a phone (+86...) or a customer number."""
        lines = tuple(SoldLine(*line) for line in sold)
        usual = {"actor": "test", "source": "test", "occurred_at": NOW}
        return RecordPurchase(self.id, receipt, named(member), lines, **{**usual, **more})

    def back(self, receipt: str, member: UUID | str | None, *sold: Sold, **more: Any) -> RecordReturn:
        lines = tuple(SoldLine(*line) for line in sold)
        usual = {"actor": "test", "source": "test", "occurred_at": NOW}
        who = named(member) if member is not None else None
        return RecordReturn(self.id, receipt, lines, **{"member": who, **usual, **more})

    def send(self, *commands: RecordPurchase | RecordReturn, now: datetime = NOW) -> list[Any]:
        """Record one batch and commit it."""
        return retried(self.connection, lambda c: record_receipts(c, commands, now=now))

    def buy(self, receipt: str, member: UUID | str, *sold: Sold, **more: Any) -> RecordedPurchase:
        [done] = self.send(self.purchase(receipt, member, *sold, **more))
        assert isinstance(done, RecordedPurchase), done
        return done

    def bring_back(self, receipt: str, member: UUID | str | None, *sold: Sold, **more: Any) -> RecordedReturn:
        [done] = self.send(self.back(receipt, member, *sold, **more))
        assert isinstance(done, RecordedReturn), done
        return done

    def refused(self, command: RecordPurchase | RecordReturn, now: datetime = NOW) -> Refusal:
        [refusal] = self.send(command, now=now)
        assert isinstance(refusal, Refusal), refusal
        return refusal

    def points(self, member: UUID, now: datetime = NOW) -> tuple[int, int, int]:
        """What the member can spend here, what is pending, what he owes."""
        found = [one for one in get_balances(member, now) if one.unit_id == self.id]
        return (found[0].available, found[0].pending, found[0].owed) if found else (0, 0, 0)


def named(member: UUID | str) -> tuple[str, str]:
    if isinstance(member, UUID):
        return "person", str(member)
    return ("phone", member) if member.startswith("+") else ("number", member)


def counts(connection: psycopg.Connection[Any], but: Sequence[str] = ("kit_audit_line",)) -> dict[str, int]:
    """Rows of every table of the product: a refusal leaves no trace in any, but its audit line."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename ~ '^(kit|ledger|people|merchants|catalog|points|orders|notices)_'"
    ).fetchall()
    found = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for (table,) in tables
        if table not in but
    }
    connection.commit()
    return found


def nobody() -> UUID:
    return new_id()


def repeat_of(done: Any) -> Any:
    """The answer that a repeat of `done` gets."""
    return done._replace(repeat=True) if isinstance(done, tuple) else dataclasses.replace(done, repeat=True)
