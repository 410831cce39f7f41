"""Posting, by example (spec/ledger.md)."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.ledger.errors import (
    AccountClosed,
    InsufficientBalance,
    LotExpired,
    LotNotExpired,
    ReversalExceedsOriginal,
    ReversalNotReversible,
    TransferUnknown,
)
from tessera.ledger.rules import Leg, Posting, Transfer
from tests.ledger.conftest import LATER, NOW, Book


def test_every_credit_has_its_debit(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 9, "a"), book.accrual(member, 4, "b"))
    assert book.balance(member) == 13
    assert book.balance(book.merchant, "issued") == -13
    assert book.lots(member) == [9, 4]
    rows = book.connection.execute(
        "SELECT e.amount, e.balance_after, e.seq FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
        " WHERE a.owner_id = %s ORDER BY seq", [member],
    ).fetchall()  # fmt: skip
    assert rows == [(9, 9, 1), (4, 13, 2)]


def test_a_repeat_answers_with_the_first_id_and_has_effect_once(book: Book) -> None:
    member = new_id()
    [first] = book.ok(book.accrual(member, 9, "a"))
    same, other = book.post(book.accrual(member, 9, "a"), book.accrual(member, 8, "a"))
    assert same == Posting("repeat", first)
    assert other == IdReused(request_id="a")
    assert book.balance(member) == 9


def test_the_same_request_twice_in_one_batch_has_effect_once(book: Book) -> None:
    member = new_id()
    one, two, three = book.post(
        book.accrual(member, 9, "a"), book.accrual(member, 9, "a"), book.accrual(member, 1, "a")
    )
    assert (one.status, two.status, two.transfer_id) == ("posted", "repeat", one.transfer_id)
    assert isinstance(three, IdReused)
    assert book.balance(member) == 9


def test_a_refusal_stops_no_other_and_leaves_no_trace(book: Book) -> None:
    member, other = new_id(), new_id()
    answers = book.post(book.accrual(member, 5, "a"), book.burn(member, 6, "b"), book.accrual(other, 2, "c"))
    assert [type(a) for a in answers] == [Posting, InsufficientBalance, Posting]
    assert answers[1].details == {"needed": 6, "available": 5, "pending": 0}
    assert (book.balance(member), book.balance(other)) == (5, 2)
    found = book.connection.execute(
        "SELECT count(*) FROM ledger_transfer WHERE owner_id = %s", [member]
    ).fetchone()
    assert found == (1,)


def test_a_batch_keeps_its_order(book: Book) -> None:
    member = new_id()
    early, _, late = book.post(
        book.burn(member, 3, "b"), book.accrual(member, 5, "a"), book.burn(member, 3, "c")
    )
    assert isinstance(early, InsufficientBalance)
    assert isinstance(late, Posting)
    assert book.balance(member) == 2


def test_burn_takes_the_lot_that_expires_first(book: Book) -> None:
    member = new_id()
    book.ok(
        book.accrual(member, 5, "never"),
        book.accrual(member, 5, "soon", expires_at=NOW + timedelta(days=1)),
        book.accrual(member, 5, "later", expires_at=NOW + timedelta(days=9)),
    )
    book.ok(book.burn(member, 7, "b"))
    assert book.lots(member) == [5, 0, 3]


def test_pending_points_cannot_be_spent(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 5, "a", active_from=NOW + timedelta(days=14)))
    [refused] = book.post(book.burn(member, 1, "b"))
    assert refused == InsufficientBalance(needed=1, available=0, pending=5)
    book.ok(book.burn(member, 1, "b"), now=NOW + timedelta(days=14))


def test_a_refund_goes_back_into_the_very_lots(book: Book) -> None:
    member = new_id()
    book.ok(
        book.accrual(member, 5, "soon", expires_at=NOW + timedelta(days=1)),
        book.accrual(member, 5, "later", expires_at=NOW + timedelta(days=9)),
    )
    [burnt] = book.ok(book.burn(member, 7, "b"))
    book.ok(book.reversal(member, burnt, "r1", 3))
    assert book.lots(member) == [1, 5]
    book.ok(book.reversal(member, burnt, "r2"))
    assert book.lots(member) == [5, 5]
    [refused] = book.post(book.reversal(member, burnt, "r3", 1))
    assert refused == ReversalExceedsOriginal(left=0, asked=1)


def test_a_refund_into_an_expired_lot_is_refused_unless_reopened(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 5, "a", expires_at=NOW + timedelta(days=1)))
    [burnt] = book.ok(book.burn(member, 5, "b"))
    [refused] = book.post(book.reversal(member, burnt, "r"), now=LATER)
    assert isinstance(refused, LotExpired)
    book.ok(book.reversal(member, burnt, "r", reopen_until=LATER + timedelta(days=30)), now=LATER)
    assert book.lots(member) == [5]
    book.ok(book.burn(member, 5, "again"), now=LATER)


def test_a_claw_back_takes_from_the_very_lot_and_the_rest_is_owed(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 9, "a"))
    book.ok(book.accrual(member, 100, "other"))
    book.ok(book.burn(member, 5, "b"))
    [refused] = book.post(book.reversal(member, earned, "r"))
    assert refused == InsufficientBalance(needed=9, available=4)
    book.ok(book.reversal(member, earned, "r", shortfall="owe"))
    assert book.lots(member) == [0, 100]
    assert (book.balance(member), book.balance(member, "owed")) == (100, 5)
    assert (book.balance(book.merchant, "issued"), book.balance(book.merchant, "receivable")) == (-100, -5)


def test_what_is_owed_is_taken_from_later_accruals_first(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 9, "a"))
    book.ok(book.burn(member, 5, "b"))
    book.ok(book.reversal(member, earned, "r", shortfall="owe"))
    book.ok(book.accrual(member, 3, "c"), book.accrual(member, 4, "d"))
    assert (book.balance(member), book.balance(member, "owed")) == (2, 0)
    assert book.balance(book.merchant, "receivable") == 0
    assert book.balance(book.merchant, "issued") == -2
    assert book.lots(member) == [0, 0, 2]


def test_parts_of_a_reversal_add_up_to_no_more_than_the_whole(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 9, "a"))
    book.ok(book.reversal(member, earned, "r1", 4), book.reversal(member, earned, "r2", 5))
    [more] = book.post(book.reversal(member, earned, "r3"))
    assert isinstance(more, ReversalExceedsOriginal)
    assert book.balance(member) == 0


def test_what_cannot_be_reversed(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 9, "a"))
    [undone] = book.ok(book.reversal(member, earned, "r"))
    unknown, twice = book.post(book.reversal(member, new_id(), "x"), book.reversal(member, undone, "y"))
    assert isinstance(unknown, TransferUnknown)
    assert isinstance(twice, ReversalNotReversible)


def expiry(book: Book, member: object, lot: object, points: int) -> Transfer:
    legs = (
        Leg(member, "member", book.merchant, "wallet", -points),
        Leg(book.merchant, "merchant", book.merchant, "breakage", points, True),
    )
    return Transfer(
        new_id(), member, "expiry", f"expiry:{lot}", legs, points, NOW, "job", lot_transfer_id=lot
    )


def test_expiry_takes_the_very_lot_once_its_time_is_over(book: Book) -> None:
    member = new_id()
    [lot] = book.ok(book.accrual(member, 5, "a", expires_at=NOW + timedelta(days=1)))
    [early] = book.post(expiry(book, member, lot, 5))
    assert isinstance(early, LotNotExpired)
    book.ok(expiry(book, member, lot, 5), now=LATER)
    assert (book.balance(member), book.balance(book.merchant, "breakage")) == (0, 5)


def test_a_customer_number_joined_to_a_person_takes_its_lots_along(book: Book) -> None:
    shadow, person = new_id(), new_id()
    [earned] = book.ok(book.accrual(shadow, 9, "a", expires_at=LATER))
    book.ok(book.accrual(shadow, 4, "b", active_from=LATER))
    legs = (
        Leg(shadow, "member", book.merchant, "wallet", -13),
        Leg(person, "member", book.merchant, "wallet", 13),
    )
    book.ok(Transfer(new_id(), person, "join", f"join:{shadow}", legs, 13, NOW, "test"))
    assert (book.balance(shadow), book.balance(person), book.lots(person)) == (0, 13, [9, 4])
    book.ok(book.reversal(shadow, earned, "r", 6))
    assert (book.balance(person), book.lots(person)) == (7, [3, 4])
    book.ok(book.burn(person, 3, "spend"))
    book.ok(book.reversal(shadow, earned, "r2", 3, shortfall="owe"))
    assert (book.balance(person), book.balance(person, "owed"), book.balance(shadow)) == (4, 3, 0)


def test_a_closed_account_takes_no_more(book: Book, owner_connection: psycopg.Connection) -> None:
    member = new_id()
    book.ok(book.accrual(member, 9, "a"))
    book.connection.commit()
    owner_connection.execute("UPDATE ledger_account SET closed_at = now() WHERE owner_id = %s", [member])
    [refused] = book.post(book.accrual(member, 1, "b"))
    assert isinstance(refused, AccountClosed)


def test_units_do_not_mix(make_book: Callable[[], Book]) -> None:
    one, two = make_book(), make_book()
    member = new_id()
    one.ok(one.accrual(member, 5, "a"))
    [refused] = two.post(two.burn(member, 1, "b"))
    assert isinstance(refused, InsufficientBalance)
    crossed = (
        Leg(member, "member", one.merchant, "wallet", -1),
        Leg(member, "member", two.merchant, "wallet", 1),
    )
    with pytest.raises(ValueError, match="zero per unit"):
        one.post(Transfer(new_id(), member, "transfer", "x", crossed, 1, NOW, "test"))


@pytest.mark.parametrize(
    "table", ["ledger_entry", "ledger_transfer", "ledger_lot", "ledger_account", "ledger_stripe"]
)
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET owner_id = owner_id", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"]
)
def test_the_application_may_not_write_past_the_functions(book: Book, table: str, change: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        book.connection.execute(change.format(table))


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_transfer", "ledger_lot_move"])
def test_not_even_the_owner_changes_what_was_written(
    owner_connection: psycopg.Connection, table: str
) -> None:
    for change in (f"UPDATE {table} SET owner_id = owner_id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner_connection.execute(change)


def test_a_gift_is_not_clawed_back_from_who_got_it(book: Book) -> None:
    giver, friend = new_id(), new_id()
    [earned] = book.ok(book.accrual(giver, 9, "a", expires_at=LATER))
    legs = (
        Leg(giver, "member", book.merchant, "wallet", -4),
        Leg(friend, "member", book.merchant, "wallet", 4),
    )
    book.ok(Transfer(new_id(), giver, "transfer", "gift", legs, 4, NOW, "test"))
    assert (book.balance(giver), book.lots(friend)) == (5, [4])
    book.ok(book.reversal(giver, earned, "r", shortfall="owe"))
    assert (book.balance(giver), book.balance(giver, "owed"), book.balance(friend)) == (0, 4, 4)
