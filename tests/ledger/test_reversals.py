"""What random testing found, by example: debts, reopened lots, and ends of several lots of one transfer."""

from datetime import timedelta

from tessera.kit.ids import new_id
from tessera.ledger.errors import InsufficientBalance, LotExpired, LotNotExpired
from tessera.ledger.rules import Leg, Transfer
from tests.ledger.conftest import LATER, NOW, Book
from tests.ledger.test_posting import expiry


def test_a_debt_that_arises_in_one_batch_is_not_lost(book: Book) -> None:
    """The accounts of a debt are opened although what is undone was not yet there when the batch began."""
    member = new_id()
    earned = book.accrual(member, 9, "a")
    book.ok(earned, book.burn(member, 5, "b"), book.reversal(member, earned.id, "r", shortfall="owe"))
    assert (book.balance(member), book.balance(member, "owed")) == (0, 5)
    assert book.balance(book.merchant, "receivable") == -5


def test_a_debt_on_points_of_two_funders_keeps_the_sum_zero(book: Book) -> None:
    member = new_id()
    legs = (
        Leg(member, "member", book.merchant, "wallet", 9),
        Leg(book.merchant, "merchant", book.merchant, "issued", -5, True),
        Leg(book.merchant, "merchant", book.merchant, "funding", -4, True),
    )
    [earned] = book.ok(Transfer(new_id(), member, "accrual", "a", legs, 9, NOW, "test"))
    book.ok(book.burn(member, 7, "b"))
    book.ok(book.reversal(member, earned, "r", shortfall="owe"))
    hot = [book.balance(book.merchant, purpose) for purpose in ("issued", "funding", "receivable")]
    assert (book.balance(member), book.balance(member, "owed"), sum(hot)) == (0, 7, -7)
    assert hot[2] == -7


def test_only_lots_that_have_expired_are_reopened(book: Book) -> None:
    member = new_id()
    day = timedelta(days=1)
    book.ok(
        book.accrual(member, 2, "a", expires_at=NOW + day),
        book.accrual(member, 2, "b", expires_at=NOW + 3 * day),
    )
    [burnt] = book.ok(book.burn(member, 4, "c"))
    book.ok(book.reversal(member, burnt, "r", reopen_until=NOW + 9 * day), now=NOW + 2 * day)
    ends = book.connection.execute(
        "SELECT l.expires_at FROM ledger_lot l WHERE l.owner_id = %s ORDER BY l.transfer_id", [member]
    ).fetchall()
    assert ends == [(NOW + 9 * day,), (NOW + 3 * day,)]


def test_a_lot_is_not_reopened_into_the_past(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 2, "a", expires_at=NOW + timedelta(days=1)))
    [burnt] = book.ok(book.burn(member, 2, "b"))
    [refused] = book.post(book.reversal(member, burnt, "r", reopen_until=LATER), now=LATER)
    assert isinstance(refused, LotExpired)


def test_what_never_ends_does_not_expire(book: Book) -> None:
    member = new_id()
    [lot] = book.ok(book.accrual(member, 5, "a"))
    [refused] = book.post(expiry(book, member, lot, 5), now=LATER)
    assert isinstance(refused, LotNotExpired)
    assert book.balance(member) == 5


def test_of_joined_lots_only_those_that_are_over_expire(book: Book) -> None:
    shadow, person = new_id(), new_id()
    book.ok(book.accrual(shadow, 3, "a", expires_at=NOW + timedelta(days=1)), book.accrual(shadow, 4, "b"))
    legs = (
        Leg(shadow, "member", book.merchant, "wallet", -7),
        Leg(person, "member", book.merchant, "wallet", 7),
    )
    [joined] = book.ok(Transfer(new_id(), person, "join", "join", legs, 7, NOW, "test"))
    [refused] = book.post(expiry(book, person, joined, 5), now=LATER)
    assert isinstance(refused, LotNotExpired)
    book.ok(expiry(book, person, joined, 3), now=LATER)
    assert book.lots(person) == [0, 4]


def test_points_that_come_in_expired_pay_a_debt_all_the_same(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 5, "a"))
    book.ok(book.burn(member, 5, "b"))
    book.ok(book.reversal(member, earned, "r", shortfall="owe"))
    book.ok(book.accrual(member, 8, "late", expires_at=NOW - timedelta(days=1)))
    assert (book.balance(member), book.balance(member, "owed"), book.lots(member)) == (3, 0, [0, 3])
    [refused] = book.post(book.burn(member, 1, "c"))
    assert isinstance(refused, InsufficientBalance)
