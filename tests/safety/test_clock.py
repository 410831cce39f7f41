"""A clock that jumps back a day and forward a year: nothing is lost, nothing is there twice, a till ahead is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from tessera.kit import clock, ids
from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.ledger.audit import audit
from tessera.ledger.queries import get_balances, list_entries
from tessera.orders.actions.receipts import handle_receipts
from tessera.orders.errors import MomentImplausible
from tessera.orders.rules import FUTURE_TOLERANCE, RecordedPurchase, RecordPurchase, SoldLine
from tests.cast import House, make_house

REAL = datetime.now(UTC)
JUMPS = (0, -1, 365, -1, 0, 365, 0)
"""Days by which the clock is wrong, one purchase after the other."""


class Clock:
    """A clock that a test turns; ids are made by it too, as by the machine's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days = 0
        monkeypatch.setattr(clock, "now", self.now)
        monkeypatch.setattr(ids, "_uuid7", lambda: uuid7(nanoseconds=int(self.now().timestamp() * 1e9)))

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.fixture
def turned(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def house(committed: None) -> House:
    with transaction.atomic():
        return make_house("Clockmaker")


@pytest.fixture
def till(committed: None) -> Iterator[psycopg.Connection]:
    with connect() as connection:
        yield connection


def _record(
    till: psycopg.Connection, house: House, number: str, occurred_at: datetime | None = None
) -> object:
    command = RecordPurchase(
        house.merchant_id, number, ("number", "C-1"), (SoldLine("T-1", 2, 2500),), "system", "api",
        occurred_at=occurred_at,
    )  # fmt: skip
    [outcome] = handle_receipts(till, [command])
    till.commit()
    return outcome


def _publish(house: House) -> None:
    from tessera.points.actions.rules import publish_rule

    tiers = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}
    with transaction.atomic():
        publish_rule(
            merchant_id=house.merchant_id, name="1, 3", kind="product", terms=tiers,
            effective_from=clock.EPOCH, now=clock.now(), actor=SYSTEM,
        )  # fmt: skip


def _history(person: UUID, unit: UUID) -> list[UUID]:
    """All entries of a member, page by page."""
    found: list[UUID] = []
    cursor = None
    while True:
        page = list_entries(person, unit, cursor=cursor, limit=2)
        found += [row.transfer_id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_purchases_under_a_clock_that_jumps(turned: Clock, house: House, till: psycopg.Connection) -> None:
    _publish(house)
    done: list[RecordedPurchase] = []
    for number, days in enumerate(JUMPS):
        turned.days = days
        outcome = _record(till, house, f"J-{number}")
        assert isinstance(outcome, RecordedPurchase), (days, outcome)
        done.append(outcome)
        again = _record(till, house, f"J-{number}")
        assert isinstance(again, RecordedPurchase)
        assert again.repeat
        assert again.purchase_id == outcome.purchase_id

    assert len({one.purchase_id for one in done}) == len(done)
    transfers = [one.transfer_id for one in done]
    history = _history(house.customer_id, house.merchant_id)
    assert len(history) == len(set(history))
    assert set(history) == set(transfers)
    turned.days = 400
    [balance] = get_balances(house.customer_id, clock.now(), unit_id=house.merchant_id)
    assert (balance.balance, balance.available) == (3 * len(JUMPS), 3 * len(JUMPS))
    rows = till.execute(
        "SELECT e.seq, e.balance_after, e.booked_on FROM ledger_entry e"
        " JOIN ledger_account a ON a.id = e.account_id AND a.purpose = 'wallet'"
        " WHERE a.owner_id = %s AND a.unit_id = %s ORDER BY e.seq",
        [house.customer_id, house.merchant_id],
    ).fetchall()
    till.rollback()
    assert [row[:2] for row in rows] == [(n, 3 * n) for n in range(1, len(JUMPS) + 1)]
    assert all(abs(row[2] - REAL.date()) <= timedelta(days=2) for row in rows), "the day is the database's"
    _audit(till, house)


def _audit(connection: psycopg.Connection, house: House) -> None:
    ours = {
        row[0]
        for row in connection.execute(
            "SELECT id FROM ledger_account WHERE unit_id = %s", [house.merchant_id]
        ).fetchall()
    }
    connection.rollback()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        assert [str(fault) for fault in audit(connection) if fault.account_id in ours] == []
    connection.isolation_level = None


def test_a_till_whose_clock_is_ahead_is_told(turned: Clock, house: House, till: psycopg.Connection) -> None:
    refused = _record(till, house, "A-1", clock.now() + FUTURE_TOLERANCE * 2)
    assert isinstance(refused, MomentImplausible)
    assert "occurred_at" in refused.details
    turned.days = -2 - FUTURE_TOLERANCE.days
    honest = _record(till, house, "A-2", datetime.now(UTC))
    assert isinstance(honest, MomentImplausible), "a server whose clock is behind says so"
    turned.days = 0
    corrected = _record(till, house, "A-1", clock.now())
    assert isinstance(corrected, RecordedPurchase), "a refused receipt may come again"
    kept = till.execute(
        "SELECT number FROM orders_receipt WHERE merchant_id = %s", [house.merchant_id]
    ).fetchall()
    assert kept == [("A-1",)]
