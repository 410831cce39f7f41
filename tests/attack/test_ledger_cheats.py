"""The application's role calls the posting function as no honest caller would."""

import psycopg
import pytest

from tessera.kit.ids import new_id
from tessera.ledger.rules import Leg, Transfer
from tests.ledger.conftest import NOW, Book


def _columns(book: Book, transfer: Transfer, *, place: int | None) -> tuple[object, ...]:
    from tessera.ledger.actions.posting import _leg_columns, _transfer_columns

    places = [place] * len(transfer.legs)
    return NOW, *_transfer_columns([transfer]), places, *_leg_columns(transfer.legs)


@pytest.mark.parametrize("place", [0, 2, None])
def test_legs_without_a_transfer_change_no_balance(book: Book, place: int | None) -> None:
    """Prevents a balance that rises though no transfer and no entry says why."""
    from tessera.kit.sql import statement

    member = new_id()
    book.ok(book.accrual(member, 5, "honest"))
    columns = _columns(book, book.accrual(member, 7, "cheat"), place=place)
    with pytest.raises(psycopg.errors.CheckViolation), book.connection.transaction():
        book.connection.execute(statement("ledger", "post"), columns)
    assert (book.balance(member), book.lots(member)) == (5, [5])


def test_no_member_goes_below_zero_by_saying_that_he_may(book: Book) -> None:
    """Prevents points from nothing: a fresh wallet, opened as one that may go below zero, pays another's."""
    poor, rich = new_id(), new_id()
    legs = (
        Leg(poor, "member", book.merchant, "wallet", -500, True),
        Leg(rich, "member", book.merchant, "wallet", 500),
    )
    [answer] = book.post(Transfer(new_id(), poor, "burn", "cheat", legs, 500, NOW, "test"))
    assert getattr(answer, "code", None) == "insufficient_balance"
    assert (book.balance(poor), book.balance(rich)) == (0, 0)
