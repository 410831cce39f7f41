"""Pending lots get their final terms once; what is active or over stays as it is."""

from datetime import timedelta

import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.clock import NEVER
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.ledger.actions.activation import activate_lots
from tessera.ledger.errors import LotExpired, LotNotPending, LotUnknown
from tessera.ledger.rules import LotTerms
from tests.ledger.conftest import LATER, NOW, Book


def activate(book: Book, member: object, *lots: LotTerms, request: str = "go", now: object = NOW) -> list:
    return activate_lots(
        book.connection,
        owner_id=member,
        unit_id=book.merchant,
        request_id=request,
        lots=lots,
        now=now,
        actor=SYSTEM,
    )


def terms(book: Book, lot: object) -> tuple:
    return book.connection.execute(
        "SELECT active_from, expires_at, remaining FROM ledger_lot WHERE transfer_id = %s", [lot]
    ).fetchone()


def test_a_pending_lot_becomes_active_with_its_terms(book: Book) -> None:
    member = new_id()
    [lot] = book.ok(book.accrual(member, 5, "a", active_from=NEVER))
    assert activate(book, member, LotTerms(lot, NOW, LATER)) == ["activated"]
    assert terms(book, lot) == (NOW, LATER, 5)
    book.ok(book.burn(member, 5, "b"))
    kept = book.connection.execute(
        "SELECT active_from, expires_at, was_active_from, was_expires_at, actor, made_at FROM ledger_lot_activation"
        " WHERE owner_id = %s",
        [member],
    ).fetchall()
    assert kept == [(NOW, LATER, NEVER, None, "system", NOW)]


def test_a_repeat_changes_nothing_and_another_body_is_refused(book: Book) -> None:
    member = new_id()
    one, two = book.ok(
        book.accrual(member, 5, "a", active_from=NEVER), book.accrual(member, 6, "b", active_from=NEVER)
    )
    assert activate(book, member, LotTerms(one, NOW, None)) == ["activated"]
    assert activate(book, member, LotTerms(one, NOW, None)) == ["repeat"]
    assert activate(book, member, LotTerms(one, NOW, None), LotTerms(two, NOW, None)) == [
        "repeat",
        "activated",
    ]
    other = activate(book, member, LotTerms(one, NOW, LATER), LotTerms(two, NOW, None))
    assert other == [IdReused(request_id="go")] * 2
    assert activate(book, member, LotTerms(two, NOW, None)) == [IdReused(request_id="go")]
    assert terms(book, one) == (NOW, None, 5)


def test_each_lot_is_answered_for_itself(book: Book) -> None:
    member, stranger = new_id(), new_id()
    pending, active, over = book.ok(
        book.accrual(member, 5, "a", active_from=LATER),
        book.accrual(member, 6, "b"),
        book.accrual(member, 7, "c", active_from=LATER, expires_at=LATER + timedelta(days=1)),
    )
    late = LATER + timedelta(days=2)
    [foreign] = book.ok(book.accrual(stranger, 1, "d", active_from=LATER))
    lots = [LotTerms(lot, NOW, None) for lot in (pending, active, new_id(), foreign)]
    assert activate(book, member, *lots) == [
        "activated", LotNotPending(active_from=NOW.isoformat()), LotUnknown(), LotUnknown(),
    ]  # fmt: skip
    [refused] = activate(book, member, LotTerms(over, late, None), request="late", now=late)
    assert isinstance(refused, LotExpired)
    assert activate(book, stranger, LotTerms(new_id(), NOW, None)) == [LotUnknown()]
    assert activate(book, new_id(), LotTerms(pending, NOW, None)) == [LotUnknown()]
    assert terms(book, active)[0] == NOW
    assert terms(book, foreign)[0] == LATER


def test_terms_that_make_no_sense_are_a_bug(book: Book) -> None:
    lot = new_id()
    with pytest.raises(ValueError, match="expires after"):
        activate(book, new_id(), LotTerms(lot, NOW, NOW))
    with pytest.raises(ValueError, match="once"):
        activate(book, new_id(), LotTerms(lot, NOW, None), LotTerms(lot, NOW, LATER))
