"""The whole cast at every page: a new address without a line in tests/<room>/page_doors.py fails."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from tests.journeys.pages import doors
from tests.page_cast import ROLES, PageCast, page_addresses, page_cast, rolled_back
from tests.page_doors import PageDoor

__all__ = ["page_cast"]

METHODS = ("GET", "POST")


DOORS = doors()


def _asked(cast: PageCast, who: str, method: str, path: str, door: PageDoor | None = None) -> HttpResponse:
    browser = cast.client(who, raise_request_exception=False)
    if method == "GET":
        return browser.get(cast.filled(path))
    body = dict(door.body(cast)) if door and door.body else {}
    return browser.post(cast.filled(path), {"request_id": uuid.uuid4().hex, **body})


def _rows() -> dict[str, int]:
    """Count what a refusal may not change: the rows of every table, but sessions and notes of refusals."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~"
            " '^(kit|ledger|people|talk|merchants|catalog|points|events|orders|notices|insights|site)_'"
            " AND tablename <> 'kit_audit_line'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        parts = [f"SELECT '{name}', count(*) FROM {name}" for name in tables]
        parts.append("SELECT 'kit_audit_line', count(*) FROM kit_audit_line WHERE outcome = 'done'")
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def test_every_address_has_a_line() -> None:
    addresses = set(page_addresses())
    named = {line.split(" ", 1)[1] for line in DOORS}
    assert named - addresses == set(), "lines of addresses that are not there"
    assert addresses - named == set(), "addresses without a line"


def test_methods_without_a_line_are_refused(db: None, page_cast: PageCast) -> None:
    """Prevents an address that takes a form which nobody has thought of."""
    open_ones = []
    for address in page_addresses():
        for method in METHODS:
            if f"{method} {address}" in DOORS:
                continue
            with rolled_back():
                status = _asked(page_cast, "owner", method, address).status_code
            if status != 405:
                open_ones.append(f"{method} {address}: {status}")
    assert open_ones == []


@pytest.mark.parametrize("line", DOORS)
def test_whole_cast_at_every_page(db: None, page_cast: PageCast, line: str) -> None:
    method, path = line.split(" ", 1)
    door = DOORS[line]
    expected = {who: getattr(door, who) for who in ROLES}
    found: dict[str, Any] = {}
    for who in ROLES:
        before = _rows() if method == "POST" else {}
        with rolled_back():
            response = _asked(page_cast, who, method, path, door)
            found[who] = response.status_code
            away = response.status_code == 302 and response["Location"].startswith("/sign-in")
            assert response.get("Location", "/").startswith("/")
            if method == "POST" and (away or response.status_code >= 400):
                assert _rows() == before, f"a refused {who} left a trace"
    assert found == expected
