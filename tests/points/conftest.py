"""A shop for the tests of earning."""

import pytest

from tests.cast import cast
from tests.points.shop import Shop

__all__ = ["cast"]


@pytest.fixture
def shop(committed: None) -> Shop:
    """A new merchant; what tests do with it is really committed."""
    return Shop()
