"""The cast is at hand in every test of this room."""

from tests.cast import cast  # noqa: F401 - a fixture
