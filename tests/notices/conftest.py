"""Tests of what waits to be told see what they sent themselves, not what other tests have committed."""

import pytest

from tessera.notices.models import Delivery, Notice, SmsMessage


@pytest.fixture(autouse=True)
def nothing_waits(request: pytest.FixtureRequest) -> None:
    """Begin with empty tables; the test's own rollback brings the rows back."""
    if "db" in request.fixturenames and "committed" not in request.fixturenames:
        request.getfixturevalue("db")
        for kind in (Delivery, Notice, SmsMessage):
            kind.objects.all().delete()
