"""Anything, in any order, in any batch: the ledger and a plain-Python model agree after every step."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.ledger.actions.activation import activate_lots
from tessera.ledger.actions.posting import post
from tessera.ledger.audit import audit
from tessera.ledger.rules import Leg, LotTerms, Posting, Reversal, Transfer
from tests.ledger.conftest import NOW, Book
from tests.properties.model import Accrue, Activate, Burn, Expire, Model, Reverse

EXAMPLES = int(os.environ.get("TESSERA_TEST_EXAMPLES", "60"))

points = st.integers(1, 20)
member = st.integers(0, 1)
recent = st.integers(0, 9)
maybe_days = st.none() | st.sampled_from([-1, 1, 2, 3, 4, 5, 6])
command = st.one_of(
    st.tuples(st.just("accrue"), member, points, st.sampled_from([0, 0, 0, 1, 3]), maybe_days, st.just(0)),
    st.tuples(st.just("accrue"), member, points, st.just(0), maybe_days, st.integers(0, 3)),
    st.tuples(st.just("burn"), member, points),
    st.tuples(st.just("expire"), recent, st.sampled_from([0, 0, 0, 1, -1])),
    st.tuples(
        st.just("reverse"), recent, st.none() | points, st.sampled_from(["refuse", "owe"]),
        st.none() | st.integers(-1, 6),
    ),
    st.tuples(st.just("again"), recent, st.booleans()),
    st.tuples(st.just("spree"), member, points, points),
)  # fmt: skip


class LedgerMachine(RuleBasedStateMachine):
    """Posts batches to the ledger and to the model; `connection` is set by the test."""

    connection: psycopg.Connection

    @initialize()
    def begin(self) -> None:
        merchant = new_id()
        self.connection.execute(
            "SELECT ledger_open_unit_v1(%s, 'points', %s, %s, 0, %s)",
            [merchant, f"points:{merchant}", merchant, NOW],
        )
        self.book = Book(self.connection, merchant)
        self.members = [new_id(), new_id()]
        self.model = Model()
        self.now = NOW
        self.requests = 0
        self.sent: list[Any] = []
        self.activated: list[Activate] = []

    # --- rules ----------------------------------------------------------------------------------------------------

    @rule(batch=st.lists(command, min_size=1, max_size=8))
    def post_batch(self, batch: list[tuple[Any, ...]]) -> None:
        commands: list[Any] = []
        for name, *values in batch:
            made = getattr(self, f"_{name}")(commands, *values)
            if made is not None:
                commands.append(made)
        if not commands:
            return
        expected = self.model.post(commands, self.now)
        answers = post(self.connection, [self._transfer(one) for one in commands], now=self.now)
        for one, answer, (status, details) in zip(commands, answers, expected, strict=True):
            if isinstance(answer, Posting):
                assert (answer.status, answer.transfer_id) == (status, details), one
            else:
                assert answer.code == status, (one, answer)
                if details is not None:
                    assert answer.details == details, (one, answer)
        self.sent += commands
        self._compare()

    @rule(by=st.integers(1, 60 * 60 * 24 * 4))
    def time_goes_on(self, by: int) -> None:
        self.now += timedelta(seconds=by)
        self._compare()

    @precondition(lambda self: self.sent)
    @rule(which=recent, active=st.integers(-1, 2), ends=st.none() | st.integers(3, 6), again=st.booleans())
    def activate(self, which: int, active: int, ends: int | None, again: bool) -> None:
        if again and self.activated:
            one = self.activated[-1 - which % len(self.activated)]
        else:
            lots = [sent for sent in self.sent if isinstance(sent, Accrue)]
            if not lots:
                return
            lot = lots[-1 - which % len(lots)]
            end = None if ends is None else self._in(ends)
            one = Activate(lot.member, self._request(), lot.id, self._in(active), end)
        [answer] = activate_lots(
            self.connection, owner_id=one.member, unit_id=self.book.merchant, request_id=one.request,
            lots=[LotTerms(one.lot, one.active_from, one.expires_at)], now=self.now, actor=SYSTEM,
        )  # fmt: skip
        assert (answer.code if isinstance(answer, Refusal) else answer) == self.model.activate(one, self.now)
        self.activated.append(one)
        self._compare()

    # --- commands -------------------------------------------------------------------------------------------------

    def _request(self) -> str:
        self.requests += 1
        return f"r{self.requests}"

    def _in(self, count: int) -> datetime:
        return self.now + timedelta(days=count)

    def _accrue(self, _: list, who: int, amount: int, wait: int, ends: int | None, shared: int) -> Accrue:
        end = None if ends is None else self._in(ends)
        share = shared if shared < amount else 0
        return Accrue(new_id(), self.members[who], self._request(), amount, self._in(wait), end, share)

    def _burn(self, _: list, who: int, amount: int) -> Burn:
        return Burn(new_id(), self.members[who], self._request(), amount)

    def _expire(self, batch: list, which: int, more: int) -> Expire | None:
        lots = [sent for sent in [*self.sent, *batch] if isinstance(sent, Accrue)]
        if not lots:
            return None
        lot = lots[-1 - which % len(lots)]
        kept = self.model.lots.get(lot.member, {}).get(lot.id)
        amount = max((kept.remaining if kept else lot.points) + more, 1)
        return Expire(new_id(), lot.member, self._request(), lot.id, amount)

    def _reverse(
        self, batch: list, which: int, amount: int | None, shortfall: str, reopen: int | None
    ) -> Reverse | None:
        known = [*self.sent, *batch]
        if not known:
            return None
        one = known[-1 - which % len(known)]
        until = None if reopen is None else self._in(reopen)
        return Reverse(new_id(), one.member, self._request(), one.id, amount, shortfall, until)

    def _spree(self, batch: list, who: int, amount: int, spent: int) -> Reverse:
        """Earned, spent and clawed back in one batch."""
        earned = self._accrue(batch, who, amount, 0, None, 0)
        batch += [earned, self._burn(batch, who, spent)]
        return Reverse(new_id(), earned.member, self._request(), earned.id, None, "owe", None)

    def _again(self, batch: list, which: int, other: bool) -> Any:
        known = [*self.sent, *batch]
        if not known:
            return None
        one = known[-1 - which % len(known)]
        values = {**vars(one), "id": new_id()}
        if other and not isinstance(one, Reverse):
            values["points"] = one.points + 1
        return type(one)(**values)

    def _transfer(self, one: Any) -> Transfer | Reversal:
        merchant = self.book.merchant
        if isinstance(one, Reverse):
            return Reversal(
                one.id, one.member, "claw_back", one.request, one.of, self.now, "test", one.amount, one.shortfall,
                one.reopen_until,
            )  # fmt: skip
        sign = 1 if isinstance(one, Accrue) else -1
        terms = (merchant, 0, self.now, one.active_from, one.expires_at) if isinstance(one, Accrue) else ()
        wallet = Leg(one.member, "member", merchant, "wallet", sign * one.points, False, *terms)
        shared = getattr(one, "shared", 0)
        purpose = "breakage" if isinstance(one, Expire) else "issued"
        legs = [wallet, Leg(merchant, "merchant", merchant, purpose, shared - sign * one.points, True)]
        if shared:
            legs.append(Leg(merchant, "merchant", merchant, "funding", -shared, True))
        kind = {Accrue: "accrual", Burn: "burn", Expire: "expiry"}[type(one)]
        lot = one.lot if isinstance(one, Expire) else None
        return Transfer(
            one.id,
            one.member,
            kind,
            one.request,
            tuple(legs),
            one.points,
            self.now,
            "test",
            lot_transfer_id=lot,
        )

    # --- agreement ------------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        for one in self.members:
            assert self.book.balance(one) == self.model.balance(one)
            assert self.book.lots(one) == self.model.remaining(one)
            assert self.book.balance(one, "owed") == self.model.owed.get(one, 0)
            self._compare_balances(one)
        merchant = self.book.merchant
        given = self.book.balance(merchant, "issued") + self.book.balance(merchant, "funding")
        assert given == -self.model.given
        assert self.book.balance(merchant, "breakage") == self.model.breakage
        assert self.book.balance(merchant, "receivable") == -sum(self.model.owed.values())

    def _compare_balances(self, one: UUID) -> None:
        row = self.connection.execute(
            "SELECT balance - pending - expired FROM ledger_read_balances_v1(%s, NULL, %s)", [one, self.now]
        ).fetchone()
        assert (row[0] if row else 0) == self.model.available(one, self.now)

    def teardown(self) -> None:
        if hasattr(self, "book"):
            assert list(audit(self.connection)) == []
        self.connection.rollback()


@pytest.fixture
def connection(committed: None) -> Iterator[psycopg.Connection]:
    with connect() as plain:
        yield plain


def test_the_ledger_agrees_with_the_model(connection: psycopg.Connection) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.connection = connection
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.generate],
            derandomize=bool(os.environ.get("CI")),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
