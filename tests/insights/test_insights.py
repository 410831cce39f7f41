"""Counts of a shop against what was recorded, in JSON and CSV."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import transaction

from tessera.insights.errors import RangeInvalid
from tessera.insights.queries import liability_by_day, points_by_day, purchases_by_hour, top_products
from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id, show_id
from tessera.ledger.queries import get_issued
from tests.cast import READ_SCOPES, Caller, assert_refused, make_caller
from tests.orders.till import NOW, Till

TODAY = date(2026, 6, 1)


@pytest.fixture
def till(committed: None) -> Iterator[Till]:
    """Two days of sales in Shanghai: 16:30 UTC of 31 May is 00:30 on 1 June there."""
    from tessera.kit.connections import connect

    with connect() as connection:
        till = Till(connection)
        member, other = till.member(), till.member()
        yesterday = NOW.replace(month=5, day=31)
        till.buy("1", member, ("A", 2), occurred_at=yesterday)
        till.buy("2", other, ("A", 2), ("B", 1), occurred_at=yesterday.replace(hour=16, minute=30))
        till.buy("3", member, ("B", 4), occurred_at=NOW)
        till.bring_back("r", member, ("B", 1), occurred_at=NOW)
        yield till
        connection.rollback()


def test_points_by_day(till: Till) -> None:
    days = points_by_day(till.id, date(2026, 5, 30), TODAY)
    assert [
        (row.day.day, row.purchases, row.amount_minor, row.points, row.returns, row.points_returned)
        for row in days
    ] == [
        (30, 0, 0, 0, 0, 0),
        (31, 1, 2000, 3, 0, 0),
        (1, 2, 7000, 10, 1, 2),
    ]


def test_purchases_by_hour(till: Till) -> None:
    hours = purchases_by_hour(till.id, date(2026, 5, 31), TODAY)
    assert [row.hour for row in hours] == list(range(24))
    assert {row.hour: (row.purchases, row.points) for row in hours if row.purchases} == {
        0: (1, 4),
        12: (2, 9),
    }


def test_top_products(till: Till) -> None:
    rows = top_products(till.id, date(2026, 5, 31), TODAY)
    assert {row.sku: (row.quantity, row.returned_quantity, row.amount_minor, row.points) for row in rows} == {
        "A": (4, 0, 4000, 6),
        "B": (5, 1, 5000, 7),
    }
    assert len(top_products(till.id, date(2026, 5, 31), TODAY, most=1)) == 1
    assert [row.sku for row in top_products(till.id, TODAY, TODAY)] == ["B", "A"]


def test_liability_by_day(till: Till) -> None:
    today = clock.now().date()
    rows = liability_by_day(till.id, today - timedelta(days=2), today)
    assert [row.outstanding for row in rows[:2]] == [0, 0]
    assert (rows[2].given, rows[2].taken, rows[2].outstanding) == (13, 2, 11)
    assert rows[2].outstanding == get_issued(till.id).outstanding


def test_ranges(till: Till) -> None:
    assert len(points_by_day(till.id, TODAY - timedelta(days=399), TODAY)) == 400
    for since, until in ((TODAY - timedelta(days=400), TODAY), (TODAY, TODAY - timedelta(days=1))):
        for count in (points_by_day, liability_by_day, top_products, purchases_by_hour):
            with pytest.raises(RangeInvalid):
                count(till.id, since, until)
    with pytest.raises(NotFound):
        points_by_day(new_id(), TODAY, TODAY)


PATHS = ("points-by-day", "liability-by-day", "top-products", "purchases-by-hour")


def callers(till: Till) -> tuple[Caller, Caller]:
    with transaction.atomic():
        return make_caller("own", till.id, READ_SCOPES), make_caller("catalog", till.id, ["catalog:read"])


@pytest.mark.parametrize("name", PATHS)
def test_over_the_api(till: Till, name: str) -> None:
    own, catalog = callers(till)
    path = f"/merchants/{show_id('mer', till.id)}/insights/{name}"
    asked = f"{path}?since=2026-05-30&until=2026-06-01"
    found = own.get(asked)
    assert found.status_code == 200, found.content
    items = json.loads(found.content)["items"]
    assert items
    assert_refused(catalog.get(asked), 403, "scope_missing")
    assert_refused(own.get(f"{path}?since=2020-05-30&until=2026-06-01"), 422, "range_invalid")
    assert_refused(own.get(f"{path}?since=2026-05-30"), 422, "request_invalid")
    assert_refused(own.get(f"{path}?since=1026-05-30&until=2026-06-01"), 422, "request_invalid")
    assert_refused(
        own.get(asked.replace(show_id("mer", till.id), show_id("mer", new_id()))), 404, "not_found"
    )


@pytest.mark.parametrize("name", PATHS)
def test_as_csv(till: Till, name: str, client: Any) -> None:
    own, _ = callers(till)
    path = f"/api/v1/merchants/{show_id('mer', till.id)}/insights/{name}?since=2026-05-30&until=2026-06-01"
    headers = {"Authorization": f"Bearer {own.secret}", "Accept": "text/csv", "Accept-Language": "en"}
    found = client.get(path, headers=headers)
    assert found["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
    plain = json.loads(client.get(path, headers={**headers, "Accept": "*/*"}).content)["items"]
    assert [{key: str(value) for key, value in item.items()} for item in plain] == rows
    chinese = client.get(path, headers={**headers, "Accept-Language": "zh-CN"}).content.decode("utf-8-sig")
    assert "points" not in chinese.splitlines()[0]


def test_a_name_is_no_formula(till: Till, client: Any, owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute("UPDATE catalog_product SET name = '=1+1' WHERE id = %s", (till.products["A"],))
    own, _ = callers(till)
    path = (
        f"/api/v1/merchants/{show_id('mer', till.id)}/insights/top-products?since=2026-05-30&until=2026-06-01"
    )
    found = client.get(path, headers={"Authorization": f"Bearer {own.secret}", "Accept": "text/csv"})
    assert ",'=1+1," in found.content.decode()
