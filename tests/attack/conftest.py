"""Fixtures of the rooms that are attacked."""

from tests.cast import cast
from tests.ledger.conftest import book, make_book
from tests.orders.conftest import make_till, plain, till
from tests.site.test_lane import door

__all__ = ["book", "cast", "door", "make_book", "make_till", "plain", "till"]
