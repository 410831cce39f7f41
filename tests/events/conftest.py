"""Fixtures of the room events."""

from tests.cast import cast  # noqa: F401 - a fixture
