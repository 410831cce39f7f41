"""A merchant's unit, members, and a connection whose work is rolled back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tessera.kit.ids import new_id
from tessera.ledger.actions.posting import post
from tessera.ledger.rules import Leg, Posting, Reversal, Transfer, accrual_legs

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class Book:
    """Short words for what the tests do with one merchant's points on one connection."""

    def __init__(self, connection: psycopg.Connection, merchant: UUID) -> None:
        self.connection = connection
        self.merchant = merchant

    def accrual(self, member: UUID, points: int, request: str, **terms: object) -> Transfer:
        """A transfer that gives `points` to `member`."""
        defaults = {
            "funder_id": self.merchant, "cost_minor": 0, "earned_at": NOW, "active_from": NOW, "expires_at": None,
        }  # fmt: skip
        legs = accrual_legs(
            member_id=member, merchant_id=self.merchant, points=points, **{**defaults, **terms}
        )
        return Transfer(new_id(), member, "accrual", request, legs, points, NOW, "test")

    def burn(self, member: UUID, points: int, request: str) -> Transfer:
        """A transfer that takes `points` from `member`."""
        legs = (
            Leg(member, "member", self.merchant, "wallet", -points),
            Leg(self.merchant, "merchant", self.merchant, "issued", points, True),
        )
        return Transfer(new_id(), member, "burn", request, legs, points, NOW, "test")

    def reversal(
        self, member: UUID, of: UUID, request: str, amount: int | None = None, **more: object
    ) -> Reversal:
        """A reversal of the transfer `of`."""
        return Reversal(new_id(), member, "claw_back", request, of, NOW, "test", amount, **more)

    def post(self, *transfers: Transfer | Reversal, now: datetime = NOW) -> list:
        """Post one batch."""
        return post(self.connection, transfers, now=now)

    def ok(self, *transfers: Transfer | Reversal, now: datetime = NOW) -> list[UUID]:
        """Post one batch of which nothing may be refused; return the transfers' ids."""
        answers = self.post(*transfers, now=now)
        assert all(isinstance(answer, Posting) for answer in answers), answers
        return [answer.transfer_id for answer in answers]

    def balance(self, owner: UUID, purpose: str = "wallet") -> int:
        """The balance of an account, guarded or hot."""
        row = self.connection.execute(
            "SELECT a.balance + coalesce((SELECT sum(s.balance) FROM ledger_stripe s WHERE s.account_id = a.id), 0)"
            " FROM ledger_account a WHERE a.owner_id = %s AND a.unit_id = %s AND a.purpose = %s",
            [owner, self.merchant, purpose],
        ).fetchone()
        return int(row[0]) if row else 0

    def lots(self, owner: UUID) -> list[int]:
        """What remains in the wallet's lots, oldest first."""
        rows = self.connection.execute(
            "SELECT l.remaining FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id"
            " WHERE a.owner_id = %s AND a.unit_id = %s ORDER BY l.transfer_id, l.part",
            [owner, self.merchant],
        ).fetchall()
        return [row[0] for row in rows]


@pytest.fixture
def make_book(committed: None) -> Iterator[Callable[[], Book]]:
    """Makes books of new merchants on one connection, whose transaction is rolled back after the test."""
    from tessera.kit.connections import connect

    with connect() as connection:

        def make() -> Book:
            merchant = new_id()
            connection.execute(
                "SELECT ledger_open_unit_v1(%s, 'points', %s, %s, 0, %s)",
                [merchant, f"points:{merchant}", merchant, NOW],
            )
            return Book(connection, merchant)

        yield make
        connection.rollback()


@pytest.fixture
def book(make_book: Callable[[], Book]) -> Book:
    """The book of one new merchant."""
    return make_book()


LATER = NOW + timedelta(days=400)
