"""Fixtures of the room events."""

from typing import Any

import pytest
from django.db import connection

from tests.cast import cast  # noqa: F401 - a fixture

ALONE = {
    "test_publishing",
    "test_publishing_api",
    "test_publishing_pages",
    "test_registering",
    "test_registering_pages",
    "test_talk_pages",
    "test_talks_api",
}
"""Modules whose tests count whole tables: in their transaction there are no events of other tests."""


@pytest.fixture(autouse=True)
def no_other_events(request: pytest.FixtureRequest) -> None:
    """Take away, until the test's transaction is rolled back, what other tests of this worker have committed."""
    if request.module.__name__.rpartition(".")[2] in ALONE and "committed" not in request.fixturenames:
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(events|talk)_'"
                " ORDER BY tablename = 'events_event'"
            )
            found: list[Any] = cursor.fetchall()
            for table in ("notices_delivery", "notices_notice", *(name for (name,) in found)):
                cursor.execute(f"DELETE FROM {table}")
