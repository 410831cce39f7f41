"""Tills on a connection of their own, as the application's restricted role; what they record is really committed."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.cast import cast
from tests.orders.till import Till

__all__ = ["cast"]


@pytest.fixture
def plain(committed: None) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the hot lane has it."""
    from tessera.kit.connections import connect

    with connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def make_till(plain: psycopg.Connection[Any]) -> Callable[..., Till]:
    """Makes tills of new merchants."""
    return lambda **how: Till(plain, **how)


@pytest.fixture
def till(make_till: Callable[..., Till]) -> Till:
    """The till of one new merchant, with the rule 1 -> 1, 2 -> 3."""
    return make_till()
