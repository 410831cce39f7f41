"""A merchant that really exists in the database, with short words for what tests do with it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.clock import EPOCH
from tessera.kit.ids import new_id
from tessera.kit.lent import lent_connection
from tessera.ledger.actions.posting import post
from tessera.ledger.queries import get_balances
from tessera.ledger.rules import Leg, Posting, Reversal, Transfer, accrual_legs
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.actions.merchants import approve_merchant, open_merchant
from tessera.people.actions.persons import open_person, register_person
from tessera.points.actions.rules import publish_programme, publish_rule
from tessera.points.models import EarningRuleVersion
from tessera.points.rules import Line, RuleVersion, terms_from
from tests.cast import made_up_phone

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
ONE_TWO = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}


def version(kind: str, terms: Mapping[str, Any], **more: Any) -> RuleVersion:
    """A published version, in all stores and for ever unless `more` says otherwise."""
    usual = {
        "rule_id": new_id(), "version": 1, "revision": 1, "kind": kind, "name": kind, "position": 0,
        "effective_from": EPOCH, "effective_until": None, "store_ids": frozenset(), "terms": terms_from(kind, terms),
    }  # fmt: skip
    return RuleVersion(**{**usual, **more})


def line(quantity: int = 1, amount_minor: int = 0, product: UUID | None = None, *categories: UUID) -> Line:
    return Line(product or new_id(), categories, quantity, amount_minor)


def raw() -> psycopg.Connection[Any]:
    """Django's own connection as psycopg sees it."""
    return lent_connection()


class Shop:
    """A merchant and its members."""

    def __init__(self, time_zone: str = "Asia/Shanghai") -> None:
        with transaction.atomic():
            merchant = open_merchant(name="Shop", time_zone=time_zone, now=NOW, actor=SYSTEM)
            approve_merchant(merchant_id=merchant.id, now=NOW, actor=SYSTEM)
        self.id = merchant.id

    def publish(
        self, kind: str = "product", terms: Mapping[str, Any] = ONE_TWO, **more: Any
    ) -> EarningRuleVersion:
        usual = {"name": kind, "now": NOW, "actor": SYSTEM}
        with transaction.atomic():
            return publish_rule(merchant_id=self.id, kind=kind, terms=terms, **{**usual, **more})

    def programme(self, **terms: Any) -> None:
        usual = {"effective_from": EPOCH, "now": NOW, "actor": SYSTEM}
        with transaction.atomic():
            publish_programme(merchant_id=self.id, **{**usual, **terms})

    def member(self, *, registered: bool = True, now: datetime = NOW) -> UUID:
        with transaction.atomic():
            person = open_person(phone=made_up_phone(), now=now, actor=SYSTEM)
            if registered:
                register_person(person_id=person.id, now=now, actor=SYSTEM)
        return person.id

    def customer(self, number: str, level: str | None = None) -> UUID:
        """One known by number alone."""
        with transaction.atomic():
            customer, _ = enrol_customer(
                merchant_id=self.id, number=number, level=level, now=NOW, actor=SYSTEM
            )
        return customer.person_id

    def give(self, member: UUID, points: int, **terms: Any) -> UUID:
        """Give points with these lot terms; return the transfer."""
        usual = {
            "funder_id": self.id,
            "cost_minor": 0,
            "earned_at": NOW,
            "active_from": NOW,
            "expires_at": None,
        }
        legs = accrual_legs(member_id=member, merchant_id=self.id, points=points, **{**usual, **terms})
        one = Transfer(new_id(), member, "accrual", f"t:{new_id()}", legs, points, NOW, "test")
        return self._post(one)

    def burn(self, member: UUID, points: int, now: datetime = NOW) -> UUID:
        legs = (
            Leg(member, "member", self.id, "wallet", -points),
            Leg(self.id, "merchant", self.id, "issued", points, True),
        )
        return self._post(Transfer(new_id(), member, "burn", f"t:{new_id()}", legs, points, now, "test"), now)

    def reverse(self, member: UUID, transfer: UUID, now: datetime = NOW, **more: Any) -> UUID:
        one = Reversal(new_id(), member, "claw_back", f"t:{new_id()}", transfer, now, "test", **more)
        return self._post(one, now)

    def _post(self, one: Transfer | Reversal, now: datetime = NOW) -> UUID:
        with transaction.atomic():
            [answer] = post(raw(), [one], now=now)
        assert isinstance(answer, Posting), answer
        return answer.transfer_id

    def balance(self, member: UUID, now: datetime = NOW) -> tuple[int, int, int]:
        """What the member can spend, what is pending, and what he owes."""
        found = [one for one in get_balances(member, now) if one.unit_id == self.id]
        return (found[0].available, found[0].pending, found[0].owed) if found else (0, 0, 0)

    def breakage(self) -> int:
        rows = raw().execute(
            "SELECT coalesce(sum(s.balance), 0) FROM ledger_account a JOIN ledger_stripe s ON s.account_id = a.id"
            " WHERE a.owner_id = %s AND a.purpose = 'breakage'", [self.id],
        )  # fmt: skip
        return int(rows.fetchone()[0])


def kinds(connection_: psycopg.Connection[Any], member: UUID) -> Sequence[str]:
    """The kinds of the transfers in a member's history, in order."""
    rows = connection_.execute("SELECT kind FROM ledger_transfer WHERE owner_id = %s ORDER BY id", [member])
    return [row[0] for row in rows.fetchall()]
